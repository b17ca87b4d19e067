//! What a visit begins with: the link, or else the saved text, or else the walkthrough.

use hpa_simulation::experiment::link::Content;

use super::link::Link;
use super::persist;
use crate::model;
use crate::options::Options;
use crate::shell::notice::Notice;

/// What a visit begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Start {
    /// The text and the view.
    pub(super) content: Content,
    /// The text that this one was derived from.
    pub(super) origin: String,
    /// The previous text, if another one is shown.
    pub(super) before: Option<String>,
    /// What there is to say of it.
    pub(super) notice: Option<Notice>,
}

impl Start {
    /// The start of this visit. The text of the options comes before everything else.
    pub(super) fn of(options: &Options) -> Self {
        match &options.start {
            Some(text) => Self {
                origin: text.clone(),
                content: Content::of(text),
                before: None,
                notice: None,
            },
            None => Self::choose(
                options.link.clone(),
                persist::restore(),
                persist::origin(),
                persist::was_broken(),
            ),
        }
    }

    fn choose(
        link: Option<Link>,
        kept: Option<Content>,
        origin: Option<Content>,
        broken: bool,
    ) -> Self {
        let (kept, note) = kept.map_or((None, None), |kept| {
            let (kept, note) = kept.open();
            (Some(kept.text), note)
        });
        let kept = kept.filter(|text| text != model::PHP_APACHE);
        match link {
            None if broken => Self::after_crash(kept),
            None => {
                let notice = kept.as_ref().and(note).map(Notice::done);
                Self {
                    notice,
                    ..Self::plain(kept, origin)
                }
            }
            Some(Ok(content)) => Self::by_link(content, kept),
            Some(Err(failure)) => Self {
                notice: Some(Notice::failed(failure.to_string())),
                ..if broken {
                    Self::after_crash(kept)
                } else {
                    Self::plain(kept, origin)
                }
            },
        }
    }

    /// The saved text or the walkthrough.
    fn plain(kept: Option<String>, origin: Option<Content>) -> Self {
        let origin = origin.map(|origin| origin.open().0.text);
        let text = kept.unwrap_or_else(|| model::PHP_APACHE.to_owned());
        Self {
            origin: origin.unwrap_or_else(|| text.clone()),
            content: Content::of(text),
            before: None,
            notice: None,
        }
    }

    /// The walkthrough instead of the text on which the page crashed.
    fn after_crash(kept: Option<String>) -> Self {
        let text = "The page crashed on the text from your last visit. Find it under Files; undo restores it.";
        Self {
            content: Content::of(model::PHP_APACHE),
            origin: model::PHP_APACHE.to_owned(),
            notice: kept.is_some().then(|| Notice::undoable(text)),
            before: kept,
        }
    }

    fn by_link(content: Content, kept: Option<String>) -> Self {
        let (content, note) = content.open();
        let before = kept.filter(|kept| *kept != content.text);
        let text = "Opened the link. Your previous text is under Files; undo restores it.";
        let notice = match (&before, note) {
            (Some(_), None) => Some(Notice::undoable(text)),
            (Some(_), Some(note)) => Some(Notice::undoable(format!("{text} {note}"))),
            (None, note) => note.map(Notice::done),
        };
        Self {
            notice,
            origin: content.text.clone(),
            content,
            before,
        }
    }
}

#[cfg(test)]
mod tests {
    use hpa_simulation::experiment::Provenance;
    use hpa_simulation::experiment::link::{MAX_LINK, decode, encode};

    use super::*;
    use crate::lazy::PartMissing;
    use crate::session::link::LinkFailure;

    const MINE: &str = "seed: 1\n";

    /// The start of a visit by a link, if there is one, with a saved text.
    fn start(link: Option<&str>, kept: Option<Content>) -> Start {
        let link = link.map(|link| decode(link).map_err(LinkFailure::Undecodable));
        Start::choose(link, kept, None, false)
    }

    #[track_caller]
    fn check(link: Option<&str>, kept: Option<&str>, text: &str, before: Option<&str>, says: &str) {
        let start = start(link, kept.map(Content::of));
        assert_eq!(start.content.text, text);
        assert_eq!(start.before.as_deref(), before);
        let notice = start.notice.map_or_else(String::new, |notice| notice.text);
        assert!(notice.contains(says), "{notice}");
        assert_eq!(notice.is_empty(), says.is_empty(), "{notice}");
    }

    #[test]
    fn a_visit_begins_with_the_link_or_the_saved_text_or_the_walkthrough() {
        let link = encode(&Content::of("seed: 2\n"));
        let link = Some(format!("#{link}"));
        let link = link.as_deref();
        check(None, None, model::PHP_APACHE, None, "");
        check(None, Some(MINE), MINE, None, "");
        check(link, None, "seed: 2\n", None, "");
        check(
            link,
            Some(MINE),
            "seed: 2\n",
            Some(MINE),
            "undo restores it",
        );
        check(link, Some("seed: 2\n"), "seed: 2\n", None, "");
        check(link, Some(model::PHP_APACHE), "seed: 2\n", None, "");
    }

    #[test]
    fn a_bad_link_is_reported_and_the_text_is_kept() {
        check(
            Some("#v1.___"),
            Some(MINE),
            MINE,
            None,
            "truncated or corrupt",
        );
        check(Some("#v7.abc"), Some(MINE), MINE, None, "newer version");
        check(
            Some("#nonsense"),
            None,
            model::PHP_APACHE,
            None,
            "not a share link",
        );
        let long = format!("#v1.{}", "A".repeat(MAX_LINK + 1));
        check(Some(&long), Some(MINE), MINE, None, "longer than");
    }

    #[test]
    fn a_link_without_what_decodes_it_is_reported_and_the_text_is_kept() {
        let missing = Some(Err(LinkFailure::PartMissing(PartMissing)));
        let start = Start::choose(missing, Some(Content::of(MINE)), None, false);
        assert_eq!(start.content.text, MINE);
        let notice = start.notice.map_or_else(String::new, |notice| notice.text);
        assert!(notice.starts_with("The link was not opened: "), "{notice}");
    }

    #[test]
    fn a_text_of_another_version_is_noted_once() {
        let made = Provenance::parse("1.37/99").expect("a record");
        let other = || Content::of("seed: 2\n").with_made(made);
        let note = "made with version 99 of the simulation model";
        let notice = |start: Start| start.notice.map_or_else(String::new, |notice| notice.text);
        let link = encode(&other());
        let link = Some(&*link);
        check(link, None, "seed: 2\n", None, note);
        check(link, Some(MINE), "seed: 2\n", Some(MINE), note);
        let kept = start(None, Some(other()));
        assert_eq!(kept.content, Content::of("seed: 2\n"), "kept as made here");
        assert!(notice(kept).contains(note));
    }

    #[test]
    fn a_text_that_crashed_the_page_is_not_opened_again() {
        let start = Start::choose(None, Some(Content::of(MINE)), None, true);
        assert_eq!(start.content.text, model::PHP_APACHE);
        assert_eq!(start.before.as_deref(), Some(MINE));
        assert!(start.notice.is_some());
    }
}
