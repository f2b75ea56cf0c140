//! What is kept in Redis, and under which names.
//!
//! Stamps: `{<prefix>:<run id>}:l` (lists), `…:a` (all rows), `…:r:<id>` (one row), 16 random bytes each. The run id is
//! the server's own, so a server that was started again finds none of an earlier life, whatever snapshot it read.
//! Bytes: `<prefix>:v1:<kind>:<stamp>`: the same for every server, because a stamp is never drawn twice.

use std::time::Duration;

use bytes::Bytes;
use redis::{Pipeline, Value, from_redis_value};

use super::{
    core::{Call, Reply},
    subject::Subject,
};
use crate::{
    cache::{Key, Ready, Stamp},
    redis_link::Identity,
};

/// How long a stamp for many keys lives, in seconds: its end costs one fill of each key a day.
const STAMP_SECS: u64 = 24 * 60 * 60;
/// How much longer than bytes the stamp of one row lives. (If it ended earlier, that would cost a fill, no more.)
const ROW_STAMP_EXTRA_SECS: u64 = 60;
/// The form of the shared bytes. To be raised with any change of what replies look like: releases run side by side.
const FORM: &str = "v1";

/// Writes commands and reads their replies.
#[derive(Debug, Clone)]
pub(super) struct Commands {
    prefix: String,
    ttl: Duration,
}

impl Commands {
    pub(super) fn new(prefix: &str, ttl: Duration) -> Self {
        Self {
            prefix: prefix.to_owned(),
            ttl,
        }
    }

    /// The commands of a call, for the server that `identity` names.
    pub(super) fn pipeline(&self, identity: &Identity, call: &Call) -> Pipeline {
        let (Call::Ask(subjects) | Call::Set(subjects)) = call;
        let asks = matches!(call, Call::Ask(_));
        let mut pipeline = redis::pipe();
        let names: Vec<_> = subjects
            .iter()
            .map(|subject| self.stamp_name(&identity.run_id, *subject))
            .collect();
        for (subject, name) in subjects.iter().zip(&names) {
            // Also where the stamp is only asked for: a server that takes no writes must not answer.
            let set = pipeline
                .cmd("SET")
                .arg(name)
                .arg(&rand::random::<[u8; 16]>());
            if asks {
                set.arg("NX");
            }
            set.arg("EX").arg(self.stamp_secs(*subject)).ignore();
        }
        if asks {
            pipeline.cmd("MGET").arg(&names);
        }
        // Last, so that its answer holds for all before it.
        pipeline.cmd("INFO").arg("replication");
        pipeline
    }

    fn stamp_name(&self, run_id: &str, subject: Subject) -> String {
        let prefix = &self.prefix;
        match subject {
            Subject::Lists => format!("{{{prefix}:{run_id}}}:l"),
            Subject::Rows => format!("{{{prefix}:{run_id}}}:a"),
            Subject::Row(id) => format!("{{{prefix}:{run_id}}}:r:{id}"),
        }
    }

    fn stamp_secs(&self, subject: Subject) -> u64 {
        match subject {
            Subject::Lists | Subject::Rows => STAMP_SECS,
            Subject::Row(_) => self.ttl.as_secs() + ROW_STAMP_EXTRA_SECS,
        }
    }

    /// Reads the replies to [`Commands::pipeline`]; `None` where they are not what such commands answer.
    pub(super) fn reply(call: &Call, replies: Vec<Value>) -> Option<Reply> {
        let mut replies = replies.into_iter();
        let stamps = match call {
            Call::Ask(subjects) => {
                let values: Vec<Option<Vec<u8>>> = from_redis_value(replies.next()?).ok()?;
                (values.len() == subjects.len()).then_some(values)?
            }
            Call::Set(_) => Vec::new(),
        };
        let info: String = from_redis_value(replies.next()?).ok()?;
        Some(Reply {
            history: Identity::history_in(&info)?.to_owned(),
            stamps: stamps.into_iter().map(|value| halves(&value?)).collect(),
        })
    }

