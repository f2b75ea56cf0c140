//! Traces: spans sent to a collector by OTLP over HTTP, where `OTEL_EXPORTER_OTLP_ENDPOINT` names one.
//!
//! The exporter's other variables are the SDK's and read by it: `OTEL_TRACES_SAMPLER` and its argument,
//! `OTEL_EXPORTER_OTLP_HEADERS` and `…_TIMEOUT`, `OTEL_BSP_*`, `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use opentelemetry::{Key, KeyValue, trace::TracerProvider as _};
use opentelemetry_otlp::{Protocol, WithExportConfig as _};
use opentelemetry_sdk::{
    Resource,
    error::{OTelSdkError, OTelSdkResult},
    trace::{SdkTracerProvider, SpanData, SpanExporter},
};
use tokio::runtime::Handle;
use tracing::{Level, Metadata, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};

use super::{TelemetryError, names, otlp::Ids};

const SERVICE: &str = "expense-backend";
/// Spans of our own crates, whose targets all begin so.
const OWN_TARGETS: &str = "expense_backend";

/// The way to the collector. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Traces(SdkTracerProvider);

impl Traces {
    /// Starts the exporter's thread. Wants a runtime: the exporter's requests are its tasks.
    pub(super) fn start(endpoint: &str) -> Result<Self, TelemetryError> {
        let runtime =
            Handle::try_current().map_err(|error| TelemetryError::Traces(error.to_string()))?;
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
            .build()
            .map_err(|error| TelemetryError::Traces(error.to_string()))?;
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(OnRuntime {
                exporter: Arc::new(exporter),
                runtime,
                failing: AtomicBool::new(false),
            })
            .with_id_generator(Ids::default())
            .with_resource(resource())
            .build();
        Ok(Self(provider))
    }

    /// The layer that turns spans into traces, with a filter of its own: `LOG_LEVEL` is for lines.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        let own = |metadata: &Metadata<'_>| {
            metadata.is_span()
                && *metadata.level() <= Level::DEBUG
                && metadata.target().starts_with(OWN_TARGETS)
        };
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer(SERVICE))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            // Nothing of ours asks OpenTelemetry for its current context: not keeping it spares work at each poll.
            .with_context_activation(false)
            .with_filter(filter_fn(own).with_max_level_hint(LevelFilter::DEBUG))
    }

    /// Sends what has gathered. Waits for the collector, or for the exporter's time limit.
    pub(super) async fn flush(&self) {
        let provider = self.0.clone();
        // Blocks until the exporter's thread is done.
        let flushed = tokio::task::spawn_blocking(move || provider.force_flush()).await;
        drop(flushed);
    }

    /// Sends what has gathered and ends, after `limit` in any case.
    pub(super) async fn shutdown(&self, limit: Duration) {
        let provider = self.0.clone();
        let ended = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(limit));
        // The provider's own limit does not cover a request that hangs.
        drop(tokio::time::timeout(limit, ended).await);
    }
}

/// Who speaks: the service's name unless the environment has another, and its version.
fn resource() -> Resource {
    let version = KeyValue::new("service.version", names::VERSION);
    let found = Resource::builder().with_attribute(version.clone()).build();
    let named = found
        .get(&Key::from_static_str("service.name"))
        .is_some_and(|name| !name.as_str().starts_with("unknown_service"));
    if named {
        found
    } else {
        Resource::builder()
            .with_attribute(version)
            .with_service_name(SERVICE)
            .build()
    }
}

/// Runs the exporter's requests on the runtime: the thread that hands over the batches has none.
#[derive(Debug)]
struct OnRuntime {
    exporter: Arc<opentelemetry_otlp::SpanExporter>,
    runtime: Handle,
    failing: AtomicBool,
}

