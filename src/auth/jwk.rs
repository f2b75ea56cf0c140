//! The issuer's public keys as they come (RFC 7517), and which of them a token may be signed with.
//!
//! Each key is bound to the algorithms that fit its type, so that a token cannot choose how a key is used. Shared
//! secrets, encryption keys, weak RSA keys and curves that are not taken are left out.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse},
};
use serde::Deserialize;

/// Most keys of one set that are used: a token without a key id is tried with all of its type.
pub const MAX_KEYS: usize = 32;

const RSA: [Algorithm; 6] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
];

/// Why a set cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// Not an object with a list `keys`.
    #[error("not a JSON Web Key Set")]
    Unreadable,
    /// Nothing in it that a token may be signed with.
    #[error(
        "no key of the set is a public signature key of RSA (2048 to 8192 bits), P-256, P-384 or Ed25519"
    )]
    NothingUsable,
    /// More keys than are looked at.
    #[error("more than {MAX_KEYS} usable keys")]
    TooMany,
}

/// The keys of an issuer that signatures may be checked with.
#[derive(Debug)]
pub struct KeySet(Vec<SignatureKey>);

/// One key, and the algorithms that it is for.
#[derive(Debug)]
pub struct SignatureKey {
    id: Option<String>,
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

impl SignatureKey {
    /// The key.
    #[must_use]
    pub fn key(&self) -> &DecodingKey {
        &self.key
    }

    /// Whether the key is for `algorithm`.
    #[must_use]
    pub fn is_for(&self, algorithm: Algorithm) -> bool {
        self.algorithms.contains(&algorithm)
    }

    fn parse(jwk: &Jwk) -> Option<Self> {
        let common = &jwk.common;
        let for_signatures = matches!(common.public_key_use, None | Some(PublicKeyUse::Signature));
        let for_checking = common
            .key_operations
            .as_ref()
            .is_none_or(|operations| operations.contains(&KeyOperations::Verify));
        if !for_signatures || !for_checking {
            return None;
        }
        let fitting = fitting_algorithms(&jwk.algorithm)?;
        let algorithms = match common.key_algorithm {
            None => fitting.to_vec(),
            Some(named) => {
                let named = Algorithm::try_from(named).ok()?;
                vec![*fitting.iter().find(|&&algorithm| algorithm == named)?]
            }
        };
        Some(Self {
            id: common.key_id.clone(),
            algorithms,
            key: DecodingKey::from_jwk(jwk).ok()?,
        })
    }
}

impl KeySet {
    /// Parses a set. Keys that cannot be used are passed over: an issuer may publish others beside them.
    pub fn parse(json: &[u8]) -> Result<Self, KeySetError> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<serde_json::Value>,
        }
        let set: Set = serde_json::from_slice(json).map_err(|_| KeySetError::Unreadable)?;
        let keys: Vec<_> = set
            .keys
            .into_iter()
            .filter_map(|key| serde_json::from_value::<Jwk>(key).ok())
            .filter_map(|jwk| SignatureKey::parse(&jwk))
            .collect();
        match keys.len() {
            0 => Err(KeySetError::NothingUsable),
            1..=MAX_KEYS => Ok(Self(keys)),
            _ => Err(KeySetError::TooMany),
        }
    }

    /// The keys called `id`; all of them where a token names none.
    pub fn named<'a>(&'a self, id: Option<&'a str>) -> impl Iterator<Item = &'a SignatureKey> {
        self.0
            .iter()
            .filter(move |key| id.is_none() || key.id.as_deref() == id)
    }
}

/// The algorithms that a key of this type and size can be used with; `None`: not taken.
fn fitting_algorithms(parameters: &AlgorithmParameters) -> Option<&'static [Algorithm]> {
    match parameters {
        AlgorithmParameters::RSA(rsa) => {
            let modulus = decoded_len(&rsa.n)?;
            (256..=1024).contains(&modulus).then_some(&RSA[..])
        }
        AlgorithmParameters::EllipticCurve(ec) => {
            let (size, algorithm): (_, &[Algorithm]) = match ec.curve {
                EllipticCurve::P256 => (32, &[Algorithm::ES256]),
                EllipticCurve::P384 => (48, &[Algorithm::ES384]),
                _ => return None,
            };
            (decoded_len(&ec.x)? == size && decoded_len(&ec.y)? == size).then_some(algorithm)
        }
        AlgorithmParameters::OctetKeyPair(okp) if okp.curve == EllipticCurve::Ed25519 => {
            (decoded_len(&okp.x)? == 32).then_some(&[Algorithm::EdDSA])
        }
        _ => None,
    }
}

