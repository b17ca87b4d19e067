//! The files of recorded cases, line by line.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use serde_json::Value;

/// The lines of a file of cases, compressed or not; `None` if there is no such file.
pub(crate) fn lines(file: &str) -> Option<impl Iterator<Item = String> + Send + use<>> {
    lines_in(&folder(), file)
}

/// The case of that number in a file of this package, whatever `HPA_VECTORS` says.
#[track_caller]
pub(crate) fn case(file: &str, id: &str) -> Value {
    let quoted = format!("\"{id}\"");
    let found = lines_in(&own_folder(), file)
        .into_iter()
        .flatten()
        .filter(|line| line.contains(&quoted))
        .map(|line| serde_json::from_str::<Value>(&line).expect("JSON"))
        .find(|case| case["id"] == id);
    found.unwrap_or_else(|| panic!("{file} has no case {id}"))
}

fn own_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

fn lines_in(folder: &Path, file: &str) -> Option<impl Iterator<Item = String> + Send + use<>> {
    let reader: Box<dyn Read + Send> = match open(&folder.join(format!("{file}.jsonl.gz"))) {
        Some(compressed) => Box::new(MultiGzDecoder::new(compressed)),
        None => Box::new(open(&folder.join(format!("{file}.jsonl")))?),
    };
    let name = file.to_owned();
    let lines = BufReader::with_capacity(1 << 16, reader).lines();
    Some(lines.filter_map(move |line| {
        let line = line.unwrap_or_else(|error| panic!("{name}: {error}"));
        (!line.is_empty()).then_some(line)
    }))
}

fn open(path: &Path) -> Option<BufReader<File>> {
    match File::open(path) {
        Ok(file) => Some(BufReader::new(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => panic!("{}: {error}", path.display()),
    }
}

/// Whether the folder is another than the one of this package, which may hold some files only.
pub(crate) fn is_another_folder() -> bool {
    std::env::var_os("HPA_VECTORS").is_some()
}

/// Tests run in the package's folder, but a relative `HPA_VECTORS` may be meant from the
/// workspace's.
fn folder() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let Some(folder) = std::env::var_os("HPA_VECTORS") else {
        return own_folder();
    };
    [
        PathBuf::from(&folder),
        package.parent().unwrap_or(package).join(&folder),
    ]
    .into_iter()
    .find(|path| holds_cases(path) || holds_cases(&path.join("releases")))
    .unwrap_or_else(|| panic!("HPA_VECTORS: {} holds no cases", folder.display()))
}

fn holds_cases(folder: &Path) -> bool {
    let files = folder.read_dir().into_iter().flatten().flatten();
    files
        .filter_map(|file| file.file_name().into_string().ok())
        .any(|name| name.contains(".jsonl"))
}
