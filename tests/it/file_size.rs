//! One noun a file: no source file is longer than what one sitting can read.

use std::{
    fs,
    path::{Path, PathBuf},
};

const MOST_LINES: usize = 400;
const FOLDERS: &[&str] = &["src", "bins", "tests", "xtask", "load", ".ci"];
/// Whose length is counted. Tables of data (JSON) may be as long as they are.
const KINDS: &[&str] = &["rs", "sql", "py", "sh", "run"];

#[test]
fn no_source_file_is_too_long() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in FOLDERS {
        gather(&root.join(folder), &mut files);
    }
    assert!(files.len() > 50, "the search found only {files:?}");
    let long: Vec<_> = files
        .iter()
        .map(|file| (fs::read_to_string(file).unwrap().lines().count(), file))
        .filter(|(lines, _)| *lines > MOST_LINES)
        .collect();
    assert!(long.is_empty(), "more than {MOST_LINES} lines: {long:#?}");
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, files);
            continue;
        }
        let kind = path.extension().or(path.file_name());
        if kind.is_some_and(|kind| KINDS.iter().any(|known| kind == *known)) {
            files.push(path);
        }
    }
}
