//! The hash of the whole trace of every shipped experiment, natively.
//!
//! `parity.txt` holds the hashes, and the suite `wasm-tests/tests/parity.rs` compares the browser's
//! with the same file. `UPDATE=1 cargo test -p hpa-core --test parity` writes it anew: a change
//! in it is a change of what every run shows.

use std::fs;
use std::path::Path;

use hpa_simulation::experiment::Experiment;

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
    let hashes: String = files.iter().map(line).collect();
    let recorded = package.join("tests/parity.txt");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&recorded, &hashes).expect("parity.txt is written");
    }
    assert_eq!(
        fs::read_to_string(&recorded).unwrap_or_default(),
        hashes,
        "if the runs are meant to change: UPDATE=1 cargo test -p hpa-core --test parity"
    );
}
