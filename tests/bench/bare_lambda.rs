//! The least that a function behind API Gateway is: what `cargo xtask bench-lambda` holds the real one against. Same
//! crates, same profile, one thread, nothing set up.

use axum::{Router, routing::get};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let router = Router::new().route("/livez", get(async || "{\"status\":\"alive\"}"));
    lambda_http::run(router).await
}
