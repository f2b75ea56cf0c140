//! The trace that a request belongs to: W3C `traceparent` first, then AWS's `X-Amzn-Trace-Id`, else a new one.
//!
//! The router calls `TraceContext::of(request.headers())` once. Its `trace_id` goes into the log's scope, the whole of
//! it to `telemetry::otlp::request_span`.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use rand::RngCore as _;

pub use crate::telemetry::context::TraceContext;
use crate::telemetry::context::TraceId;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const X_AMZN_TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");

impl TraceContext {
    /// What the headers say, or a new trace.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        text(headers.get(TRACEPARENT))
            .and_then(w3c)
            .or_else(|| text(headers.get(X_AMZN_TRACE_ID)).and_then(x_ray))
            .unwrap_or_else(Self::new)
    }

    fn new() -> Self {
        let mut id = [0; 16];
        rand::rng().fill_bytes(&mut id);
        Self {
            trace_id: TraceId(id),
            parent: None,
            sampled: None,
        }
    }
}

fn text(value: Option<&HeaderValue>) -> Option<&str> {
    value?.to_str().ok()
}

/// `00-<32 hex>-<16 hex>-<2 hex>`, and whatever a later version adds behind it.
fn w3c(header: &str) -> Option<TraceContext> {
    let mut parts = header.splitn(5, '-');
    let (version, trace_id, parent, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let [version] = bytes::<1>(version)?;
    if version == 0xff || (version == 0 && parts.next().is_some()) {
        return None;
    }
    let [flags] = bytes::<1>(flags)?;
    Some(TraceContext {
        trace_id: TraceId(not_zero(bytes(trace_id)?)?),
        parent: Some(not_zero(bytes(parent)?)?),
        sampled: Some(flags & 1 == 1),
    })
}

/// `Root=1-<8 hex>-<24 hex>;Parent=<16 hex>;Sampled=1`, in any order, with parts that are none of ours between.
fn x_ray(header: &str) -> Option<TraceContext> {
    let (mut trace_id, mut parent, mut sampled) = (None, None, None);
    for (key, value) in header.split(';').filter_map(|part| part.split_once('=')) {
        match key.trim() {
            "Root" => trace_id = Some(TraceId(root(value.trim())?)),
            "Parent" => parent = bytes(value.trim()).and_then(not_zero),
            "Sampled" => {
                sampled = match value.trim() {
                    "1" => Some(true),
                    "0" => Some(false),
                    _ => None,
                }
            }
            _ => {}
        }
    }
    Some(TraceContext {
        trace_id: trace_id?,
        parent,
        sampled,
    })
}

fn root(value: &str) -> Option<[u8; 16]> {
    let (time, unique) = value.strip_prefix("1-")?.split_once('-')?;
    let mut id = [0; 16];
    id[..4].copy_from_slice(&bytes::<4>(time)?);
    id[4..].copy_from_slice(&bytes::<12>(unique)?);
    not_zero(id)
}

/// Exactly `N` bytes of lower-case hex: the standards know no capitals.
fn bytes<const N: usize>(hex: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if hex.bytes().any(|letter| letter.is_ascii_uppercase()) {
        return None;
    }
    hex::decode_to_slice(hex, &mut bytes).ok()?;
    Some(bytes)
}

/// All zeros mean "none" in both formats.
fn not_zero<const N: usize>(bytes: [u8; N]) -> Option<[u8; N]> {
    bytes.iter().any(|byte| *byte != 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn of(headers: &[(HeaderName, &str)]) -> TraceContext {
        TraceContext::of(
            &headers
                .iter()
                .map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()))
                .collect(),
        )
    }

    #[test]
    fn traceparent_is_taken() {
        let taken = of(&[(
            TRACEPARENT,
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        )]);
        assert_eq!(taken.trace_id.to_string(), TRACE);
        assert_eq!(
            taken.parent.map(hex::encode).as_deref(),
            Some("00f067aa0ba902b7")
        );
        assert_eq!(taken.sampled, Some(true));

        let unsampled = of(&[(
            TRACEPARENT,
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-02",
        )]);
        assert_eq!(unsampled.sampled, Some(false));
        let later = of(&[(
            TRACEPARENT,
            "42-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-ever",
        )]);
        assert_eq!(later.trace_id.to_string(), TRACE);
    }

    #[test]
    fn a_bad_traceparent_starts_a_new_trace() {
        for bad in [
            "",
            "00",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e47-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "0-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
        ] {
            let made = of(&[(TRACEPARENT, bad)]);
            assert_ne!(made.trace_id.to_string(), TRACE, "{bad}");
            assert_ne!(made.trace_id, TraceId([0; 16]));
            assert_eq!((made.parent, made.sampled), (None, None), "{bad}");
        }
    }

    #[test]
    fn the_x_ray_header_is_taken_where_there_is_no_traceparent() {
        let full = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a:0";
        let taken = of(&[(X_AMZN_TRACE_ID, full)]);
        assert_eq!(
            taken.trace_id.to_string(),
            "5759e988bd862e3fe1be46a994272793"
        );
        assert_eq!(
            taken.parent.map(hex::encode).as_deref(),
            Some("53995c3f42cd8ad8")
        );
        assert_eq!(taken.sampled, Some(true));

        let balancer = of(&[(
            X_AMZN_TRACE_ID,
            "Self=1-67891234-12456789abcdef012345678;Root=1-67891233-abcdef012345678912345678",
        )]);
        assert_eq!(
            balancer.trace_id.to_string(),
            "67891233abcdef012345678912345678"
        );
        assert_eq!((balancer.parent, balancer.sampled), (None, None));

        let both = of(&[
            (X_AMZN_TRACE_ID, full),
            (
                TRACEPARENT,
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
            ),
        ]);
        assert_eq!(both.trace_id.to_string(), TRACE);
        let bad_first = of(&[(X_AMZN_TRACE_ID, full), (TRACEPARENT, "nonsense")]);
        assert_eq!(bad_first.trace_id, taken.trace_id);
    }

    #[test]
    fn a_bad_x_ray_header_starts_a_new_trace() {
        for bad in [
            "Parent=53995c3f42cd8ad8",
            "Root=2-5759e988-bd862e3fe1be46a994272793",
            "Root=1-5759e988bd862e3fe1be46a994272793",
            "Root=1-5759e988-bd862e3fe1be46a99427279",
            "Root=1-00000000-000000000000000000000000",
        ] {
            let (one, other) = (of(&[(X_AMZN_TRACE_ID, bad)]), of(&[(X_AMZN_TRACE_ID, bad)]));
            assert_ne!(one.trace_id, other.trace_id, "{bad}");
        }
        let unsure = of(&[(
            X_AMZN_TRACE_ID,
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=x;Sampled=?",
        )]);
        assert_eq!((unsure.parent, unsure.sampled), (None, None));
    }
}
