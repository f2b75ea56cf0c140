//! Traces: spans sent to a collector by OTLP over HTTP, where `OTEL_EXPORTER_OTLP_ENDPOINT` names one.
//!
//! The router opens [`request_span`] around a request and tells it the status by [`answered`]; store and cache open
//! spans of their own (`tracing::debug_span!`) inside of it. Without a collector no layer wants spans, and each of them
//! costs the look at one flag.
//!
//! The exporter's other variables are the SDK's and read by it: `OTEL_TRACES_SAMPLER` and its argument,
//! `OTEL_EXPORTER_OTLP_HEADERS` and `…_TIMEOUT`, `OTEL_BSP_*`, `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`.

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use opentelemetry::{
    Context, Key, KeyValue,
    trace::{
        SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState,
        TracerProvider as _,
    },
};
use opentelemetry_otlp::{Protocol, WithExportConfig as _};
use opentelemetry_sdk::{
    Resource,
    error::{OTelSdkError, OTelSdkResult},
    trace::{IdGenerator, RandomIdGenerator, SdkTracerProvider, SpanData, SpanExporter},
};
use tokio::runtime::Handle;
use tracing::{Level, Metadata, Span, Subscriber, field, level_filters::LevelFilter};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};

use super::{TelemetryError, context::TraceContext, names};

const SERVICE: &str = "expense-backend";
/// Spans of our own crates, whose targets all begin so.
const OWN_TARGETS: &str = "expense_backend";

thread_local! {
    /// The trace id that the next root span of this thread gets.
    static NEXT_TRACE: Cell<Option<TraceId>> = const { Cell::new(None) };
}

/// The span of one request; disabled where traces are off. Run the request inside of it by `tracing::Instrument`.
#[must_use]
pub fn request_span(
    method: &'static str,
    endpoint: &'static str,
    path: &str,
    correlation_id: &str,
    trace: &TraceContext,
) -> Span {
    let span = tracing::info_span!(
        target: "expense_backend",
        "request",
        otel.name = %format_args!("{method} {endpoint}"),
        otel.kind = "server",
        otel.status_code = field::Empty,
        http.request.method = method,
        http.route = endpoint,
        http.response.status_code = field::Empty,
        url.path = path,
        correlation_id,
    );
    if !span.is_disabled() {
        join(&span, trace);
    }
    span
}

/// Tells the span of a request how it was answered.
pub fn answered(span: &Span, status: u16) {
    if span.is_disabled() {
        return;
    }
    span.record("http.response.status_code", status);
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

/// Makes a new span part of `trace`, so that log lines and spans say the same id.
fn join(span: &Span, trace: &TraceContext) {
    let trace_id = TraceId::from_bytes(trace.trace_id.0);
    let parent = match (trace.parent, trace.sampled) {
        (Some(parent), _) => Some(SpanId::from_bytes(parent)),
        // The caller named no span but wants no recording: a parent that is never exported carries that.
        (None, Some(false)) => Some(RandomIdGenerator::default().new_span_id()),
        (None, _) => None,
    };
    if let Some(parent) = parent {
        let flags = TraceFlags::default().with_sampled(trace.sampled != Some(false));
        let remote = SpanContext::new(trace_id, parent, flags, true, TraceState::NONE);
        // Fails where the span belongs to no trace after all, or has begun: then it goes on as it is.
        let _ = span.set_parent(Context::new().with_remote_span_context(remote));
    } else {
        NEXT_TRACE.set(Some(trace_id));
        // Asking for its context begins the span, which asks the generator below.
        let _ = span.context();
        NEXT_TRACE.set(None);
    }
}

/// Random ids, but for a root span whose trace is known already.
#[derive(Debug, Default)]
struct Ids(RandomIdGenerator);

impl IdGenerator for Ids {
    fn new_trace_id(&self) -> TraceId {
        NEXT_TRACE.take().unwrap_or_else(|| self.0.new_trace_id())
    }

    fn new_span_id(&self) -> SpanId {
        self.0.new_span_id()
    }
}

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
