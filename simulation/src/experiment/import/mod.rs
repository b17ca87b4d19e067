//! Imports series recorded by other tools: Prometheus, CSV, Grafana, promtool.
//!
//! Timestamps are shifted so that the first one is zero; gaps are reported, not filled.

mod csv;
mod error;

pub use csv::csv;
pub use error::{ImportError, Place, PointError};

use hpa_core::manifest::{self, Node, Number, Value};
use hpa_core::time::SignedDuration;

/// A series as points in order of time, with notes.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Import {
    /// Times from the first one on, and values.
    pub points: Vec<(SignedDuration, f64)>,
    /// Notes on gaps, missing values and suspicious units.
    pub notes: Vec<String>,
}

/// The maximum number of points.
pub const MAX_POINTS: usize = 100_000;
/// The maximum number of values in a response: three for each point, plus other series.
const MAX_VALUES: usize = 6 * MAX_POINTS;
/// The latest time, and negated the earliest: the end of the year 9999 \[ms\].
const MAX_TIME: i64 = 253_402_300_799_999;

/// The number of a line or value, its time \[ms\] and its value, if it has one.
type Point = (usize, Option<(i64, f64)>);

/// Reads the series `column` from the response of `query_range` (or `promtool query range -o json`).
///
/// # Errors
/// See [`ImportError`].
pub fn prometheus(text: &str, column: usize) -> Result<Import, ImportError> {
    // JSON is YAML, whose parser is linked anyway.
    let answer = manifest::read_value(text, MAX_VALUES).map_err(|problem| match problem.code {
        "text-too-large" | "yaml-too-large" => ImportError::TooLarge(problem.message),
        _ => ImportError::NotJson(problem.message),
    })?;
    let root = &answer;
    if root.value == Value::Null {
        return Err(ImportError::NotJson(String::from("it is empty")));
    }
    if let Some("error") = root.text("status") {
        let error = root.text("error").map(str::to_owned);
        return Err(ImportError::Prometheus(error));
    }
    let data = root.entry("data").map_or(root, |entry| &entry.value);
    let result = data.entry("result").map_or(data, |entry| &entry.value);
    let series = result.items();
    let Some(one) = series.get(column) else {
        return Err(match series.len() {
            0 => ImportError::NoSeries,
            count => ImportError::NoSuchSeries(count),
        });
    };
    let Some(values) = one.entry("values") else {
        return Err(ImportError::NoRange);
    };
    let point = |pair: &Node| {
        let [time, value] = pair.items() else {
            return None;
        };
        Some((seconds(number(time)?), number(value)?))
    };
    let points = (1..).zip(values.value.items().iter().map(point));
    let mut import = finish(points.collect(), Place::Value)?;
    if series.len() > 1 {
        import.notes.push(format!(
            "there are {} series; this is number {column}",
            series.len()
        ));
    }
    Ok(import)
}

