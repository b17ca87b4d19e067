//! Edits of the text for load that was drawn or added on the page.

use std::fmt::Write as _;

use hpa_core::manifest::edit::{self, EditError, Fragment, print_value};
use hpa_core::manifest::{FieldPath, Value};
use hpa_simulation::cluster::{Interpolation, LoadPart, LoadProfile};
use hpa_simulation::experiment::Parsed;

use crate::edit::{experiment, new_experiment};
use crate::load::Keyframes;

/// The part that is added to a load that does not consist of constant rates only.
const BY_HAND: &str = "by-hand";

/// One movement of the load slider.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// The cursor's time at the previous movement while the slider is held [s].
    pub from: f64,
    /// The cursor's time [s].
    pub to: f64,
    /// The load there before [requests/s].
    pub before: f64,
    /// The load there now [requests/s].
    pub rate: f64,
}

/// The text after a stroke.
///
/// # Errors
/// Why the text cannot be edited.
pub fn write(text: &str, parsed: &Parsed, stroke: &Stroke) -> Result<String, EditError> {
    let profile = profile(parsed)?;
    let parts = &profile.parts;
    let Stroke {
        from,
        to,
        before,
        rate,
    } = *stroke;
    if let Some(load) = Keyframes::of(profile) {
        return put(text, parsed, &load.drawn(from, to, rate));
    }
    let own = |part: &LoadPart| part.name == BY_HAND && only(part).is_some();
    let hand = parts.iter().position(own);
    let drawn = hand.and_then(|position| only(&parts[position]));
    let drawn = drawn.unwrap_or_else(|| Keyframes::new(Vec::new(), Interpolation::Hold));
    let difference = ((rate - before + drawn.at(to)) * 1000.0).round() / 1000.0;
    let part = part(BY_HAND, &drawn.drawn(from, to, difference));
    match (hand, experiment(parsed)) {
        (Some(position), Some(document)) => {
            let path = FieldPath::new("load").index(position);
            edit::set(text, document, &path, part)
        }
        _ => add(text, parsed, part),
    }
}

/// The text with the whole load replaced by `load`.
///
/// # Errors
/// Why the text cannot be edited.
pub fn put(text: &str, parsed: &Parsed, load: &Keyframes) -> Result<String, EditError> {
    // One part remains, and goals may refer to it by name.
    let first = profile(parsed)?.parts.first();
    let name = first.map_or(BY_HAND, |part| &part.name);
    replace(text, parsed, part(name, load))
}

/// The text with one more part of the load, given in YAML.
///
/// # Errors
/// Why the text cannot be edited.
pub fn add_part(text: &str, parsed: &Parsed, part: &str) -> Result<String, EditError> {
    add(text, parsed, Fragment::yaml(part)?)
}

/// The text with the whole load replaced by one part, given in YAML.
///
/// # Errors
/// Why the text cannot be edited.
pub fn put_only(text: &str, parsed: &Parsed, part: &str) -> Result<String, EditError> {
    replace(text, parsed, Fragment::yaml(part)?)
}

/// The name of the load's first part as YAML; goals may refer to it.
#[must_use]
pub fn first_name(parsed: &Parsed) -> Option<String> {
    experiment(parsed)?.root.entry("load")?;
    let name = profile(parsed).ok()?.parts.first()?.name.clone();
    let printed = print_value(&Value::String(name));
    Some(printed.trim_end().to_owned())
}

fn profile(parsed: &Parsed) -> Result<&LoadProfile, EditError> {
    let experiment = parsed.experiment.as_ref().ok_or(EditError::Unreadable)?;
    Ok(&experiment.setup.load)
}

fn add(text: &str, parsed: &Parsed, part: Fragment) -> Result<String, EditError> {
    let path = FieldPath::new("load");
    let own = experiment(parsed);
    let load = own.and_then(|document| Some((document, document.root.at(&path)?)));
    match load {
        Some((document, load)) => {
            edit::insert_item(text, document, &path, load.items().len(), part)
        }
        None => replace(text, parsed, part),
    }
}

