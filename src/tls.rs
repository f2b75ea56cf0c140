//! One TLS provider for the whole process.

/// Makes aws-lc-rs the provider of every TLS client in the process. Called once, first thing in `main`.
pub fn install_provider() {
    // An error says that one is installed already, which can only be this one: no other is compiled in.
    let _installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
}
