//! The issuer's keys change, are away, or are asked for by a flood of made-up names.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use expense_backend::{
    auth::{
        Caller, Reason,
        jwks::{JwksError, MAX_SET_LEN, MAX_WAITING, Timing},
        jwt::JwtVerifier,
    },
    config::JwksSource,
};
use jsonwebtoken::Algorithm;
use serde_json::json;
use tokio::task::JoinSet;

use super::{
    issuer::{Issuer, verifier},
    signer::{RSA, Signer, claims, set},
};

/// No pauses between readings: each test says what happens when.
const AT_ONCE: Timing = Timing {
    first: Duration::ZERO,
    unknown: Duration::ZERO,
    refresh: Duration::from_secs(3600),
    retry: Duration::ZERO,
    timeout: Duration::from_secs(5),
};

fn ec(kid: &str) -> Signer {
    Signer::ec(kid, Algorithm::ES256)
}

fn good(signer: &Signer) -> String {
    signer.sign(&claims(&json!({})))
}

/// A set that is right in everything but its length.
fn padded(signer: &Signer) -> String {
    let set = set(&[signer]);
    format!("{}{set}", " ".repeat(MAX_SET_LEN + 1 - set.len()))
}

/// The outcome within a bound: nobody may wait for keys without end.
async fn verify(verifier: &JwtVerifier, token: &str) -> Result<Caller, Reason> {
    let limit = Duration::from_secs(60);
    let outcome = tokio::time::timeout(limit, verifier.verify(token)).await;
    outcome.unwrap_or_else(|_| panic!("nothing within {limit:?}"))
}

#[tokio::test]
async fn a_new_key_is_taken_at_its_first_token_and_an_old_one_no_longer() {
    let (old, new) = (ec("old"), ec("new"));
    let issuer = Issuer::start(&set(&[&old]));
    let verifier = issuer.verifier(Timing::ADDRESS);
    assert!(verify(&verifier, &good(&old)).await.is_ok());
    issuer.publish(&set(&[&new]));
    assert!(verify(&verifier, &good(&new)).await.is_ok());
    assert_eq!(
        verify(&verifier, &good(&old)).await,
        Err(Reason::UnknownKey)
    );
    assert_eq!(issuer.asked(), 2, "the next look is some seconds away");
}

#[tokio::test]
async fn keys_without_names_rotate_too() {
    let (old, new) = (ec("old").called(None), ec("new").called(None));
    let issuer = Issuer::start(&set(&[&old]));
    let verifier = issuer.verifier(Timing::ADDRESS);
    assert!(verify(&verifier, &good(&old)).await.is_ok());
    issuer.publish(&set(&[&new]));
    assert!(verify(&verifier, &good(&new)).await.is_ok());
    assert_eq!(
        verify(&verifier, &good(&old)).await,
        Err(Reason::BadSignature)
    );
}

