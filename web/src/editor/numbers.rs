//! Finding the number at a position of a text, and changing it by steps.

/// A number in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// First byte of its digits.
    pub start: usize,
    /// Byte after its last digit.
    pub end: usize,
    /// The number of digits after its decimal point.
    decimals: usize,
}

/// The number at or right before byte `at` of the text. Digits in a word such as `v2` or `1e3`, in a
/// version, a date or a comment do not count; a unit is not part of the number: in `250m` it is 250.
#[must_use]
pub fn at(text: &str, at: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    if !text.is_char_boundary(at.min(text.len())) {
        return None;
    }
    let at = at.min(bytes.len());
    let part = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    let start = at - bytes[..at].iter().rev().take_while(|b| part(b)).count();
    let end = at + bytes[at..].iter().take_while(|b| part(b)).count();
    let digits = &text[start..end];
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = !whole.is_empty() && !fraction.contains('.') && !digits.ends_with('.');
    // Up to fifteen digits, every step is exact.
    if !plain || digits.len() > 15 {
        return None;
    }
    let before = text[..start].chars().next_back();
    let opens = before.is_none_or(|c| c.is_whitespace() || "\"'[{,:+(".contains(c));
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let mut ahead = text[line..start].char_indices();
    let comment = ahead
        .any(|(i, c)| c == '#' && (i == 0 || text[line..line + i].ends_with(char::is_whitespace)));
    let unit: String = text[end..]
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '%'))
        .collect();
    let known = matches!(
        unit.as_str(),
        "" | "m" | "s" | "h" | "ms" | "k" | "M" | "G" | "T" | "Ki" | "Mi" | "Gi" | "Ti" | "%"
    );
    (opens && known && !comment).then_some(Found {
        start,
        end,
        decimals: fraction.len(),
    })
}

/// The digits of a number after changing it by `steps` of its last digit, never below zero.
#[must_use]
pub fn stepped(text: &str, found: Found, steps: i64) -> String {
    let digits = text.get(found.start..found.end).unwrap_or_default();
    let whole: String = digits.chars().filter(|c| *c != '.').collect();
    let value = whole
        .parse::<i64>()
        .unwrap_or_default()
        .saturating_add(steps)
        .max(0);
    if found.decimals == 0 {
        return value.to_string();
    }
    let width = found.decimals + 1;
    let padded = format!("{value:0width$}");
    let (whole, fraction) = padded.split_at(padded.len() - found.decimals);
    format!("{whole}.{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `|` is where the caret stands.
    #[track_caller]
    fn check(marked: &str, steps: i64, expected: Option<&str>) {
        let caret = marked.find('|').expect("a caret");
        let text = marked.replacen('|', "", 1);
        let changed = at(&text, caret).map(|found| {
            let digits = stepped(&text, found, steps);
            format!("{}{digits}{}", &text[..found.start], &text[found.end..])
        });
        assert_eq!(changed.as_deref(), expected);
    }

    #[test]
    fn the_number_at_the_caret_is_changed_and_nothing_else() {
        check("maxReplicas: 1|0 # ten", 1, Some("maxReplicas: 11 # ten"));
        check("maxReplicas: 10|", -1, Some("maxReplicas: 9"));
        check("maxReplicas: |10", 10, Some("maxReplicas: 20"));
        check("cpu: 25|0m", 10, Some("cpu: 260m"));
        check("cpu: \"0.5|\"", -6, Some("cpu: \"0.0\""));
        check("- {at: 5m, rate: 1.25|}", 1, Some("- {at: 5m, rate: 1.26}"));
        check("rate: 0|", -1, Some("rate: 0"));
    }

    #[test]
    fn other_digits_are_not_numbers() {
        check("apiVersion: autoscaling/v2|", 1, None);
        check("maxReplicas: 10 # 1|0", 1, None);
        check("version: 1.36.2|", 1, None);
        check("date: 2026|-01-01", 1, None);
        check("name: web-1|", 1, None);
        check("max|Replicas: 10", 1, None);
        check("é|", 1, None);
        check("n: 1234567890123456|", 1, None);
    }
}
