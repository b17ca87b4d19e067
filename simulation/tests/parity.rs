//! The hash of the whole trace of every shipped experiment, natively.
//!
//! `parity.txt` holds the hashes, and the suite `wasm-tests/tests/parity.rs` compares the browser's
//! with the same file. `UPDATE=1 cargo test -p hpa-simulation --test parity` writes it anew: a change
//! in it is a change of what every run shows, and raises `MODEL_VERSION`, which its first line has.

use std::fs;
use std::path::Path;

use hpa_simulation::experiment::{Experiment, MODEL_VERSION};

#[test]
fn every_shipped_experiment_hashes_as_recorded() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> = fs::read_dir(package.join("experiments"))
        .expect("experiments")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        })
        .collect();
    files.sort();
    assert!(!files.is_empty());
    let line = |path: &std::path::PathBuf| {
        let text = fs::read_to_string(path).expect("a text");
        let experiment = Experiment::parse(&text).experiment.expect("an experiment");
        let name = path.file_stem().expect("a name").to_string_lossy();
        format!("{name} {:016x}\n", experiment.run().trace.hash())
    };
    let header = format!("model version {MODEL_VERSION}\n");
    let hashes: String = std::iter::once(header.clone())
        .chain(files.iter().map(line))
        .collect();
    let recorded = package.join("tests/parity.txt");
    if std::env::var_os("UPDATE").is_some() {
        let old = fs::read_to_string(&recorded).unwrap_or_default();
        let name = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
        for old in old.lines().filter(|_| old.starts_with(&header)) {
            let new = hashes.lines().find(|new| name(new) == name(old));
            assert!(
                new.is_none_or(|new| new == old),
                "{old} is another run now: raise MODEL_VERSION in src/experiment/provenance.rs"
            );
        }
        fs::write(&recorded, &hashes).expect("parity.txt is written");
    }
    assert_eq!(
        fs::read_to_string(&recorded).unwrap_or_default(),
        hashes,
        "if the runs are meant to change: UPDATE=1 cargo test -p hpa-simulation --test parity"
    );
}
