//! Tokens that are wrong in one thing, forged, or no tokens at all.

use expense_backend::{
    auth::{
        Reason,
        jwks::Timing,
        jwt::{JwtVerifier, MAX_TOKEN_LEN},
    },
    config::JwksSource,
};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use proptest::prelude::*;
use serde_json::json;

use super::{
    issuer::{Issuer, verifier},
    signer::{RSA, Signer, claims, now, set, token},
};

async fn reason(verifier: &JwtVerifier, token: &str) -> Option<Reason> {
    verifier.verify(token).await.err()
}

#[tokio::test]
async fn each_claim_that_is_wrong_has_its_reason() {
    let issuer = Issuer::start(&set(&[&RSA]));
    let verifier = issuer.verifier(Timing::ADDRESS);
    let cases = [
        (json!({ "exp": now(-90) }), Reason::Expired),
        (json!({ "exp": 0 }), Reason::Expired),
        (json!({ "exp": null }), Reason::BadClaims),
        (json!({ "exp": "tomorrow" }), Reason::BadClaims),
        (json!({ "exp": -1 }), Reason::BadClaims),
        (json!({ "nbf": now(90) }), Reason::NotYetValid),
        (json!({ "nbf": "today" }), Reason::BadClaims),
        (
            json!({ "iss": "https://issuer.example.com" }),
            Reason::WrongIssuer,
        ),
        (
            json!({ "iss": ["https://issuer.example.com/", "x"] }),
            Reason::BadClaims,
        ),
        (json!({ "iss": null }), Reason::BadClaims),
        (json!({ "aud": "other" }), Reason::WrongAudience),
        (
            json!({ "aud": ["other", "Expense-API"] }),
            Reason::WrongAudience,
        ),
        (json!({ "aud": [] }), Reason::WrongAudience),
        (json!({ "aud": null }), Reason::BadClaims),
        (json!({ "sub": null }), Reason::BadClaims),
        (json!({ "sub": "" }), Reason::BadClaims),
        (json!({ "sub": 7 }), Reason::BadClaims),
        (json!({ "sub": "a\r\nb" }), Reason::BadClaims),
    ];
    for (changes, expected) in cases {
        let outcome = reason(&verifier, &RSA.sign(&claims(&changes))).await;
        assert_eq!(outcome, Some(expected), "{changes}");
    }
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn a_token_cannot_choose_how_a_key_is_used() {
    let ec = Signer::ec("ec", Algorithm::ES256);
    let issuer = Issuer::start(&set(&[&RSA, &ec]));
    let verifier = issuer.verifier(Timing::ADDRESS);
    let good = claims(&json!({}));
    let unsupported = Some(Reason::UnsupportedAlgorithm);
    for name in [
        "none", "None", "NONE", "", "HS256", "HS384", "HS512", "RS1", "ES512", "dir",
    ] {
        for kid in [json!("rsa"), json!(null)] {
            for signature in [&b""[..], b"x"] {
                let header = json!({ "alg": name, "typ": "JWT", "kid": kid });
                let outcome = reason(&verifier, &token(&header, &good, signature)).await;
                assert_eq!(outcome, unsupported, "{header}");
            }
        }
    }
    for secret in RSA.public_bytes() {
        for kid in [Some("rsa"), None] {
            let mut header = Header::new(Algorithm::HS256);
            header.kid = kid.map(str::to_owned);
            let forged = encode(&header, &good, &EncodingKey::from_secret(&secret)).unwrap();
            assert_eq!(reason(&verifier, &forged).await, unsupported);
        }
    }
    let outcome = reason(&verifier, &ec.called(Some("rsa")).sign(&good)).await;
    assert_eq!(outcome, unsupported, "an RSA key is none for ES256");
    let outcome = reason(&verifier, &RSA.called(Some("ec")).sign(&good)).await;
    assert_eq!(outcome, unsupported, "an EC key is none for RS256");
}

#[tokio::test]
async fn a_key_that_names_its_algorithm_is_for_that_alone() {
    let mut public = RSA.public();
    public["alg"] = json!("PS256");
    let issuer = Issuer::start(&json!({ "keys": [public] }).to_string());
    let verifier = issuer.verifier(Timing::ADDRESS);
    let good = claims(&json!({}));
    assert_eq!(
        reason(&verifier, &RSA.by(Algorithm::PS256).sign(&good)).await,
        None
    );
    let outcome = reason(&verifier, &RSA.sign(&good)).await;
    assert_eq!(outcome, Some(Reason::UnsupportedAlgorithm));
}

#[tokio::test]
async fn keys_that_a_token_brings_along_are_not_looked_at() {
    let thief = Signer::rsa("rsa");
    let issuer = Issuer::start(&set(&[&RSA]));
    let elsewhere = Issuer::start(&set(&[&thief]));
    let verifier = issuer.verifier(Timing::ADDRESS);
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some("rsa".to_owned());
    header.jwk = serde_json::from_value(thief.public()).ok();
    header.jku = Some("http://127.0.0.1/jwks".to_owned());
    let stolen = thief.sign_with(&header, &claims(&json!({})));
    assert_eq!(reason(&verifier, &stolen).await, Some(Reason::BadSignature));
    assert_eq!(elsewhere.asked(), 0);
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some("rsa".to_owned());
    header.crit = Some(vec!["b64".to_owned()]);
    let critical = RSA.sign_with(&header, &claims(&json!({})));
    assert_eq!(reason(&verifier, &critical).await, Some(Reason::Malformed));
}

#[tokio::test]
async fn oversized_tokens_are_not_looked_at_and_have_no_keys_fetched() {
    let issuer = Issuer::start(&set(&[&RSA]));
    let verifier = issuer.verifier(Timing::ADDRESS);
    let oversized = RSA.sign(&claims(&json!({ "padding": "x".repeat(MAX_TOKEN_LEN) })));
    assert_eq!(reason(&verifier, &oversized).await, Some(Reason::Malformed));
    for garbage in [
        "", ".", "..", "a.b", "a.b.c", "e30.e30.", "a.b.c.d", "{}", "ey\u{e9}",
    ] {
        let outcome = reason(&verifier, garbage).await;
        assert_eq!(outcome, Some(Reason::Malformed), "{garbage:?}");
    }
    assert_eq!(issuer.asked(), 0);
}

/// Keys in a file: no server per case.
fn with_keys_in_a_file(test: impl AsyncFnOnce(JwtVerifier)) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    std::fs::write(&path, set(&[&RSA])).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(test(verifier(JwksSource::File(path), Timing::FILE)));
}