fn number(node: &Node) -> Option<f64> {
    match &node.value {
        Value::Number(Number::Float(value)) => Some(*value),
        Value::Number(number) => number.to_string().parse().ok(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// Seconds since the epoch as milliseconds.
#[expect(
    clippy::cast_possible_truncation,
    reason = "saturates, and finish() checks the order"
)]
fn seconds(value: f64) -> i64 {
    (value * 1000.0).round() as i64
}

/// Reads promtool's notation: values separated by blanks, `a+bxn` and `a-bxn` (a, then n steps
/// of b), `axn` (a, then n more times a), `_` and `_xn` for missing ones.
///
/// # Errors
/// See [`ImportError`].
pub fn promtool(text: &str, interval: SignedDuration) -> Result<Import, ImportError> {
    if interval <= SignedDuration::ZERO {
        return Err(ImportError::Interval(interval));
    }
    let mut values: Vec<Option<f64>> = Vec::new();
    for item in text.split_whitespace() {
        let wrong = || ImportError::Notation(item.to_owned());
        let (body, times) = match item.rsplit_once('x') {
            Some((body, times)) => (body, times.parse::<usize>().map_err(|_| wrong())?),
            None => (item, 0),
        };
        if values.len().saturating_add(times) >= MAX_POINTS {
            return Err(ImportError::TooMany);
        }
        if body == "_" {
            values.extend(std::iter::repeat_n(None, times.max(1)));
            continue;
        }
        // The sign between the two numbers, not that of a number or an exponent.
        let sign = body
            .char_indices()
            .skip(1)
            .find(|&(at, c)| matches!(c, '+' | '-') && !body[..at].ends_with(['e', 'E']));
        let (start, step) = match sign {
            None => (body.parse::<f64>(), Ok(0.0)),
            Some((at, sign)) => {
                let step = body[at + 1..].parse::<f64>();
                (
                    body[..at].parse(),
                    step.map(|step| if sign == '-' { -step } else { step }),
                )
            }
        };
        let (Ok(start), Ok(step)) = (start, step) else {
            return Err(wrong());
        };
        let mut value = start;
        for _ in 0..=times {
            values.push(Some(value));
            value += step;
        }
    }
    let mut at = 0_i64;
    let points = values.into_iter().map(|value| {
        let time = at;
        at = at.saturating_add(interval.0);
        value.map(|value| (time, value))
    });
    finish((1..).zip(points).collect(), Place::Value)
}

/// Shifts the times to zero and adds notes on missing values.
fn finish(points: Vec<Point>, place: fn(usize) -> Place) -> Result<Import, ImportError> {
    let total = points.len();
    if total > MAX_POINTS {
        return Err(ImportError::TooMany);
    }
    let mut kept: Vec<(i64, f64)> = Vec::new();
    for (number, point) in points {
        let Some((time, value)) = point.filter(|(_, value)| value.is_finite()) else {
            continue;
        };
        let wrong = |error| ImportError::At(place(number), error);
        if !(-MAX_TIME..=MAX_TIME).contains(&time) {
            return Err(wrong(PointError::OutOfRange));
        }
        if kept.last().is_some_and(|(last, _)| *last >= time) {
            return Err(wrong(PointError::NotIncreasing));
        }
        kept.push((time, value));
    }
    let points = kept;
    let Some(&(first, _)) = points.first() else {
        return Err(ImportError::Empty);
    };
    let mut notes = Vec::new();
    let missing = total - points.len();
    if missing > 0 {
        notes.push(format!(
            "{missing} of {total} values are missing or not numbers"
        ));
    }
    if let Some(usual) = usual_step(&points) {
        for pair in points
            .windows(2)
            .filter(|pair| pair[1].0 - pair[0].0 > usual.saturating_mul(2))
        {
            notes.push(format!(
                "a gap of {} at {}",
                SignedDuration(pair[1].0 - pair[0].0),
                SignedDuration(pair[0].0 - first)
            ));
        }
        // A list of a thousand gaps helps no one.
        if notes.len() > 5 {
            let more = notes.len() - 5;
            notes.truncate(5);
            notes.push(format!("and {more} more gaps"));
        }
    }
    Ok(Import {
        points: points
            .into_iter()
            .map(|(time, value)| (SignedDuration(time.saturating_sub(first)), value))
            .collect(),
        notes,
    })
}

/// The median of the steps; of an even number the longer one in the middle.
fn usual_step(points: &[(i64, f64)]) -> Option<i64> {
    let steps = points.windows(2);
    let mut steps: Vec<i64> = steps
        .map(|pair| pair[1].0.saturating_sub(pair[0].0))
        .collect();
    // Sorted, not selected: where std is built for size, as for browsers, select_nth_unstable takes
    // quadratic time on equal steps.
    steps.sort_unstable();
    steps.get(steps.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_support::check_each;

    #[track_caller]
    fn check(found: Result<Import, ImportError>, points: &[(i64, f64)], notes: &[&str]) {
        let found = found.expect("it is read");
        let seconds: Vec<_> = found
            .points
            .iter()
            .map(|(at, value)| (at.0 / 1000, *value))
            .collect();
        assert_eq!(seconds, points);
        assert_eq!(found.notes, notes);
    }

    #[test]
    fn promtool_notation() {
        let minute = SignedDuration::from_secs(60);
        check(
            promtool("0+10x3", minute),
            &[(0, 0.0), (60, 10.0), (120, 20.0), (180, 30.0)],
            &[],
        );
        check(
            promtool("5 7x1 -1-1x1", minute),
            &[(0, 5.0), (60, 7.0), (120, 7.0), (180, -1.0), (240, -2.0)],
            &[],
        );
        check(
            promtool("1 _ 1e1", minute),
            &[(0, 1.0), (120, 10.0)],
            &["1 of 3 values are missing or not numbers"],
        );
        check_each(
            [
                "",
                "a",
                "1+x2",
                "1x",
                "0+1x99999999",
                "_x9999999999999999999999",
            ],
            |wrong| {
                assert!(promtool(wrong, minute).is_err(), "{wrong}");
            },
        );
    }

    #[test]
    fn csv_of_two_columns_and_of_grafana() {
        check(
            csv("time,value\n1700000000,1\n1700000015,2\n", 0),
            &[(0, 1.0), (15, 2.0)],
            &[],
        );
        check(
            csv("1700000000000;1\n1700000015000;2.5", 0),
            &[(0, 1.0), (15, 2.5)],
            &[],
        );
        check(
            csv(
                "\u{feff}\"Time\",\"a\",\"b rpm\"\n\"2024-01-31 12:00:00\",1,\"1.5 K\"\n2024-01-31T12:01:00Z,1,20 req/s\n2024-01-31 12:02:00,1,\n2024-01-31 12:07:00,1,1",
                1,
            ),
            &[(0, 1500.0), (60, 20.0), (420, 1.0)],
            &[
                "1 of 4 values are missing or not numbers",
                "the column \"b rpm\" looks like per minute: set factor: 0.01667",
            ],
        );
        check(csv("0s,1\n30s,2\n", 0), &[(0, 1.0), (30, 2.0)], &[]);
        check(
            csv("sep=;\n0;1\n60;2\n120;1\n600;3", 0),
            &[(0, 1.0), (60, 2.0), (120, 1.0), (600, 3.0)],
            &["a gap of 8m0s at 2m0s"],
        );
        // Longer than twice the median step, although one other step is longer than that, too.
        check(
            csv("0,1\n60,1\n120,1\n180,1\n245,1\n370,1", 0),
            &[0, 60, 120, 180, 245, 370].map(|time| (time, 1.0)),
            &["a gap of 2m5s at 4m5s"],
        );
        check_each(
            [
                ("", "it contains no values"),
                ("a,b", "it contains no values"),
                ("1,2\nx,3", "line 2: \"x\" is not a time"),
                ("a,b\n1,2\n\n1,3", "line 4: timestamps must increase"),
                ("1", "line 1: no value column 0"),
                (
                    "é,1\néééééééééé1,2",
                    "line 2: \"éééééééééé1\" is not a time",
                ),
                ("a,b\n1,2\n2,\"3\n", "line 3: unclosed quote"),
                ("-1e300,1\n", "line 1: the year must have four digits"),
                ("1e300,1\n", "line 1: the year must have four digits"),
            ],
            |(wrong, expected)| {
                let found = csv(wrong, 0).map_err(|error| error.to_string());
                assert_eq!(found, Err(String::from(expected)), "{wrong}");
            },
        );
    }

    #[test]
    fn csv_keeps_parts_of_seconds_and_reads_quotes_first() {
        #[track_caller]
        fn check(text: &str, column: usize, expected: &[(i64, f64)]) {
            let found = csv(text, column).expect("it is read").points;
            let found: Vec<_> = found.iter().map(|(at, value)| (at.0, *value)).collect();
            assert_eq!(found, expected, "{text}");
        }
        let halves = [(0, 1.0), (500, 2.0), (1250, 3.0)];
        check("1700000000,1\n1700000000.5,2\n1700000001.25,3", 0, &halves);
        check("0s,1\n500ms,2\n1.25s,3", 0, &halves);
        check(
            "1700000000000,1\n1700000000500,2\n1700000001250,3",
            0,
            &halves,
        );
        // Before 1973 a time in milliseconds is a small number; as a date it is none to guess at.
        check(
            "1970-01-01 00:00:01,1\n1970-01-01T00:00:01.5Z,2",
            0,
            &[(0, 1.0), (500, 2.0)],
        );
        let two = [(0, 5.0), (1000, 6.0)];
        check("t,\"a,b\",c\n0,1,5\n1,2,6", 1, &two);
        check(
            "\"t\",\"rate{a=\"\"x\"\",b=\"\"y\"\"}\",c\r\n0,1,5\r\n1,2,6\r\n",
            1,
            &two,
        );
        check(
            "t,\"rate{a=\\\"x\\\",b=\\\"y\\\"}\",c\n0,1,5\n1,2,6",
            1,
            &two,
        );
        check("t;\"a;b\";c\n0;1;5\n1;2;6", 1, &two);
        check("t,\"two\nlines\",c\n0,1,\"5\"\n1, \"2\" ,6", 1, &two);
        check("t,5\" pipe,c\n0,1,5\n1,2,6", 1, &two);
    }

    #[test]
    fn prometheus_answers() {
        let answer = r#"{"status":"success","data":{"resultType":"matrix","result":[
            {"metric":{"a":"1"},"values":[[1700000000.5,"1"],[1700000015.5,"NaN"],[1700000030.5,"3"]]}]}}"#;
        check(
            prometheus(answer, 0),
            &[(0, 1.0), (30, 3.0)],
            &["1 of 3 values are missing or not numbers"],
        );
        check(
            prometheus(r#"[{"metric":{},"values":[[1,"1"]]}]"#, 0),
            &[(0, 1.0)],
            &[],
        );
        assert_eq!(
            prometheus(r#"{"status":"error","error":"too many"}"#, 0),
            Err(ImportError::Prometheus(Some(String::from("too many"))))
        );
        check_each(
            [
                "",
                "{",
                "[]",
                "{}",
                r#"{"data":{"result":[{"value":[1,"2"]}]}}"#,
            ],
            |wrong| {
                assert!(prometheus(wrong, 0).is_err(), "{wrong}");
            },
        );
        assert!(prometheus(answer, 1).is_err());
        check_each(["-1e300", "1e300"], |times| {
            assert_eq!(
                prometheus(&format!(r#"[{{"values":[[{times},"1"],[2,"1"]]}}]"#), 0),
                Err(ImportError::At(Place::Value(1), PointError::OutOfRange))
            );
        });
    }

    #[test]
    fn prometheus_answers_of_many_samples() {
        let answer = |samples: usize| {
            let samples: Vec<String> = (0..samples).map(|at| format!("[{at},\"1\"]")).collect();
            format!(r#"[{{"values":[{}]}}]"#, samples.join(","))
        };
        let found = prometheus(&answer(MAX_POINTS), 0).expect("it is read");
        assert_eq!(found.points.len(), MAX_POINTS);
        assert_eq!(
            prometheus(&answer(2 * MAX_POINTS), 0),
            Err(ImportError::TooLarge(String::from(
                "the document has more than 600000 values"
            )))
        );
    }
}
