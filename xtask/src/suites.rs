//! The steps of `make check`, `make test` and `.ci/run`, quick steps first.

use std::process::{Command, Stdio};
use std::thread;

use anyhow::Result;

use crate::exactness_page::Build;
use crate::steps::Steps;
use crate::{fuzz, site, tools};

const WASM: &str = "--target wasm32-unknown-unknown";

/// Excludes packages that are native only.
const NATIVE_ONLY: &str =
    "--exclude hpa-sim --exclude hpa-controller --exclude fake-api-server --exclude xtask";

/// `check`, then `test`; true if everything passed.
pub(crate) fn ci() -> bool {
    let mut all = check();
    all.report(Some("make check"));
    let test = test();
    test.report(Some("make test"));
    all.add(&test);
    all.report(None)
}

/// The checks that run no tests: format, lints for both targets, documentation, the fuzz targets' build.
pub(crate) fn check() -> Steps {
    let mut steps = Steps::default();
    let mut cargo = |name, arguments: &str| steps.command(name, tools::cargo(arguments));
    cargo("lock file", "fetch --quiet --locked");
    cargo("format", "fmt --all --check");
    cargo(
        "clippy, native",
        "clippy --quiet --workspace --all-targets -- -D warnings",
    );
    // Not --all-targets: the native test tools (proptest, criterion) are not meant for wasm32.
    cargo(
        "clippy, wasm32",
        &format!("clippy --quiet --workspace {NATIVE_ONLY} --lib --bins {WASM} -- -D warnings"),
    );
    cargo(
        "clippy, page in parts",
        &format!("clippy --quiet -p hpa-web --features split --lib --bins {WASM} -- -D warnings"),
    );
    cargo(
        "clippy, browser tests",
        &format!("clippy --quiet -p hpa-wasm-tests --tests {WASM} -- -D warnings"),
    );
    let mut doc = tools::cargo("doc --quiet --workspace --no-deps");
    doc.env("RUSTDOCFLAGS", "-D warnings");
    steps.command("documentation", doc);
    steps.command("fuzz targets build", fuzz::build());
    steps
}

/// All tests.
pub(crate) fn test() -> Steps {
    // Linking the page occupies one processor for half a minute. Started here, it is usually done when
    // the step "site" needs it; that step waits for it and reports its errors.
    let page = tools::cargo(&format!(
        "build --quiet -p hpa-web --bin hpa-web --features split --profile web {WASM}"
    ))
    .stdout(Stdio::null())
    .stderr(Stdio::null())
    .spawn();

    let mut steps = Steps::default();
    steps.command(
        "native tests",
        tools::cargo("test --workspace --no-fail-fast"),
    );
    steps.command("tests in Chromium", in_browser("--chrome"));
    match firefox_lacks() {
        None => steps.command("tests in Firefox", in_browser("--firefox")),
        Some(reason) => steps.skip("tests in Firefox", reason),
    }
    if let Ok(mut page) = page {
        let _ = page.wait();
    }
    steps.task("site", || site::build(Build::Workspace));
    match end_to_end() {
        Ok(node) => steps.command("end-to-end tests", node),
        Err(error) => steps.task("end-to-end tests", || Err(error)),
    }
    steps
}

/// The tests that run in a browser, which is an option of wasm-pack.
fn in_browser(browser: &str) -> Command {
    let mut test = tools::command("wasm-pack");
    test.args(["test", "--headless", browser, "wasm-tests"]);
    // The whole suite, not one test; by default it is ended after 20 s, which a busy machine needs.
    test.env("WASM_BINDGEN_TEST_TIMEOUT", "120");
    test
}

/// What keeps tests from running in Firefox; without it the other browsers' tests run all the same.
fn firefox_lacks() -> Option<&'static str> {
    let needs = [
        (
            "firefox",
            "Firefox is not installed (apt-get install firefox-esr)",
        ),
        (
            "geckodriver",
            "geckodriver is not installed (scripts/setup.sh)",
        ),
    ];
    let lacking = needs.iter().find(|(program, _)| !tools::has(program));
    lacking.map(|(_, reason)| *reason)
}

/// Node's test runner, with as many files at a time as there are processors: of two, its own choice
/// uses one.
fn end_to_end() -> Result<Command> {
    let mut node = tools::command("node");
    let processors = thread::available_parallelism().map_or(1, usize::from);
    node.arg("--test");
    node.arg(format!("--test-concurrency={processors}"));
    node.arg("--test-reporter=spec");
    node.args(tools::matching("e2e/*.test.mjs")?);
    Ok(node)
}
