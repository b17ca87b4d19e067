//! Builds the static site with Trunk, and finishes what Trunk has built.
//!
//! Trunk calls [`finish`] as its last step. Inline scripts become files, which the page's
//! Content-Security-Policy asks for; the wasm is split in two, the style sheets are joined, comments
//! and indentation are removed, and the service worker gets the list of this build's files.

mod html;
mod minify;
mod split;
mod worker;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use walkdir::WalkDir;
use xxhash_rust::xxh3::xxh3_64;

use crate::{exactness_page, tools};

const INDEX: &str = "index.html";
const WORKER: &str = "sw.js";

/// Set for Trunk, and by it for its hook, while a page in parts is built.
const SPLIT: &str = "HPA_SPLIT";

/// A placeholder in the reload script of `trunk serve`, which is filled in while serving.
const SERVED: &str = "__TRUNK_WS_BASE__";

/// The folder of the exactness page, from which it is copied into the site.
fn exactness_folder() -> PathBuf {
    tools::root().join("target/exactness")
}

/// Builds the site into dist/.
///
/// # Errors
/// If a recorded case differs, or a step of the build fails.
pub(crate) fn build(replay: exactness_page::Build) -> Result<()> {
    // Before the site, whose service worker lists all of its files.
    exactness_page::write(&exactness_folder(), replay)?;
    let mut trunk = tools::command("trunk");
    trunk.args(["--quiet", "build", "--release", "--features", "split"]);
    tools::succeed(trunk.env(SPLIT, "1"))
}

/// Finishes the site in the folder that Trunk names in its environment.
///
/// # Errors
/// If this is not called as Trunk's hook, or Trunk's output is unexpected.
pub(crate) fn finish() -> Result<()> {
    let folder = env::var_os("TRUNK_STAGING_DIR")
        .context("TRUNK_STAGING_DIR is not set: this is a hook of Trunk")?;
    let site = Site {
        folder: folder.into(),
    };
    let index = site.read(INDEX)?;
    if index.contains(SERVED) {
        // The reload script has to stay inline, and a development server must never serve an older
        // build.
        site.write(INDEX, &html::without_policy(&index)?)?;
        return site.write(WORKER, worker::REMOVES_ITSELF);
    }
    site.move_scripts(&index)?;
    site.finish_wasm()?;
    site.name_scripts()?;
    site.join_sheets()?;
    site.add_exactness_page()?;
    site.minify()?;
    let worker = tools::read(&tools::root().join("web/static").join(WORKER))?;
    let worker = worker::source(&site.files()?, &worker)?;
    site.write(WORKER, &minify::minify(WORKER, &worker)?)
}

/// A built site, which is edited in place.
#[derive(Debug)]
struct Site {
    folder: PathBuf,
}

/// The temporary name of an inline script until its final content is known.
fn provisional(index: usize) -> String {
    format!("start-{index}.js")
}

/// A file name with a hash of the content, like the names of Trunk's files.
fn hashed(stem: &str, content: &[u8], extension: &str) -> String {
    format!("{stem}-{:016x}.{extension}", xxh3_64(content))
}

impl Site {
    fn read(&self, name: &str) -> Result<String> {
        tools::read(&self.folder.join(name))
    }

    fn write(&self, name: &str, content: &str) -> Result<()> {
        tools::write(&self.folder.join(name), content)
    }

