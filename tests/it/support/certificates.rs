//! Certificates made on the spot.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

const NEW_KEY: [&str; 5] = [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
];
/// First and last moment of what has expired.
const LONG_AGO: [&str; 2] = ["20200101000000Z", "20200102000000Z"];

/// An authority, and a server's certificate of it for `localhost` and 127.0.0.1, or for the name given.
pub struct Certificates {
    folder: tempfile::TempDir,
}

impl Certificates {
    /// Of a new authority, for the server `name` (`DNS:localhost,IP:127.0.0.1`).
    pub fn new(name: &str) -> Self {
        let made = Self::with_authority();
        let mut server = Command::new("openssl");
        server
            .args(["req", "-x509", "-days", "2", "-subj", "/CN=server"])
            .args(NEW_KEY)
            .args(["-addext", &format!("subjectAltName={name}")])
            .args(["-addext", "basicConstraints=critical,CA:false"])
            .args([Path::new("-CA"), &made.path("ca.pem")])
            .args([Path::new("-CAkey"), &made.path("ca.key")])
            .args([Path::new("-keyout"), &made.path("server.key")])
            .args([Path::new("-out"), &made.path("server.pem")]);
        run(&mut server);
        made
    }

    /// The same, but that the server's certificate (not the authority's) has expired.
    pub fn expired(name: &str) -> Self {
        let made = Self::with_authority();
        let mut request = Command::new("openssl");
        request
            .args(["req", "-new", "-subj", "/CN=server"])
            .args(NEW_KEY)
            .args([Path::new("-keyout"), &made.path("server.key")])
            .args([Path::new("-out"), &made.path("server.csr")]);
        run(&mut request);
        // Of the commands of openssl 3.0 only `ca` takes dates. It keeps books.
        let extensions = format!("subjectAltName={name}\nbasicConstraints=critical,CA:false\n");
        let books = "[ca]\ndefault_ca = books\n[books]\ndatabase = index\nnew_certs_dir = .\n\
                     rand_serial = yes\ndefault_md = sha256\npolicy = any\n[any]\ncommonName = supplied\n";
        for (file, text) in [
            ("ext", extensions.as_str()),
            ("books", books),
            ("index", ""),
        ] {
            std::fs::write(made.path(file), text).unwrap();
        }
        let [from, to] = LONG_AGO;
        let mut server = Command::new("openssl");
        server
            .current_dir(made.folder.path())
            .args(["ca", "-batch", "-notext", "-config", "books"])
            .args(["-cert", "ca.pem", "-keyfile", "ca.key", "-in", "server.csr"])
            .args(["-startdate", from, "-enddate", to, "-extfile", "ext"])
            .args(["-out", "server.pem"]);
        run(&mut server);
        made
    }

    fn with_authority() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut authority = Command::new("openssl");
        authority
            .args(["req", "-x509", "-days", "2", "-subj", "/CN=test-ca"])
            .args(NEW_KEY)
            .args([Path::new("-keyout"), &folder.path().join("ca.key")])
            .args([Path::new("-out"), &folder.path().join("ca.pem")]);
        run(&mut authority);
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
