//! Formats numbers and times for the page.

/// Time since the start as on a stopwatch: `0:15`, `12:05`, `1:02:05`. Truncated to seconds.
#[must_use]
pub fn clock(seconds: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "saturates")]
    let total = seconds.max(0.0).floor() as i64;
    let (hours, minutes, seconds) = (total / 3600, total / 60 % 60, total % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// The same for a screen reader, which reads `12:05` as a time of day: `12 min 5 s`.
#[must_use]
pub fn spoken(seconds: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "saturates")]
    let total = seconds.max(0.0).floor() as i64;
    let parts = [
        (total / 3600, "h"),
        (total / 60 % 60, "min"),
        (total % 60, "s"),
    ];
    let mut text = String::new();
    for (amount, unit) in parts.into_iter().filter(|(amount, _)| *amount > 0) {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&format!("{amount} {unit}"));
    }
    if text.is_empty() {
        "0 s".to_owned()
    } else {
        text
    }
}

/// A value with useful precision: no decimals from 100 on or for whole numbers, otherwise one
/// decimal, or two below 1. Thousands are separated by a narrow space.
#[must_use]
pub fn number(value: f64) -> String {
    if !value.is_finite() {
        return "unknown".to_owned();
    }
    let text = if value.abs() >= 100.0 || (value - value.round()).abs() < 5e-4 {
        format!("{value:.0}")
    } else if value.abs() >= 1.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    };
    let (sign, digits) = text
        .strip_prefix('-')
        .map_or(("", text.as_str()), |digits| ("-", digits));
    let whole = digits.split('.').next().unwrap_or(digits);
    if whole.len() <= 4 {
        return text;
    }
    let mut grouped = String::from(sign);
    for (position, digit) in whole.chars().enumerate() {
        if position > 0 && (whole.len() - position).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped.push_str(&digits[whole.len()..]);
    grouped
}

/// `1 pod`, `2 pods`.
#[must_use]
pub fn counted(count: i64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_support::check_each;

    #[test]
    fn times_read_like_a_stopwatch() {
        check_each(
            [
                (0.0, "0:00"),
                (15.9, "0:15"),
                (725.0, "12:05"),
                (3725.0, "1:02:05"),
                (86_400.0, "24:00:00"),
                (-3.0, "0:00"),
                (f64::NAN, "0:00"),
            ],
            |(seconds, expected)| {
                assert_eq!(clock(seconds), expected);
            },
        );
    }

    #[test]
    fn times_are_spoken_with_units() {
        check_each(
            [
                (0.0, "0 s"),
                (15.0, "15 s"),
                (300.0, "5 min"),
                (3725.0, "1 h 2 min 5 s"),
            ],
            |(seconds, expected)| {
                assert_eq!(spoken(seconds), expected);
            },
        );
    }

    #[test]
    fn numbers_keep_the_digits_of_use() {
        check_each(
            [
                (0.0, "0"),
                (0.05, "0.05"),
                (7.0, "7"),
                (61.04, "61.0"),
                (305.4, "305"),
                (-2.5, "-2.5"),
                (9999.0, "9999"),
                (12_345.6, "12\u{202f}346"),
                (f64::NAN, "unknown"),
            ],
            |(value, expected)| {
                assert_eq!(number(value), expected);
            },
        );
    }

    #[test]
    fn one_is_singular() {
        assert_eq!(counted(1, "pod", "pods"), "1 pod");
        assert_eq!(counted(0, "pod", "pods"), "0 pods");
    }
}