fn replace(text: &str, parsed: &Parsed, part: Fragment) -> Result<String, EditError> {
    let load = Fragment::list([part]);
    match experiment(parsed) {
        Some(document) => edit::set(text, document, &FieldPath::new("load"), load),
        None => edit::append_document(text, &new_experiment("load", load)),
    }
}

fn only(part: &LoadPart) -> Option<Keyframes> {
    let hand = Keyframes::of(&LoadProfile::new([part.clone()]))?;
    (hand.between() == Interpolation::Hold).then_some(hand)
}

/// A drawn load as a part of the experiment's load.
fn part(name: &str, load: &Keyframes) -> Fragment {
    let interpolation = match load.between() {
        Interpolation::Hold => "hold",
        Interpolation::Linear => "linear",
    };
    // Before its first point, a series has that point's rate.
    let start = load
        .frames()
        .first()
        .is_none_or(|(time, _)| *time > 0.0)
        .then_some((0.0, 0.0));
    let point = |(time, rate): &(f64, f64)| {
        let at = Fragment::string(&time_text(*time));
        Fragment::map([("at", at), ("rate", Fragment::number(*rate))]).on_one_line()
    };
    let values = start.iter().chain(load.frames()).map(point);
    let points = [
        ("interpolation", Fragment::string(interpolation)),
        ("values", Fragment::list(values)),
    ];
    Fragment::map([
        ("name", Fragment::string(name)),
        ("points", Fragment::map(points)),
    ])
}

