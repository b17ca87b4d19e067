//! Reads a file of recorded cases, runs a check over each, and reports what differs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use hpa_core::time::Duration;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Compares one recorded case with what this crate computes; the error says what differs.
pub(crate) type Check = fn(&Value) -> Result<(), String>;

/// How many differing cases are shown.
const SHOWN: usize = 5;

/// Runs `check` over every case of `<file>.jsonl.gz` and panics unless all pass.
///
/// Cases that depend on the platform are taken from `<file>-saturating.jsonl.gz` instead, which
/// holds the results of casts that saturate, as this crate's do.
#[track_caller]
pub(crate) fn replay(file: &str, check: Check) {
    let Some(cases) = open(file) else {
        assert!(
            std::env::var_os("HPA_VECTORS").is_some(),
            "{file}.jsonl.gz is missing"
        );
        say(&format!("{file}: not among these vectors\n"));
        return;
    };
    let saturating: BTreeMap<String, Value> = open(&format!("{file}-saturating"))
        .into_iter()
        .flatten()
        .map(|case| (id(&case), case))
        .collect();

    let mut passed = 0;
    let mut failed = 0;
    let mut report = String::new();
    for recorded in cases {
        let case = if depends_on_platform(&recorded) {
            saturating.get(&id(&recorded)).unwrap_or(&recorded)
        } else {
            &recorded
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| check(case)))
            .unwrap_or_else(|_| Err("the check panicked".to_owned()));
        match outcome {
            Ok(()) => passed += 1,
            Err(difference) => {
                failed += 1;
                if failed <= SHOWN {
                    let _ = writeln!(report, "  {}: {}", id(case), difference.trim_end());
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
    assert!(passed + failed > 0, "{file}.jsonl.gz holds no case");
    assert_eq!(failed, 0, "cases of {file}.jsonl.gz differ");
}

/// Compares one field; `expected` is what the real code gave.
pub(crate) fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    expected: &T,
    got: &T,
) -> Result<(), String> {
    if expected == got {
        Ok(())
    } else {
        Err(format!("{what}: expected {expected:?}, got {got:?}"))
    }
}

/// The text in a field, or nothing.
pub(crate) fn text<'a>(case: &'a Value, field: &str) -> &'a str {
    case[field].as_str().unwrap_or("")
}

/// A recorded value as the type that reads it.
#[track_caller]
pub(crate) fn decode<T: DeserializeOwned>(recorded: &Value) -> T {
    T::deserialize(recorded).unwrap_or_else(|error| panic!("{error}: {recorded}"))
}

/// The number in a field that upstream keeps in an int32.
#[track_caller]
pub(crate) fn int32(case: &Value, field: &str) -> i32 {
    int64(case, field)
        .try_into()
        .unwrap_or_else(|_| panic!("{field} is out of range"))
}

/// The number in a field.
#[track_caller]
pub(crate) fn int64(case: &Value, field: &str) -> i64 {
    case[field]
        .as_i64()
        .unwrap_or_else(|| panic!("{field} is no number"))
}

/// The duration in a field of milliseconds.
#[track_caller]
pub(crate) fn millis(case: &Value, field: &str) -> Duration {
    Duration(int64(case, field))
}

/// Written past libtest's capture, in one piece because tests run side by side.
fn say(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

fn id(case: &Value) -> String {
    text(case, "id").to_owned()
}

fn depends_on_platform(case: &Value) -> bool {
    !case["edge"].is_null() || case["out"]["platformDependent"] == true
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
