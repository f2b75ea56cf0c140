//! Every route but `/metrics` a second time below `API_BASE_PATH`.
//!
//! `app` wraps the whole router: `BasePath::new(&http.base_path, router)`. It stands outside of the routing, so that
//! templates, and with them metrics, know nothing of the prefix. A request below the prefix gets [`Prefix`] (for
//! `Location` and `Link`) and [`OriginalPath`] (for the log) into its extensions; any other goes through untouched.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use axum::http::{Request, Uri, uri::PathAndQuery};
use tower_service::Service;

/// Not served below the prefix: there it stays what it is, an unknown path.
const NOT_BELOW: &str = "/metrics";

/// The prefix that a request came with, such as `/api`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefix(pub Arc<str>);

/// The path that the client asked for, where the router sees another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginalPath(PathAndQuery);

impl OriginalPath {
    /// The path without its query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.0.path()
    }
}

/// Strips the prefix before `inner` routes.
#[derive(Debug, Clone)]
pub struct BasePath<S> {
    prefix: Option<Prefix>,
    inner: S,
}

impl<S> BasePath<S> {
    /// `prefix` begins with `/` and ends without; empty: nothing is stripped.
    pub fn new(prefix: &str, inner: S) -> Self {
        Self {
            prefix: (!prefix.is_empty()).then(|| Prefix(prefix.into())),
            inner,
        }
    }
}

impl<S, B> Service<Request<B>> for BasePath<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        if let Some(prefix) = &self.prefix
            && let Some(stripped) = strip(request.uri(), &prefix.0)
        {
            let original = std::mem::replace(request.uri_mut(), stripped);
            let extensions = request.extensions_mut();
            extensions.insert(prefix.clone());
            // Only a URI with a path can have been stripped.
            if let Some(original) = original.into_parts().path_and_query {
                extensions.insert(OriginalPath(original));
            }
        }
        self.inner.call(request)
    }
}

/// `uri` without the prefix, where its path continues with `/` after it.
fn strip(uri: &Uri, prefix: &str) -> Option<Uri> {
    let rest = uri.path().strip_prefix(prefix)?;
    if !rest.starts_with('/') || rest == NOT_BELOW {
        return None;
    }
    let all = uri.path_and_query()?.as_str();
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(all.get(prefix.len()..)?.parse().ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use std::{
        convert::Infallible,
        future::{Ready, ready},
    };

    use axum::http::Method;

    use super::*;

    #[derive(Clone)]
    struct Echo;

    impl Service<Request<()>> for Echo {
        type Response = Request<()>;
        type Error = Infallible;
        type Future = Ready<Result<Request<()>, Infallible>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, request: Request<()>) -> Self::Future {
            ready(Ok(request))
        }
    }

    async fn through(prefix: &str, uri: &str) -> Request<()> {
        let request = Request::builder()
            .method(Method::DELETE)
            .uri(uri)
            .header("x-a", "b")
            .body(())
            .unwrap();
        BasePath::new(prefix, Echo).call(request).await.unwrap()
    }

    #[tokio::test]
    async fn the_prefix_is_stripped_and_remembered() {
        for (from, to) in [
            ("/api/transaction", "/transaction"),
            (
                "/api/transaction?limit=1&x=/api/",
                "/transaction?limit=1&x=/api/",
            ),
            ("/api/", "/"),
            ("/api/api/health", "/api/health"),
            ("/api//x", "//x"),
            ("/api/%2F%61?%", "/%2F%61?%"),
            ("/api/metrics/", "/metrics/"),
            ("http://host:1/api/health?a", "http://host:1/health?a"),
        ] {
            let request = through("/api", from).await;
            assert_eq!(request.uri().to_string(), to);
            assert_eq!(
                request.extensions().get::<Prefix>(),
                Some(&Prefix("/api".into()))
            );
            let original: Uri = from.parse().unwrap();
            assert_eq!(
                request.extensions().get::<OriginalPath>().unwrap().path(),
                original.path()
            );
            assert_eq!(request.method(), Method::DELETE);
            assert_eq!(request.headers()["x-a"], "b");
        }
    }

    #[tokio::test]
    async fn every_other_path_goes_through_untouched() {
        for uri in [
            "/transaction",
            "/api",
            "/api?x=1",
            "/apis",
            "/apix/transaction",
            "/API/transaction",
            "/x/api/y",
            "/api/metrics",
            "/api/metrics?x",
            "*",
            "/%61pi/health",
        ] {
            let request = through("/api", uri).await;
            assert_eq!(request.uri().to_string(), uri);
            assert!(request.extensions().is_empty(), "{uri}");
        }
        let request = through("", "/api/transaction").await;
        assert_eq!(request.uri().to_string(), "/api/transaction");
        assert!(request.extensions().is_empty());
    }
}
