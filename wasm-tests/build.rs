//! Lists the shipped experiments with their texts, so that a new one is tested without being named.

use std::path::Path;
use std::{env, fs};

fn main() {
    let folder = Path::new(&env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"))
        .join("../simulation/experiments");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .expect("the shipped experiments")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        })
        .collect();
    paths.sort();
    let entry = |path: &std::path::PathBuf| {
        let name = path.file_stem().expect("a name").to_string_lossy();
        let path = path.to_str().expect("a path in UTF-8");
        format!("({name:?}, include_str!({path:?})),\n")
    };
    let table: String = paths.iter().map(entry).collect();
    let out = Path::new(&env::var_os("OUT_DIR").expect("cargo sets it")).join("experiments.rs");
    fs::write(out, format!("&[\n{table}]")).expect("the table is written");
}
