//! Provenance of saved texts: the default Kubernetes release and the model version.
//!
//! A text without `kubernetesVersion` uses the default release, which changes over time. A saved text
//! must not change with it, so it is saved with a record: a field of a link, a line of storage, or the
//! last line of a file. A text without a record was saved before there were records, and opens as
//! [`Provenance::UNRECORDED`].

use std::fmt;
use std::ops::Range;

use hpa_core::autoscaler::KubernetesVersion;
use hpa_core::manifest::{Position, SourceId, Span};

/// The version of the simulation's model.
///
/// Raise it with every change that makes the same text and release produce a different run:
/// whenever a golden run or a hash of `tests/parity.txt` changes. New fields of the document, new
/// explanations and new releases of Kubernetes leave it as it is.
pub const MODEL_VERSION: u32 = 2;

/// The start of a file's record line.
const LINE: &str = "# Made with HPA Playground for Kubernetes 1.";
const MODEL: &str = ", model version ";

/// The provenance of a saved text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The default minor release of Kubernetes 1; it may be unknown to this version.
    minor: u32,
    /// The version of the model.
    model: u32,
}

impl Provenance {
    /// The provenance of texts without a record.
    pub const UNRECORDED: Self = Self {
        minor: 36,
        model: 1,
    };

    /// The provenance of texts made with this version.
    #[must_use]
    pub fn current() -> Self {
        Self::of(KubernetesVersion::DEFAULT, MODEL_VERSION)
    }

    /// A release and a model version.
    #[must_use]
    pub fn of(release: KubernetesVersion, model: u32) -> Self {
        Self {
            minor: u32::from(release.minor()),
            model,
        }
    }

    /// The default release; if it is unknown, the nearest known one.
    #[must_use]
    pub fn release(self) -> KubernetesVersion {
        let known = u8::try_from(self.minor).ok();
        let known = known.and_then(KubernetesVersion::from_minor);
        known.unwrap_or(
            if self.minor < u32::from(KubernetesVersion::OLDEST.minor()) {
                KubernetesVersion::OLDEST
            } else {
                KubernetesVersion::NEWEST
            },
        )
    }

