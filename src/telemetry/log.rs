//! The layer that turns events into lines, and its filter.

use std::cell::RefCell;

use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt as _, filter_fn},
    layer::{Context, Filter},
    registry::LookupSpan,
};

use super::{
    TelemetryError,
    line::{Draft, Shape},
    sink::Sink,
};

thread_local! {
    static DRAFT: RefCell<Draft> = RefCell::default();
}

/// Writes each event that the filter lets through as one line.
pub(super) struct LineLayer {
    pub(super) shape: Shape,
    pub(super) sink: Sink,
}

impl<S: Subscriber> Layer<S> for LineLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let write = |draft: &mut Draft| {
            draft.write(self.shape, event);
            self.sink.write(&draft.line);
        };
        DRAFT.with(|draft| match draft.try_borrow_mut() {
            Ok(mut draft) => write(&mut draft),
            // A value that is being formatted speaks itself, or panics: its line is written apart.
            Err(_) => write(&mut Draft::default()),
        });
    }
}

/// Parses a filter in the syntax of `tracing` directives.
///
/// Spans are left to the traces: hiding them here makes them cost nothing as long as traces are off. Only a filter
/// that asks for spans itself, by a directive in brackets, sees them.
pub(super) fn filter<S>(
    directives: &str,
) -> Result<impl Filter<S> + Send + Sync + 'static, TelemetryError>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let filter = EnvFilter::builder()
        .parse(directives)
        .map_err(|error| TelemetryError::Filter(error.to_string()))?;
    let spans = directives.contains('[');
    Ok(filter.and(filter_fn(move |metadata: &Metadata<'_>| {
        spans || !metadata.is_span()
    })))
}

