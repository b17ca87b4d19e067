//! The list of recent experiments, stored as one link per line, with limits.

use hpa_simulation::experiment::link::{self, Content};

use crate::model::Parsed;

/// The maximum number of entries.
const COUNT: usize = 20;
/// The maximum total size [characters].
const SIZE: usize = 400_000;

/// A text that was replaced by opening another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recent {
    /// When it was replaced [ms since 1970].
    pub time: u64,
    /// Its link.
    pub link: String,
}

impl Recent {
    /// The content of the link.
    #[must_use]
    pub fn content(&self) -> Option<Content> {
        link::decode(&self.link).ok()
    }
}

/// Parses the stored list; malformed lines are skipped.
#[must_use]
pub fn read(kept: &str) -> Vec<Recent> {
    let entry = |line: &str| {
        let (time, link) = line.split_once(' ')?;
        Some(Recent {
            time: time.parse().ok()?,
            link: link.to_owned(),
        })
    };
    kept.lines().filter_map(entry).take(COUNT).collect()
}

/// The list in its stored form.
#[must_use]
pub fn write(recent: &[Recent]) -> String {
    let line = |recent: &Recent| format!("{} {}\n", recent.time, recent.link);
    recent.iter().map(line).collect()
}

/// Moves a text to the front and drops the oldest entries beyond the limits.
pub fn add(recent: &mut Vec<Recent>, text: &str, time: u64) {
    let link = link::encode(&Content::of(text));
    if link.len() > SIZE {
        return;
    }
    recent.retain(|old| old.link != link);
    recent.insert(0, Recent { time, link });
    let mut size = 0;
    let kept = recent.iter().take(COUNT).take_while(|recent| {
        size += recent.link.len();
        size <= SIZE
    });
    let kept = kept.count();
    recent.truncate(kept);
}

/// The title of what a text says: its experiment's title, or else the name of its first object.
#[must_use]
pub fn title(parsed: &Parsed) -> String {
    let title = parsed
        .experiment
        .as_ref()
        .map(|experiment| experiment.title.trim().to_owned())
        .filter(|title| !title.is_empty());
    let name = || {
        let mut names = parsed.objects.iter().map(|object| object.document.name());
        names.find(|name| !name.is_empty()).map(str::to_owned)
    };
    title.or_else(name).unwrap_or_else(|| "Untitled".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model;

    #[test]
    fn recent_texts_are_unique_newest_first_and_limited() {
        let mut recent = Vec::new();
        for (time, text) in ["a: 1", "b: 2", "a: 1"].into_iter().enumerate() {
            add(&mut recent, text, time as u64);
        }
        let contents = recent.iter().filter_map(Recent::content);
        let texts: Vec<_> = contents.map(|content| content.text).collect();
        assert_eq!(texts, ["a: 1", "b: 2"]);
        assert_eq!(read(&write(&recent)), recent);
        for time in 0..50 {
            add(&mut recent, &format!("a: {time}"), time);
        }
        assert_eq!(recent.len(), COUNT);
        assert_eq!(recent[0].content(), Some(Content::of("a: 49")));
    }

    #[test]
    fn malformed_lines_are_skipped() {
        assert_eq!(read("\nnonsense\nx v1.a\n"), []);
        assert_eq!(read("5 v1.a\n")[0].content(), None);
    }

    #[test]
    fn a_text_has_its_title_or_its_name() {
        let title = |text| title(&model::read(text));
        assert_eq!(title(model::PHP_APACHE), "php-apache, the walkthrough");
        assert_eq!(
            title("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: some}\n"),
            "some"
        );
        assert_eq!(title("]"), "Untitled");
    }
}
