//! A disk that is full, a file that may not be written: unavailable, and good again by itself.

use std::{fs, path::Path, process::Command, time::Duration};

use expense_backend::{
    domain::{Filter, Order},
    store::{ErrorKind, Inserted, Store, StoreError, migrate::Migrator, sqlite::SqliteStore},
};

use super::{add, add_once, check_created};
use crate::support::table::{PATIENCE, POOL};

/// A file system of its own, small enough to be filled.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// `None`, with a printed reason, where this user may not mount one.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs"])
            .arg(folder.path())
            .output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(folder));
        }
        eprintln!("skipped: a small file system cannot be mounted here");
        None
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

#[track_caller]
fn check_refused(outcome: &Result<Inserted, StoreError>) {
    assert!(
        matches!(
            outcome,
            Err(StoreError::Unavailable {
                kind: ErrorKind::Query | ErrorKind::Connect,
                ..
            })
        ),
        "{outcome:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_writes_until_there_is_room() {
    let Some(disk) = SmallDisk::mount() else {
        return;
    };
    let file = disk.path().join("expense.db");
    Migrator::sqlite(file.clone())
        .migrate(PATIENCE)
        .await
        .unwrap();
    let store = SqliteStore::open(file, POOL);
    check_created(&add(&store, "before").await);
    let ballast = disk.path().join("ballast");
    // Ends with an error when nothing more fits.
    let _ = fs::write(&ballast, vec![1; 2 * 1024 * 1024]);
    let mut acknowledged = 1;
    let refused = loop {
        // What little room was left is used up by rows.
        match add(&store, &"x".repeat(255)).await {
            Ok(_) => acknowledged += 1,
            refused => break refused,
        }
        assert!(acknowledged < 10_000, "the disk is not full");
    };
    check_refused(&refused);
    check_refused(&add_once(&store, "key").await);
    let all = Filter::default();
    let rows = store.list(&all, Order::Ascending, None, 20_000).await;
    assert_eq!(rows.unwrap().len(), acknowledged, "reads go on");
    assert!(store.probe().await.is_ok());
    fs::remove_file(&ballast).unwrap();
    check_created(&add(&store, "after").await);
    check_created(&add_once(&store, "key").await);
    let count = store.totals().await.unwrap().count;
    assert_eq!(count, u64::try_from(acknowledged).unwrap() + 2);
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_in_another_process_is_waited_for_then_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("expense.db");
    Migrator::sqlite(file.clone())
        .migrate(PATIENCE)
        .await
        .unwrap();
    let mut limits = POOL;
    limits.acquire_timeout = Duration::from_millis(200);
    let store = SqliteStore::open(file.clone(), limits);
    check_created(&add(&store, "before").await);
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file);
    let mut other = sqlx::ConnectOptions::connect(&options).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE")
        .execute(&mut other)
        .await
        .unwrap();
    let outcome = add(&store, "x").await;
    assert!(
        matches!(
            outcome,
            Err(StoreError::Unavailable {
                kind: ErrorKind::Timeout,
                ..
            })
        ),
        "{outcome:?}"
    );
    assert_eq!(store.totals().await.unwrap().count, 1, "reads go on");
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    check_created(&add(&store, "after").await);
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_and_file_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("a/b/expense.db"), POOL);
    assert!(!folder.path().join("a").exists(), "opening touches nothing");
    store.probe().await.unwrap();
    for (path, mode) in [("a", 0o700), ("a/b", 0o700), ("a/b/expense.db", 0o600)] {
        let found = fs::metadata(folder.path().join(path))
            .unwrap()
            .permissions();
        assert_eq!(found.mode() & 0o777, mode, "{path}");
    }
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_cannot_be_opened_is_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a"), "no folder").unwrap();
    let store = SqliteStore::open(folder.path().join("a/expense.db"), POOL);
    check_refused(&add(&store, "x").await);
    fs::remove_file(folder.path().join("a")).unwrap();
    let outcome = add(&store, "x").await;
    assert!(
        matches!(outcome, Err(StoreError::NotMigrated)),
        "{outcome:?}"
    );
    store.close().await;
}
