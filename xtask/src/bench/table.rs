//! Prints the table of measured values and their targets.

use super::aims::{Aim, Unit};
use super::{Measured, Values};

const HEADER: [&str; 6] = ["", "aim", "measured", "ratio", "best", ""];

/// A header and one line per target; values without a target are omitted.
pub(super) fn table(aims: &[(&str, Aim, Unit)], values: &Values) -> String {
    let mut rows = vec![HEADER.map(str::to_owned)];
    rows.extend(
        aims.iter()
            .map(|(name, aim, unit)| row(name, *aim, *unit, values)),
    );
    let width = |column: usize| {
        let cells = rows
            .iter()
            .map(|row: &[String; 6]| row[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let widths: [usize; 6] = std::array::from_fn(width);
    let line = |row: &[String; 6]| {
        let mut line = format!("{:<width$}", row[0], width = widths[0]);
        for (cell, width) in row.iter().zip(widths).skip(1) {
            line += &format!("  {cell:>width$}");
        }
        line.trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

fn row(name: &str, aim: Aim, unit: Unit, values: &Values) -> [String; 6] {
    let Some(&Measured {
        median,
        best,
        aim: stated,
    }) = values.get(name)
    else {
        return [name, "", "none", "", "", ""].map(str::to_owned);
    };
    let most = match aim {
        Aim::None => stated,
        Aim::Most(most) => Some(most),
        Aim::Times(factor, other) => values.get(other).map(|other| factor * other.median),
    };
    let text = |value: Option<f64>| {
        value
            .map(|value| with_unit(value, unit))
            .unwrap_or_default()
    };
    let ratio = most.map(|most| format!("{:.2}", median / most));
    let missed = most.is_some_and(|most| median > most);
    [
        name.to_owned(),
        text(most),
        text(Some(median)),
        ratio.unwrap_or_default(),
        text(best),
        if missed { "missed" } else { "" }.to_owned(),
    ]
}

/// A number with its unit and three significant digits.
fn with_unit(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Tasks => format!("{value:.0} tasks"),
        Unit::Milliseconds if value < 0.1 => format!("{} µs", three_digits(value * 1000.0)),
        Unit::Milliseconds => format!("{} ms", three_digits(value)),
        Unit::Megabytes => format!("{} MB", three_digits(value)),
        Unit::Kilobytes => format!("{} KB", three_digits(value)),
    }
}

fn three_digits(value: f64) -> String {
    // 9.996 is 10.0 with three digits: the rounded value decides the number of decimals.
    for (below, places) in [(0.9995, 3), (9.995, 2), (99.95, 1)] {
        if value < below {
            return format!("{value:.places$}");
        }
    }
    format!("{value:.0}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_significant_digits() {
        for (value, unit, text) in [
            (0.001, Unit::Milliseconds, "1.00 µs"),
            (0.0123, Unit::Milliseconds, "12.3 µs"),
            (0.1, Unit::Milliseconds, "0.100 ms"),
            (9.996, Unit::Milliseconds, "10.0 ms"),
            (99.96, Unit::Megabytes, "100 MB"),
            (1234.5, Unit::Kilobytes, "1234 KB"),
            (3.0, Unit::Tasks, "3 tasks"),
        ] {
            assert_eq!(with_unit(value, unit), text);
        }
    }

    #[test]
    fn aims_are_compared_with_medians() {
        let aims = [
            ("a", Aim::Most(2.0), Unit::Milliseconds),
            ("bb", Aim::Times(3.0, "a"), Unit::Milliseconds),
            ("c", Aim::None, Unit::Kilobytes),
            ("d", Aim::None, Unit::Tasks),
            ("e", Aim::Most(1.0), Unit::Megabytes),
        ];
        let measured = |median, best, aim| Measured { median, best, aim };
        let values = Values::from([
            ("a".to_owned(), measured(1.0, Some(0.5), None)),
            ("bb".to_owned(), measured(4.5, None, None)),
            ("c".to_owned(), measured(300.0, None, Some(350.0))),
            ("d".to_owned(), measured(2.0, None, None)),
        ]);
        let expected = "
        aim  measured  ratio      best
a   2.00 ms   1.00 ms   0.50  0.500 ms
bb  3.00 ms   4.50 ms   1.50            missed
c    350 KB    300 KB   0.86
d             2 tasks
e                none
";
        assert_eq!(format!("\n{}", table(&aims, &values)), expected);
    }
}
