//! Each promise that is broken is found, by its step and by no other; the rows of others survive whatever is wrong.

use std::{net::TcpListener, time::Duration};

use super::{
    examine,
    options::{Credential, Options},
    report::Report,
    stub::{FOREIGN, Flaw, KEY, Stub},
};

fn options(url: &str) -> Options {
    Options {
        url: url.to_owned(),
        loopback: true,
        base_path: String::new(),
        write: false,
        metrics_open: false,
        release: None,
        timeout: Duration::from_secs(10),
        wait: Duration::ZERO,
        credential: Credential::None,
    }
}

/// Reads only.
fn read(flaw: Flaw) -> Report {
    let stub = Stub::start(flaw, false);
    examine(&options(&stub.url)).unwrap()
}

/// With writes; the stub afterwards.
fn write(flaw: Flaw) -> (Report, Vec<u64>) {
    let stub = Stub::start(flaw, false);
    let report = examine(&Options {
        write: true,
        ..options(&stub.url)
    });
    (report.unwrap(), stub.rows())
}

#[test]
fn a_sound_service_passes_every_step() {
    let report = read(Flaw::None);
    assert!(report.failed.is_empty(), "{report:?}");
    assert_eq!(report.passed.len(), 13);

    let (report, rows) = write(Flaw::None);
    assert!(report.failed.is_empty(), "{report:?}");
    assert_eq!(report.passed.len(), 26);
    assert_eq!(rows, [FOREIGN]);
}

#[test]
fn each_broken_promise_fails_its_step() {
    for (flaw, step) in [
        (Flaw::NotAlive, "alive"),
        (Flaw::Unready(u32::MAX), "ready"),
        (Flaw::Degraded, "healthy"),
        (Flaw::ListDescends, "old list"),
        (Flaw::ListRenamesMembers, "old list"),
        (Flaw::ListFails, "new list"),
        (Flaw::ListKeptByBrowsers, "new list"),
        (Flaw::SummaryOfOtherDays, "summary"),
        (
            Flaw::WithoutHeader("X-Content-Type-Options"),
            "security headers",
        ),
        (Flaw::WithoutHeader("Referrer-Policy"), "security headers"),
        (Flaw::WithoutHeader("X-Frame-Options"), "security headers"),
        (
            Flaw::WithoutHeader("Content-Security-Policy"),
            "security headers",
        ),
        (Flaw::OtherCorrelationId, "correlation id"),
        (Flaw::PageForUnknownRoutes, "unknown route"),
        (Flaw::FaultWithoutField, "invalid parameter"),
        (Flaw::NoAllow, "wrong method"),
        (Flaw::OldOpenApi, "OpenAPI document"),
        (Flaw::MetricsShown, "metrics hidden"),
    ] {
        let report = read(flaw);
        assert_eq!(report.failed, [step], "{flaw:?}");
        assert_eq!(report.passed.len(), 12, "{flaw:?}: {report:?}");
    }
}

#[test]
fn each_broken_promise_of_a_write_fails_its_step_and_leaves_nothing() {
    for (flaw, step) in [
        (Flaw::NoLocation, "create"),
        (Flaw::LyingLocation, "list"),
        (Flaw::ListReordersMembers, "list"),
        (Flaw::WithoutHeader("ETag"), "cached row"),
        (Flaw::WriteFails, "write"),
        (Flaw::WriteUnanswered, "write"),
        (Flaw::RepeatsWrites, "repeated write"),
        (Flaw::StaleList, "fresh list"),
        (Flaw::IgnoresPreconditions, "outdated change"),
        (Flaw::StaleRow, "fresh row"),
    ] {
        let (report, rows) = write(flaw);
        assert_eq!(report.failed, [step], "{flaw:?}");
        assert!(!report.left_out.is_empty(), "{flaw:?}");
        assert_eq!(rows, [FOREIGN], "{flaw:?}");
    }
}

#[test]
fn rows_that_stay_are_told_of() {
    let (report, rows) = write(Flaw::KeepsDeletedRows);
    assert_eq!(report.failed, ["deleted rows", "nothing left"]);
    assert_eq!(rows.len(), 3);
}

#[test]
fn a_search_that_finds_everything_deletes_nothing_of_others() {
    let (report, rows) = write(Flaw::IgnoresSearch);
    assert!(report.failed.is_empty(), "{report:?}");
    assert_eq!(rows, [FOREIGN]);
}

#[test]
fn a_credential_opens_and_its_absence_must_not() {
    let asked = |flaw, credential| {
        let stub = Stub::start(flaw, true);
        let options = Options {
            credential,
            ..options(&stub.url)
        };
        examine(&options).unwrap().failed
    };
    let key = || Credential::ApiKey(KEY.to_owned());
    assert_eq!(asked(Flaw::None, key()), <[&str; 0]>::default());
    assert_eq!(asked(Flaw::OpenDoor, key()), ["authentication"]);
    let failed = asked(Flaw::None, Credential::Bearer("wrong".to_owned()));
    assert!(failed.contains(&"old list"), "{failed:?}");
}

#[test]
fn the_version_and_the_metrics_are_as_they_were_said_to_be() {
    let stub = Stub::start(Flaw::MetricsShown, false);
    let mut options = options(&stub.url);
    options.metrics_open = true;
    options.release = Some("1.2.3".to_owned());
    let report = examine(&options).unwrap();
    assert!(report.failed.is_empty(), "{report:?}");

    options.release = Some("1.2.4".to_owned());
    assert_eq!(examine(&options).unwrap().failed, ["OpenAPI document"]);

    let hidden = Stub::start(Flaw::None, false);
    hidden.url.clone_into(&mut options.url);
    options.release = None;
    assert_eq!(examine(&options).unwrap().failed, ["metrics open"]);
}

#[test]
fn it_waits_for_a_service_that_becomes_ready() {
    let stub = Stub::start(Flaw::Unready(2), false);
    let mut options = options(&stub.url);
    options.wait = Duration::from_secs(20);
    assert!(examine(&options).unwrap().failed.is_empty());
}

#[test]
fn a_service_that_is_not_there_fails_every_step() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let report = examine(&options(&url)).unwrap();
    assert!(report.passed.is_empty(), "{report:?}");
    assert_eq!(report.failed.len(), 13);
}
