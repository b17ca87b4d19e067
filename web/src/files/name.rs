//! The file names under which texts are saved.

/// The file name of a text: its title in lowercase, with `.yaml`.
#[must_use]
pub(super) fn file_name(title: &str) -> String {
    let mut name = String::new();
    for c in title.chars() {
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    name.truncate(60);
    let name = name.trim_matches('-');
    format!("{}.yaml", if name.is_empty() { "experiment" } else { name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_after_their_title() {
        #[track_caller]
        fn check(title: &str, expected: &str) {
            assert_eq!(file_name(title), expected);
        }
        check(
            "php-apache, the walkthrough",
            "php-apache-the-walkthrough.yaml",
        );
        check("../../etc", "etc.yaml");
        check("日本", "experiment.yaml");
        check("", "experiment.yaml");
        check(&"a".repeat(500), &format!("{}.yaml", "a".repeat(60)));
    }
}
