//! Points in time as RFC 3339 text.
//!
//! Upstream: Go's `time.Parse` and `Time.Format` with the layouts `RFC3339` and `RFC3339Nano`.

use std::fmt;

use super::{TimeError, Timestamp, quote};

const LAYOUT: &str = "2006-01-02T15:04:05Z07:00";
const DAY: i64 = 86_400;

impl Timestamp {
    /// Parses RFC 3339 with any offset. Fractions of a second may have any number of digits;
    /// what is finer than a millisecond is dropped.
    ///
    /// # Errors
    /// The text of Go's `time.Parse`.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        parse(text)
            .map_err(|problem| TimeError(format!("parsing time {}{}", quote(text), problem.0)))
    }

    /// RFC 3339 in UTC and whole seconds, as Kubernetes writes times: `2026-01-31T12:00:00Z`.
    #[must_use]
    pub fn to_rfc3339_seconds(self) -> String {
        self.truncated_to_second().to_string()
    }
}

/// Prints RFC 3339 in UTC with as many fraction digits as needed: `2026-01-31T12:00:00.25Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.div_euclid(1000);
        let (year, month, day) = civil_from_days(seconds.div_euclid(DAY));
        let time = seconds.rem_euclid(DAY);
        let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
        )?;
        match self.0.rem_euclid(1000) {
            0 => {}
            millis if millis % 100 == 0 => write!(f, ".{}", millis / 100)?,
            millis if millis % 10 == 0 => write!(f, ".{:02}", millis / 10)?,
            millis => write!(f, ".{millis:03}")?,
        }
        f.write_str("Z")
    }
}

/// What follows the text itself in an error.
struct Problem(String);

fn unlike(rest: &str, element: &str) -> Problem {
    let (rest, element) = (quote(rest), quote(element));
    let layout = quote(LAYOUT);
    Problem(format!(" as {layout}: cannot parse {rest} as {element}"))
}

fn out_of_range(what: &str) -> Problem {
    Problem(format!(": {what} out of range"))
}

fn parse(text: &str) -> Result<Timestamp, Problem> {
    let mut rest = text;
    let year = number(&mut rest, "2006", 4)?;
    literal(&mut rest, "-")?;
    let month = number(&mut rest, "01", 2)?;
    in_range(month, 1..=12, "month")?;
    literal(&mut rest, "-")?;
    let day = number(&mut rest, "02", 2)?;
    literal(&mut rest, "T")?;
    let hour = hour(&mut rest)?;
    in_range(hour, 0..=23, "hour")?;
    literal(&mut rest, ":")?;
    let minute = number(&mut rest, "04", 2)?;
    in_range(minute, 0..=59, "minute")?;
    literal(&mut rest, ":")?;
    let second = number(&mut rest, "05", 2)?;
    in_range(second, 0..=59, "second")?;
    let millis = fraction(&mut rest);
    let offset = offset(&mut rest)?;
    if !rest.is_empty() {
        return Err(Problem(format!(": extra text: {}", quote(rest))));
    }
    in_range(day, 1..=days_in(year, month), "day")?;
    let time = hour * 3600 + minute * 60 + second - offset;
    let seconds = days_from_civil(year, month, day) * DAY + time;
    Ok(Timestamp(seconds * 1000 + millis))
}

fn literal(rest: &mut &str, expected: &str) -> Result<(), Problem> {
    *rest = rest
        .strip_prefix(expected)
        .ok_or_else(|| unlike(rest, expected))?;
    Ok(())
}

/// Takes exactly `width` digits.
fn number(rest: &mut &str, element: &str, width: usize) -> Result<i64, Problem> {
    digits(rest, width).ok_or_else(|| unlike(rest, element))
}

/// Takes two digits, or, as Go forgives, one.
fn hour(rest: &mut &str) -> Result<i64, Problem> {
    digits(rest, 2)
        .or_else(|| digits(rest, 1))
        .ok_or_else(|| unlike(rest, "15"))
}

fn digits(rest: &mut &str, width: usize) -> Option<i64> {
    let (number, after) = rest.split_at_checked(width)?;
    if !number.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    *rest = after;
    number.parse().ok()
}

fn in_range(number: i64, range: std::ops::RangeInclusive<i64>, what: &str) -> Result<(), Problem> {
    if range.contains(&number) {
        Ok(())
    } else {
        Err(out_of_range(what))
    }
}

/// Takes a fraction of a second, if there is one, and returns it in milliseconds.
fn fraction(rest: &mut &str) -> i64 {
    let Some(after) = rest.strip_prefix(['.', ',']) else {
        return 0;
    };
    let length = after.bytes().take_while(u8::is_ascii_digit).count();
    if length == 0 {
        return 0;
    }
    let digits = after.bytes().take(length).chain([b'0'; 3]).take(3);
    *rest = &after[length..];
    digits.fold(0, |millis, digit| millis * 10 + i64::from(digit - b'0'))
}

/// Takes `Z` or an offset such as `+02:00`, and returns it in seconds.
fn offset(rest: &mut &str) -> Result<i64, Problem> {
    const ELEMENT: &str = "Z07:00";
    if let Some(after) = rest.strip_prefix('Z') {
        *rest = after;
        return Ok(0);
    }
    let whole = *rest;
    let sign = match whole.bytes().next() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return Err(unlike(whole, ELEMENT)),
    };
    let mut after = &whole[1..];
    let hours = digits(&mut after, 2);
    let minutes = after
        .strip_prefix(':')
        .and_then(|mut minutes| Some((digits(&mut minutes, 2)?, minutes)));
    let (Some(hours), Some((minutes, after))) = (hours, minutes) else {
        return Err(unlike(whole, ELEMENT));
    };
    in_range(hours, 0..=24, "time zone offset hour")?;
    in_range(minutes, 0..=60, "time zone offset minute")?;
    *rest = after;
    Ok(sign * (hours * 3600 + minutes * 60))
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar.
///
/// Years are counted from March, so that the leap day is the last of its year.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = (month + 2) % 12 + 1;
    let year = year_of_era + era * 400;
    (if month <= 2 { year + 1 } else { year }, month, day)
}
