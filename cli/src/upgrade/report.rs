//! What an upgrade changes, as text, JSON, Markdown and JUnit.

use std::fmt::Write as _;

use hpa_core::api::{Change, FeatureGates};
use hpa_core::manifest::{Diagnostic, render};
use hpa_core::time::SignedDuration;
use hpa_simulation::experiment::upgrade::{Cause, FieldChange, Releases, Upgrade};
use serde_json::{Value, json};

use super::Changed;
use crate::output::{self, counted};
use crate::style::{Accent, Style};
use crate::xml::escape;

/// What changes for one autoscaler: what it is about, and the lines that say it.
type Part = (&'static str, Vec<String>);

/// The lines about the status that all autoscalers share, if there are several.
fn common(all: &[Changed<'_>]) -> Vec<String> {
    let mut run = all.iter().filter(|one| one.upgrade.comparison.is_some());
    let (Some(first), true) = (run.next(), all.len() > 1) else {
        return Vec::new();
    };
    let mut shared: Vec<String> = first.upgrade.status.iter().map(field).collect();
    for other in run {
        let lines: Vec<String> = other.upgrade.status.iter().map(field).collect();
        shared.retain(|line| lines.contains(line));
    }
    shared
}

/// What changes for one autoscaler, in the order of importance, without the lines that are `common` to
/// all; empty if nothing does.
fn parts(changed: &Changed<'_>, common: &[String]) -> Vec<Part> {
    let upgrade = &changed.upgrade;
    let problems = |list: &[Diagnostic]| -> Vec<String> {
        list.iter().map(|problem| shown(problem, changed)).collect()
    };
    let fields = |list: &[FieldChange]| -> Vec<String> { list.iter().map(field).collect() };
    let mut parts = vec![
        ("cannot be read", problems(&upgrade.refused_by_both)),
        ("refused", problems(&upgrade.refused)),
        (
            "replicas",
            upgrade
                .divergence
                .iter()
                .flat_map(|divergence| {
                    let time = SignedDuration(divergence.time.0);
                    let (before, after) = divergence.desired;
                    let mut lines = vec![format!(
                        "differ first at {time}: {after} instead of {before}"
                    )];
                    lines.extend(divergence.causes.iter().map(|cause| because(*cause)));
                    if divergence.causes.is_empty() {
                        lines.push(String::from(
                            "several of the rules that differ do this together",
                        ));
                    }
                    lines
                })
                .collect(),
        ),
        ("no longer refused", problems(&upgrade.no_longer_refused)),
        ("reported", problems(&upgrade.warned)),
        ("stored", fields(&upgrade.stored)),
        ("status", fields(&upgrade.status)),
        (
            "syncs",
            upgrade
                .first_sync
                .iter()
                .map(|first| {
                    let [before, after] =
                        [first.before, first.after].map(|time| SignedDuration(time.0));
                    format!("the first one at {after} instead of {before}")
                })
                .collect(),
        ),
    ];
    for (_, lines) in &mut parts {
        lines.retain(|line| !common.contains(line));
    }
    parts.retain(|(_, lines)| !lines.is_empty());
    parts
}

fn shown(problem: &Diagnostic, changed: &Changed<'_>) -> String {
    let inputs = &changed.unit.inputs;
    let text = render(problem, inputs).to_string();
    let mut lines = text.lines();
    let message = lines.next().unwrap_or_default();
    let place = lines.next().unwrap_or_default();
    format!("{message} ({})", place.trim_start_matches([' ', '-', '>']))
}

fn field(change: &FieldChange) -> String {
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| String::from("absent"));
    format!(
        "{}: {} instead of {}",
        change.path,
        value(&change.after),
        value(&change.before)
    )
}

fn because(cause: Cause) -> String {
    match cause {
        Cause::Rule(change) => format!("by the rule: {}", rule(change)),
        Cause::Gate(gate) => format!("by the default of the feature gate {gate}"),
        _ => String::new(),
    }
}

/// A rule with its source.
fn rule(change: Change) -> String {
    let pull = change.pull().map(|pull| format!(", kubernetes#{pull}"));
    format!(
        "{} ({}{})",
        change.rule(),
        change.function(),
        pull.unwrap_or_default()
    )
}

/// The feature gates whose default differs.
fn gates(releases: Releases) -> String {
    let of_both = [releases.from, releases.to].map(FeatureGates::of_version);
    let word = |on: bool| if on { "on" } else { "off" };
    let gates = releases.gates().map(|(gate, _)| {
        let [before, after] = of_both.map(|gates| word(gates.is_on(gate)));
        format!("{gate} {after} instead of {before}")
    });
    gates.collect::<Vec<_>>().join(", ")
}

/// The last line: how many there are of each kind.
fn counts(all: &[Changed<'_>]) -> String {
    let count = |is: fn(&Upgrade) -> bool| all.iter().filter(|one| is(&one.upgrade)).count();
    let refused = count(|upgrade| !upgrade.refused.is_empty());
    let other = count(|upgrade| upgrade.divergence.is_some());
    let both = count(|upgrade| !upgrade.refused_by_both.is_empty());
    format!(
        "{}: {refused} refused, {other} with other replica counts, {both} unreadable",
        counted(all.len(), "autoscaler")
    )
}

pub(super) fn text(all: &[Changed<'_>], releases: Releases, style: Style) -> String {
    let mut out = String::new();
    let gates = gates(releases);
    if !gates.is_empty() {
        let _ = writeln!(out, "feature gates by default: {gates}\n");
    }
    let common = common(all);
    if !common.is_empty() {
        out.push_str("status of every autoscaler\n");
        for line in &common {
            let _ = writeln!(out, "  {line}");
        }
        out.push('\n');
    }
    for changed in all {
        let name = style.paint(Accent::Bold, &changed.upgrade.autoscaler);
        let _ = writeln!(
            out,
            "{name}  {}",
            style.paint(Accent::Dim, &changed.unit.file)
        );
        let parts = parts(changed, &common);
        if parts.is_empty() {
            out.push_str(if common.is_empty() {
                "  nothing changes\n"
            } else {
                "  nothing else changes\n"
            });
        }
        for (title, lines) in parts {
            let _ = writeln!(out, "  {title}");
            for line in lines {
                let _ = writeln!(out, "    {line}");
            }
        }
        out.push('\n');
    }
    let Releases { from, to } = releases;
    let _ = writeln!(out, "{from} to {to}: {}", counts(all));
    out
}

pub(super) fn markdown(all: &[Changed<'_>], releases: Releases) -> String {
    let Releases { from, to } = releases;
    let mut out = format!("# Kubernetes {from} to {to}\n\n{}\n", counts(all));
    let gates = gates(releases);
    if !gates.is_empty() {
        let _ = writeln!(out, "\nFeature gates by default: {gates}.");
    }
    let common = common(all);
    for line in &common {
        let _ = writeln!(out, "- **status of every autoscaler**: {line}");
    }
    for changed in all {
        let _ = writeln!(
            out,
            "\n## `{}`\n\n`{}`\n",
            changed.upgrade.autoscaler, changed.unit.file
        );
        let parts = parts(changed, &common);
        if parts.is_empty() {
            out.push_str(if common.is_empty() {
                "Nothing changes.\n"
            } else {
                "Nothing else changes.\n"
            });
        }
        for (title, lines) in parts {
            for line in lines {
                let _ = writeln!(out, "- **{title}**: {}", line.replace('\n', " "));
            }
        }
    }
    out
}

pub(super) fn junit(all: &[Changed<'_>], releases: Releases) -> String {
    let Releases { from, to } = releases;
    let failed = |changed: &&Changed<'_>| changed.upgrade.needs_attention();
    let unreadable = |changed: &&Changed<'_>| !changed.upgrade.refused_by_both.is_empty();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    let _ = writeln!(
        out,
        "  <testsuite name=\"Kubernetes {from} to {to}\" tests=\"{}\" failures=\"{}\" errors=\"{}\">",
        all.len(),
        all.iter().filter(failed).count(),
        all.iter().filter(unreadable).count(),
    );
    for changed in all {
        let name = escape(&changed.upgrade.autoscaler);
        let file = escape(&changed.unit.file);
        let _ = write!(out, "    <testcase classname=\"{file}\" name=\"{name}\"");
        let kind = match changed {
            changed if unreadable(&changed) => "error",
            changed if failed(&changed) => "failure",
            _ => {
                out.push_str("/>\n");
                continue;
            }
        };
        let lines = parts(changed, &[]).into_iter().flat_map(|(title, lines)| {
            lines
                .into_iter()
                .map(move |line| format!("{title}: {line}"))
        });
        let text = escape(&lines.collect::<Vec<_>>().join("\n"));
        let _ = writeln!(out, ">\n      <{kind}>{text}</{kind}>\n    </testcase>");
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

pub(super) fn json(all: &[Changed<'_>], releases: Releases) -> String {
    let gates: Vec<Value> = releases
        .gates()
        .map(|(gate, on)| json!({"gate": gate.name(), "on": on}))
        .collect();
    let autoscalers: Vec<Value> = all.iter().map(autoscaler).collect();
    output::pretty(&json!({
        "from": releases.from.to_string(),
        "to": releases.to.to_string(),
        "featureGates": gates,
        "autoscalers": autoscalers,
    }))
}

fn autoscaler(changed: &Changed<'_>) -> Value {
    let upgrade = &changed.upgrade;
    let fields = |list: &[FieldChange]| -> Vec<Value> {
        let field = |change: &FieldChange| json!({"path": change.path.to_string(), "before": change.before, "after": change.after});
        list.iter().map(field).collect()
    };
    let cause = |cause: &Cause| match cause {
        Cause::Rule(change) => {
            json!({"rule": change.rule(), "function": change.function(), "pull": change.pull()})
        }
        Cause::Gate(gate) => json!({"featureGate": gate.name()}),
        _ => Value::Null,
    };
    let divergence = upgrade.divergence.as_ref().map(|divergence| {
        json!({
            "seconds": seconds(divergence.time),
            "before": divergence.desired.0,
            "after": divergence.desired.1,
            "causes": divergence.causes.iter().map(cause).collect::<Vec<_>>(),
        })
    });
    let first_sync = upgrade.first_sync.map(|first| {
        json!({"beforeSeconds": seconds(first.before), "afterSeconds": seconds(first.after)})
    });
    json!({
        "autoscaler": upgrade.autoscaler,
        "file": changed.unit.file,
        "unreadable": upgrade.refused_by_both,
        "refused": upgrade.refused,
        "noLongerRefused": upgrade.no_longer_refused,
        "reported": upgrade.warned,
        "stored": fields(&upgrade.stored),
        "status": fields(&upgrade.status),
        "firstSync": first_sync,
        "divergence": divergence,
        "summary": upgrade.comparison.as_ref().map(|comparison| json!(comparison)["summary"].clone()),
    })
}

#[expect(clippy::cast_precision_loss, reason = "no run is that long")]
fn seconds(time: hpa_core::time::Timestamp) -> f64 {
    time.0 as f64 / 1000.0
}
