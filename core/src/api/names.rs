//! The syntax of names and labels, with the API server's messages for violations.
//!
//! Upstream: `k8s.io/apimachinery/pkg/api/validate/content` and
//! `k8s.io/apimachinery/pkg/util/validation`.
//!
//! Each function returns all errors in upstream's order; an empty list means valid. Lengths
//! are in bytes throughout. Upstream calls them bytes in one package and characters in the
//! other, and so does this module: `name part must be no more than 63 bytes`, but
//! `must be no more than 253 characters` for an object's name.

/// The longest label value, label name and DNS-1123 label.
pub const MAX_LABEL_LENGTH: usize = 63;
/// The longest DNS-1123 subdomain, and so the longest object name.
pub const MAX_SUBDOMAIN_LENGTH: usize = 253;

const LABEL_KEY_RULE: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start \
     and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used \
     for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL_VALUE_RULE: &str = "a valid label must be an empty string or consist of alphanumeric \
     characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. \
     'MyValue',  or 'my_value',  or '12345', regex used for validation is \
     '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const DNS_LABEL_RULE: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric \
     characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or \
     '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN_RULE: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric \
     characters, '-' or '.', and must start and end with an alphanumeric character (e.g. \
     'example.com', regex used for validation is \
     '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

/// Upstream's `IsQualifiedName`: a label key, a name with an optional DNS prefix
/// (`example.com/tier`).
#[must_use]
pub fn qualified_name_errors(value: &str) -> Vec<String> {
    let mut errors = Vec::new();
    let name = match value.split_once('/') {
        None => value,
        Some((_, rest)) if rest.contains('/') => {
            return vec![format!(
                "a valid label key {LABEL_KEY_RULE} with an optional DNS subdomain prefix and '/' \
                 (e.g. 'example.com/MyName')"
            )];
        }
        Some(("", name)) => {
            errors.push("prefix part must be non-empty".to_owned());
            name
        }
        Some((prefix, name)) => {
            errors.extend(
                subdomain_errors(prefix, "bytes")
                    .iter()
                    .map(|error| format!("prefix part {error}")),
            );
            name
        }
    };
    if name.is_empty() {
        errors.push("name part must be non-empty".to_owned());
    } else if name.len() > MAX_LABEL_LENGTH {
        errors.push(format!("name part {}", too_long(MAX_LABEL_LENGTH, "bytes")));
    }
    if !is_label_text(name) {
        errors.push(format!("name part {LABEL_KEY_RULE}"));
    }
    errors
}

/// Upstream's `IsValidLabelValue`: empty, or the characters of a label's name.
#[must_use]
pub fn label_value_errors(value: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if value.len() > MAX_LABEL_LENGTH {
        errors.push(too_long(MAX_LABEL_LENGTH, "bytes"));
    }
    if !value.is_empty() && !is_label_text(value) {
        errors.push(LABEL_VALUE_RULE.to_owned());
    }
    errors
}

/// An error of [`qualified_name_errors`] or [`label_value_errors`] in the words of the releases
/// without [`Change::LabelKeyTexts`](super::Change::LabelKeyTexts).
#[must_use]
pub fn in_older_words(error: &str) -> String {
    error
        .replace("a valid label key must", "a qualified name must")
        .replace(" bytes", " characters")
}

/// Upstream's `IsDNS1123Subdomain`: dot-separated lowercase labels, the form of most object names.
#[must_use]
pub fn dns1123_subdomain_errors(value: &str) -> Vec<String> {
    subdomain_errors(value, "characters")
}

/// Upstream's `IsDNS1123Label`: lowercase letters, digits and `-`, the form of namespaces and
/// container names.
#[must_use]
pub fn dns1123_label_errors(value: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if value.len() > MAX_LABEL_LENGTH {
        errors.push(too_long(MAX_LABEL_LENGTH, "characters"));
    }
    if !is_dns_label(value) {
        errors.push(if is_subdomain(value) {
            "must not contain dots".to_owned()
        } else {
            DNS_LABEL_RULE.to_owned()
        });
    }
    errors
}

