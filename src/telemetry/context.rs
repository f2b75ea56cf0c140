//! The ids of the request that is being served, known to every log line of its task.
//!
//! A task local and not a span's field: so the ids stand in a line whatever `LOG_LEVEL` hides. The router opens the
//! [`scope`] around the whole request; work that is spawned meanwhile takes the ids along with [`carried`].

use std::fmt;

use axum::http::HeaderValue;

/// 128 bits that all spans of one trace share; prints as 32 hex letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceId(pub [u8; 16]);

impl TraceId {
    /// The id as hex letters, without an allocation.
    #[must_use]
    pub fn hex(self) -> [u8; 32] {
        let mut text = [b'0'; 32];
        let written = hex::encode_to_slice(self.0, &mut text);
        debug_assert!(written.is_ok(), "16 bytes are 32 letters");
        text
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = self.hex();
        f.write_str(std::str::from_utf8(&hex).unwrap_or_default())
    }
}

/// Where in which trace a request came from; the middleware of the same name reads it from headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    /// Taken or made.
    pub trace_id: TraceId,
    /// The caller's span, where it named one.
    pub parent: Option<[u8; 8]>,
    /// Whether the caller records this trace, where it said so.
    pub sampled: Option<bool>,
}

/// What tells the lines of one request from those of another.
#[derive(Debug, Clone)]
pub struct RequestIds {
    /// The correlation id: visible ASCII.
    pub correlation_id: HeaderValue,
    /// The trace that the request belongs to.
    pub trace_id: TraceId,
}

tokio::task_local! {
    static CURRENT: RequestIds;
}

/// Runs `work` with `ids` in all of its log lines.
pub async fn scope<F: Future>(ids: RequestIds, work: F) -> F::Output {
    CURRENT.scope(ids, work).await
}

/// The ids of the request at work, if this is one's task.
#[must_use]
pub fn current() -> Option<RequestIds> {
    CURRENT.try_with(Clone::clone).ok()
}

/// `work` with the ids of the request that is at work now: for what is spawned.
pub fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let ids = current();
    async move {
        match ids {
            Some(ids) => CURRENT.scope(ids, work).await,
            None => work.await,
        }
    }
}

/// Looks at the ids without cloning them.
pub(super) fn with_current(look: impl FnOnce(&RequestIds)) {
    // Outside of a request there is nothing to look at.
    let _ = CURRENT.try_with(look);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(correlation_id: &'static str) -> RequestIds {
        RequestIds {
            correlation_id: HeaderValue::from_static(correlation_id),
            trace_id: TraceId([0xab; 16]),
        }
    }

    #[tokio::test]
    async fn the_scope_is_seen_inside_and_carried_into_spawned_work() {
        assert!(current().is_none());
        let seen = scope(ids("a"), async {
            tokio::task::yield_now().await;
            let bare = tokio::spawn(async { current().is_none() });
            let carried = tokio::spawn(carried(async { current().unwrap().correlation_id }));
            (bare.await.unwrap(), carried.await.unwrap())
        })
        .await;
        assert_eq!(seen, (true, HeaderValue::from_static("a")));
        assert!(current().is_none());
        assert!(carried(async { current().is_none() }).await);
    }

    #[test]
    fn a_trace_id_is_32_letters() {
        assert_eq!(TraceId([0xab; 16]).to_string(), "ab".repeat(16));
        assert_eq!(TraceId([0; 16]).to_string(), "0".repeat(32));
    }
}
