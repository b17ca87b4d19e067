//! `docs/releases.md` is what the tables of releases say.

use std::fmt::Write as _;

use expect_test::expect_file;
use hpa_core::api::{Change, FeatureGate, KubernetesVersion};

/// The oldest release that the recorded cases come from.
const OLDEST_RECORDED: u8 = 33;

const HEAD: &str = "\
# What differs between Kubernetes releases

This page is generated from the tables in `core/src/api/release/`, which the code asks by name;
`UPDATE_EXPECT=1 cargo test -p hpa-core --test releases_page` writes it.

`kubernetesVersion` in an experiment, and `--kubernetes-version` of `hpa-sim` and `hpa-controller`,
choose a release; `arch` and `--arch` choose the processor of the control plane, amd64 by default, which
decides what becomes of floats that fit no integer. The releases from 1.33 on are compared with recordings
of the real code on both processors. Older ones are after the change log, not recorded.
";

const NEXT: &str = "
## What comes next

`kubernetesVersion: next` is the newest release and what is merged for the one after it; the field `next`
of the experiment turns each change on or off: `next: {exactUtilizationTotals: true}`. None of it is
recorded.

| switch | pull request | default |
|---|---|---|
";

const GATES: &str = "
## Feature gates

Default and stage. A gate that a release does not know, or has locked to another value, is refused as
`--feature-gates` of the real program refuses it.

";

#[test]
fn the_page_is_what_the_tables_say() {
    let mut page = HEAD.to_owned();
    page += "\n## Rules\n\n| since | rule | upstream | pull request |\n|---|---|---|---|\n";
    for change in Change::all() {
        let since = change.since();
        let releases = change
            .until()
            .map_or_else(|| since.to_string(), |until| format!("{since} to {until}"));
        let function = change.function();
        let pull = change.pull().map_or_else(String::new, |number| {
            format!("[{number}](https://github.com/kubernetes/kubernetes/pull/{number})")
        });
        let rule = change.rule().replace('|', "\\|");
        let _ = writeln!(page, "| {releases} | {rule} | {function} | {pull} |");
    }
    page += NEXT;
    for (change, name, merged) in Change::switches() {
        let pull = change.pull().expect("a pull request");
        let default = if merged {
            "merged, on"
        } else {
            "proposed, off"
        };
        let _ = writeln!(page, "| `{name}` | {pull} | {default} |");
    }
    page += GATES;
    let recorded = || KubernetesVersion::all().filter(|version| version.minor() >= OLDEST_RECORDED);
    page += "| gate |";
    for version in recorded() {
        let _ = write!(page, " {version} |");
    }
    page += "\n|---|";
    page += &"---|".repeat(recorded().count());
    for gate in FeatureGate::all() {
        let _ = write!(page, "\n| {gate} |");
        for version in recorded() {
            let Some(state) = gate.in_release(version) else {
                page += " – |";
                continue;
            };
            let on = if state.on { "on" } else { "off" };
            let locked = if state.locked { ", locked" } else { "" };
            let _ = write!(page, " {on}, {}{locked} |", state.stage);
        }
    }
    page.push('\n');
    expect_file!["../../docs/releases.md"].assert_eq(&page);
}
