//! Completion: missing fields and enumeration values at a position in a text.
//!
//! There is no second list of names: an unknown word is inserted at the position, and the resulting
//! diagnostic lists the valid choices.

use super::Experiment;

/// Neither a field, a word nor a number, and too unlike any of them to be taken for a typo.
const UNKNOWN: &str = "zqxjkvbpwg";

/// Completions at a position, and the range that they replace.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Completion {
    /// Start of the replaced range.
    pub start: usize,
    /// End of the replaced range (exclusive).
    pub end: usize,
    /// The choices that match the text before the position, in the order of the API.
    pub choices: Vec<String>,
    /// What kind of choices they are.
    pub role: Role,
}

/// The kind of token at a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The name of a field, to be followed by a colon.
    Field,
    /// A value.
    Value,
}

/// Completions at byte `at` of a text; `None` if there are none.
#[must_use]
pub fn complete(text: &str, at: usize) -> Option<Completion> {
    let (before, after) = text.split_at_checked(at)?;
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = &before[line_start..];
    let word = line.trim_end_matches(is_word).len();
    // The dash of a list item is not part of the word after it.
    let indented = line.trim_start_matches([' ', '-']);
    let start = line_start + word.max(line.len() - indented.len());
    let end = at + (after.len() - after.trim_start_matches(is_word).len());
    let lead = text[line_start..start].trim_start_matches([' ', '-', '{', '[', ',']);
    let role = if lead.is_empty() {
        Role::Field
    } else if lead.ends_with(": ") {
        Role::Value
    } else {
        return None;
    };
    let colon = match role {
        Role::Field if !text[end..].starts_with(':') => ": ",
        _ => "",
    };
    let probe = [&text[..start], UNKNOWN, colon, &text[end..]].concat();
    let typed = text[start..at].to_ascii_lowercase();
    let parsed = Experiment::parse(&probe);
    let mut here = parsed
        .diagnostics
        .into_iter()
        .filter(|problem| problem.span.start.byte == start && !problem.choices.is_empty());
    // A map's missing fields are reported at its first field, which may be the word itself.
    let found = here.find(|problem| {
        role == Role::Value || !matches!(problem.code, "unsupported" | "invalid-value")
    })?;
    let mut choices = found.choices;
    choices.retain(|choice| choice.to_ascii_lowercase().starts_with(&typed));
    (!choices.is_empty()).then_some(Completion {
        start,
        end,
        choices,
        role,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Check;
    use crate::experiment::load::{Recording, ShapeDocument};
    use crate::experiment::timeline::ActionDocument;
    use test_support::check_each;

    const HPA: &str = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: web\nspec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  maxReplicas: 10\n";

    /// `|` in the text is the place; the choices are joined with spaces, fields with a colon.
    #[track_caller]
    fn check(rest: &str, expected: &str) {
        let text = format!("{HPA}{rest}");
        let at = text.find('|').unwrap();
        let text = text.replacen('|', "", 1);
        let found = complete(&text, at).map_or(String::new(), |found| {
            let colon = if found.role == Role::Field { ":" } else { "" };
            let choices: Vec<String> = found
                .choices
                .iter()
                .map(|c| format!("{c}{colon}"))
                .collect();
            format!("{} <- {}", &text[found.start..found.end], choices.join(" "))
        });
        assert_eq!(found, expected, "{rest}");
    }

    #[test]
    fn missing_fields_and_enum_values_are_offered() {
        check_each(
            [
                ("  |", " <- minReplicas: metrics: behavior:"),
                ("  m|", "m <- minReplicas: metrics:"),
                ("  MET|rix: []", "METrix <- metrics:"),
                (
                    "  behavior:\n    scaleUp:\n      sel|",
                    "sel <- selectPolicy:",
                ),
                (
                    "  behavior:\n    scaleUp:\n      selectPolicy: |\n",
                    " <- Disabled Max Min",
                ),
                (
                    "  behavior:\n    scaleUp:\n      policies:\n      - |",
                    " <- type: value: periodSeconds:",
                ),
                (
                    "  behavior:\n    scaleUp:\n      policies:\n      - type: P|\n        value: 1\n        periodSeconds: 15\n",
                    "P <- Percent Pods",
                ),
                (
                    "  metrics:\n  - type: |",
                    " <- ContainerResource External Object Pods Resource",
                ),
                (
                    "---\napiVersion: hpa-playground/v1\nkind: Experiment\nload:\n- wave:\n    form: s|",
                    "s <- sine square",
                ),
                (
                    "---\napiVersion: hpa-playground/v1\nkind: Experiment\nstartup:\n  start|",
                    "start <- startTime: startTimeDeviation:",
                ),
                (
                    "---\napiVersion: hpa-playground/v1\nkind: Experiment\ncontroller:\n  sync|",
                    "sync <- sync-period:",
                ),
                (
                    "---\napiVersion: hpa-playground/v1\nkind: Experiment\nfeatureGates:\n  HPAS|",
                    "HPAS <- HPAScaleToZero:",
                ),
                ("---\napiVersion: apps/v1\nkind: D|", "D <- Deployment"),
                (
                    "---\napiVersion: au|\nkind: HorizontalPodAutoscaler",
                    "au <- autoscaling/v2",
                ),
                ("  minReplicas: |", ""),
                ("  # a comm|ent", ""),
                ("  \"unfinished |", ""),
            ],
            |(rest, expected)| {
                check(rest, expected);
            },
        );
    }

    /// Completion needs no more than a variant's line in its list.
    #[test]
    fn every_shape_action_check_and_recording_is_offered() {
        #[track_caller]
        fn check(before: &str, names: &[&str]) {
            let text =
                format!("{HPA}---\napiVersion: hpa-playground/v1\nkind: Experiment\n{before}");
            let found = complete(&text, text.len()).expect("there are choices");
            check_each(names, |name| {
                assert!(found.choices.iter().any(|choice| choice == name), "{name}");
            });
        }
        check("load:\n- ", ShapeDocument::NAMES);
        check("load:\n- series:\n    ", Recording::NAMES);
        check("timeline:\n- ", ActionDocument::NAMES);
        check("goals:\n- ", Check::NAMES);
    }

    #[test]
    fn every_position_can_be_completed() {
        let text = format!("{HPA}  # ü\n  behavior: {{scaleUp: {{}}}}\n");
        for at in 0..=text.len() + 1 {
            let _ = complete(&text, at);
        }
    }
}
