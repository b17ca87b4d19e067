//! The built-in experiments: their index, the search in it, and their texts.

use gloo_net::http::Request;

use crate::model;

/// An experiment of the gallery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Preset {
    /// The name of its file, without `.yaml`.
    pub(super) file: String,
    /// Its title.
    pub(super) title: String,
    /// What it shows, on one line.
    pub(super) summary: String,
}

/// The groups: the prefix of their file names, and their heading.
pub(super) const GROUPS: [(&str, &str); 4] = [
    ("php", "Start here"),
    ("case", "Manifests of real projects"),
    ("pain", "Common problems and fixes"),
    ("myth", "Myths, tested"),
];

/// Parses the index of the experiments; malformed lines are skipped.
#[must_use]
pub(super) fn read(index: &str) -> Vec<Preset> {
    let preset = |line: &str| {
        let mut cells = line.split('\t').map(str::to_owned);
        Some(Preset {
            file: cells.next()?,
            title: cells.next()?,
            summary: cells.next()?,
        })
    };
    index.lines().filter_map(preset).collect()
}

/// The experiments that contain all words of `query` in their title, summary or file name.
#[must_use]
pub(super) fn found(all: &[Preset], query: &str) -> Vec<Preset> {
    let words: Vec<String> = query
        .split_whitespace()
        .map(str::to_ascii_lowercase)
        .collect();
    let fits = |preset: &&Preset| {
        let all =
            format!("{} {} {}", preset.title, preset.summary, preset.file).to_ascii_lowercase();
        words.iter().all(|word| all.contains(word))
    };
    all.iter().filter(fits).cloned().collect()
}

/// Fetches a file from the directory of the experiments.
async fn fetch(file: &str) -> Result<String, gloo_net::Error> {
    let response = Request::get(&format!("experiments/{file}")).send().await?;
    if !response.ok() {
        return Err(gloo_net::Error::GlooError(response.status_text()));
    }
    response.text().await
}

/// The index of the built-in experiments.
///
/// # Errors
/// Where it cannot be fetched.
pub(super) async fn index() -> Result<Vec<Preset>, gloo_net::Error> {
    fetch("index.tsv").await.map(|index| read(&index))
}

/// The text of a built-in experiment: the walkthrough is part of the page, the others are fetched.
///
/// # Errors
/// Where it cannot be fetched.
pub(super) async fn text_of(file: &str) -> Result<String, gloo_net::Error> {
    if file == "php-apache" {
        Ok(model::PHP_APACHE.to_owned())
    } else {
        fetch(&format!("{file}.yaml")).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn experiments_are_found_by_all_words() {
        #[track_caller]
        fn check(all: &[Preset], query: &str, expected: Option<&str>) {
            let files: Vec<_> = found(all, query)
                .into_iter()
                .map(|preset| preset.file)
                .collect();
            assert_eq!(files.first().map(String::as_str), expected, "{files:?}");
        }
        let index = include_str!("../../../simulation/experiments/index.tsv");
        let all = read(index);
        assert_eq!(all.len(), index.lines().count());
        let grouped = GROUPS.map(|(prefix, _)| {
            let is_in = |preset: &&Preset| preset.file.starts_with(prefix);
            all.iter().filter(is_in).count()
        });
        assert_eq!(grouped.into_iter().sum::<usize>(), all.len());
        check(&all, " ", Some("php-apache"));
        check(&all, "walkthrough", Some("php-apache"));
        check(
            &all,
            "MEMORY given back",
            Some("pain-11-memory-never-lets-go"),
        );
        check(&all, "memory lets zebra", None);
        assert_eq!(read("nonsense\n"), []);
    }
}