    /// Asks for shared bytes and for how long they live.
    pub(super) fn fetch(&self, key: Key, stamp: Stamp) -> Pipeline {
        let name = self.bytes_name(key, stamp);
        let mut pipeline = redis::pipe();
        pipeline.cmd("GET").arg(&name).cmd("PTTL").arg(&name);
        pipeline
    }

    /// Reads the replies to [`Commands::fetch`].
    pub(super) fn fetched(replies: Vec<Value>) -> Option<(Ready, Duration)> {
        let mut replies = replies.into_iter();
        let value: Option<Bytes> = from_redis_value(replies.next()?).ok()?;
        let left: i64 = from_redis_value(replies.next()?).ok()?;
        let left = u64::try_from(left).ok()?;
        Some((unpack(&value?)?, Duration::from_millis(left)))
    }

    /// Shares bytes. Where another process was first, its bytes stay.
    pub(super) fn publish(&self, key: Key, stamp: Stamp, ready: &Ready) -> Pipeline {
        let millis = u64::try_from(self.ttl.as_millis()).unwrap_or(u64::MAX);
        let mut pipeline = redis::pipe();
        pipeline
            .cmd("SET")
            .arg(self.bytes_name(key, stamp))
            .arg(pack(ready))
            .arg("NX")
            .arg("PX")
            .arg(millis.max(1))
            .ignore();
        pipeline
    }

    fn bytes_name(&self, key: Key, stamp: Stamp) -> String {
        let kind = match key {
            Key::List => 'l',
            Key::OldRow(_) => 'o',
            Key::Resource(_) => 'r',
        };
        // The last part is the process's own.
        let [a, b, c, d, _] = stamp.0;
        let prefix = &self.prefix;
        format!("{prefix}:{FORM}:{kind}:{a:016x}{b:016x}{c:016x}{d:016x}")
    }
}

fn halves(bytes: &[u8]) -> Option<[u64; 2]> {
    let (first, second) = bytes.split_at_checked(8)?;
    Some([
        u64::from_be_bytes(first.try_into().ok()?),
        u64::from_be_bytes(second.try_into().ok()?),
    ])
}

/// The length of the entity tag, the tag, the body.
fn pack(ready: &Ready) -> Vec<u8> {
    let etag = ready.etag.as_deref().unwrap_or_default();
    let mut bytes = Vec::with_capacity(1 + etag.len() + ready.body.len());
    bytes.push(u8::try_from(etag.len()).unwrap_or_default());
    bytes.extend_from_slice(etag);
    bytes.extend_from_slice(&ready.body);
    bytes
}

fn unpack(bytes: &Bytes) -> Option<Ready> {
    let length = usize::from(*bytes.first()?);
    let body = 1 + length;
    (bytes.len() >= body).then(|| Ready {
        body: bytes.slice(body..),
        etag: (length > 0).then(|| bytes.slice(1..body)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_as_they_were() {
        for etag in [None, Some(Bytes::from_static(b"\"abc\""))] {
            let ready = Ready {
                body: Bytes::from_static(b"{}"),
                etag,
            };
            assert_eq!(unpack(&Bytes::from(pack(&ready))), Some(ready));
        }
        assert_eq!(unpack(&Bytes::new()), None);
        assert_eq!(unpack(&Bytes::from_static(&[9, 1])), None);
    }

    #[test]
    fn each_life_of_a_server_has_stamps_of_its_own() {
        let commands = Commands::new("p", Duration::from_secs(60));
        let subjects = [Subject::Lists, Subject::Rows];
        for subject in subjects {
            let [first, second] = ["a", "b"].map(|run_id| commands.stamp_name(run_id, subject));
            assert_ne!(first, second);
        }
    }

    #[test]
    fn stamps_are_sixteen_bytes() {
        assert_eq!(halves(&[0; 16]), Some([0, 0]));
        assert_eq!(halves(&[0; 15]), None);
        assert_eq!(halves(&[0; 17]), None);
    }
}
