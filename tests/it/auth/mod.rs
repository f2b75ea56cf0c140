//! Tokens against real keys, an issuer that counts how often it is asked, and what callers are answered.

mod issuer;
mod refused_tokens;
mod replies;
mod rotation;
mod signer;
mod taken_tokens;