impl SpanExporter for OnRuntime {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let exporter = Arc::clone(&self.exporter);
        let sent = self
            .runtime
            .spawn(async move { exporter.export(batch).await });
        let result = match sent.await {
            Ok(result) => result,
            Err(_) => Err(OTelSdkError::InternalFailure(
                "the runtime ended".to_owned(),
            )),
        };
        // Said once for each outage: an exporter tries every few seconds.
        match &result {
            Ok(()) if self.failing.swap(false, Ordering::Relaxed) => {
                tracing::info!("traces reach their collector again");
            }
            Err(error) if !self.failing.swap(true, Ordering::Relaxed) => {
                tracing::warn!(%error, "traces do not reach their collector");
            }
            _ => {}
        }
        result
    }

    fn shutdown_with_timeout(&self, limit: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(limit)
    }

    fn set_resource(&mut self, resource: &Resource) {
        // Called before the first export, while there is no other owner.
        if let Some(exporter) = Arc::get_mut(&mut self.exporter) {
            exporter.set_resource(resource);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        net::{SocketAddr, TcpListener, TcpStream},
        sync::mpsc,
        thread,
    };

    use tokio::runtime::Runtime;
    use tracing::Span;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;
    use crate::telemetry::{
        context::{self, TraceContext},
        otlp::{answered, request_span},
    };

    const TRACE: context::TraceId = context::TraceId([0x5a; 16]);
    const PARENT: [u8; 8] = [0x7b; 8];

    /// A collector that hands over each batch: its path and its protobuf bytes.
    fn collector() -> (SocketAddr, mpsc::Receiver<(String, Vec<u8>)>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, batches) = mpsc::channel();
        thread::spawn(move || {
            for connection in listener.incoming() {
                let sender = sender.clone();
                thread::spawn(
                    move || while batch(connection.as_ref().unwrap(), &sender).is_some() {},
                );
            }
        });
        (address, batches)
    }

    fn batch(mut connection: &TcpStream, batches: &mpsc::Sender<(String, Vec<u8>)>) -> Option<()> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            connection.read_exact(&mut byte).ok()?;
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap().to_lowercase();
        let length = head
            .split("content-length: ")
            .nth(1)?
            .lines()
            .next()?
            .parse()
            .ok()?;
        let mut body = vec![0; length];
        connection.read_exact(&mut body).ok()?;
        let path = head.split(' ').nth(1)?.to_owned();
        // Before the reply: whoever has flushed finds it.
        batches.send((path, body)).ok()?;
        connection
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            .ok()
    }

    /// What reaches the collector of `work` under a log filter that hides all but errors.
    fn exported(work: impl FnOnce()) -> Option<(String, Vec<u8>)> {
        crate::telemetry::log::allow_many();
        let (address, batches) = collector();
        let runtime = Runtime::new().unwrap();
        let traces =
            runtime.block_on(async { Traces::start(&format!("http://{address}/")).unwrap() });
        let filter = crate::telemetry::log::filter("error").unwrap();
        let quiet = tracing_subscriber::fmt::layer()
            .with_writer(std::io::sink)
            .with_filter(filter);
        let subscriber = tracing_subscriber::registry()
            .with(quiet)
            .with(traces.layer());
        tracing::subscriber::with_default(subscriber, work);
        runtime.block_on(traces.flush());
        batches.try_recv().ok()
    }

    fn request(parent: Option<[u8; 8]>, sampled: Option<bool>) -> Span {
        let trace = TraceContext {
            trace_id: TRACE,
            parent,
            sampled,
        };
        request_span(
            "GET",
            "/transaction/{id}",
            "/transaction/7",
            "corr-1",
            &trace,
        )
    }

    fn has(body: &[u8], part: &[u8]) -> bool {
        body.windows(part.len()).any(|window| window == part)
    }

    #[test]
    fn spans_reach_the_collector_as_part_of_the_callers_trace() {
        let (path, body) = exported(|| {
            let span = request(Some(PARENT), Some(true));
            span.in_scope(|| {
                drop(tracing::debug_span!(target: "expense_backend::store", "store_query", query = "find"));
                drop(tracing::info_span!(target: "hyper", "foreign"));
                tracing::error!(target: "expense_backend", "an event is no span");
            });
            answered(&span, 503);
        })
        .unwrap();
        assert_eq!(path, "/v1/traces");
        for part in [
            &TRACE.0[..],
            &PARENT,
            b"GET /transaction/{id}",
            b"http.response.status_code",
            b"/transaction/7",
            b"corr-1",
            b"store_query",
            b"find",
            b"expense-backend",
        ] {
            assert!(has(&body, part), "{}", String::from_utf8_lossy(part));
        }
        assert!(!has(&body, b"foreign"));
        assert!(!has(&body, b"an event is no span"));
        // The store's span is of the same trace: both name it.
        assert_eq!(
            body.windows(16).filter(|window| *window == TRACE.0).count(),
            2
        );
    }

    #[test]
    fn a_root_span_has_the_trace_id_of_the_log() {
        let (_, body) = exported(|| {
            drop(request(None, None));
            drop(tracing::info_span!(target: "expense_backend", "next_root"));
        })
        .unwrap();
        assert!(!has(&body, &PARENT));
        // The next root on this thread is of another trace.
        assert!(has(&body, b"next_root"));
        assert_eq!(
            body.windows(16).filter(|window| *window == TRACE.0).count(),
            1
        );
    }

    #[test]
    fn what_the_caller_does_not_record_is_not_sent() {
        for parent in [None, Some(PARENT)] {
            assert_eq!(exported(|| drop(request(parent, Some(false)))), None);
        }
    }

    #[test]
    fn a_collector_that_is_away_costs_nobody_anything() {
        let closed = TcpListener::bind(("127.0.0.1", 0))
            .unwrap()
            .local_addr()
            .unwrap();
        let runtime = Runtime::new().unwrap();
        runtime.block_on(async {
            let traces = Traces::start(&format!("http://{closed}")).unwrap();
            let subscriber = tracing_subscriber::registry().with(traces.layer());
            tracing::subscriber::with_default(subscriber, || drop(request(None, None)));
            let begun = std::time::Instant::now();
            traces.shutdown(Duration::from_millis(200)).await;
            assert!(begun.elapsed() < Duration::from_secs(5));
        });
    }
}