/// Runs `work` and returns the JSON lines that it wrote under this filter.
#[cfg(test)]
pub(crate) fn captured(directives: &str, work: impl FnOnce()) -> Vec<serde_json::Value> {
    captured_text(Shape::Json, directives, work)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Makes subscribers that live in one thread alone safe beside each other: call it before one is made.
///
/// As long as a process knows one subscriber only, `tracing` asks the present thread's for a call site's worth and
/// remembers the answer for all threads. Two that never end keep it from that.
#[cfg(test)]
pub(crate) fn allow_many() {
    use std::sync::OnceLock;
    use tracing::Dispatch;

    static KEPT: OnceLock<[Dispatch; 2]> = OnceLock::new();
    KEPT.get_or_init(|| [(); 2].map(|()| Dispatch::new(tracing_subscriber::registry())));
}

#[cfg(test)]
fn captured_text(shape: Shape, directives: &str, work: impl FnOnce()) -> String {
    use tracing_subscriber::layer::SubscriberExt as _;

    allow_many();
    let lines = std::sync::Arc::default();
    let layer = LineLayer {
        shape,
        sink: Sink::Kept(std::sync::Arc::clone(&lines)),
    };
    let subscriber =
        tracing_subscriber::registry().with(layer.with_filter(filter(directives).unwrap()));
    tracing::subscriber::with_default(subscriber, work);
    lines.lock().unwrap().clone()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::{
        domain::Timestamp,
        telemetry::context::{RequestIds, TraceId, scope},
    };

    #[test]
    fn a_line_is_one_flat_object() {
        let lines = captured("info", || {
            tracing::info!(
                target: "expense_backend::test",
                text = "a \"b\"\n寿司", number = 7, negative = -7, float = 0.5, none = f64::NAN, yes = true,
                shown = %"x\ty", debugged = ?Some("z"), dotted.name = 1,
                "it {}", "happened"
            );
        });
        let [line] = lines.as_slice() else {
            panic!("{lines:?}")
        };
        let time = line["timestamp"].as_str().unwrap();
        assert!(Timestamp::parse("timestamp", time).is_ok(), "{time}");
        let mut line = line.clone();
        line.as_object_mut().unwrap().remove("timestamp");
        assert_eq!(
            line,
            serde_json::json!({
                "level": "INFO", "message": "it happened", "target": "expense_backend::test",
                "text": "a \"b\"\n寿司", "number": 7, "negative": -7, "float": 0.5, "none": null, "yes": true,
                "shown": "x\ty", "debugged": "Some(\"z\")", "dotted.name": 1
            })
        );
    }

    #[test]
    fn the_keys_come_in_a_fixed_order() {
        let text = captured_text(Shape::Json, "info", || tracing::info!(a = 1, "m"));
        let keys = [
            "{\"timestamp\":",
            "\"level\":",
            "\"message\":",
            "\"target\":",
            "\"a\":1}\n",
        ];
        let places: Vec<usize> = keys.iter().map(|key| text.find(key).unwrap()).collect();
        assert!(places.is_sorted(), "{text}");
        assert_eq!(places[0], 0);
    }

    #[test]
    fn the_ids_of_the_request_stand_in_every_line_of_it() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let ids = RequestIds {
            correlation_id: HeaderValue::from_static("abc"),
            trace_id: TraceId([0x1f; 16]),
        };
        // Also where the filter hides all but errors.
        let lines = captured("error", || {
            runtime.block_on(scope(ids, async {
                tracing::error!("inside");
            }));
            tracing::error!("outside");
        });
        assert_eq!(lines[0]["correlation_id"], "abc");
        assert_eq!(lines[0]["trace_id"], "1f".repeat(16));
        assert_eq!(lines[1].get("correlation_id"), None);
    }

    #[test]
    fn a_filter_names_targets() {
        let lines = captured("warn,expense_backend=debug", || {
            // A span never gets a line of its own; that it costs nothing is looked at where one subscriber is all.
            let _span = tracing::error_span!(target: "expense_backend", "request").entered();
            tracing::debug!(target: "expense_backend::store", "ours");
            tracing::trace!(target: "expense_backend::store", "hidden");
            tracing::info!(target: "hyper", "hidden");
            tracing::warn!(target: "hyper", "theirs");
        });
        let messages: Vec<_> = lines
            .iter()
            .map(|line| line["message"].as_str().unwrap())
            .collect();
        assert_eq!(messages, ["ours", "theirs"]);
        assert!(filter::<tracing_subscriber::Registry>("expense_backend=loud").is_err());
    }

    #[test]
    fn a_filter_that_asks_for_spans_sees_them() {
        let lines = captured("warn,expense_backend[store{query=list}]=debug", || {
            for query in ["list", "find"] {
                let _inside =
                    tracing::info_span!(target: "expense_backend", "store", query).entered();
                tracing::debug!(target: "expense_backend", query, "seen");
            }
        });
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["query"], "list");
    }

    #[test]
    fn a_value_that_speaks_while_it_is_shown_costs_nothing_but_its_own_line() {
        struct Talker;
        impl std::fmt::Display for Talker {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                tracing::info!("inner");
                f.write_str("shown")
            }
        }
        let lines = captured("info", || tracing::info!(value = %Talker, "outer"));
        let inner = lines.iter().any(|line| line["message"] == "inner");
        let outer = lines
            .iter()
            .find(|line| line["message"] == "outer")
            .unwrap();
        assert_eq!(outer["value"], "shown");
        // `tracing` itself may refuse an event within an event of the same dispatch.
        assert_eq!(lines.len(), 1 + usize::from(inner));
    }

    #[test]
    fn a_terminal_gets_words() {
        let text = captured_text(Shape::Pretty, "info", || {
            tracing::info!(target: "t", a = "x y", b = "z\u{1b}[2J", n = 1, "hello");
        });
        let plain = text
            .replace("\u{1b}[2m", "")
            .replace("\u{1b}[32m", "")
            .replace("\u{1b}[0m", "");
        assert!(
            plain.ends_with("Z  INFO t: hello a=\"x y\" b=z\\u{1b}[2J n=1\n"),
            "{plain:?}"
        );
    }
}
