//! What a visit begins with: a link, the saved text, or the walkthrough.

use hpa_simulation::experiment::link::{self, Content};

use crate::model;
use crate::notice::Notice;

/// What a visit begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Start {
    /// Its text and view.
    pub(super) content: Content,
    /// The text that this one was derived from.
    pub(super) origin: String,
    /// The previous text, if another one is shown.
    pub(super) before: Option<String>,
    /// What to tell.
    pub(super) notice: Option<Notice>,
}

/// Chooses what to begin with: the link, or else the saved text, or else the walkthrough.
#[must_use]
pub(super) fn start(
    fragment: &str,
    kept: Option<Content>,
    origin: Option<Content>,
    broken: bool,
) -> Start {
    let (kept, note) = kept.map_or((None, None), |kept| {
        let (kept, note) = kept.open();
        (Some(kept.text), note)
    });
    let kept = kept.filter(|text| text != model::PHP_APACHE);
    if fragment.is_empty() || fragment == "#" {
        if broken {
            let text = "The page crashed on the text from your last visit. Find it under Files; undo restores it.";
            return Start {
                content: Content::of(model::PHP_APACHE),
                origin: model::PHP_APACHE.to_owned(),
                notice: kept.is_some().then(|| Notice::undoable(text)),
                before: kept,
            };
        }
        let origin = origin.map(|origin| origin.open().0.text);
        let notice = kept.as_ref().and(note).map(Notice::done);
        let text = kept.unwrap_or_else(|| model::PHP_APACHE.to_owned());
        return Start {
            origin: origin.unwrap_or_else(|| text.clone()),
            content: Content::of(text),
            before: None,
            notice,
        };
    }
    match link::decode(fragment).map(Content::open) {
        Ok((content, note)) => {
            let before = kept.filter(|kept| *kept != content.text);
            let text = "Opened the link. Your previous text is under Files; undo restores it.";
            let notice = match (&before, note) {
                (Some(_), None) => Some(Notice::undoable(text)),
                (Some(_), Some(note)) => Some(Notice::undoable(format!("{text} {note}"))),
                (None, note) => note.map(Notice::done),
            };
            Start {
                notice,
                origin: content.text.clone(),
                content,
                before,
            }
        }
        Err(error) => Start {
            notice: Some(Notice::failed(format!("The link was not opened: {error}."))),
            ..start("", kept.map(Content::of), origin, broken)
        },
    }
}

#[cfg(test)]
mod tests {
    use hpa_simulation::experiment::Provenance;

    use super::*;

    const MINE: &str = "seed: 1\n";

    #[track_caller]
    fn check(fragment: &str, kept: Option<&str>, text: &str, before: Option<&str>, says: &str) {
        let start = start(fragment, kept.map(Content::of), None, false);
        assert_eq!(start.content.text, text);
        assert_eq!(start.before.as_deref(), before);
        let notice = start.notice.map_or_else(String::new, |notice| notice.text);
        assert!(notice.contains(says), "{notice}");
        assert_eq!(notice.is_empty(), says.is_empty(), "{notice}");
    }

    #[test]
    fn a_visit_begins_with_the_link_or_the_saved_text_or_the_walkthrough() {
        let link = link::encode(&Content::of("seed: 2\n"));
        let link = format!("#{link}");
        check("", None, model::PHP_APACHE, None, "");
        check("#", Some(MINE), MINE, None, "");
        check(&link, None, "seed: 2\n", None, "");
        check(
            &link,
            Some(MINE),
            "seed: 2\n",
            Some(MINE),
            "undo restores it",
        );
        check(&link, Some("seed: 2\n"), "seed: 2\n", None, "");
        check(&link, Some(model::PHP_APACHE), "seed: 2\n", None, "");
    }

    #[test]
    fn a_bad_link_is_reported_and_the_text_is_kept() {
        check("#v1.___", Some(MINE), MINE, None, "truncated or corrupt");
        check("#v7.abc", Some(MINE), MINE, None, "newer version");
        check(
            "#nonsense",
            None,
            model::PHP_APACHE,
            None,
            "not a share link",
        );
        let long = format!("#v1.{}", "A".repeat(link::MAX_LINK + 1));
        check(&long, Some(MINE), MINE, None, "longer than");
    }

    #[test]
    fn a_text_of_another_version_is_noted_once() {
        let made = Provenance::parse("1.36/99").expect("a record");
        let other = || Content::of("seed: 2\n").with_made(made);
        let note = "made with version 99 of the simulation model";
        let notice = |start: Start| start.notice.map_or_else(String::new, |notice| notice.text);
        let link = format!("#{}", link::encode(&other()));
        check(&link, None, "seed: 2\n", None, note);
        check(&link, Some(MINE), "seed: 2\n", Some(MINE), note);
        let kept = start("", Some(other()), None, false);
        assert_eq!(kept.content, Content::of("seed: 2\n"), "kept as made here");
        assert!(notice(kept).contains(note));
    }

    #[test]
    fn a_text_that_crashed_the_page_is_not_opened_again() {
        let start = start("", Some(Content::of(MINE)), None, true);
        assert_eq!(start.content.text, model::PHP_APACHE);
        assert_eq!(start.before.as_deref(), Some(MINE));
        assert!(start.notice.is_some());
    }
}
