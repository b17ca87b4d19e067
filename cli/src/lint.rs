//! `hpa-sim lint` and `hpa-sim defaults`: the problems of manifests, and what the API server stores.

use std::path::PathBuf;
use std::slice;

use anyhow::ensure;
use hpa_core::manifest::{self, Diagnostic, Options, Resource, Severity, Span, print_hpa};
use hpa_simulation::experiment::{Experiment, KIND};
use serde_json::{Value, json};

use crate::cli::{LintOutput, Status};
use crate::input::{self, Input};
use crate::output::{self, counted};
use crate::style::Style;

pub(crate) fn lint(files: &[PathBuf], form: LintOutput) -> anyhow::Result<Status> {
    let inputs = input::read_all(files)?;
    let found: Vec<(&Input, Vec<Diagnostic>)> = inputs
        .iter()
        .map(|input| (input, problems(input)))
        .collect();
    let report = match form {
        LintOutput::Text => text(&found),
        LintOutput::Json => output::pretty(&json!({
            "files": found.iter().map(|(input, list)| json!({
                "file": input.name(), "diagnostics": list,
            })).collect::<Vec<_>>(),
        })),
        LintOutput::Sarif => output::pretty(&sarif(&found)),
    };
    input::print(&report)?;
    let mut all = found.iter().flat_map(|(_, list)| list);
    let grave = all.any(|diagnostic| diagnostic.severity != Severity::Info);
    Ok(if grave { Status::Found } else { Status::Ok })
}

/// The problems of a text; an experiment's assumptions are not problems of a manifest.
fn problems(input: &Input) -> Vec<Diagnostic> {
    let text = input.text();
    let (documents, _) = manifest::read(text);
    let is_experiment = documents.iter().any(|document| {
        document.api_version.starts_with(manifest::OWN_API_GROUP) || document.kind == KIND
    });
    if is_experiment {
        Experiment::parse(text).diagnostics
    } else {
        manifest::parse(text, &Options::default()).diagnostics
    }
}

fn text(found: &[(&Input, Vec<Diagnostic>)]) -> String {
    let mut out = String::new();
    let style = Style::of(&std::io::stdout());
    let mut counts = [0_usize; 3];
    for (input, list) in found {
        for diagnostic in list {
            counts[diagnostic.severity as usize] += 1;
        }
        out.push_str(&input::problems(list, slice::from_ref(input), style));
    }
    let [errors, warnings, notes] = counts;
    out.push_str(&format!(
        "{}: {}, {}, {}\n",
        counted(found.len(), "file"),
        counted(errors, "error"),
        counted(warnings, "warning"),
        counted(notes, "note"),
    ));
    out
}

fn sarif(found: &[(&Input, Vec<Diagnostic>)]) -> Value {
    let results: Vec<Value> = found
        .iter()
        .flat_map(|(input, list)| {
            list.iter()
                .map(|diagnostic| sarif_result(input, diagnostic))
        })
        .collect();
    let mut rules: Vec<&str> = found
        .iter()
        .flat_map(|(_, list)| list.iter().map(|diagnostic| diagnostic.code))
        .collect();
    rules.sort_unstable();
    rules.dedup();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "hpa-sim",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|id| json!({"id": id})).collect::<Vec<_>>(),
            }},
            "results": results,
        }],
    })
}

fn sarif_result(input: &Input, diagnostic: &Diagnostic) -> Value {
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    };
    let mut message = diagnostic.message.clone();
    if let Some(hint) = &diagnostic.hint {
        message.push_str(". ");
        message.push_str(hint);
    }
    let location = |span: Span| {
        json!({"physicalLocation": {
            "artifactLocation": {"uri": input.name()},
            "region": {
                "startLine": span.start.line, "startColumn": span.start.column,
                "endLine": span.end.line, "endColumn": span.end.column,
            },
        }})
    };
    let mut result = json!({
        "ruleId": diagnostic.code,
        "level": level,
        "message": {"text": message},
        "locations": [location(diagnostic.span)],
    });
    if !diagnostic.related.is_empty() {
        let related = diagnostic.related.iter().map(|related| {
            let mut place = location(related.span);
            place["message"] = json!({"text": related.message});
            place
        });
        result["relatedLocations"] = related.collect();
    }
    result
}

pub(crate) fn defaults(files: &[PathBuf]) -> anyhow::Result<Status> {
    let inputs = input::read_all(files)?;
    let mut printed = Vec::new();
    let mut errors = String::new();
    let style = Style::of(&std::io::stderr());
    for input in &inputs {
        let input = slice::from_ref(input);
        let parsed = manifest::parse_sources(input, &Options::default());
        let refused = parsed.diagnostics.iter();
        let refused = refused.filter(|problem| problem.severity == Severity::Error);
        errors.push_str(&input::problems(refused, input, style));
        for object in parsed.objects {
            if let Resource::HorizontalPodAutoscaler(hpa) = object.resource {
                let stored = manifest::stored(*hpa, &Options::default());
                printed.push(print_hpa(&stored));
            }
        }
    }
    if !errors.is_empty() {
        eprint!("{errors}");
        return Ok(Status::BadInput);
    }
    ensure!(!printed.is_empty(), "no HorizontalPodAutoscaler found");
    input::print(&printed.join("---\n"))
}
