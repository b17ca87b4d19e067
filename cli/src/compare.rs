//! `hpa-sim compare A B`: where and why two runs diverge, and the results of both.

use std::fmt::Write as _;
use std::path::Path;

use hpa_core::time::SignedDuration;
use serde_json::json;

use crate::cli::{CompareOutput, Status};
use crate::{input, output};

pub(crate) fn compare(first: &Path, second: &Path, form: CompareOutput) -> anyhow::Result<Status> {
    let mut runs = Vec::new();
    for path in [first, second] {
        let inputs = input::read_all(&[path.to_path_buf()])?;
        let Some(experiment) = input::experiment(&inputs) else {
            return Ok(Status::BadInput);
        };
        runs.push(experiment.run());
    }
    let comparison = runs[0].compare(&runs[1]);
    let report = match form {
        CompareOutput::Json => output::pretty(&json!(comparison)),
        CompareOutput::Text => {
            let mut out = String::new();
            match &comparison.divergence {
                None => out.push_str("the runs do not diverge\n"),
                Some(divergence) => {
                    let _ = writeln!(
                        out,
                        "the runs diverge at {}: {} and {} replicas",
                        SignedDuration(divergence.time.0),
                        divergence.desired.0,
                        divergence.desired.1
                    );
                    let _ = writeln!(
                        out,
                        "first difference: {}: {}",
                        divergence.step, divergence.text
                    );
                }
            }
            out.push('\n');
            for (a, b) in &comparison.entries {
                let (x, y) = (output::number(a), output::number(b));
                let mark = if x == y { "" } else { "  *" };
                let _ = writeln!(out, "{:<28} {x:>12} {y:>12}{mark}", a.measure.label());
            }
            out
        }
    };
    input::print(&report)?;
    Ok(if comparison.divergence.is_some() {
        Status::Found
    } else {
        Status::Ok
    })
}
