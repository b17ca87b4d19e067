//! Cuts the page's wasm at its lazy parts (`web/src/lazy.rs`) into modules that are fetched when needed.
//!
//! The splitter reads relocations, which wasm-bindgen removes, and wasm-bindgen has to run on what the
//! splitter leaves of the program. Trunk has no hook between cargo and wasm-bindgen, so what it has made
//! of the wasm is replaced here.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, ensure};
use wasm_split_cli_support::{Options, transform};
use xxhash_rust::xxh3::xxh3_64;

use super::{files_of, hashed};
use crate::tools;

/// The script that loads the parts, as the splitter and wasm-bindgen call it.
const LOADER: &str = "./__wasm_split.js";
/// The script of wasm-bindgen.
const SCRIPT: &str = "./hpa-web.js";

/// The page's program in its final form.
#[derive(Debug)]
pub(super) struct Program {
    /// The scripts and modules by their final names, which change with their contents.
    pub(super) files: Vec<(String, Vec<u8>)>,
    /// The name of wasm-bindgen's script.
    pub(super) script: String,
    /// The name of the main module.
    pub(super) main: String,
    /// The name of the script that loads the parts.
    pub(super) loader: String,
}

/// Splits a module that cargo has built with hpa-web's feature `split`.
///
/// # Errors
/// If the module has no lazy part, or a tool fails.
pub(super) fn program(module: &Path) -> Result<Program> {
    let work = tools::target_dir().join("split");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    let input = fs::read(module).with_context(|| format!("cannot read {}", module.display()))?;
    let main = work.join("hpa-web.wasm");
    let mut options = Options::new(&input);
    options.output_dir = &work;
    options.main_out_path = &main;
    options.link_name = LOADER;
    options.main_module = SCRIPT;
    let mut parts = transform(options)
        .map_err(|error| anyhow!("cannot split the wasm: {error:#}"))?
        .split_modules;
    parts.sort();
    ensure!(!parts.is_empty(), "{} has no lazy parts", module.display());

    let bound = work.join("bound");
    let mut bindgen = tools::command("wasm-bindgen");
    bindgen.args(["--target", "web", "--no-typescript", "--keep-lld-exports"]);
    bindgen.arg("--out-dir").arg(&bound).arg(&main);
    tools::succeed(&mut bindgen)?;

    let mut files = Vec::new();
    let mut loader = tools::read(&work.join(LOADER))?;
    for part in parts {
        let stem = part.file_stem().and_then(|stem| stem.to_str());
        let stem = stem.context("a part without a name")?;
        let content = optimized(&part)?;
        let name = hashed(stem, &content, "wasm");
        loader = renamed(&loader, &format!("./{stem}.wasm"), &format!("./{name}"))?;
        files.push((name, content));
    }
    let content = optimized(&bound.join("hpa-web_bg.wasm"))?;
    let main = hashed("hpa-web_bg", &content, "wasm");
    files.push((main.clone(), content));

    // Each of the two scripts names the other: both names follow from both contents.
    let script = tools::read(&bound.join(SCRIPT))?;
    let hash = xxh3_64((script.clone() + &loader).as_bytes());
    let [script_name, loader_name] =
        ["hpa-web", "parts"].map(|stem| format!("{stem}-{hash:016x}.js"));
    // Only where the script imports the loader: the module's own imports keep its first name.
    let import = |name: &str| format!("from \"{name}\"");
    let script = renamed(
        &script,
        &import(LOADER),
        &import(&format!("./{loader_name}")),
    )?;
    let loader = renamed(&loader, SCRIPT, &format!("./{script_name}"))?;
    files.push((script_name.clone(), script.into_bytes()));
    files.push((loader_name.clone(), loader.into_bytes()));
    Ok(Program {
        files,
        script: script_name,
        main,
        loader: loader_name,
    })
}

/// A script in which every `old` is `new`.
///
/// # Errors
/// If there is no `old`: a tool writes its scripts in another way than before.
fn renamed(script: &str, old: &str, new: &str) -> Result<String> {
    ensure!(script.contains(old), "a script of the page lacks {old}");
    Ok(script.replace(old, new))
}

/// A module as small as wasm-opt makes it, without the names of functions. Before they go, the functions
/// are ordered by name: those of the same generic code then stand together, where gzip finds the repetitions.
///
/// # Errors
/// If wasm-opt fails.
pub(super) fn optimized(module: &Path) -> Result<Vec<u8>> {
    let small = module.with_extension("small.wasm");
    let mut opt = tools::command("wasm-opt");
    opt.args([
        "-Oz",
        "--reorder-functions-by-name",
        "--strip-debug",
        "--strip-producers",
    ]);
    opt.arg(module).arg("-o").arg(&small);
    tools::succeed(&mut opt)?;
    let content = fs::read(&small).with_context(|| format!("cannot read {}", small.display()))?;
    fs::remove_file(&small)?;
    Ok(content)
}

/// The file of a folder with this beginning and end.
///
/// # Errors
/// If there is not exactly one.
pub(super) fn only(folder: &Path, stem: &str, ending: &str) -> Result<String> {
    let mut names = files_of(folder, 1)?;
    names.retain(|name| name.starts_with(stem) && name.ends_with(ending));
    ensure!(
        names.len() == 1,
        "{} files like {stem}*{ending} in {}",
        names.len(),
        folder.display()
    );
    names.pop().context("one name")
}
