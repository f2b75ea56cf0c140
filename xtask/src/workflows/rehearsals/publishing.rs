//! The way of a release's files: pushed, signed, named, found, verified; and the snapshot before a migration.

use std::fs;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use super::{
    Outcome,
    account::{ACCOUNT, Account, REGION},
};

const COMMIT: &str = "89abcdef0123456789abcdef0123456789abcdef";
const BUCKET: &str = "expense-artifacts";
const DATABASE: &str = "expense-prod-mysql";

/// Writes its words down; refuses while the file `refuse` is there. A signature is more than a stand-in can make.
const COSIGN: &str = "#!/bin/sh\nhere=$(dirname \"$0\")\necho \"$*\" >> \"$here/cosign.log\"\n[ \"$1\" != login ] || cat > /dev/null\n[ ! -e \"$here/refuse\" ] || { echo 'no matching signatures' >&2; exit 1; }\n\
    while [ $# -gt 1 ]; do [ \"$1\" != --bundle ] || [ -e \"$2\" ] || echo '{}' > \"$2\"; shift; done\n";
/// Says that one workflow succeeded for the commit.
const GH: &str = "#!/bin/sh\ncase \"$*\" in *'--workflow ci.yml'*) echo '[{\"headSha\":\"89abcdef0123456789abcdef0123456789abcdef\",\"conclusion\":\"success\",\"url\":\"u\"}]';; *) echo '[]';; esac\n";

/// What it shows, and what is done. Each begins where the one before ended.
type Act = (&'static str, fn(&Account) -> anyhow::Result<()>);

const ACTS: &[Act] = &[
    (
        "release: named by its commit after it was signed, once",
        publish,
    ),
    ("release: only what was signed is handed on", verify),
    (
        "release: a commit goes on after its workflow succeeded",
        promote,
    ),
    ("snapshot: named, waited for, said", snapshot),
];

pub(super) fn run(account: &Account) -> Vec<Outcome> {
    ACTS.iter()
        .map(|(name, act)| (*name, act(account)))
        .collect()
}

fn outputs() -> Value {
    json!({"workflows": {"value": {
        "aws_region": REGION,
        "repository_url": format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/expense-backend"),
        "artifact_bucket_arn": format!("arn:aws:s3:::{BUCKET}"),
        "db_identifier": DATABASE,
    }}})
}

/// Pushes a manifest without a name, as the build does; returns its digest.
fn push(account: &Account, annotation: &str) -> anyhow::Result<String> {
    let manifest = json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [],
        "annotations": {"n": annotation},
    });
    let put = account.aws(&[
        "ecr",
        "put-image",
        "--repository-name",
        "expense-backend",
        "--image-manifest",
        &manifest.to_string(),
        "--image-manifest-media-type",
        "application/vnd.oci.image.index.v1+json",
    ])?;
    let digest = put["image"]["imageId"]["imageDigest"].as_str();
    digest
        .map(str::to_owned)
        .context("the stand-in gave no digest")
}

fn publish(account: &Account) -> anyhow::Result<()> {
    account.stand_in("cosign", COSIGN)?;
    account.stand_in("gh", GH)?;
    account.aws(&[
        "ecr",
        "create-repository",
        "--repository-name",
        "expense-backend",
        "--image-tag-mutability",
        "IMMUTABLE",
    ])?;
    account.aws(&["s3api", "create-bucket", "--bucket", BUCKET])?;
    let digest = push(account, "one")?;
    let find = |more: &[&str]| {
        let mut words = vec!["release", "find", "--commit", COMMIT];
        words.extend(more);
        account.xtask(&outputs(), &words)
    };
    find(&["--if-there"])?.must(true, &["not published yet"])?;
    find(&[])?.must(false, &["there is no image of"])?;

    let archive = account
        .folder
        .file("bootstrap.zip", "a package")?
        .display()
        .to_string();
    let sbom = account
        .folder
        .file("image.cdx.json", "{}")?
        .display()
        .to_string();
    let image = format!(
        "{}@{digest}",
        outputs()["workflows"]["value"]["repository_url"]
            .as_str()
            .unwrap_or_default()
    );
    let sign = [
        "release",
        "sign",
        "--image",
        &image,
        "--archive",
        &archive,
        "--sboms",
        &sbom,
    ];
    account.xtask(&outputs(), &sign)?.must(true, &["signed:"])?;
    logged(
        account,
        &[
            &format!("sign --yes {image}"),
            "attest --yes --type cyclonedx",
            "sign-blob --yes --bundle",
        ],
    )?;

    let bundle = format!("{archive}.sigstore.json");
    let publish = |digest: &str| {
        let words = [
            "release",
            "publish",
            "--commit",
            COMMIT,
            "--digest",
            digest,
            "--archive",
            &archive,
            "--bundle",
            &bundle,
        ];
        account.xtask(&outputs(), &words)
    };
    publish(&digest)?.must(true, &["published:", &digest])?;
    find(&[])?.must(true, &[&digest])?;
    let other = push(account, "two")?;
    publish(&other)?.must(false, &["published already", &digest])?;
    find(&[])?.must(true, &[&digest])
}

