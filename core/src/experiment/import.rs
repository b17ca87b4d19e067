//! Series recorded by other tools, read as points: Prometheus, CSV, Grafana, promtool.
//!
//! Time stamps are shifted so that the first one is zero; gaps are noted, not filled.

use crate::manifest::{self, Node, Number, Value};
use crate::time::{Duration, Timestamp};

/// A series as points in order of time, and what there is to say of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Import {
    /// Times from the first one on, and values.
    pub points: Vec<(Duration, f64)>,
    /// Gaps, values that are no numbers, and guesses at units.
    pub notes: Vec<String>,
}

/// The most points that are read.
pub const MAX_POINTS: usize = 100_000;

/// Reads the answer of `query_range` (or `promtool query range -o json`): the series `column`.
///
/// # Errors
/// What is wrong with the text, in one sentence.
pub fn prometheus(text: &str, column: usize) -> Result<Import, String> {
    // JSON is YAML, and that parser is there anyway; it reads objects only.
    let object = format!("{{\"apiVersion\": \"-\", \"kind\": \"-\", \"answer\": {text}\n}}");
    let (documents, problems) = manifest::read(&object);
    let answer = documents
        .first()
        .and_then(|document| document.root.entry("answer"));
    let Some(root) = answer
        .map(|entry| &entry.value)
        .filter(|_| problems.is_empty())
    else {
        let why = problems
            .first()
            .map_or("it is empty", |problem| &problem.message);
        return Err(format!("this is no JSON: {why}"));
    };
    if let Some("error") = root.text("status") {
        let error = root.text("error").unwrap_or("no reason is given");
        return Err(format!("Prometheus answered with an error: {error}"));
    }
    let field = |node: &'_ Node, name: &str| node.entry(name).map(|entry| entry.value.clone());
    let data = field(root, "data").unwrap_or_else(|| root.clone());
    let result = field(&data, "result").unwrap_or(data);
    let series = result.items();
    let Some(one) = series.get(column) else {
        return Err(match series.len() {
            0 => String::from("there is no series in it"),
            count => format!(
                "there are {count} series: the last one is number {}",
                count - 1
            ),
        });
    };
    let Some(values) = one.entry("values") else {
        return Err(String::from(
            "the series has no values: query_range gives them, query does not",
        ));
    };
    let points = values.value.items().iter().map(|pair| {
        let [time, value] = pair.items() else {
            return None;
        };
        Some((seconds(number(time)?), number(value)?))
    });
    let mut import = finish(points.collect())?;
    if series.len() > 1 {
        import.notes.push(format!(
            "there are {} series, this is number {column}",
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

/// Reads CSV: a column of times, then columns of values, of which `column` is read. The first
/// line may be a heading. Times are RFC 3339, `2024-01-31 12:00:00`, seconds or milliseconds
/// since the epoch, or durations. Grafana's exports are of this form.
///
/// # Errors
/// What is wrong with the text, in one sentence with its line.
pub fn csv(text: &str, column: usize) -> Result<Import, String> {
    let text = text.trim_start_matches('\u{feff}');
    let mut points = Vec::new();
    let mut notes = Vec::new();
    let mut separator = ',';
    let mut heading = true;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(given) = line.strip_prefix("sep=") {
            separator = given.chars().next().unwrap_or(',');
            continue;
        }
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if heading && !line.contains(separator) {
            separator = if line.contains(';') { ';' } else { '\t' };
        }
        let cells: Vec<&str> = line
            .split(separator)
            .map(|cell| cell.trim().trim_matches('"'))
            .collect();
        let time = cells.first().and_then(|cell| moment(cell));
        let was_heading = std::mem::take(&mut heading);
        let Some(time) = time else {
            if was_heading {
                notes.extend(unit_note(
                    cells.get(column + 1).copied().unwrap_or_default(),
                ));
                continue;
            }
            return Err(format!("line {}: {:?} is no time", index + 1, cells[0]));
        };
        let Some(cell) = cells.get(column + 1) else {
            return Err(format!(
                "line {}: there is no column {column} of values",
                index + 1
            ));
        };
        points.push(value_with_unit(cell).map(|value| (time, value)));
    }
    if points
        .iter()
        .flatten()
        .all(|(time, _)| time.abs() < 100_000_000_000)
    {
        // Seconds since the epoch, or since the beginning: no recording is that old in ms.
        for (time, _) in points.iter_mut().flatten() {
            *time = time.saturating_mul(1000);
        }
    }
    let mut import = finish(points)?;
    import.notes.append(&mut notes);
    Ok(import)
}

/// A time as a number that is in milliseconds where it is large enough.
fn moment(cell: &str) -> Option<i64> {
    if let Ok(number) = cell.parse::<f64>() {
        #[expect(clippy::cast_possible_truncation, reason = "saturates")]
        return number.is_finite().then_some(number as i64);
    }
    let text = cell.replacen(' ', "T", 1);
    let zoned = if text.contains('T')
        && !text.ends_with('Z')
        && !text.get(10..).is_some_and(|rest| rest.contains(['+', '-']))
    {
        format!("{text}Z")
    } else {
        text
    };
    let parsed = Timestamp::parse(&zoned).ok().map(|time| time.0);
    parsed.or_else(|| Duration::parse(cell).ok().map(|duration| duration.0 / 1000))
}

/// A value that Grafana may have written with a unit: `12.5 req/s`, `1.2K`.
fn value_with_unit(cell: &str) -> Option<f64> {
    let cell = cell.trim();
    if let Ok(value) = cell.parse() {
        return Some(value);
    }
    let end = cell.find(|c: char| !(c.is_ascii_digit() || ".-+".contains(c)))?;
    let (number, unit) = cell.split_at(end);
    let value: f64 = number.parse().ok()?;
    let scale = match unit.trim_start().chars().next() {
        Some('K' | 'k') => 1e3,
        Some('M') => 1e6,
        Some('m') if unit.trim_start().starts_with("mreq") => 1e-3,
        _ => 1.0,
    };
    Some(value * scale)
}

/// What a heading says about the unit, where that is not requests per second.
fn unit_note(heading: &str) -> Option<String> {
    let name = heading.to_ascii_lowercase();
    let unit = if name.contains("_total") {
        "a counter: it only grows; query its rate() instead"
    } else if name.contains("rpm") || name.contains("/min") || name.contains("per_minute") {
        "per minute: set factor: 0.01667"
    } else if name.contains("percent") || name.contains('%') {
        "a percentage and no rate of requests"
    } else {
        return None;
    };
    Some(format!("the column {heading:?} looks like {unit}"))
}

/// Reads promtool's notation: values with a blank between them, `a+bxn` and `a-bxn` (a, then n
/// steps of b), `axn` (a, then n times a again), `_` and `_xn` for missing ones.
///
/// # Errors
/// What is wrong with the text, in one sentence.
pub fn promtool(text: &str, interval: Duration) -> Result<Import, String> {
    if interval <= Duration::ZERO {
        return Err(format!("the interval {interval} is not above zero"));
    }
    let mut values: Vec<Option<f64>> = Vec::new();
    for item in text.split_whitespace() {
        let wrong = || format!("{item:?} is not of the form 5, 5x3, 0+10x60, 100-1x20 or _x5");
        let (body, times) = match item.rsplit_once('x') {
            Some((body, times)) => (body, times.parse::<usize>().map_err(|_| wrong())?),
            None => (item, 0),
        };
        if values.len().saturating_add(times) >= MAX_POINTS {
            return Err(format!("more than {MAX_POINTS} values"));
        }
        if body == "_" {
            values.extend(std::iter::repeat_n(None, times.max(1)));
            continue;
        }
        // The sign between the two numbers, not one of theirs or of an exponent.
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
    finish(points.collect())
}

/// Shifts times to zero, and notes what is missing.
fn finish(points: Vec<Option<(i64, f64)>>) -> Result<Import, String> {
    let total = points.len();
    if total > MAX_POINTS {
        return Err(format!("more than {MAX_POINTS} values"));
    }
    let points: Vec<(i64, f64)> = points
        .into_iter()
        .flatten()
        .filter(|(_, value)| value.is_finite())
        .collect();
    let Some(&(first, _)) = points.first() else {
        return Err(String::from("there are no values in it"));
    };
    if points.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
        return Err(String::from("the times do not grow"));
    }
    let mut notes = Vec::new();
    let missing = total - points.len();
    if missing > 0 {
        notes.push(format!(
            "{missing} of {total} values are missing or no numbers"
        ));
    }
    let mut steps: Vec<i64> = points
        .windows(2)
        .map(|pair| pair[1].0 - pair[0].0)
        .collect();
    steps.sort_unstable();
    if let Some(&usual) = steps.get(steps.len() / 2) {
        for pair in points
            .windows(2)
            .filter(|pair| pair[1].0 - pair[0].0 > usual.saturating_mul(2))
        {
            notes.push(format!(
                "a gap of {} from {} on",
                Duration(pair[1].0 - pair[0].0),
                Duration(pair[0].0 - first)
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
            .map(|(time, value)| (Duration(time.saturating_sub(first)), value))
            .collect(),
        notes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(found: Result<Import, String>, points: &[(i64, f64)], notes: &[&str]) {
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
        let minute = Duration::from_secs(60);
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
            &["1 of 3 values are missing or no numbers"],
        );
        for wrong in [
            "",
            "a",
            "1+x2",
            "1x",
            "0+1x99999999",
            "_x9999999999999999999999",
        ] {
            assert!(promtool(wrong, minute).is_err(), "{wrong}");
        }
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
                "1 of 4 values are missing or no numbers",
                "the column \"b rpm\" looks like per minute: set factor: 0.01667",
            ],
        );
        check(csv("0s,1\n30s,2\n", 0), &[(0, 1.0), (30, 2.0)], &[]);
        check(
            csv("sep=;\n0;1\n60;2\n120;1\n600;3", 0),
            &[(0, 1.0), (60, 2.0), (120, 1.0), (600, 3.0)],
            &["a gap of 8m0s from 2m0s on"],
        );
        for wrong in ["", "a,b", "1,2\nx,3", "1,2\n1,3", "1", "é,1\néééééééééé1,2"] {
            assert!(csv(wrong, 0).is_err(), "{wrong}");
        }
    }

    #[test]
    fn prometheus_answers() {
        let answer = r#"{"status":"success","data":{"resultType":"matrix","result":[
            {"metric":{"a":"1"},"values":[[1700000000.5,"1"],[1700000015.5,"NaN"],[1700000030.5,"3"]]}]}}"#;
        check(
            prometheus(answer, 0),
            &[(0, 1.0), (30, 3.0)],
            &["1 of 3 values are missing or no numbers"],
        );
        check(
            prometheus(r#"[{"metric":{},"values":[[1,"1"]]}]"#, 0),
            &[(0, 1.0)],
            &[],
        );
        assert_eq!(
            prometheus(r#"{"status":"error","error":"too many"}"#, 0),
            Err(String::from("Prometheus answered with an error: too many"))
        );
        for wrong in [
            "",
            "{",
            "[]",
            "{}",
            r#"{"data":{"result":[{"value":[1,"2"]}]}}"#,
        ] {
            assert!(prometheus(wrong, 0).is_err(), "{wrong}");
        }
        assert!(prometheus(answer, 1).is_err());
    }
}
