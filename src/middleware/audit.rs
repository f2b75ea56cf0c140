//! The line that says who changed what.

use crate::{auth::Caller, domain::TransactionId};

/// Writes the audit line of a write that was committed. `route` is method and template, never the path; `id` is absent
/// for deletes of many, the subject where nobody is asked who they are. Amounts and descriptions have no place here.
pub fn write(caller: &Caller, route: &str, id: Option<TransactionId>) {
    let subject = caller.subject.as_deref();
    let id = id.map(TransactionId::get);
    tracing::info!(subject, route, id, "audit");
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn line_of(caller: &Caller, id: Option<TransactionId>) -> serde_json::Value {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, || write(caller, "POST /transaction", id));
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.trim_end().lines().count(), 1, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn the_line_names_subject_route_and_id_and_stays_one_line() {
        let caller = Caller {
            subject: Some("a\"b\nc".to_owned()),
            scopes: Vec::new(),
        };
        let line = line_of(&caller, TransactionId::from_store(7));
        assert_eq!(line["message"], "audit");
        assert_eq!(line["subject"], "a\"b\nc");
        assert_eq!(line["route"], "POST /transaction");
        assert_eq!(line["id"], 7);
        let line = line_of(&Caller::anybody(), None);
        assert_eq!((line.get("subject"), line.get("id")), (None, None));
    }
}
