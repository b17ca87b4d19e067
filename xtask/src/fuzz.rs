//! Builds the fuzz targets and runs each in turn.
//!
//! Without cargo-fuzz, which needs a nightly compiler: the options below enable the same coverage
//! instrumentation. Its address sanitizer is not needed, since there is no unsafe code.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::tools;

const FUZZ: &str = "fuzz";
const EXPERIMENTS: &str = "simulation/experiments";

const INSTRUMENTATION: &str = "--cfg fuzzing -Cdebug-assertions -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares";

/// The targets that parse text: their corpus and dictionary come from the shipped experiments.
const OF_TEXT: &[&str] = &["manifest", "experiment"];

/// Edge cases for parsers of YAML, quantities and durations, in the format of libFuzzer's dictionaries.
const HARD_WORDS: &[&str] = &[
    "4294967295",
    "2147483647",
    "1e400",
    "-1",
    ".nan",
    "744h",
    "1ms",
    "0x9999",
    "&a ",
    "*a",
    "- ",
    "---",
];

/// The command that builds the targets without instrumentation, to check that they compile.
pub(crate) fn build() -> Command {
    let mut cargo = tools::cargo("build --quiet");
    cargo.args(["--manifest-path", &format!("{FUZZ}/Cargo.toml")]);
    cargo.arg("--target-dir").arg(target_dir());
    cargo
}

/// Fuzzes each target for some seconds.
///
/// # Errors
/// If a target does not build, or finds a failure, whose input libFuzzer has saved and reported.
pub(crate) fn run(seconds: u32) -> Result<()> {
    let host = host()?;
    // With --target, so that build scripts are not instrumented.
    let mut instrumented = build();
    instrumented.args(["--release", "--target", &host]);
    tools::succeed(instrumented.env("RUSTFLAGS", INSTRUMENTATION))?;

    let experiments = experiments()?;
    let dictionary = target_dir().join("words.dict");
    tools::write(&dictionary, words(&experiments)?)?;
    for target in targets()? {
        println!("==> {target} for {seconds} s");
        let corpus = tools::root().join(FUZZ).join("corpus").join(&target);
        let artifacts = tools::root().join(FUZZ).join("artifacts").join(&target);
        for folder in [&corpus, &artifacts] {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
        }
        let program = target_dir().join(&host).join("release").join(&target);
        let mut fuzzer = tools::command(program);
        if OF_TEXT.contains(&&*target) {
            for path in &experiments {
                let name = path.file_name().context("an experiment without a name")?;
                fs::copy(path, corpus.join(name))?;
            }
            fuzzer.arg(format!("-dict={}", dictionary.display()));
        }
        fuzzer.arg(format!("-max_total_time={seconds}"));
        fuzzer.arg("-timeout=5");
        fuzzer.arg(format!("-artifact_prefix={}/", artifacts.display()));
        tools::succeed(fuzzer.arg(corpus))?;
    }
    Ok(())
}

fn target_dir() -> PathBuf {
    tools::target_dir().join("fuzz")
}

/// The compiler's default target.
fn host() -> Result<String> {
    let host = tools::output(tools::command("rustc").args(["--print", "host-tuple"]))?;
    Ok(host.trim().to_owned())
}

/// The names of the targets, sorted.
fn targets() -> Result<Vec<String>> {
    let sources = tools::matching(&format!("{FUZZ}/fuzz_targets/*.rs"))?;
    let stems = sources.iter().filter_map(|path| path.file_stem());
    Ok(stems
        .map(|stem| stem.to_string_lossy().into_owned())
        .collect())
}

fn experiments() -> Result<Vec<PathBuf>> {
    tools::matching(&format!("{EXPERIMENTS}/*.yaml"))
}

/// A dictionary for libFuzzer: the fields of the experiments and their schema, and the edge cases.
fn words(experiments: &[PathBuf]) -> Result<String> {
    let mut fields = BTreeSet::new();
    let schema = tools::root().join(EXPERIMENTS).join("schema.json");
    for path in experiments.iter().chain([&schema]) {
        fields.extend(keys(&tools::read(path)?).map(str::to_owned));
    }
    let fields = fields.iter().map(|field| format!("\"{field}: \"\n"));
    let hard = HARD_WORDS.iter().map(|word| format!("\"{word}\"\n"));
    Ok(fields.chain(hard).collect())
}

/// The names before a colon, in YAML or JSON.
fn keys(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices(':').filter_map(|(at, _)| {
        let before = &text[..at];
        let before = before.strip_suffix('"').unwrap_or(before);
        let start = before
            .rfind(|c: char| !c.is_ascii_alphanumeric())
            .map_or(0, |other| other + 1);
        let key = before[start..].trim_start_matches(|c: char| c.is_ascii_digit());
        (key.len() > 1).then_some(key)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_names_before_colons() {
        let text =
            "spec:\n  maxReplicas: 10 # see: x\n{\"$ref\": \"a/b\", \"minReplicas\":1, \"1h\": 2}";
        assert_eq!(
            keys(text).collect::<Vec<_>>(),
            ["spec", "maxReplicas", "see", "ref", "minReplicas"]
        );
    }
}