    /// Parses the displayed form, `1.36/1`; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (release, model) = text.split_once('/')?;
        Some(Self {
            minor: release.strip_prefix("1.")?.parse().ok()?,
            model: model.parse().ok()?,
        })
    }

    /// A note to show once if the model version differs or the release is unknown.
    #[must_use]
    pub fn note(self) -> Option<String> {
        self.note_at(Self::current())
    }

    /// As [`Self::note`], relative to `here`.
    pub(super) fn note_at(self, here: Self) -> Option<String> {
        let Self { minor, model } = self;
        let now = here.model;
        let release = self.release();
        if u32::from(release.minor()) != minor {
            return Some(format!(
                "It was made for Kubernetes 1.{minor}, which this version does not support; {release} is used instead."
            ));
        }
        (model != now).then(|| {
            format!(
                "It was made with version {model} of the simulation model; this is version {now}, so its numbers may differ."
            )
        })
    }

    /// A note that a text keeps another default release than that of `here`, unless the text says so
    /// itself: opening it adds a record that does.
    pub(super) fn release_note(self, text: &str, here: Self) -> Option<String> {
        let new = self.minor != here.minor && Self::of_text(text).is_none();
        new.then(|| {
            format!(
                "It was made when Kubernetes {} was the default, and keeps it; the default is {} now.",
                self.release(),
                here.release()
            )
        })
    }

    /// The last record in a text, and the range of its line.
    fn in_text(text: &str) -> Option<(Range<usize>, Self)> {
        // Most lines are not looked at.
        let begin = text.rfind(LINE)?;
        let mut end = begin
            + text[begin..]
                .find('\n')
                .map_or(text.len() - begin, |at| at + 1);
        for line in text[..end].split_inclusive('\n').rev() {
            let start = end - line.len();
            if let Some(record) = Self::of_line(line.trim_end()) {
                return Some((start..end, record));
            }
            end = start;
        }
        None
    }

    fn of_line(line: &str) -> Option<Self> {
        let (minor, model) = line.strip_prefix(LINE)?.split_once(MODEL)?;
        Some(Self {
            minor: minor.parse().ok()?,
            model: model.parse().ok()?,
        })
    }

    /// What a text says itself that it was made for, and where.
    pub(super) fn placed(source: SourceId, text: &str) -> Option<(Span, Self)> {
        let (line, record) = Self::in_text(text)?;
        let end = line.start + text[line.clone()].trim_end().len();
        let [start, end] = [line.start, end].map(|byte| Position::of(text, byte));
        Some((Span::new(source, start, end), record))
    }

    /// The provenance that a text records itself.
    #[must_use]
    pub fn of_text(text: &str) -> Option<Self> {
        Self::in_text(text).map(|(_, record)| record)
    }

    /// The text to save in a file, with a record as its last line.
    #[must_use]
    pub fn stamp(text: &str) -> String {
        Self::of_text(text).unwrap_or(Self::current()).put(text)
    }

    /// The text without a record.
    fn strip(text: &str) -> String {
        let mut text = text.to_owned();
        while let Some((line, _)) = Self::in_text(&text) {
            text.replace_range(line, "");
        }
        text
    }

    /// The text with this record as its last line.
    fn put(self, text: &str) -> String {
        let mut text = Self::strip(text);
        if !(text.is_empty() || text.ends_with('\n')) {
            text.push('\n');
        }
        let Self { minor, model } = self;
        text + &format!("{LINE}{minor}{MODEL}{model}\n")
    }

    /// The text to open, relative to `here`: it keeps a record if its release is not the default.
    pub(super) fn open(self, text: &str, here: Self) -> String {
        if self.minor == here.minor {
            Self::strip(text)
        } else {
            let model = here.model;
            Self { model, ..self }.put(text)
        }
    }
}

impl fmt::Display for Provenance {
    /// As a field of a link: `1.36/1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}/{}", self.minor, self.model)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::link::Content;
    use crate::experiment::{Defaults, Experiment, presets::PHP_APACHE};
    use hpa_core::manifest::{Severity, Source, place};
    use test_support::check_each;

    const LATER: Provenance = Provenance {
        minor: 37,
        model: MODEL_VERSION + 1,
    };

    /// The release that a text is simulated with where the default is a later one.
    #[track_caller]
    fn release(text: &str) -> String {
        let later = KubernetesVersion::parse("1.37").expect("it is known");
        let parsed = Experiment::parse_with(text, Defaults::default().release(later));
        let setup = parsed.experiment.expect("it is accepted").setup;
        setup.controller.version.to_string()
    }

    #[test]
    fn a_text_without_a_record_opens_as_1_36_where_the_default_is_later() {
        let old = Content {
            pinned: Some(PHP_APACHE.to_owned()),
            ..Content::unrecorded(PHP_APACHE)
        };
        let (content, note) = old.clone().open_at(LATER);
        assert_eq!(release(PHP_APACHE), "1.37");
        assert_eq!(release(&content.text), "1.36");
        assert_eq!(release(&content.pinned.expect("a pinned text")), "1.36");
        assert!(note.is_some(), "the model is another one");
        let (content, note) = old.open();
        assert_eq!(release(&content.text), "1.36");
        let note = note.expect("the default is another one");
        assert!(
            note.starts_with("It was made when Kubernetes 1.36 was the default, and keeps it"),
            "{note}"
        );
        let (_, again) = content.open();
        assert_eq!(again, None);
    }

    #[test]
    fn what_a_text_says_itself_comes_first() {
        let own = PHP_APACHE.replace(
            "kind: Experiment",
            "kind: Experiment\nkubernetesVersion: \"1.30\"",
        );
        let (content, _) = Content::unrecorded(own).open_at(LATER);
        assert_eq!(release(&content.text), "1.30");
    }