    fn remove(&self, name: &str) -> Result<()> {
        let path = self.folder.join(name);
        fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))
    }

    /// Moves inline scripts into files, under names that [`Site::name_scripts`] replaces.
    fn move_scripts(&self, index: &str) -> Result<()> {
        let (index, scripts) = html::move_scripts(index, provisional)?;
        for (at, script) in scripts.iter().enumerate() {
            self.write(&provisional(at), script)?;
        }
        self.write(INDEX, &index)
    }

    /// Replaces what Trunk has made of the wasm by a program in parts. A page in one piece is optimized if
    /// it is built for release.
    fn finish_wasm(&self) -> Result<()> {
        let [wasm, script] = [
            split::only(&self.folder, "hpa-web-", "_bg.wasm")?,
            split::only(&self.folder, "hpa-web-", ".js")?,
        ];
        if env::var_os(SPLIT).is_none() {
            if env::var("TRUNK_PROFILE").is_ok_and(|profile| profile == "release") {
                let module = self.folder.join(&wasm);
                tools::write(&module, split::optimized(&module)?)?;
            }
            return Ok(());
        }
        let program =
            split::program(&tools::target_dir().join("wasm32-unknown-unknown/web/hpa-web.wasm"))?;
        for name in [&wasm, &script] {
            self.remove(name)?;
        }
        for (name, content) in &program.files {
            tools::write(&self.folder.join(name), content)?;
        }
        for name in files_of(&self.folder, 1)? {
            if name == INDEX || name.starts_with("start-") {
                let text = self.read(&name)?;
                let text = text
                    .replace(&wasm, &program.main)
                    .replace(&script, &program.script);
                let preload = format!(
                    "<link rel=\"modulepreload\" href=\"./{}\" crossorigin=\"anonymous\"><link rel=\"modulepreload\"",
                    program.loader
                );
                self.write(
                    &name,
                    &text.replacen("<link rel=\"modulepreload\"", &preload, 1),
                )?;
            }
        }
        Ok(())
    }

    fn name_scripts(&self) -> Result<()> {
        let mut index = self.read(INDEX)?;
        for old in (0..).map(provisional) {
            if !self.folder.join(&old).exists() {
                break;
            }
            let script = self.read(&old)?;
            let new = hashed("start", script.as_bytes(), "js");
            self.write(&new, &script)?;
            self.remove(&old)?;
            index = index.replace(&format!("./{old}"), &format!("./{new}"));
        }
        self.write(INDEX, &index)
    }

    /// Joins the style sheets, which saves requests and 2 KB of download.
    fn join_sheets(&self) -> Result<()> {
        let index = self.read(INDEX)?;
        let mut all = String::new();
        for name in html::sheets(&index)? {
            all += &self.read(&name)?;
            self.remove(&name)?;
        }
        let name = hashed("style", all.as_bytes(), "css");
        self.write(&name, &all)?;
        self.write(INDEX, &html::with_one_sheet(&index, &name)?)
    }

    /// Copies the exactness page, if `cargo xtask build` has written it.
    fn add_exactness_page(&self) -> Result<()> {
        for name in ["exactness.html", "exactness.css"] {
            let from = exactness_folder().join(name);
            if from.exists() {
                self.write(name, &tools::read(&from)?)?;
            }
        }
        Ok(())
    }

    /// Removes comments and indentation from scripts and style sheets. This invalidates Trunk's hashes,
    /// so index.html has no integrity attributes; the files have the same origin as the page.
    fn minify(&self) -> Result<()> {
        for path in files_of(&self.folder, 1)? {
            let extension = Path::new(&path).extension();
            if extension.is_some_and(|found| found == "js" || found == "css") {
                self.write(&path, &minify::minify(&path, &self.read(&path)?)?)?;
            }
        }
        Ok(())
    }

    /// All files that the service worker caches, with the hashes of their contents.
    fn files(&self) -> Result<Vec<(String, u64)>> {
        let mut files = Vec::new();
        for path in files_of(&self.folder, usize::MAX)? {
            // The schema is not needed offline.
            if path != WORKER && !path.ends_with("schema.json") {
                let content = fs::read(self.folder.join(&path))
                    .with_context(|| format!("cannot read {path}"))?;
                files.push((path, xxh3_64(&content)));
            }
        }
        Ok(files)
    }
}

/// The files of a folder, with `/` in their paths, sorted by their bytes.
fn files_of(folder: &Path, depth: usize) -> Result<Vec<String>> {
    let mut paths = Vec::new();
    for entry in WalkDir::new(folder).max_depth(depth) {
        let entry = entry?;
        if entry.file_type().is_file() {
            let path = entry.path().strip_prefix(folder)?;
            let path = path
                .to_str()
                .with_context(|| format!("not UTF-8: {}", path.display()))?;
            paths.push(path.replace('\\', "/"));
        }
    }
    paths.sort();
    Ok(paths)
}
