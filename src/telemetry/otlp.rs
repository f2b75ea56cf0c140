//! The span of a request, part of the trace that the request came with.
//!
//! The router opens [`request_span`] around a request and tells it the status by [`answered`]; store and cache open
//! spans of their own (`tracing::debug_span!`) inside of it. Without a collector no layer wants spans, and each of them
//! costs the look at one flag.

use std::cell::Cell;

use opentelemetry::{
    Context,
    trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState},
};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};
use tracing::{Span, field};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::context::TraceContext;

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
pub(super) struct Ids(RandomIdGenerator);

impl IdGenerator for Ids {
    fn new_trace_id(&self) -> TraceId {
        NEXT_TRACE.take().unwrap_or_else(|| self.0.new_trace_id())
    }

    fn new_span_id(&self) -> SpanId {
        self.0.new_span_id()
    }
}
