//! Rotations under constant load: no request fails.

use super::{
    LIMIT,
    load::Load,
    scene::{Scene, fresh_password, login},
};
use crate::support::{database::PASSWORD, exposition::Scrape, server::Server, wait};

const ROTATIONS: usize = 20;

/// What the load made of it: no failure, and as many rows as were acknowledged.
#[track_caller]
fn check(scene: &Scene, server: &Server, load: Load, what: &str) {
    let outcome = load.stop();
    eprintln!(
        "{what}: {} requests, {} rows, {} failures",
        outcome.sent,
        outcome.written,
        outcome.failures.len()
    );
    assert!(
        outcome.failures.is_empty(),
        "{:#?}, {:#?}",
        outcome.failures,
        troubles(server)
    );
    let rows = scene
        .database()
        .column("SELECT CAST(COUNT(*) AS CHAR) FROM transactions");
    assert_eq!(rows, [Some(outcome.written.to_string())], "{what}");
}

/// What the service complained of.
fn troubles(server: &Server) -> Vec<String> {
    let calm = |line: &String| line.contains("\"level\":\"INFO\"");
    let mut lines = server.log();
    lines.retain(|line| !calm(line));
    lines
}

fn refreshed(server: &Server, result: &str) -> i64 {
    Scrape::parse(server.get("/metrics").text())
        .count("secret_refresh_total", &[("result", result)])
}

/// The database has the new password first, the secret a moment later. Sessions of before go on until they end.
#[test]
fn a_single_users_password_rotates() {
    let Some(scene) = Scene::new() else { return };
    let server = scene.serve(&[("SECRET_REFRESH_SECS", "1")]);
    let load = Load::start(server.address());
    for _ in 0..ROTATIONS {
        load.progress(5);
        let before = refreshed(&server, "success");
        rotate(&scene, || ());
        wait::until("a refresh", LIMIT, || {
            (refreshed(&server, "success") > before).then_some(())
        });
    }
    load.progress(5);
    check(&scene, &server, load, "single user");
    assert_eq!(refreshed(&server, "failure"), 0);
}

/// The same with the sessions of before ended while the secret still holds the old password: nobody can log in for a
/// moment. What a session had at work when it was ended is looked up, or done, by the next one.
#[test]
fn a_single_users_password_rotates_and_old_sessions_are_ended() {
    let Some(scene) = Scene::new() else { return };
    let user = scene.database().user();
    // No timer: a refused login alone has the secret read again.
    let server = scene.serve(&[]);
    let load = Load::start(server.address());
    for _ in 0..ROTATIONS {
        load.progress(5);
        rotate(&scene, || scene.database().end_sessions(&user));
    }
    load.progress(5);
    check(&scene, &server, load, "single user, old sessions ended");
    assert!(refreshed(&server, "success") >= ROTATIONS.try_into().unwrap());
    assert_eq!(refreshed(&server, "failure"), 0);
}

/// A new password in the database, then `between`, then in the secret.
fn rotate(scene: &Scene, between: impl FnOnce()) {
    let (user, password) = (scene.database().user(), fresh_password());
    scene.database().execute(&format!(
        "ALTER USER '{user}'@'%' IDENTIFIED BY '{password}'"
    ));
    between();
    scene.secrets.put("db", &login(&user, &password));
}

/// Two users in turn: the one that rests gets a new password, then the secret names it, then the other's sessions end.
#[test]
fn two_users_take_turns() {
    let Some(scene) = Scene::new() else { return };
    let database = scene.database();
    let users = [database.user(), database.alternate()];
    database.execute(&format!(
        "CREATE USER '{}'@'%' IDENTIFIED BY '{PASSWORD}'",
        users[1]
    ));
    database.execute(&format!(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON {}.* TO '{}'@'%'",
        database.name(),
        users[1]
    ));
    let server = scene.serve(&[("SECRET_REFRESH_SECS", "1")]);
    let load = Load::start(server.address());
    for rotation in 0..ROTATIONS {
        load.progress(5);
        let (old, new) = (&users[rotation % 2], &users[(rotation + 1) % 2]);
        let password = fresh_password();
        database.execute(&format!(
            "ALTER USER '{new}'@'%' IDENTIFIED BY '{password}'"
        ));
        scene.secrets.put("db", &login(new, &password));
        // The service comes to the new user by itself; who still works as the old one after that is ended.
        wait::until("sessions of the other user", LIMIT, || {
            (database.sessions(new) > 0).then_some(())
        });
        load.progress(1);
        database.end_sessions(old);
    }
    load.progress(5);
    check(&scene, &server, load, "alternating users");
}

/// Redis knows one password at a time here: connections of before are ended.
#[test]
fn the_cache_password_rotates() {
    let Some(mut scene) = Scene::new() else {
        return;
    };
    let mut password = fresh_password();
    let redis = scene.backend.redis().unwrap();
    assert_eq!(
        redis.command(&format!("CONFIG SET requirepass {password}")),
        "+OK"
    );
    let secret = |password: &str| serde_json::json!({ "password": password }).to_string();
    let id = scene.secrets.create("redis", &secret(&password));
    let server = scene.serve(&[("REDIS_SECRET_ID", &id)]);
    let connected = |number: usize| {
        server.wait_for_line("of a connection to Redis", |line| {
            line["message"] == "the cache server is connected" && line["connection"] == number
        });
    };
    connected(1);
    let load = Load::start(server.address());
    for rotation in 0..ROTATIONS {
        load.progress(3);
        let old = std::mem::replace(&mut password, fresh_password());
        let redis = scene.backend.redis().unwrap();
        let said = redis.command(&format!(
            "AUTH {old}\r\nCONFIG SET requirepass {password}\r\nCLIENT KILL TYPE normal SKIPME yes"
        ));
        assert!(said.starts_with("+OK"), "{said}");
        scene.secrets.put("redis", &secret(&password));
        connected(rotation + 2);
    }
    load.progress(3);
    check(&scene, &server, load, "cache");
}