    #[test]
    fn a_saved_file_opens_as_it_was_and_says_once_what_has_changed() {
        let file = Provenance::stamp(PHP_APACHE);
        assert!(
            file.ends_with("# Made with HPA Playground for Kubernetes 1.37, model version 2\n")
        );
        assert_eq!(Provenance::stamp(&file), file);
        let (content, note) = Content::unrecorded(file.clone()).open();
        assert_eq!((&*content.text, note), (PHP_APACHE, None));
        // With a later version of the playground.
        let (content, note) = Content::unrecorded(file).open_at(LATER);
        assert_eq!(release(&content.text), "1.37");
        assert_eq!(
            note.as_deref(),
            Some(
                "It was made with version 2 of the simulation model; this is version 3, so its numbers may differ."
            )
        );
        let (again, note) = content.open_at(LATER);
        assert_eq!(release(&again.text), "1.37");
        assert_eq!(note, None);
    }

    /// The places of the warnings for two texts that record releases, and the release that applies.
    #[track_caller]
    fn check_records(texts: [&str; 2], release: &str, expected: &[(&str, &str)]) {
        let names = ["a.yaml", "b.yaml"];
        let sources = [0, 1].map(|at| Source::new(names[at], texts[at]));
        let parsed = Experiment::parse_sources(&sources, Defaults::default());
        let problems = parsed.diagnostics.iter();
        let found: Vec<_> = problems
            .filter(|problem| problem.code == "other-release")
            .map(|problem| {
                assert_eq!(problem.severity, Severity::Warning);
                let first = problem.related.first().expect("the first record");
                (place(problem.span, &sources), place(first.span, &sources))
            })
            .collect();
        let found: Vec<_> = found
            .iter()
            .map(|(span, first)| (&**span, &**first))
            .collect();
        assert_eq!(found, expected);
        let setup = parsed.experiment.expect("it is accepted").setup;
        assert_eq!(setup.controller.version.to_string(), release);
    }

    #[test]
    fn records_of_different_releases_are_a_warning_with_both_places() {
        let line = |minor| format!("{LINE}{minor}{MODEL}1\n");
        let first = format!("{PHP_APACHE}{}", line(33));
        let end = PHP_APACHE.lines().count() + 1;
        let place = format!("a.yaml:{end}:1");
        let other = format!("# More.\n{}", line(34));
        check_records([&first, &other], "1.33", &[("b.yaml:2:1", &place)]);
        check_records([&first, &line(33)], "1.33", &[]);
        check_records([&first, "# More.\n"], "1.33", &[]);
        // What the experiment says itself comes before both.
        let own = first.replace(
            "kind: Experiment",
            "kind: Experiment\nkubernetesVersion: \"1.30\"",
        );
        check_records([&own, &other], "1.30", &[]);
    }

    #[test]
    fn another_model_and_an_unknown_release_are_noted() {
        let note = |text: &str| Provenance::parse(text).expect("a record").note();
        assert_eq!(note("1.37/2"), None);
        let other = note(&format!("1.37/{}", MODEL_VERSION + 1)).expect("another model");
        assert!(
            other.starts_with("It was made with version 3 of"),
            "{other}"
        );
        let unknown = note("1.99/1").expect("an unknown release");
        assert!(
            unknown.contains("1.99") && unknown.contains("1.37"),
            "{unknown}"
        );
        check_each(["", "1.36", "2.1/1", "1.x/1", "1.36/"], |wrong| {
            assert_eq!(Provenance::parse(wrong), None, "{wrong}");
        });
        let parsed = Experiment::parse(&format!("{PHP_APACHE}{LINE}36{MODEL}9\n"));
        let codes = parsed.diagnostics.iter().map(|diagnostic| diagnostic.code);
        assert_eq!(codes.filter(|code| *code == "other-model").count(), 1);
    }
}
