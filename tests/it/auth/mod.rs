//! Tokens against real keys, and an issuer that counts how often it is asked.

mod issuer;
mod refused_tokens;
mod rotation;
mod signer;
mod taken_tokens;
