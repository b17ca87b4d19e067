//! Reads a recorded series from CSV.
//!
//! More lenient than RFC 4180: a quote may also be escaped with a backslash, as in the name of a
//! Prometheus series, and a quote inside a cell that no separator follows is a plain character.

use std::borrow::Cow;

use super::{Import, ImportError, Place, Point, PointError, finish, seconds};
use hpa_core::time::{SignedDuration, Timestamp};

/// Reads CSV: a column of times, then columns of values, of which `column` is read. The first
/// line may be a header. Times are RFC 3339, `2024-01-31 12:00:00`, seconds or milliseconds
/// since the epoch, or durations. Grafana's exports are of this form.
///
/// # Errors
/// See [`ImportError`].
pub fn csv(text: &str, column: usize) -> Result<Import, ImportError> {
    let mut rest = text.trim_start_matches('\u{feff}');
    let mut rows = Vec::new();
    let mut notes = Vec::new();
    let mut separator = None;
    let mut heading = true;
    let mut next_line = 1;
    while !rest.is_empty() {
        let line = next_line;
        let end = rest.find('\n').map_or(rest.len(), |at| at + 1);
        let (first, after) = rest.split_at(end);
        let first = first.trim();
        if let Some(given) = first.strip_prefix("sep=") {
            separator = given.chars().next();
        }
        if first.is_empty() || first.starts_with("sep=") || first.starts_with('#') {
            rest = after;
            next_line += 1;
            continue;
        }
        let mut record = cells(rest, separator.unwrap_or(','));
        if separator.is_none() {
            let others = [';', '\t'].into_iter();
            let mut others = others.filter(|_| record.0.len() < 2);
            if let Some(found) = others.find(|other| cells(rest, *other).0.len() > 1) {
                record = cells(rest, found);
                separator = Some(found);
            } else {
                separator = Some(',');
            }
        }
        let (cells, length, is_closed) = record;
        let (read, after) = rest.split_at(length);
        next_line += read.matches('\n').count();
        rest = after;
        let wrong = |error| Err(ImportError::At(Place::Line(line), error));
        if !is_closed {
            return wrong(PointError::OpenQuote);
        }
        let was_heading = std::mem::take(&mut heading);
        let Some(time) = moment(&cells[0]) else {
            if was_heading {
                notes.extend(cells.get(column + 1).and_then(|name| unit_note(name)));
                continue;
            }
            return wrong(PointError::NotATime(cells[0].clone().into_owned()));
        };
        let Some(cell) = cells.get(column + 1) else {
            return wrong(PointError::NoColumn(column));
        };
        rows.push((line, time, value_with_unit(cell)));
    }
    // Seconds since the epoch, or since the start: no recording is that old in milliseconds.
    let in_seconds = rows.iter().all(|(_, time, _)| match time {
        Moment::Number(number) => number.abs() < 1e11,
        Moment::At(_) => true,
    });
    let points = rows.into_iter().map(|(line, time, value)| {
        let at = match time {
            Moment::Number(number) if in_seconds => seconds(number),
            Moment::Number(number) => seconds(number / 1000.0),
            Moment::At(at) => at,
        };
        (line, value.map(|value| (at, value)))
    });
    let points: Vec<Point> = points.collect();
    let mut import = finish(points, Place::Line)?;
    import.notes.append(&mut notes);
    Ok(import)
}

/// The cells of the first record of `text`, its length in bytes including the line break, and whether
/// its quotes are closed.
fn cells(text: &str, separator: char) -> (Vec<Cow<'_, str>>, usize, bool) {
    let length = text.find('\n').map_or(text.len(), |at| at + 1);
    let line = &text[..length];
    if !line.contains('"') {
        let cells = line.split(separator).map(|cell| Cow::Borrowed(cell.trim()));
        return (cells.collect(), length, true);
    }
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut quoted = false;
    let mut chars = text.char_indices().peekable();
    // Whether a cell ends there.
    let ends = |at: usize| {
        let next = text[at..].trim_start_matches(' ').chars().next();
        next.is_none_or(|next| next == separator || matches!(next, '\r' | '\n'))
    };
    let mut length = text.len();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' | '\\' if quoted && chars.peek().is_some_and(|(_, next)| *next == '"') => {
                chars.next();
                cell.push('"');
            }
            '"' if quoted && ends(at + 1) => quoted = false,
            '"' if !quoted && cell.trim().is_empty() => quoted = true,
            _ if quoted => cell.push(c),
            '\n' => {
                length = at + 1;
                break;
            }
            _ if c == separator => {
                cells.push(Cow::Owned(std::mem::take(&mut cell).trim().to_owned()));
            }
            _ => cell.push(c),
        }
    }
    cells.push(Cow::Owned(cell.trim().to_owned()));
    (cells, length, !quoted)
}

/// The first cell of a row.
#[derive(Clone, Copy)]
enum Moment {
    /// Seconds or milliseconds; only all rows together can tell.
    Number(f64),
    /// Milliseconds.
    At(i64),
}

fn moment(cell: &str) -> Option<Moment> {
    if let Ok(number) = cell.parse::<f64>() {
        return number.is_finite().then_some(Moment::Number(number));
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
    let at = parsed.or_else(|| SignedDuration::parse(cell).ok().map(|duration| duration.0));
    at.map(Moment::At)
}

/// A value that Grafana may have written with a unit: `12.5 req/s`, `1.2K`.
fn value_with_unit(cell: &str) -> Option<f64> {
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

/// A warning if a header suggests another unit than requests per second.
fn unit_note(heading: &str) -> Option<String> {
    let name = heading.to_ascii_lowercase();
    let unit = if name.contains("_total") {
        "a counter: query its rate() instead"
    } else if name.contains("rpm") || name.contains("/min") || name.contains("per_minute") {
        "per minute: set factor: 0.01667"
    } else if name.contains("percent") || name.contains('%') {
        "a percentage, not a rate of requests"
    } else {
        return None;
    };
    Some(format!("the column {heading:?} looks like {unit}"))
}
