//! Reads a file of recorded cases, runs a check over each, and reports what differs.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use hpa_core::autoscaler::FloatCasts;
use serde_json::Value;

use crate::fields::{Check, text};

/// How many differing cases are shown.
const SHOWN: usize = 5;

/// Runs `check` over every case of `<file>.jsonl.gz`, recorded on amd64, and panics unless all pass.
#[track_caller]
pub(crate) fn replay(file: &str, check: Check) {
    replay_all(&[(file, FloatCasts::Amd64)], check);
}

/// The same, and over those of `<file>-saturating.jsonl.gz`, recorded where casts saturate.
#[track_caller]
pub(crate) fn replay_both(file: &str, check: Check) {
    let saturating = format!("{file}-saturating");
    let files = [
        (file, FloatCasts::Amd64),
        (&*saturating, FloatCasts::Saturating),
    ];
    replay_all(&files, check);
}

#[track_caller]
fn replay_all(files: &[(&str, FloatCasts)], check: Check) {
    let failed: usize = files
        .iter()
        .map(|(file, casts)| replay_file(file, *casts, check))
        .sum();
    assert_eq!(failed, 0, "cases differ");
}

/// Runs `check` over one file; the number of cases that differ.
#[track_caller]
fn replay_file(file: &str, casts: FloatCasts, check: Check) -> usize {
    let Some(cases) = open(file) else {
        // Another folder may hold some of the files only.
        let given = std::env::var_os("HPA_VECTORS").is_some();
        assert!(given, "{file}.jsonl.gz is missing");
        say(&format!("{file}: not among these vectors\n"));
        return 0;
    };
    let mut passed = 0;
    let mut failed = 0;
    let mut report = String::new();
    for case in cases {
        let outcome = catch_unwind(AssertUnwindSafe(|| check(&case, casts)))
            .unwrap_or_else(|_| Err("the check panicked".to_owned()));
        match outcome {
            Ok(()) => passed += 1,
            Err(difference) => {
                failed += 1;
                if failed <= SHOWN {
                    let _ = writeln!(report, "  {}: {}", text(&case, "id"), difference.trim_end());
                }
            }
        }
    }
    if failed > SHOWN {
        let _ = writeln!(report, "  … and {} more", failed - SHOWN);
    }
    say(&format!(
        "{file}: {passed} passed, {failed} failed\n{report}"
    ));
    assert!(passed + failed > 0, "{file} holds no case");
    failed
}

/// Written past libtest's capture, in one piece because tests run side by side.
fn say(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// The cases of a file, compressed or not; `None` if there is no such file.
fn open(file: &str) -> Option<impl Iterator<Item = Value> + use<>> {
    let folder = folder();
    let reader: Box<dyn Read> = match open_file(&folder.join(format!("{file}.jsonl.gz"))) {
        Some(compressed) => Box::new(MultiGzDecoder::new(compressed)),
        None => Box::new(open_file(&folder.join(format!("{file}.jsonl")))?),
    };
    let name = file.to_owned();
    let lines = BufReader::with_capacity(1 << 16, reader).lines();
    Some(lines.enumerate().filter_map(move |(number, line)| {
        let line = line.unwrap_or_else(|error| panic!("{name}, line {}: {error}", number + 1));
        let parse = || serde_json::from_str(&line);
        (!line.is_empty())
            .then(|| parse().unwrap_or_else(|e| panic!("{name}, line {}: {e}", number + 1)))
    }))
}

fn open_file(path: &Path) -> Option<BufReader<File>> {
    match File::open(path) {
        Ok(file) => Some(BufReader::new(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => panic!("{}: {error}", path.display()),
    }
}

/// Tests run in the package's folder, but a relative `HPA_VECTORS` may be meant from the
/// workspace's.
fn folder() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let Some(folder) = std::env::var_os("HPA_VECTORS") else {
        return package.join("tests/vectors");
    };
    [
        PathBuf::from(&folder),
        package.parent().unwrap_or(package).join(&folder),
    ]
    .into_iter()
    .find(|path| holds_cases(path))
    .unwrap_or_else(|| panic!("HPA_VECTORS: {} holds no cases", folder.display()))
}

fn holds_cases(folder: &Path) -> bool {
    let files = folder.read_dir().into_iter().flatten().flatten();
    files
        .filter_map(|file| file.file_name().into_string().ok())
        .any(|name| name.contains(".jsonl"))
}
