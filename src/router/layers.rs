//! The layers around the table of routes: one function, so that their order can be read.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use tokio::time::Instant;
use tracing::Instrument as _;

use super::{allow_of, matched};
use crate::{
    auth::{Authenticator, Caller},
    handlers::{error, error::ApiError, reply},
    middleware::{
        access_log::AccessLog,
        authentication::{self, Refusal},
        client_address::{Peer, client_address},
        correlation_id::CorrelationId,
        cors::Cors,
        deadline::Deadline,
        metrics::{HttpMetrics, RouteLabels},
        no_store, panic, rate_limit,
        reply_limit::{NotCarried, ReplyLimit},
        security_headers,
        shed::Shed,
    },
    rate_limit::RateLimiter,
    telemetry::{
        self,
        context::{RequestIds, TraceContext},
    },
};

/// What the layers need.
#[derive(Debug)]
pub struct Edge {
    /// Who may call from another origin.
    pub cors: Cors,
    /// How many requests are at work at most.
    pub shed: Shed,
    /// Series of replies.
    pub metrics: HttpMetrics,
    /// `REQUEST_TIMEOUT_MS`
    pub request_timeout: Duration,
    /// `TRUSTED_PROXY_HOPS`
    pub trusted_proxy_hops: usize,
    /// How callers say who they are.
    pub authenticator: Authenticator,
    /// How many requests a caller has, where that is limited.
    pub limiter: Option<Arc<dyn RateLimiter>>,
    /// `ALLOW_DELETE_ALL`
    pub allow_delete_all: bool,
}

/// What one request is, as far as it is known before anything is done for it.
struct Arrival {
    labels: RouteLabels,
    template: Option<&'static str>,
    client: IpAddr,
    correlation_id: CorrelationId,
    deadline: Deadline,
}

/// One function for all layers: each is a call in here, in this order.
///
/// 1. Ids first, so that every line and every reply has them.
/// 2. The in-flight gauge, the access log and the metrics around everything else: what is refused counts too.
/// 3. CORS, security headers and the problem body on every reply, good or bad: a browser must be able to read errors.
pub(super) async fn layers(
    State(edge): State<Arc<Edge>>,
    request: Request,
    next: Next,
) -> Response {
    answered(edge, Port::Main, request, next).await
}

/// The same around `/metrics` on a port of its own, where nobody is asked who they are, and nothing is limited.
pub(super) async fn metrics_layers(
    State(edge): State<Arc<Edge>>,
    request: Request,
    next: Next,
) -> Response {
    answered(edge, Port::Metrics, request, next).await
}

/// Which listener a request came by.
#[derive(Clone, Copy)]
enum Port {
    Main,
    Metrics,
}

async fn answered(edge: Arc<Edge>, port: Port, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let correlation_id = CorrelationId::of(request.headers());
    let trace = TraceContext::of(request.headers());
    let template = matched(&request);
    let deadline = Deadline::of(request.extensions(), began, edge.request_timeout);
    request.extensions_mut().insert(deadline);
    let peer = request.extensions().get::<Peer>().copied();
    let arrival = Arrival {
        labels: edge.metrics.route(request.method(), template),
        template,
        client: client_address(
            peer.unwrap_or(Peer::Tcp(IpAddr::from([0, 0, 0, 0]))),
            request.headers(),
            edge.trusted_proxy_hops,
        ),
        correlation_id: correlation_id.clone(),
        deadline,
    };
    let ids = RequestIds {
        correlation_id: correlation_id.header().clone(),
        trace_id: trace.trace_id,
    };
    let span = telemetry::otlp::request_span(
        arrival.labels.method,
        arrival.labels.endpoint,
        request.uri().path(),
        correlation_id.as_str(),
        &trace,
    );
    let seen = span.clone();
    let answered = async {
        let _in_flight = edge.metrics.enter();
        let log = AccessLog::start(&request, arrival.labels, arrival.client, began.into_std());
        let origin = request.headers().get(header::ORIGIN).cloned();
        let response = match port {
            Port::Main => guarded(&edge, request, next, &arrival).await,
            // Boxed: requests of the main port must not pay for its size.
            Port::Metrics => Box::pin(scraped(&edge, request, next, &arrival)).await,
        };
        let mut response = error::finish(response, arrival.correlation_id.as_str());
        let headers = response.headers_mut();
        arrival.correlation_id.mark(headers);
        edge.cors.mark(origin.as_ref(), headers);
        security_headers::mark(headers);
        no_store::mark(headers);
        let took = log.complete(response.status());
        edge.metrics.reply(arrival.labels, response.status(), took);
        telemetry::otlp::answered(&seen, response.status().as_u16());
        response
    };
    telemetry::context::scope(ids, answered.instrument(span)).await
}

