//! Keys that are made for a test, the tokens that they sign, and the set that an issuer would publish.

use std::{
    sync::LazyLock,
    time::{SystemTime, UNIX_EPOCH},
};

use aws_lc_rs::{
    encoding::{AsDer as _, Pkcs8V1Der},
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
        Ed25519KeyPair,
    },
};
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, jwk::Jwk};
use serde_json::{Value, json};

pub(super) const ISSUER: &str = "https://issuer.example.com/";
pub(super) const AUDIENCE: &str = "expense-api";

/// A private key and the name that the issuer gave it.
#[derive(Clone)]
pub(super) struct Signer {
    pub(super) kid: Option<String>,
    pub(super) algorithm: Algorithm,
    key: EncodingKey,
}

/// Making an RSA key takes a while: tests that need no more than one share it.
pub(super) static RSA: LazyLock<Signer> = LazyLock::new(|| Signer::rsa("rsa"));

impl Signer {
    pub(super) fn rsa(kid: &str) -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            BASE64_STANDARD.encode(der.as_ref())
        );
        let key = EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap();
        Self::new(kid, Algorithm::RS256, key)
    }

    pub(super) fn ec(kid: &str, algorithm: Algorithm) -> Self {
        let curve = match algorithm {
            Algorithm::ES256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
            Algorithm::ES384 => &ECDSA_P384_SHA384_FIXED_SIGNING,
            other => panic!("no curve of {other:?}"),
        };
        let der = EcdsaKeyPair::generate_pkcs8(curve, &SystemRandom::new()).unwrap();
        Self::new(kid, algorithm, EncodingKey::from_ec_der(der.as_ref()))
    }

    pub(super) fn ed(kid: &str) -> Self {
        let der = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).unwrap();
        Self::new(
            kid,
            Algorithm::EdDSA,
            EncodingKey::from_ed_der(der.as_ref()),
        )
    }

    fn new(kid: &str, algorithm: Algorithm, key: EncodingKey) -> Self {
        Self {
            kid: Some(kid.to_owned()),
            algorithm,
            key,
        }
    }

    /// The same key, signing by another algorithm of its type.
    pub(super) fn by(&self, algorithm: Algorithm) -> Self {
        let mut other = self.clone();
        other.algorithm = algorithm;
        other
    }

    /// The same key under another name, or none.
    pub(super) fn called(&self, kid: Option<&str>) -> Self {
        let mut other = self.clone();
        other.kid = kid.map(str::to_owned);
        other
    }

    /// A token with these claims.
    pub(super) fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(self.algorithm);
        header.kid = self.kid.clone();
        self.sign_with(&header, claims)
    }

    /// A token with this very header.
    pub(super) fn sign_with(&self, header: &Header, claims: &Value) -> String {
        encode(header, claims, &self.key).unwrap()
    }

    /// The public key as the issuer publishes it, without `alg` and `use`.
    pub(super) fn public(&self) -> Value {
        let mut jwk = Jwk::from_encoding_key(&self.key, self.algorithm).unwrap();
        jwk.common.key_id = self.kid.clone();
        jwk.common.key_algorithm = None;
        serde_json::to_value(jwk).unwrap()
    }

    /// What of an RSA key is public, in every form that a forger could take for a shared secret.
    pub(super) fn public_bytes(&self) -> Vec<Vec<u8>> {
        let jwk = self.public();
        let text = |field: &str| jwk[field].as_str().unwrap().to_owned();
        let modulus = BASE64_URL_SAFE_NO_PAD.decode(text("n")).unwrap();
        vec![
            modulus,
            text("n").into_bytes(),
            jwk.to_string().into_bytes(),
            Vec::new(),
        ]
    }
}

/// A set of public keys.
pub(super) fn set(signers: &[&Signer]) -> String {
    let keys: Vec<_> = signers.iter().map(|signer| signer.public()).collect();
    json!({ "keys": keys }).to_string()
}

/// Seconds since 1970, `offset` away from now.
pub(super) fn now(offset: i64) -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap() + offset
}

/// Claims that are right in everything, with these in addition or instead; null takes one away.
pub(super) fn claims(changes: &Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "ann",
        "exp": now(300),
        "scope": "transactions:read transactions:write",
    });
    let fields = claims.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            fields.remove(name);
        } else {
            fields.insert(name.clone(), value.clone());
        }
    }
    claims
}

/// A token from its parts as they are, for what no honest library signs.
pub(super) fn token(header: &Value, claims: &Value, signature: &[u8]) -> String {
    let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let header = encode(header.to_string().as_bytes());
    let claims = encode(claims.to_string().as_bytes());
    format!("{header}.{claims}.{}", encode(signature))
}
