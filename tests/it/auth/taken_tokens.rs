//! Tokens that are right, of every algorithm that is taken.

use expense_backend::auth::{Scope, jwks::Timing};
use jsonwebtoken::Algorithm;
use serde_json::json;

use super::{
    issuer::Issuer,
    signer::{RSA, Signer, claims, now, set},
};

#[tokio::test]
async fn every_algorithm_with_a_public_key_is_taken() {
    let (p256, p384) = (
        Signer::ec("p256", Algorithm::ES256),
        Signer::ec("p384", Algorithm::ES384),
    );
    let ed = Signer::ed("ed");
    let issuer = Issuer::start(&set(&[&RSA, &p256, &p384, &ed]));
    let verifier = issuer.verifier(Timing::ADDRESS);
    let mut signers = vec![p256, p384, ed];
    for algorithm in [
        Algorithm::RS256,
        Algorithm::RS384,
        Algorithm::RS512,
        Algorithm::PS256,
        Algorithm::PS384,
        Algorithm::PS512,
    ] {
        signers.push(RSA.by(algorithm));
    }
    for signer in signers {
        let caller = verifier.verify(&signer.sign(&claims(&json!({})))).await;
        let caller = caller.unwrap_or_else(|reason| panic!("{:?}: {reason:?}", signer.algorithm));
        assert_eq!(caller.name(), "ann");
        assert_eq!(caller.scopes, [Scope::Read, Scope::Write]);
        let nameless = signer.called(None).sign(&claims(&json!({})));
        let caller = verifier.verify(&nameless).await;
        assert!(
            caller.is_ok(),
            "{:?} without a key id: {caller:?}",
            signer.algorithm
        );
    }
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn clocks_may_differ_by_a_minute_and_audiences_may_be_several() {
    let issuer = Issuer::start(&set(&[&RSA]));
    let verifier = issuer.verifier(Timing::ADDRESS);
    for changes in [
        json!({ "exp": now(-30) }),
        json!({ "nbf": now(30) }),
        json!({ "nbf": now(-30), "iat": now(-30) }),
        json!({ "aud": ["other", super::signer::AUDIENCE] }),
        json!({ "exp": 1.5e12 }),
    ] {
        let outcome = verifier.verify(&RSA.sign(&claims(&changes))).await;
        assert!(outcome.is_ok(), "{changes}: {outcome:?}");
    }
}