fn decoded_len(text: &str) -> Option<usize> {
    Some(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(fields: &str) -> String {
        format!(r#"{{"keys":[{{{fields}}}]}}"#)
    }

    fn rsa(bytes: usize, more: &str) -> String {
        let modulus = BASE64_URL_SAFE_NO_PAD.encode(vec![0xff; bytes]);
        key(&format!(r#""kty":"RSA","e":"AQAB","n":"{modulus}"{more}"#))
    }

    fn taken(json: &str) -> Vec<Algorithm> {
        match KeySet::parse(json.as_bytes()) {
            Ok(set) => set.0.into_iter().flat_map(|key| key.algorithms).collect(),
            Err(error) => {
                assert_eq!(error, KeySetError::NothingUsable);
                Vec::new()
            }
        }
    }

    #[test]
    fn a_key_without_an_algorithm_is_for_those_of_its_type() {
        let half = BASE64_URL_SAFE_NO_PAD.encode([1; 32]);
        let long_half = BASE64_URL_SAFE_NO_PAD.encode([1; 48]);
        let ec = |curve, x, y| {
            key(&format!(
                r#""kty":"EC","crv":"{curve}","x":"{x}","y":"{y}""#
            ))
        };
        assert_eq!(taken(&rsa(256, "")), RSA);
        assert_eq!(taken(&ec("P-256", &half, &half)), [Algorithm::ES256]);
        assert_eq!(
            taken(&ec("P-384", &long_half, &long_half)),
            [Algorithm::ES384]
        );
        assert_eq!(taken(&ec("P-256", &long_half, &long_half)), []);
        assert_eq!(taken(&ec("P-256", &half, &long_half)), []);
        assert_eq!(taken(&ec("P-521", &half, &half)), []);
        assert_eq!(taken(&ec("secp256k1", &half, &half)), []);
        let ed = key(&format!(r#""kty":"OKP","crv":"Ed25519","x":"{half}""#));
        assert_eq!(taken(&ed), [Algorithm::EdDSA]);
        assert_eq!(taken(&ed.replace("Ed25519", "Ed448")), []);
    }

    #[test]
    fn a_named_algorithm_is_the_only_one_and_must_fit() {
        assert_eq!(taken(&rsa(256, r#","alg":"PS384""#)), [Algorithm::PS384]);
        assert_eq!(taken(&rsa(256, r#","alg":"HS256""#)), []);
        assert_eq!(taken(&rsa(256, r#","alg":"ES256""#)), []);
        assert_eq!(taken(&rsa(256, r#","alg":"RSA-OAEP""#)), []);
    }

    #[test]
    fn keys_for_other_ends_weak_ones_and_secrets_are_left_out() {
        assert_eq!(taken(&rsa(256, r#","use":"sig""#)), RSA);
        assert_eq!(taken(&rsa(256, r#","use":"enc""#)), []);
        assert_eq!(taken(&rsa(256, r#","key_ops":["verify"]"#)), RSA);
        assert_eq!(taken(&rsa(256, r#","key_ops":["encrypt"]"#)), []);
        assert_eq!(taken(&rsa(128, "")), []);
        assert_eq!(taken(&rsa(1025, "")), []);
        assert_eq!(taken(&key(r#""kty":"oct","k":"c2VjcmV0""#)), []);
        assert_eq!(
            taken(&key(r#""kty":"AKP","alg":"ML-DSA-44","pub":"AA""#)),
            []
        );
    }

    #[test]
    fn a_bad_key_does_not_spoil_the_others() {
        let good = rsa(256, "");
        let inner = good.trim_start_matches(r#"{"keys":["#);
        let mixed = format!(r#"{{"keys":[7,{{"kty":"RSA"}},{{"kty":5,"kid":["x"]}},{inner}"#);
        assert_eq!(taken(&mixed), RSA);
    }

    #[test]
    fn what_is_no_set_is_refused() {
        for text in ["", "[]", "{}", r#"{"keys":{}}"#, "<html>"] {
            let error = KeySet::parse(text.as_bytes()).unwrap_err();
            assert_eq!(error, KeySetError::Unreadable, "{text}");
        }
        let one = rsa(256, "");
        let inner = one
            .trim_start_matches(r#"{"keys":["#)
            .trim_end_matches("]}");
        let many = format!(r#"{{"keys":[{}]}}"#, vec![inner; MAX_KEYS + 1].join(","));
        assert_eq!(
            KeySet::parse(many.as_bytes()).unwrap_err(),
            KeySetError::TooMany
        );
    }
}