/// Upstream's `IsPathSegmentName`: whether a name can be a segment of a URL's path. Empty is
/// valid here.
#[must_use]
pub fn path_segment_name_errors(name: &str) -> Vec<String> {
    if matches!(name, "." | "..") {
        return vec![format!("may not be '{name}'")];
    }
    ["/", "%"]
        .into_iter()
        .filter(|illegal| name.contains(illegal))
        .map(|illegal| format!("may not contain '{illegal}'"))
        .collect()
}

fn subdomain_errors(value: &str, unit: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if value.len() > MAX_SUBDOMAIN_LENGTH {
        errors.push(too_long(MAX_SUBDOMAIN_LENGTH, unit));
    }
    if !is_subdomain(value) {
        errors.push(SUBDOMAIN_RULE.to_owned());
    }
    errors
}

fn too_long(limit: usize, unit: &str) -> String {
    format!("must be no more than {limit} {unit}")
}

/// `([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]`
fn is_label_text(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// `[a-z0-9]([-a-z0-9]*[a-z0-9])?`
fn is_dns_label(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    text.bytes().all(|b| inner(b) || b == b'-')
        && text.bytes().next().is_some_and(inner)
        && text.bytes().next_back().is_some_and(inner)
}

fn is_subdomain(text: &str) -> bool {
    text.split('.').all(is_dns_label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_support::check_each;

    /// `part` is contained in the single error; empty means that there is none.
    #[track_caller]
    fn check(errors: &[String], part: &str) {
        if part.is_empty() {
            assert_eq!(errors, [] as [String; 0]);
        } else {
            assert_eq!(errors.len(), 1, "{errors:?}");
            assert!(errors[0].contains(part), "{errors:?} lacks {part:?}");
        }
    }

    #[test]
    fn qualified_names() {
        check_each(["a", "A.b_c-9", "example.com/Name", "1-2.3/x"], |valid| {
            check(&qualified_name_errors(valid), "");
        });
        check(&qualified_name_errors("-a"), "name part must consist of");
        check(&qualified_name_errors("a b"), "name part must consist of");
        check(
            &qualified_name_errors("/a"),
            "prefix part must be non-empty",
        );
        check(
            &qualified_name_errors("Ä.com/a"),
            "prefix part a lowercase RFC 1123 subdomain",
        );
        check(
            &qualified_name_errors("a/b/c"),
            "a valid label key must consist of",
        );
        check(
            &qualified_name_errors(&"x".repeat(64)),
            "name part must be no more than 63 bytes",
        );
        let both = qualified_name_errors("a/");
        assert_eq!(both.len(), 2, "{both:?}");
        assert_eq!(both[0], "name part must be non-empty");
    }

    #[test]
    fn label_values() {
        check_each(["", "a", "a_B.c-1"], |valid| {
            check(&label_value_errors(valid), "");
        });
        check(
            &label_value_errors("a "),
            "a valid label must be an empty string or",
        );
        check(
            &label_value_errors(".a"),
            "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
        );
        check(
            &label_value_errors(&"x".repeat(64)),
            "must be no more than 63 bytes",
        );
    }

    #[test]
    fn dns_names() {
        check(&dns1123_subdomain_errors("web.prod-1.x"), "");
        check(
            &dns1123_subdomain_errors(""),
            "(e.g. 'example.com', regex used",
        );
        check(&dns1123_subdomain_errors("a..b"), "RFC 1123 subdomain");
        check(
            &dns1123_subdomain_errors(&"a".repeat(254)),
            "must be no more than 253 characters",
        );
        check(&dns1123_label_errors("web-1"), "");
        check(&dns1123_label_errors("a.b"), "must not contain dots");
        check(
            &dns1123_label_errors("UPPER"),
            "(e.g. 'my-name',  or '123-abc', regex",
        );
        check(
            &dns1123_label_errors(&"a".repeat(64)),
            "must be no more than 63 characters",
        );
    }

    #[test]
    fn path_segments() {
        check(&path_segment_name_errors("a.b"), "");
        check(&path_segment_name_errors(""), "");
        check(&path_segment_name_errors(".."), "may not be '..'");
        check(&path_segment_name_errors("a/b"), "may not contain '/'");
        assert_eq!(path_segment_name_errors("%/").len(), 2);
    }
}
