//! `If-Match` and `If-None-Match`.

use crate::{
    each_backend,
    support::{
        backend::Backend,
        http::{Reply, Request},
        json, problem,
        server::Server,
    },
};

const ROW: &str = "/v1/transactions/1";

each_backend!(
    a_known_state_is_not_sent_again,
    a_write_is_refused_where_the_row_has_changed,
    a_missing_row_comes_before_any_precondition,
    of_two_writers_with_one_tag_one_wins,
    adopted_rows_have_tags_too,
);

fn row(server: &Server) -> String {
    let reply = server.post("/v1/transactions", json::transaction("1", "a"));
    reply.header("etag").unwrap().to_owned()
}

fn with(server: &Server, method: &str, header: &str, value: &str) -> Reply {
    let mut request = Request::new(method, ROW).header(header, value);
    if matches!(method, "PUT" | "PATCH") {
        request = request.json(json::transaction("2", "b"));
    }
    server.send(&request)
}

fn a_known_state_is_not_sent_again(backend: &mut Backend) {
    let server = backend.serve();
    let tag = row(&server);
    for value in [
        tag.clone(),
        format!("W/{tag}"),
        format!("\"other\", {tag}"),
        format!("\"a,b\",W/{tag} , \"x\""),
        "*".to_owned(),
    ] {
        for method in ["GET", "HEAD"] {
            let reply = with(&server, method, "If-None-Match", &value);
            assert_eq!(
                (reply.status, reply.body.len()),
                (304, 0),
                "{method} {value}"
            );
            assert_eq!(reply.header("etag"), Some(tag.as_str()));
            assert_eq!(reply.header("cache-control"), Some("private, no-cache"));
        }
    }
    for value in ["\"other\"", "W/\"other\", \"x\""] {
        assert_eq!(
            with(&server, "GET", "If-None-Match", value).status,
            200,
            "{value}"
        );
    }
    let changed = with(&server, "PATCH", "If-Match", &tag);
    assert_eq!(changed.status, 200);
    assert_eq!(with(&server, "GET", "If-None-Match", &tag).status, 200);
}

fn a_write_is_refused_where_the_row_has_changed(backend: &mut Backend) {
    let server = backend.serve();
    let tag = row(&server);
    for method in ["PUT", "PATCH", "DELETE"] {
        for value in [
            "\"other\"".to_owned(),
            format!("W/{tag}"),
            format!("\"x\", W/{tag}"),
        ] {
            let reply = with(&server, method, "If-Match", &value);
            problem::check(&reply, 412, "precondition_failed", &[]);
        }
    }
    assert_eq!(server.get(ROW).header("etag"), Some(tag.as_str()));
    let listed = with(&server, "PATCH", "If-Match", &format!("\"x\", {tag}"));
    assert_eq!(listed.status, 200);
    let stale = with(&server, "DELETE", "If-Match", &tag);
    problem::check(&stale, 412, "precondition_failed", &[]);
    assert_eq!(with(&server, "PUT", "If-Match", "*").status, 200);
    let now = server.get(ROW).header("etag").unwrap().to_owned();
    assert_eq!(with(&server, "DELETE", "If-Match", &now).status, 204);
}

fn a_missing_row_comes_before_any_precondition(backend: &mut Backend) {
    let server = backend.serve();
    for (method, header) in [
        ("GET", "If-None-Match"),
        ("PUT", "If-Match"),
        ("PATCH", "If-Match"),
        ("DELETE", "If-Match"),
    ] {
        for value in ["*", "\"x\""] {
            problem::check(&with(&server, method, header, value), 404, "not_found", &[]);
        }
    }
}

fn of_two_writers_with_one_tag_one_wins(backend: &mut Backend) {
    let server = backend.serve();
    let tag = row(&server);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..8)
            .map(|number| {
                let (server, tag) = (&server, &tag);
                scope.spawn(move || {
                    let request = Request::new("PATCH", ROW)
                        .header("If-Match", tag)
                        .json(json::transaction("2", &format!("writer {number}")));
                    server.send(&request).status
                })
            })
            .collect();
        writers
            .into_iter()
            .map(|writer| writer.join().unwrap())
            .collect()
    });
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        1,
        "{statuses:?}"
    );
    assert_eq!(
        statuses.iter().filter(|status| **status == 412).count(),
        7,
        "{statuses:?}"
    );
}

fn adopted_rows_have_tags_too(backend: &mut Backend) {
    backend.insert_old_row(None, None);
    let server = backend.serve();
    let tag = server.get(ROW).header("etag").unwrap().to_owned();
    assert_eq!(with(&server, "GET", "If-None-Match", &tag).status, 304);
    let changed = with(&server, "PATCH", "If-Match", &tag);
    assert_eq!(changed.status, 200, "{}", changed.text());
    let row = changed.json();
    assert_eq!(row["created_at"], serde_json::Value::Null);
    assert!(row["updated_at"].is_string(), "{row}");
}