#[tokio::test]
async fn the_first_requests_share_one_reading() {
    let issuer = Issuer::start(&set(&[&RSA]));
    issuer.fall_silent();
    let verifier = Arc::new(issuer.verifier(AT_ONCE));
    let mut first = JoinSet::new();
    for _ in 0..100 {
        let (verifier, token) = (Arc::clone(&verifier), good(&RSA));
        first.spawn(async move { verify(&verifier, &token).await });
    }
    issuer.was_asked(1).await;
    issuer.speak();
    for outcome in first.join_all().await {
        assert!(outcome.is_ok(), "{outcome:?}");
    }
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_made_up_keys_are_a_handful_of_readings_and_hold_up_nobody() {
    let honest = ec("honest");
    let issuer = Issuer::start(&set(&[&honest]));
    let verifier = Arc::new(issuer.verifier(Timing::ADDRESS));
    let good = good(&honest);
    assert!(verify(&verifier, &good).await.is_ok());
    let began = Instant::now();
    let mut flood = JoinSet::new();
    for number in 0..10_000 {
        if number % 100 == 0 {
            assert!(verify(&verifier, &good).await.is_ok());
        }
        let made_up = honest.called(Some(&format!("made-up-{number}")));
        let (verifier, token) = (Arc::clone(&verifier), made_up.sign(&claims(&json!({}))));
        flood.spawn(async move { verify(&verifier, &token).await });
    }
    for outcome in flood.join_all().await {
        assert_eq!(outcome, Err(Reason::UnknownKey));
    }
    // One at the start, one for the first unknown key, and one each five seconds that the flood lasts.
    let allowed = 2 + began.elapsed().as_secs() / Timing::ADDRESS.unknown.as_secs();
    let asked = issuer.asked();
    assert!(
        asked >= 2 && asked as u64 <= allowed,
        "{asked} readings, {allowed} allowed"
    );
}

#[tokio::test]
async fn while_the_issuer_is_silent_known_keys_are_served_and_few_wait_for_unknown_ones() {
    let honest = ec("honest");
    let issuer = Issuer::start(&set(&[&honest]));
    let verifier = Arc::new(issuer.verifier(AT_ONCE));
    assert!(verify(&verifier, &good(&honest)).await.is_ok());
    issuer.fall_silent();
    let made_up = good(&honest.called(Some("made-up")));
    let mut waiting = JoinSet::new();
    for _ in 0..MAX_WAITING {
        let (verifier, token) = (Arc::clone(&verifier), made_up.clone());
        waiting.spawn(async move { verify(&verifier, &token).await });
    }
    issuer.was_asked(2).await;
    // This thread runs all of them, so each has come to wait by now or will before the next line's end.
    tokio::task::yield_now().await;
    assert!(verify(&verifier, &good(&honest)).await.is_ok());
    let more = tokio::time::timeout(Duration::from_secs(2), verifier.verify(&made_up)).await;
    assert_eq!(
        more,
        Ok(Err(Reason::UnknownKey)),
        "the places are taken: refused at once"
    );
    assert!(waiting.try_join_next().is_none(), "the others wait");
    issuer.speak();
    for outcome in waiting.join_all().await {
        assert_eq!(outcome, Err(Reason::UnknownKey));
    }
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test]
async fn a_caller_who_hangs_up_does_not_undo_a_reading() {
    let issuer = Issuer::start(&set(&[&RSA]));
    issuer.fall_silent();
    let verifier = Arc::new(issuer.verifier(AT_ONCE));
    let token = good(&RSA);
    for _ in 0..3 {
        let (verifier, token) = (Arc::clone(&verifier), token.clone());
        let call = tokio::spawn(async move { verify(&verifier, &token).await });
        issuer.was_asked(1).await;
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
    }
    issuer.speak();
    assert!(verify(&verifier, &token).await.is_ok());
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn cached_keys_stay_while_the_issuer_is_away_or_talks_nonsense() {
    let honest = ec("honest");
    let issuer = Issuer::start(&set(&[&honest]));
    let verifier = issuer.verifier(AT_ONCE);
    let (known, unknown) = (good(&honest), good(&honest.called(Some("made-up"))));
    assert!(verify(&verifier, &known).await.is_ok());
    let elsewhere = Issuer::start(&set(&[&honest.called(Some("made-up"))]));
    let too_large = padded(&honest.called(Some("made-up")));
    let location = format!("location: {}\r\n", elsewhere.address());
    for (status, headers, body) in [
        ("500 Internal Server Error", "", "{}"),
        ("200 OK", "", "<html>"),
        ("200 OK", "", "{\"keys\":[]}"),
        ("200 OK", "", too_large.as_str()),
        ("302 Found", location.as_str(), ""),
    ] {
        issuer.reply_with(status, headers, body);
        let before = issuer.asked();
        assert_eq!(
            verify(&verifier, &unknown).await,
            Err(Reason::UnknownKey),
            "{status}"
        );
        assert_eq!(issuer.asked(), before + 1, "{status}");
        assert!(verify(&verifier, &known).await.is_ok(), "{status}");
    }
    assert_eq!(elsewhere.asked(), 0, "redirects are not followed");
    drop(issuer);
    assert_eq!(verify(&verifier, &unknown).await, Err(Reason::UnknownKey));
    assert!(verify(&verifier, &known).await.is_ok());
}

#[tokio::test]
async fn old_keys_are_read_again_beside_the_request_that_finds_them_old() {
    let honest = ec("honest");
    let issuer = Issuer::start(&set(&[&honest]));
    let timing = Timing {
        refresh: Duration::ZERO,
        ..AT_ONCE
    };
    let verifier = issuer.verifier(timing);
    assert!(verify(&verifier, &good(&honest)).await.is_ok());
    issuer.fall_silent();
    let token = good(&honest);
    let verified = tokio::time::timeout(Duration::from_secs(2), verifier.verify(&token)).await;
    assert!(verified.unwrap().is_ok(), "nobody waits for it");
    issuer.was_asked(2).await;
}

#[tokio::test]
async fn without_keys_nobody_is_told_that_their_token_is_wrong() {
    let issuer = Issuer::start("{}");
    let verifier = issuer.verifier(AT_ONCE);
    let error = verifier.keys().preload().await.unwrap_err();
    assert!(matches!(error, JwksError::Set(_)), "{error}");
    assert_eq!(
        verify(&verifier, &good(&RSA)).await,
        Err(Reason::Unavailable)
    );
    issuer.publish(&set(&[&RSA]));
    assert!(verify(&verifier, &good(&RSA)).await.is_ok());
}

#[tokio::test]
async fn a_preload_says_why_there_are_no_keys() {
    let issuer = Issuer::start("");
    issuer.reply_with("404 Not Found", "", "");
    let error = issuer.verifier(AT_ONCE).keys().preload().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the issuer's keys were answered with status 404 Not Found"
    );
    issuer.fall_silent();
    let timing = Timing {
        timeout: Duration::from_millis(50),
        ..AT_ONCE
    };
    let error = issuer.verifier(timing).keys().preload().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the issuer's keys cannot be reached: nothing within 50ms"
    );
    let missing = verifier(JwksSource::File("/nowhere/jwks.json".into()), AT_ONCE);
    let error = missing.keys().preload().await.unwrap_err();
    assert!(matches!(error, JwksError::File(_)), "{error}");
}

#[tokio::test]
async fn keys_in_a_file_rotate_with_it() {
    let (old, new) = (ec("old"), ec("new"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    std::fs::write(&path, set(&[&old])).unwrap();
    let verifier = verifier(JwksSource::File(path.clone()), AT_ONCE);
    verifier.keys().preload().await.unwrap();
    assert!(verify(&verifier, &good(&old)).await.is_ok());
    assert_eq!(
        verify(&verifier, &good(&new)).await,
        Err(Reason::UnknownKey)
    );
    std::fs::write(&path, set(&[&old, &new])).unwrap();
    assert!(verify(&verifier, &good(&new)).await.is_ok());
    assert!(verify(&verifier, &good(&old)).await.is_ok());
    let other = ec("other");
    std::fs::write(&path, padded(&other)).unwrap();
    assert_eq!(
        verify(&verifier, &good(&other)).await,
        Err(Reason::UnknownKey)
    );
    assert!(verify(&verifier, &good(&old)).await.is_ok());
}
