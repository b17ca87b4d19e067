//! Knows how a load drawn by hand is written into the text, and leaves the rest of it alone.

use std::fmt::Write as _;

use hpa_core::manifest::{Document, OWN_API_GROUP};
use hpa_simulation::cluster::{Interpolation, LoadPart};
use hpa_simulation::experiment::Parsed;
use hpa_simulation::experiment::{API_VERSION, KIND};

use crate::load::Keyframes;

/// The part that is added to loads which are more than rates that hold.
const BY_HAND: &str = "by-hand";

/// One movement of the load slider.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// Where the cursor stood when the slider was moved before, while it was held [s].
    pub from: f64,
    /// Where the cursor stands [s].
    pub to: f64,
    /// The load there before [requests/s].
    pub before: f64,
    /// The load there now [requests/s].
    pub rate: f64,
}

/// The text after a stroke; `None` where the text has errors, or an experiment that is not written
/// in lines.
#[must_use]
pub fn write(text: &str, parsed: &Parsed, stroke: &Stroke) -> Option<String> {
    let parts = &parsed.experiment.as_ref()?.setup.load.parts;
    let place = place(text, parsed)?;
    let Stroke {
        from,
        to,
        before,
        rate,
    } = *stroke;
    let profile = &parsed.experiment.as_ref()?.setup.load;
    if let Some(load) = Keyframes::of(profile) {
        // One part is left, and goals may know it by its name.
        let name = parts.first().map_or(BY_HAND, |part| &part.name);
        let part = item(name, &load.drawn(from, to, rate));
        return Some(place.replace(text, &format!("load:\n{part}")));
    }
    let own = |part: &LoadPart| part.name == BY_HAND && only(part).is_some();
    let hand = parts.iter().position(own);
    let drawn = hand.and_then(|position| only(&parts[position]));
    let drawn = drawn.unwrap_or_else(|| Keyframes::new(Vec::new(), Interpolation::Hold));
    let difference = ((rate - before + drawn.at(to)) * 1000.0).round() / 1000.0;
    let part = item(BY_HAND, &drawn.drawn(from, to, difference));
    place.put_part(text, parsed, hand, &part)
}

/// The text with `load` in the place of the whole load; `None` as for [`write`].
#[must_use]
pub fn put(text: &str, parsed: &Parsed, load: &Keyframes) -> Option<String> {
    let parts = &parsed.experiment.as_ref()?.setup.load.parts;
    let place = place(text, parsed)?;
    let name = parts.first().map_or(BY_HAND, |part| &part.name);
    let part = item(name, load);
    Some(place.replace(text, &format!("load:\n{part}")))
}

/// The text with one more part of the load, given as a mapping in one line or in several; `None`
/// as for [`write`].
#[must_use]
pub fn add_part(text: &str, parsed: &Parsed, part: &str) -> Option<String> {
    let load = own(parsed).and_then(|own| own.root.entry("load"));
    if load.is_none_or(|load| load.value.items().is_empty()) {
        return put_only(text, parsed, part);
    }
    place(text, parsed)?.put_part(text, parsed, None, &lines(part))
}

/// The text with a part, given as for [`add_part`], in the place of the whole load; `None` as for
/// [`write`].
#[must_use]
pub fn put_only(text: &str, parsed: &Parsed, part: &str) -> Option<String> {
    let load = format!("load:\n{}", lines(part));
    Some(place(text, parsed)?.replace(text, &load))
}

/// A mapping as the item of a list.
fn lines(mapping: &str) -> String {
    let mut item = String::new();
    for (at, line) in mapping.lines().enumerate() {
        item.push_str(if at == 0 { "- " } else { "  " });
        item.push_str(line);
        item.push('\n');
    }
    item
}

/// What the first part of the load is called in the text; goals may know it by that name.
#[must_use]
pub fn first_name(parsed: &Parsed) -> Option<String> {
    own(parsed)?.root.entry("load")?;
    let load = &parsed.experiment.as_ref()?.setup.load;
    Some(quoted(&load.parts.first()?.name))
}

fn only(part: &LoadPart) -> Option<Keyframes> {
    let parts = vec![part.clone()];
    let hand = Keyframes::of(&hpa_simulation::cluster::LoadProfile { parts })?;
    (hand.between() == Interpolation::Hold).then_some(hand)
}

/// Where the load stands, or should.
struct Place {
    /// Bytes that the field takes, its key included; nothing where it is missing.
    start: usize,
    end: usize,
    /// What has to come before it.
    before: String,
}

impl Place {
    fn replace(&self, text: &str, field: &str) -> String {
        let field = field.trim_end();
        format!(
            "{}{}{field}\n{}",
            &text[..self.start],
            self.before,
            rest(text, self.end)
        )
    }

