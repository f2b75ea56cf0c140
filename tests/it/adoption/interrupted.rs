//! Killed anywhere, run again, run by ten at once.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use expense_backend::store::migrate::Migrator;

use super::{ALL, Old};
use crate::support::{
    backend::database_variables,
    database::block_on,
    process::Process,
    server::{Variables, program},
    sqlite,
    table::{PATIENCE, migrator},
    wait,
};

const LIMIT: Duration = Duration::from_secs(60);
const TOGETHER: usize = 10;

fn migrating(folder: &Path, variables: &Variables) -> Command {
    let mut command = program(folder, variables, &["migrate"]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Ends well, after any number of kills before.
fn finish(folder: &Path, variables: &Variables) {
    let output = program(folder, variables, &["migrate"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let output = program(folder, variables, &["migrate", "--check"]).output();
    assert!(output.unwrap().status.success(), "nothing is missing");
}

#[test]
fn killed_after_each_migration_and_anywhere_between_it_finishes() {
    let folder = tempfile::tempdir().unwrap();
    for entered in 0..=ALL.len() {
        let Some(old) = Old::of("latin1") else {
            return;
        };
        let variables = database_variables(&old.database, &old.database.migrator());
        let mut process = Process::start(&mut migrating(folder.path(), &variables));
        wait::until("enough migrations to be entered", LIMIT, || {
            (entered <= count_entered(&old) || process.ended().is_some()).then_some(())
        });
        process.kill();
        finish(folder.path(), &variables);
        old.check();
    }
}

fn count_entered(old: &Old) -> usize {
    let tables = "SELECT table_name FROM information_schema.tables \
                  WHERE table_schema = DATABASE() AND table_name = 'schema_migrations'";
    if old.database.column(tables).is_empty() {
        return 0;
    }
    let names = "SELECT CAST(name AS CHAR) FROM schema_migrations";
    old.database.column(names).len()
}

#[test]
fn what_was_done_but_not_entered_is_not_done_again() {
    let Some(old) = Old::of("utf8mb4") else {
        return;
    };
    old.migrate();
    // A row with a time: a column made again, or a table copied back, would lose it.
    old.database
        .execute("UPDATE transactions SET created_at = '2026-01-01 00:00:00.000001' WHERE id = 1");
    for entered in (0..ALL.len()).rev() {
        old.database.execute(&format!(
            "DELETE FROM schema_migrations WHERE name >= '{}'",
            ALL[entered]
        ));
        assert_eq!(old.migrate().run, ALL[entered..]);
    }
    let kept = "SELECT CAST(created_at AS CHAR) FROM transactions WHERE created_at IS NOT NULL";
    assert_eq!(
        old.database.column(kept),
        [Some("2026-01-01 00:00:00.000001".to_owned())]
    );
    old.database
        .execute("UPDATE transactions SET created_at = NULL");
    old.check();
}

#[test]
fn ten_at_once_share_the_work_on_a_server() {
    let Some(old) = Old::of("latin1") else {
        return;
    };
    let run = block_on(async {
        let migrators: Vec<_> = (0..TOGETHER).map(|_| migrator(&old.database)).collect();
        all_run(migrators).await
    });
    assert_eq!(run, ALL, "each exactly once");
    old.check();
}

#[test]
fn ten_at_once_share_the_work_on_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/folder/expense.db");
    let run = block_on(async {
        let migrators: Vec<_> = (0..TOGETHER)
            .map(|_| Migrator::sqlite(path.clone()))
            .collect();
        all_run(migrators).await
    });
    assert_eq!(run, ALL, "each exactly once");
}

/// The names that all of them ran, sorted.
async fn all_run(migrators: Vec<Migrator>) -> Vec<&'static str> {
    let tasks: Vec<_> = migrators
        .into_iter()
        .map(|migrator| tokio::spawn(async move { migrator.migrate(PATIENCE * 10).await }))
        .collect();
    let mut names = Vec::new();
    for task in tasks {
        names.extend(task.await.unwrap().unwrap().run);
    }
    names.sort_unstable();
    names
}

#[test]
fn ten_processes_of_which_nine_are_killed_leave_a_good_file() {
    let folder = tempfile::tempdir().unwrap();
    let variables = Variables::new();
    for _ in 0..5 {
        let mut processes: Vec<_> = (0..TOGETHER)
            .map(|_| Process::start(&mut migrating(folder.path(), &variables)))
            .collect();
        let mut last = processes.pop().unwrap();
        for process in &mut processes {
            process.kill();
        }
        assert!(last.end_within(LIMIT).success());
        finish(folder.path(), &variables);
        let file = folder.path().join("data/expense.db");
        sqlite::execute(&file, "INSERT INTO transactions (amount) VALUES (1)");
        std::fs::remove_dir_all(folder.path().join("data")).unwrap();
    }
}