#[test]
fn no_character_of_a_token_can_be_changed() {
    let token = RSA.sign(&claims(&json!({})));
    with_keys_in_a_file(async |verifier| {
        assert_eq!(reason(&verifier, &token).await, None);
        for place in 0..token.len() {
            for other in ['A', 'B', '-', '.', '='] {
                let mut changed = token.clone().into_bytes();
                if changed[place] == other as u8 {
                    continue;
                }
                changed[place] = other as u8;
                let changed = String::from_utf8(changed).unwrap();
                let outcome = reason(&verifier, &changed).await;
                assert!(outcome.is_some(), "{changed} is taken");
            }
        }
        for length in 0..token.len() {
            assert!(
                reason(&verifier, &token[..length]).await.is_some(),
                "{length}"
            );
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn text_is_no_token(header in "\\PC{0,60}", claims in "\\PC{0,60}", end in "[A-Za-z0-9_.=-]{0,20}") {
        with_keys_in_a_file(async |verifier| {
            let engine = base64::prelude::BASE64_URL_SAFE_NO_PAD;
            let encode = |text: &str| base64::Engine::encode(&engine, text);
            for token in [
                format!("{header}.{claims}.{end}"),
                format!("{}.{}.{end}", encode(&header), encode(&claims)),
                format!("{}.{}.{end}", encode(r#"{"alg":"RS256"}"#), encode(&claims)),
            ] {
                assert!(reason(&verifier, &token).await.is_some(), "{token:?} is taken");
            }
        });
    }
}
