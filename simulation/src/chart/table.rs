//! The table of a chart, for the page and as CSV.

use std::fmt::Write as _;

use super::format::number;
use super::series::Series;
use super::time_range::TimeRange;

/// A table of a chart's series, with a row for each change.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Table {
    /// The names of the columns with their units, the time first.
    pub head: Vec<String>,
    /// Times \[s\] and values.
    pub rows: Vec<(f64, Vec<f64>)>,
}

/// The table of a chart within a range of time.
#[must_use]
pub fn table(series: &[Series], range: TimeRange) -> Table {
    let head = std::iter::once("Time".to_owned());
    let head = head.chain(
        series
            .iter()
            .map(|one| format!("{} [{}]", one.kind.name, one.unit.name())),
    );
    let points = series.iter().flat_map(|one| one.within(range));
    let mut times: Vec<f64> = points.map(|point| point.0).collect();
    times.sort_unstable_by(f64::total_cmp);
    times.dedup();
    let mut rows: Vec<(f64, Vec<f64>)> = Vec::new();
    for time in times {
        let values: Vec<f64> = series.iter().map(|one| one.at(time)).collect();
        let same = |a: &f64, b: &f64| a.total_cmp(b).is_eq();
        let repeated = rows
            .last()
            .is_some_and(|(_, last)| last.iter().zip(&values).all(|(a, b)| same(a, b)));
        // The end of the range, and of a series, is not a change.
        if !repeated && (time < range.1 || rows.is_empty()) {
            rows.push((time, values));
        }
    }
    Table {
        head: head.collect(),
        rows,
    }
}

impl Table {
    /// The table as comma-separated values, times in seconds. A missing value is empty.
    #[must_use]
    pub fn csv(&self) -> String {
        let quoted = |text: &str| {
            if text.contains([',', '"', '\n']) {
                format!("\"{}\"", text.replace('"', "\"\""))
            } else {
                text.to_owned()
            }
        };
        let mut head = self.head.clone();
        if let Some(time) = head.first_mut() {
            time.push_str(" [s]");
        }
        let head: Vec<String> = head.iter().map(|name| quoted(name)).collect();
        let mut text = head.join(",") + "\n";
        for (time, values) in &self.rows {
            let _ = write!(text, "{time}");
            for value in values {
                text.push(',');
                if value.is_finite() {
                    // Rounded to the precision of a 32-bit series.
                    let _ = write!(text, "{}", (value * 1e6).round() / 1e6);
                }
            }
            text.push('\n');
        }
        text
    }
}

/// A cell of the table on the page; the unit is in the header.
#[must_use]
pub fn cell(value: f64) -> String {
    if value.is_nan() {
        "–".to_owned()
    } else {
        number(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{ChartKind, testing};

    #[test]
    fn a_table_has_a_row_for_each_change() {
        let series = testing::series_of(ChartKind::Load);
        let table = table(&series[..1], (0.0, 1800.0));
        assert_eq!(table.head, ["Time", "arriving [requests/s]"]);
        assert_eq!(
            table.rows,
            [(0.0, vec![0.0]), (60.0, vec![61.0]), (660.0, vec![0.0])]
        );
        assert_eq!(
            table.csv(),
            "Time [s],arriving [requests/s]\n0,0\n60,61\n660,0\n"
        );
    }

    #[test]
    fn a_missing_value_is_no_number() {
        let table = Table {
            head: vec!["Time".to_owned(), "a, \"b\"".to_owned()],
            rows: vec![(15.0, vec![f64::NAN])],
        };
        assert_eq!(table.csv(), "Time [s],\"a, \"\"b\"\"\"\n15,\n");
        assert_eq!(cell(f64::NAN), "–");
    }
}
