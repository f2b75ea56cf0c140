//! Secrets Manager fails after the start: what works goes on, and the metrics say so.

use super::{
    LIMIT,
    endpoint::{Answer, Endpoint},
    load::Load,
    scene::{Scene, fresh_password, login},
};
use crate::support::{exposition::Scrape, server::Server, wait};

fn refreshed(server: &Server, result: &str) -> i64 {
    let reply = server.get("/metrics");
    Scrape::parse(reply.text()).count("secret_refresh_total", &[("result", result)])
}

#[test]
fn a_manager_that_is_away_stops_nothing() {
    let Some(scene) = Scene::new() else { return };
    let real = scene.secrets.address();
    let endpoint = Endpoint::start(Answer::HandOn(real));
    let url = format!("http://{}", endpoint.address());
    let server = scene.serve(&[("AWS_ENDPOINT_URL", &url), ("SECRET_REFRESH_SECS", "1")]);
    let more = |result: &str| {
        let before = refreshed(&server, result);
        wait::until(&format!("a refresh: {result}"), LIMIT, || {
            (refreshed(&server, result) > before).then_some(())
        });
    };
    more("success");
    assert_eq!(refreshed(&server, "failure"), 0);
    let load = Load::start(server.address());
    for answer in [
        Answer::Error(400, "AccessDeniedException"),
        Answer::Error(400, "ThrottlingException"),
        Answer::Nonsense,
        Answer::Silence,
    ] {
        endpoint.answer(answer);
        more("failure");
        load.progress(5);
    }
    // Back again: a rotation is taken up.
    endpoint.answer(Answer::HandOn(real));
    more("success");
    let (user, password) = (scene.database().user(), fresh_password());
    scene.database().execute(&format!(
        "ALTER USER '{user}'@'%' IDENTIFIED BY '{password}'"
    ));
    scene.secrets.put("db", &login(&user, &password));
    more("success");
    load.progress(5);
    let outcome = load.stop();
    assert!(outcome.failures.is_empty(), "{:#?}", outcome.failures);
    assert_eq!(server.get("/readyz").status, 200);
}
