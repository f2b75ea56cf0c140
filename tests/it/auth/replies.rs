//! What the whole API answers to callers with tokens: status, challenge, limits.

use std::time::Duration;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request, Response, header::WWW_AUTHENTICATE},
};
use expense_backend::{
    app,
    config::{Config, Entrance},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower_service::Service as _;

use super::signer::{AUDIENCE, ISSUER, RSA, claims, now, set};

struct Api {
    router: Router,
    _folder: TempDir,
}

impl Api {
    /// The API on a store of its own, for tokens of the test's issuer; three requests for each caller.
    async fn start(jwks: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        std::fs::write(path("jwks.json"), jwks).unwrap();
        let lookup = |name: &str| match name {
            "SQLITE_PATH" => Some(path("expense.db")),
            "AUTH_MODE" => Some("jwt".to_owned()),
            "JWT_ISSUER" => Some(ISSUER.to_owned()),
            "JWT_AUDIENCE" => Some(AUDIENCE.to_owned()),
            "JWT_JWKS" => Some(path("jwks.json")),
            "RATE_LIMIT_REQUESTS" => Some("3".to_owned()),
            "RATE_LIMIT_WINDOW_SECS" => Some("3600".to_owned()),
            _ => None,
        };
        let config = Config::from_lookup(lookup, Entrance::Server).unwrap();
        app::migrate(&config).await.unwrap();
        let app = Box::pin(app::build(&config, Entrance::Server, None));
        let app = app.await.unwrap();
        let contact = app.first_contact();
        contact.reach(Duration::from_secs(20)).await.unwrap();
        Self {
            router: app.router,
            _folder: folder,
        }
    }

    async fn ask(&self, method: Method, target: &str, token: Option<&str>) -> Response<Body> {
        let mut request = Request::builder().method(method).uri(target);
        if let Some(token) = token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        let request = request.header("Content-Type", "application/json");
        let body = Body::from(r#"{"amount":"1","description":"x"}"#);
        let request = request.body(body).unwrap();
        self.router.clone().call(request).await.unwrap()
    }
}

fn challenge(response: &Response<Body>) -> Option<&str> {
    response.headers().get(WWW_AUTHENTICATE)?.to_str().ok()
}

async fn body(response: Response<Body>) -> Value {
    let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[tokio::test]
async fn refusals_say_what_is_missing_as_rfc_6750_has_it() {
    let api = Box::pin(Api::start(&set(&[&RSA]))).await;
    let response = api.ask(Method::GET, "/transaction", None).await;
    assert_eq!(response.status(), 401);
    assert_eq!(
        challenge(&response),
        Some("Bearer realm=\"expense-backend\"")
    );
    assert_eq!(body(response).await["error"], "unauthenticated");

    let expired = RSA.sign(&claims(&json!({ "exp": now(-90) })));
    let response = api.ask(Method::GET, "/transaction", Some(&expired)).await;
    assert_eq!(response.status(), 401);
    let expected = "Bearer realm=\"expense-backend\", error=\"invalid_token\", error_description=\"the token has expired\"";
    assert_eq!(challenge(&response), Some(expected));

    let reader = RSA.sign(&claims(&json!({ "scope": "transactions:read" })));
    let response = api
        .ask(Method::POST, "/v1/transactions", Some(&reader))
        .await;
    assert_eq!(response.status(), 403);
    let expected = "Bearer realm=\"expense-backend\", error=\"insufficient_scope\", scope=\"transactions:write\"";
    assert_eq!(challenge(&response), Some(expected));
    let problem = body(response).await;
    assert_eq!(problem["error"], "forbidden");
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("transactions:write")
    );
}

#[tokio::test]
async fn each_scope_opens_its_methods() {
    let api = Box::pin(Api::start(&set(&[&RSA]))).await;
    let with = |scope: &str| RSA.sign(&claims(&json!({ "sub": scope, "scope": scope })));
    let (read, write, admin) = (
        with("transactions:read"),
        with("transactions:write"),
        with("transactions:admin"),
    );
    for (method, target, token, status) in [
        (Method::POST, "/v1/transactions", &write, 201),
        (Method::GET, "/v1/transactions/1", &read, 200),
        (Method::GET, "/v1/transactions/1", &write, 403),
        (Method::DELETE, "/transaction", &write, 403),
        (Method::DELETE, "/transaction", &admin, 200),
    ] {
        let response = api.ask(method.clone(), target, Some(token)).await;
        assert_eq!(response.status(), status, "{method} {target}");
    }
    for target in ["/livez", "/health", "/openapi.json", "/docs", "/"] {
        assert_eq!(
            api.ask(Method::GET, target, None).await.status(),
            200,
            "{target}"
        );
    }
}

#[tokio::test]
async fn callers_are_limited_by_name_and_guesses_by_address() {
    let api = Box::pin(Api::start(&set(&[&RSA]))).await;
    let token = |sub: &str| RSA.sign(&claims(&json!({ "sub": sub })));
    let (ann, bob) = (token("ann"), token("bob"));
    for _ in 0..3 {
        let response = api.ask(Method::GET, "/transaction", Some(&ann)).await;
        assert_eq!(response.status(), 200);
        let policy = &response.headers()["ratelimit-policy"];
        assert_eq!(policy, "\"default\";q=3;w=3600");
    }
    let refused = api.ask(Method::GET, "/transaction", Some(&ann)).await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["ratelimit"], "\"default\";r=0;t=1200");
    assert_eq!(refused.headers()["retry-after"], "1200");
    for _ in 0..3 {
        let guess = api.ask(Method::GET, "/transaction", Some("a.b.c")).await;
        assert_eq!(guess.status(), 401);
    }
    let guess = api.ask(Method::GET, "/transaction", Some("a.b.c")).await;
    assert_eq!(guess.status(), 429, "guessing is limited too");
    let honest = api.ask(Method::GET, "/transaction", Some(&bob)).await;
    assert_eq!(honest.status(), 200, "and costs nobody their own requests");
    let probe = api.ask(Method::GET, "/livez", None).await;
    assert_eq!(probe.status(), 200);
    assert!(probe.headers().get("ratelimit").is_none());
}
