//! dev
use expense_backend::{
    app,
    config::{Config, Entrance},
    telemetry,
};
#[tokio::main]
async fn main() {
    let c = Config::from_env(Entrance::Server).unwrap();
    let t = telemetry::init(&c.log, telemetry::Role::Server, c.otlp_endpoint.as_deref()).unwrap();
    app::migrate(&c).await.unwrap();
    let a = app::build(&c, Entrance::Server, t.metrics()).await.unwrap();
    a.reach_store(c.startup_timeout).await.unwrap();
    a.start();
    let l = tokio::net::TcpListener::bind(("127.0.0.1", c.server.port))
        .await
        .unwrap();
    axum::serve(l, a.router).await.unwrap();
}
