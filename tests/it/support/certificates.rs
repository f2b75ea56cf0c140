//! Certificates made on the spot.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// An authority, and a server's certificate of it for `localhost` and 127.0.0.1, or for the name given.
pub struct Certificates {
    folder: tempfile::TempDir,
}

impl Certificates {
    /// Of a new authority, for the server `name` (`DNS:localhost,IP:127.0.0.1`).
    pub fn new(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = [
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
        ];
        let path = |file: &str| folder.path().join(file);
        let mut authority = Command::new("openssl");
        authority
            .args(["req", "-x509", "-days", "2", "-subj", "/CN=test-ca"])
            .args(key)
            .args([Path::new("-keyout"), &path("ca.key")])
            .args([Path::new("-out"), &path("ca.pem")]);
        run(&mut authority);
        let mut server = Command::new("openssl");
        server
            .args(["req", "-x509", "-days", "2", "-subj", "/CN=server"])
            .args(key)
            .args(["-addext", &format!("subjectAltName={name}")])
            .args(["-addext", "basicConstraints=critical,CA:false"])
            .args([Path::new("-CA"), &path("ca.pem")])
            .args([Path::new("-CAkey"), &path("ca.key")])
            .args([Path::new("-keyout"), &path("server.key")])
            .args([Path::new("-out"), &path("server.pem")]);
        run(&mut server);
        Self { folder }
    }

    /// The authority's certificate.
    pub fn authority(&self) -> Vec<u8> {
        std::fs::read(self.path("ca.pem")).unwrap()
    }

    /// `ca.pem`, `server.pem` or `server.key`.
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
}