fn verify(account: &Account) -> anyhow::Result<()> {
    let into = account.folder.path().join("release").display().to_string();
    let verify = |commit: &str| {
        let words = [
            "release", "verify", "--commit", commit, "--target", "both", "--into", &into,
        ];
        account.xtask(&outputs(), &words)
    };
    verify(COMMIT)?.must(true, &["verified"])?;
    let fetched = fs::read(account.folder.path().join("release/bootstrap.zip"))?;
    ensure!(
        fetched == b"a package",
        "the package is not the published one"
    );
    let identity = "--certificate-identity https://github.com/example-org/expense-backend/.github/workflows/build.yml@refs/heads/main";
    logged(
        account,
        &[
            "verify --",
            "verify-attestation --type cyclonedx",
            "verify-blob --bundle",
            identity,
        ],
    )?;
    let said = fs::read_to_string(account.output_file())?;
    ensure!(
        said.contains("digest=sha256:") && said.contains("archive="),
        "the step's outputs: {said}"
    );

    let refuse = account.folder.file("bin/refuse", "")?;
    let refused = verify(COMMIT);
    fs::remove_file(refuse)?;
    refused?.must(false, &["no matching signatures"])?;
    verify(&"0".repeat(40))?.must(false, &["there is no image of"])
}

fn promote(account: &Account) -> anyhow::Result<()> {
    let asked = |workflow: &str, commit: &str| {
        account.xtask(
            &outputs(),
            &[
                "release",
                "promoted",
                "--commit",
                commit,
                "--workflow",
                workflow,
            ],
        )
    };
    asked("ci.yml", COMMIT)?.must(true, &["succeeded"])?;
    asked("cd-staging.yml", COMMIT)?.must(false, &["is not promoted"])?;
    asked("ci.yml", &"0".repeat(40))?.must(false, &["is not promoted"])
}

fn snapshot(account: &Account) -> anyhow::Result<()> {
    let take = || account.xtask(&outputs(), &["snapshot", "--commit", COMMIT]);
    take()?.must(false, &[DATABASE])?;
    account.aws(&[
        "rds",
        "create-db-instance",
        "--db-instance-identifier",
        DATABASE,
        "--engine",
        "mysql",
        "--db-instance-class",
        "db.t4g.medium",
        "--allocated-storage",
        "20",
        "--master-username",
        "root",
        "--manage-master-user-password",
    ])?;
    take()?.must(true, &["available"])?;
    let found = account.aws(&[
        "rds",
        "describe-db-snapshots",
        "--db-instance-identifier",
        DATABASE,
        "--snapshot-type",
        "manual",
    ])?;
    let name = found["DBSnapshots"][0]["DBSnapshotIdentifier"]
        .as_str()
        .unwrap_or_default();
    ensure!(
        name.starts_with("expense-prod-mysql-before-89abcdef0123-"),
        "the snapshot is called {name:?}"
    );
    let said = fs::read_to_string(account.output_file())?;
    ensure!(
        said.contains(&format!("snapshot={name}")),
        "the step's outputs: {said}"
    );
    Ok(())
}

fn logged(account: &Account, words: &[&str]) -> anyhow::Result<()> {
    let log = fs::read_to_string(account.folder.path().join("bin/cosign.log"))?;
    for word in words {
        ensure!(
            log.contains(word),
            "cosign was not asked for {word:?}:\n{log}"
        );
    }
    Ok(())
}