    /// Puts a part beside the others, or in the place of the one at position `old`.
    fn put_part(
        &self,
        text: &str,
        parsed: &Parsed,
        old: Option<usize>,
        part: &str,
    ) -> Option<String> {
        let load = &own(parsed)?.root.entry("load")?.value;
        let item = load
            .items()
            .get(old.unwrap_or(load.items().len().checked_sub(1)?))?;
        // Items in lines begin with a dash at the place that the others have.
        let line = text[..item.span.start.byte]
            .rfind('\n')
            .map_or(0, |position| position + 1);
        let dash = text.get(line..item.span.start.byte)?;
        let indent = dash.len() - dash.trim_start().len();
        if dash.trim() != "-" {
            return None;
        }
        let part: String = part.lines().fold(String::new(), |mut lines, row| {
            let _ = writeln!(lines, "{:indent$}{row}", "");
            lines
        });
        let (start, end) = if old.is_some() {
            (line, item.span.end.byte)
        } else {
            (self.end, self.end)
        };
        let gap = if old.is_some() { "" } else { "\n" };
        Some(format!(
            "{}{gap}{}\n{}",
            &text[..start],
            part.trim_end(),
            rest(text, end)
        ))
    }
}

/// What follows `end`, without the line break that the caller writes itself.
fn rest(text: &str, end: usize) -> &str {
    let rest = &text[end..];
    rest.strip_prefix('\n').unwrap_or(rest)
}

fn own(parsed: &Parsed) -> Option<&Document> {
    let documents = parsed.objects.iter().map(|object| &object.document);
    documents
        .into_iter()
        .find(|document| document.api_version.starts_with(OWN_API_GROUP))
}

fn place(text: &str, parsed: &Parsed) -> Option<Place> {
    let Some(document) = own(parsed) else {
        let line = if text.is_empty() || text.ends_with('\n') {
            ""
        } else {
            "\n"
        };
        return Some(Place {
            start: text.len(),
            end: text.len(),
            before: format!("{line}---\napiVersion: {API_VERSION}\nkind: {KIND}\n"),
        });
    };
    // Fields in lines begin at the left edge; JSON has no place for what is written here.
    let first = document.root.entries().first()?;
    if first.key_span.start.column != 1 {
        return None;
    }
    if let Some(entry) = document.root.entry("load") {
        let end = entry.value.span.end.byte.max(entry.key_span.end.byte);
        // A comment at the end of the line goes with it.
        return Some(Place {
            start: entry.key_span.start.byte,
            end,
            before: String::new(),
        });
    }
    let end = document.root.span.end.byte;
    let end = text[end..]
        .find('\n')
        .map_or(text.len(), |offset| end + offset);
    Some(Place {
        start: end,
        end,
        before: "\n".to_owned(),
    })
}

/// A part of the load as a person draws it, as an item of the list.
fn item(name: &str, load: &Keyframes) -> String {
    let mut item = format!(
        "- name: {}\n  points:\n    interpolation: {}\n    values:\n",
        quoted(name),
        match load.between() {
            Interpolation::Hold => "hold",
            Interpolation::Linear => "linear",
        }
    );
    // Before its first point a series has that point's rate.
    let start = load
        .frames()
        .first()
        .is_none_or(|(time, _)| *time > 0.0)
        .then_some((0.0, 0.0));
    for (time, rate) in start.iter().chain(load.frames()) {
        let _ = writeln!(item, "    - {{at: {}, rate: {rate}}}", time_text(*time));
    }
    item
}

/// A name as YAML takes it for a text.
fn quoted(name: &str) -> String {
    let plain = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        && !matches!(
            name.to_ascii_lowercase().as_str(),
            "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
        );
    if plain {
        name.to_owned()
    } else {
        format!("{name:?}")
    }
}

/// Whole seconds as people write them: `90s` is `1m30s`, `1m0s` is `1m`.
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
        let after = write(text, &Experiment::parse(text), stroke).expect("a text in lines");
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
        assert_eq!(after, Some(PHP_APACHE.replace(old, &new)));
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
    fn what_is_not_in_lines_stays_as_it_is() {
        let json = format!(
            "{HPA}---\n{{apiVersion: hpa-playground/v1, kind: Experiment, load: [{{constant: 3}}]}}\n"
        );
        assert_eq!(
            write(&json, &Experiment::parse(&json), &stroke(0.0, 3.0, 5.0)),
            None
        );
        let broken = "kind: [";
        assert_eq!(
            write(broken, &Experiment::parse(broken), &stroke(0.0, 3.0, 5.0)),
            None
        );
    }
}
