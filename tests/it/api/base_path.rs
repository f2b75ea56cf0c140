//! `API_BASE_PATH`: every route a second time below a prefix.

use crate::{
    each_backend,
    support::{backend::Backend, http::Request, json, problem},
};

each_backend!(every_route_answers_below_the_prefix_too);

fn every_route_answers_below_the_prefix_too(backend: &mut Backend) {
    let server = backend.serve_with(&[("API_BASE_PATH", "/api")]);
    for target in [
        "/health",
        "/livez",
        "/readyz",
        "/transaction",
        "/v1/transactions",
        "/v1/summary?by=day",
        "/openapi.json",
        "/docs",
    ] {
        assert_eq!(server.get(target).status, 200, "{target}");
        assert_eq!(
            server.get(&format!("/api{target}")).status,
            200,
            "/api{target}"
        );
    }
    for prefix in ["", "/api"] {
        let added = server.post(
            &format!("{prefix}/transaction"),
            r#"{"amount":1,"desc":"x"}"#,
        );
        let location = added.header("location").unwrap().to_owned();
        assert!(
            location.starts_with(&format!("{prefix}/v1/transactions/")),
            "{location}"
        );
        assert_eq!(server.get(&location).status, 200, "{location}");
        let created = server.post(
            &format!("{prefix}/v1/transactions"),
            json::transaction("1", "x"),
        );
        let location = created.header("location").unwrap().to_owned();
        assert!(
            location.starts_with(&format!("{prefix}/v1/transactions/")),
            "{location}"
        );
        let page = server.get(&format!("{prefix}/transaction?limit=1"));
        let link = format!("<{prefix}/transaction?limit=1&after=1>; rel=\"next\"");
        assert_eq!(page.header("link"), Some(link.as_str()));
    }
    assert_eq!(
        server.get("/api/transaction/1").text(),
        r#"{"id":1,"amount":1,"desc":"x"}"#
    );
    for target in [
        "/api/metrics",
        "/api/api/health",
        "/apihealth",
        "/API/health",
        "/api/nothing",
    ] {
        problem::check(&server.get(target), 404, "no_route", &[]);
    }
    let refused = server.send(&Request::new("PUT", "/api/transaction"));
    problem::check(&refused, 405, "method_not_allowed", &[]);
    // The prefix is no part of a route's name.
    let metrics = server.get("/metrics");
    assert!(!metrics.text().contains("/api"), "{}", metrics.text());
    assert!(
        metrics
            .text()
            .contains("endpoint=\"/v1/transactions/{id}\"")
    );
}

#[test]
fn without_one_there_is_no_prefix() {
    let backend = Backend::sqlite();
    let server = backend.serve();
    problem::check(&server.get("/api/transaction"), 404, "no_route", &[]);
}