/// Whole seconds in the usual notation: `90s` is `1m30s`, `1m0s` is `1m`.
fn time_text(seconds: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "saturates")]
    let total = seconds.max(0.0) as i64;
    let parts = [
        (total / 3600, "h"),
        (total / 60 % 60, "m"),
        (total % 60, "s"),
    ];
    let mut text = String::new();
    for (amount, unit) in parts.into_iter().filter(|(amount, _)| *amount > 0) {
        let _ = write!(text, "{amount}{unit}");
    }
    if text.is_empty() {
        "0s".to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use hpa_simulation::experiment::Experiment;
    use hpa_simulation::experiment::presets::PHP_APACHE;

    use super::*;

    const HPA: &str = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  maxReplicas: 12\n";

    fn stroke(to: f64, before: f64, rate: f64) -> Stroke {
        Stroke {
            from: to,
            to,
            before,
            rate,
        }
    }

    fn drawn(text: &str, stroke: &Stroke) -> String {
        let after = write(text, &Experiment::parse(text), stroke).expect("an edit");
        let parsed = Experiment::parse(&after);
        assert!(
            parsed.experiment.is_some(),
            "{after}\n{:?}",
            parsed.diagnostics
        );
        after
    }

    /// The text after a stroke differs from `before` in the load only.
    #[track_caller]
    fn check(document: &str, stroke: &Stroke, expected: &str) {
        let text = |load: &str| {
            format!("{HPA}---\napiVersion: hpa-playground/v1\nkind: Experiment\n{load}")
        };
        assert_eq!(drawn(&text(document), stroke), text(expected));
    }

    #[test]
    fn the_walkthrough_keeps_all_but_its_load() {
        let after = drawn(PHP_APACHE, &stroke(300.0, 61.0, 30.0));
        let old = "- name: load-generator\n  step: {rate: 61, from: 1m, until: 11m}\n";
        let new = "- name: load-generator\n  points:\n    interpolation: hold\n    values:\n    - {at: 0s, rate: 0}\n    - {at: 1m, rate: 61}\n    - {at: 5m, rate: 30}\n    - {at: 11m, rate: 0}\n";
        assert_eq!(after, PHP_APACHE.replace(old, new));
    }

    #[test]
    fn strokes_follow_each_other() {
        let load = "load:\n- name: a\n  constant: 5\nseed: 3\n";
        let one = "load:\n- name: a\n  points:\n    interpolation: hold\n    values:\n    - {at: 0s, rate: 5}\n    - {at: 1m30s, rate: 7.5}\nseed: 3\n";
        let two = "load:\n- name: a\n  points:\n    interpolation: hold\n    values:\n    - {at: 0s, rate: 5}\n    - {at: 1h0m1s, rate: 9}\nseed: 3\n";
        check(load, &stroke(90.0, 5.0, 7.5), one);
        let held = Stroke {
            from: 80.0,
            ..stroke(3601.0, 7.5, 9.0)
        };
        check(one, &held, &two.replace("1h0m1s", "1h1s"));
    }

    #[test]
    fn a_missing_load_is_put_where_it_belongs() {
        let after = drawn(HPA, &stroke(0.0, 3.0, 8.0));
        assert!(
            after.starts_with(&format!(
                "{HPA}---\napiVersion: hpa-playground/v1\nkind: Experiment\nload:\n- name: "
            )),
            "{after}"
        );
        let part = "    interpolation: hold\n";
        let after = drawn(
            &format!("{HPA}---\napiVersion: hpa-playground/v1\nkind: Experiment\nseed: 4 # four\n"),
            &stroke(0.0, 3.0, 8.0),
        );
        assert!(after.contains("seed: 4 # four\nload:\n- name: "), "{after}");
        assert!(after.contains(part));
    }

    #[test]
    fn beside_other_shapes_the_hand_writes_the_difference() {
        let wave = "load:\n- name: w\n  wave: {mean: 10, period: 5m}\n";
        let hand = "- name: by-hand\n  points:\n    interpolation: hold\n    values:\n    - {at: 0s, rate: 0}\n    - {at: 1m, rate: 4.5}\n";
        check(wave, &stroke(60.0, 12.5, 17.0), &format!("{wave}{hand}"));
        let lower = hand.replace("4.5", "-2");
        check(
            &format!("{wave}{hand}seed: 1\n"),
            &stroke(60.0, 17.0, 10.5),
            &format!("{wave}{lower}seed: 1\n"),
        );
    }

    #[test]
    fn parts_are_added_below_the_others() {
        let spike = "spike: {height: 40, at: 5m}";
        let after = add_part(PHP_APACHE, &Experiment::parse(PHP_APACHE), spike);
        let old = "  step: {rate: 61, from: 1m, until: 11m}\n";
        let new = format!("{old}- {spike}\n");
        assert_eq!(after, Ok(PHP_APACHE.replace(old, &new)));
        let after =
            add_part(HPA, &Experiment::parse(HPA), "name: a\nconstant: 5").expect("a place");
        assert!(
            after.ends_with("load:\n- name: a\n  constant: 5\n"),
            "{after}"
        );
        assert!(Experiment::parse(&after).experiment.is_some());
    }

    #[test]
    fn points_replace_the_whole_load() {
        let load = Keyframes::new(vec![(0.0, 5.0), (60.0, 9.0)], Interpolation::Hold);
        let after = put(PHP_APACHE, &Experiment::parse(PHP_APACHE), &load).expect("a place");
        assert!(after.contains("    - {at: 0s, rate: 5}\n    - {at: 1m, rate: 9}\nworkload:"));
        assert!(after.contains("- name: load-generator\n"));
    }

    #[test]
    fn a_load_in_brackets_stays_in_brackets() {
        let document = |load: &str| {
            format!("{HPA}---\n{{apiVersion: hpa-playground/v1, kind: Experiment, {load}}}\n")
        };
        let before = document("load: [{name: a, constant: 3}]");
        let points = "{interpolation: hold, values: [{at: 0s, rate: 3}, {at: 1m, rate: 5}]}";
        let after = document(&format!("load: [{{name: a, points: {points}}}]"));
        assert_eq!(drawn(&before, &stroke(60.0, 3.0, 5.0)), after);
    }

    #[test]
    fn a_text_with_errors_stays_as_it_is() {
        let broken = "kind: [";
        assert_eq!(
            write(broken, &Experiment::parse(broken), &stroke(0.0, 3.0, 5.0)),
            Err(EditError::Unreadable)
        );
    }
}