/// 4. Preflights and `OPTIONS` are answered before anything that counts or asks who calls.
/// 5. Shedding before work is begun; probes must be answered above all when there is too much to do.
/// 6. The deadline around everything that can wait, a panic caught within it.
async fn guarded(edge: &Edge, request: Request, next: Next, arrival: &Arrival) -> Response {
    if request.method() == Method::OPTIONS {
        return options(edge, &request, arrival.template);
    }
    // A probe neither needs a place nor takes one from a caller.
    let exempt = authentication::is_probe(arrival.template);
    let _permit = match (!exempt).then(|| edge.shed.enter()) {
        None => None,
        Some(Ok(permit)) => Some(permit),
        Some(Err(_)) => return ApiError::Overloaded.into_response(),
    };
    let limit = request.extensions().get::<ReplyLimit>().copied();
    // Boxed once: each layer around it would else hold a copy of its size.
    let work = panic::catch(carried(
        limit,
        Box::pin(admitted(edge, request, next, arrival)),
    ));
    match arrival.deadline.limit(work).await {
        Some(Some(response)) => response,
        Some(None) => ApiError::Internal.into_response(),
        None => ApiError::DeadlineExceeded.into_response(),
    }
}

/// Nothing stands before the route: a scrape is wanted most when there is too much to do.
async fn scraped(edge: &Edge, request: Request, next: Next, arrival: &Arrival) -> Response {
    if request.method() == Method::OPTIONS {
        return options(edge, &request, arrival.template);
    }
    next.run(request).await
}

/// Where a reply travels inside of an event, it is gathered while it can still become a problem.
async fn carried(limit: Option<ReplyLimit>, work: impl Future<Output = Response>) -> Response {
    let response = work.await;
    let Some(limit) = limit else { return response };
    // Boxed: the many requests that are not carried in an event must not pay for its size.
    match Box::pin(limit.gather(response)).await {
        Ok(response) => response,
        Err(NotCarried::TooLarge) => ApiError::ReplyTooLarge.into_response(),
        Err(NotCarried::Broken) => ApiError::StoreUnavailable.into_response(),
    }
}

/// 7. Who calls, then how often (by that name, else by address, so that guessing is limited too), then whether they
///    may.
async fn admitted(edge: &Edge, mut request: Request, next: Next, arrival: &Arrival) -> Response {
    let open = authentication::is_open(arrival.template);
    let caller = match open {
        true => Ok(Caller::anybody()),
        false => edge.authenticator.authenticate(request.headers()).await,
    };
    let verdict = match &edge.limiter {
        Some(limiter) if !rate_limit::is_exempt(arrival.template) => {
            Some(rate_limit::check(limiter.as_ref(), caller.as_ref().ok(), arrival.client).await)
        }
        _ => None,
    };
    if let Some(verdict) = verdict.as_ref().filter(|verdict| !verdict.allowed) {
        let mut refused = ApiError::RateLimited(verdict.retry_after_secs()).into_response();
        rate_limit::mark(verdict, refused.headers_mut());
        return refused;
    }
    let permitted = match caller {
        Ok(caller) if open => Ok(caller),
        Ok(caller) => authentication::permit(
            &edge.authenticator,
            caller,
            request.method(),
            arrival.template,
            edge.allow_delete_all,
        ),
        Err(failure) => Err(Refusal::from(failure)),
    };
    let mut response = match permitted {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(refusal) => ApiError::from(refusal).into_response(),
    };
    if let Some(verdict) = &verdict {
        rate_limit::mark(verdict, response.headers_mut());
    }
    response
}

/// 204: what a browser may do, or what the route takes.
fn options(edge: &Edge, request: &Request, template: Option<&str>) -> Response {
    if let Some(preflight) = edge.cors.preflight(request.method(), request.headers()) {
        return preflight;
    }
    match allow_of(template) {
        Some(allow) => {
            let mut response = reply::empty(StatusCode::NO_CONTENT);
            response
                .headers_mut()
                .insert(header::ALLOW, HeaderValue::from_static(allow));
            response
        }
        None => ApiError::NoRoute.into_response(),
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unauthenticated(failure) => Self::Unauthenticated {
                detail: failure.detail(),
                challenge: failure.challenge(),
            },
            Refusal::Forbidden { scope, challenge } => Self::Forbidden {
                scope: scope.as_str(),
                challenge,
            },
            Refusal::Unavailable => Self::IssuerUnavailable,
            Refusal::DeleteAllDisabled => Self::DeleteAllDisabled,
        }
    }
}
