//! Rows after Go's own tests, and that printing and parsing are inverse.

use proptest::prelude::*;

use super::*;

#[test]
fn times() {
    #[track_caller]
    fn check(text: &str, millis: i64, printed: &str) {
        assert_eq!(Timestamp::parse(text), Ok(Timestamp(millis)), "{text:?}");
        assert_eq!(Timestamp(millis).to_string(), printed);
    }
    check("1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z");
    check("1970-01-01T01:00:00+01:00", 0, "1970-01-01T00:00:00Z");
    check(
        "2024-02-29T23:59:59.999Z",
        1_709_251_199_999,
        "2024-02-29T23:59:59.999Z",
    );
    check(
        "2026-01-31T12:00:00.25Z",
        1_769_860_800_250,
        "2026-01-31T12:00:00.25Z",
    );
    check(
        "2026-01-31T12:00:00.5000001Z",
        1_769_860_800_500,
        "2026-01-31T12:00:00.5Z",
    );
    check(
        "1969-12-31T23:59:59.9-00:00",
        -100,
        "1969-12-31T23:59:59.9Z",
    );
    check(
        "0001-01-01T00:00:00Z",
        -62_135_596_800_000,
        "0001-01-01T00:00:00Z",
    );
    check(
        "2000-03-01T5:00:00Z",
        951_886_800_000,
        "2000-03-01T05:00:00Z",
    );
    assert_eq!(
        Timestamp(1_999).to_rfc3339_seconds(),
        "1970-01-01T00:00:01Z"
    );
    assert_eq!(Timestamp(-1).to_rfc3339_seconds(), "1969-12-31T23:59:59Z");
}

#[test]
fn broken_times() {
    #[track_caller]
    fn check(text: &str, problem: &str) {
        let expected = format!("parsing time \"{text}\"{problem}");
        assert_eq!(Timestamp::parse(text), Err(TimeError(expected)));
    }
    let unlike = |text, rest: &str, element: &str| {
        let problem =
            format!(" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"{rest}\" as \"{element}\"");
        check(text, &problem);
    };
    unlike("", "", "2006");
    unlike("yesterday", "yesterday", "2006");
    unlike("2026-01-31", "", "T");
    unlike("2026-01-31T12:00:00", "", "Z07:00");
    unlike("2026-01-31 12:00:00Z", " 12:00:00Z", "T");
    unlike("2026-01-31T12:00:00+0100", "+0100", "Z07:00");
    check("2026-13-31T12:00:00Z", ": month out of range");
    check("2026-02-29T12:00:00Z", ": day out of range");
    check("2026-01-31T24:00:00Z", ": hour out of range");
    check("2026-01-31T12:00:00Zulu", ": extra text: \"ulu\"");
}

#[test]
fn durations() {
    #[track_caller]
    fn check(text: &str, millis: i64, printed: &str) {
        assert_eq!(
            SignedDuration::parse(text),
            Ok(SignedDuration(millis)),
            "{text:?}"
        );
        assert_eq!(SignedDuration(millis).to_string(), printed);
    }
    check("0", 0, "0s");
    check("-0s", 0, "0s");
    check("15s", 15_000, "15s");
    check("5m", 300_000, "5m0s");
    check("1h30m", 5_400_000, "1h30m0s");
    check("1.5h", 5_400_000, "1h30m0s");
    check("+1h15m30.918s", 4_530_918, "1h15m30.918s");
    check("250ms", 250, "250ms");
    check("14.87s", 14_870, "14.87s");
    check("-.5s", -500, "-500ms");
    check("5.s", 5_000, "5s");
    check("999999ns", 0, "0s");
    check("1500us", 1, "1ms");
    check("1500µs", 1, "1ms");
    check("0.3333333333333333333h", 1_200_000, "20m0s");
    check("100h", 360_000_000, "100h0m0s");
}

#[test]
fn broken_durations() {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(SignedDuration::parse(text), Err(TimeError(expected.into())));
    }
    check("", "time: invalid duration \"\"");
    check("-", "time: invalid duration \"-\"");
    check("x", "time: invalid duration \"x\"");
    check(".s", "time: invalid duration \".s\"");
    check("5", "time: missing unit in duration \"5\"");
    check("5x", "time: unknown unit \"x\" in duration \"5x\"");
    check("1m 5s", "time: unknown unit \"m \" in duration \"1m 5s\"");
    check("3000000h", "time: invalid duration \"3000000h\"");
    check(
        "9223372036854775808ns",
        "time: invalid duration \"9223372036854775808ns\"",
    );
    check("\u{7}é\"", "time: invalid duration \"\\x07\\xc3\\xa9\\\"\"");
}

#[test]
fn serde_form() {
    let time: Timestamp = serde_json::from_str("\"2026-01-31T12:00:00+01:00\"").unwrap();
    assert_eq!(
        serde_json::to_string(&time).unwrap(),
        "\"2026-01-31T11:00:00Z\""
    );
    let duration: SignedDuration = serde_json::from_str("\"90s\"").unwrap();
    assert_eq!(serde_json::to_string(&duration).unwrap(), "\"1m30s\"");
    let error = serde_json::from_str::<SignedDuration>("\"5\"").unwrap_err();
    assert!(
        error.to_string().starts_with("time: missing unit"),
        "{error}"
    );
}

#[test]
fn durations_in_words_have_separate_units() {
    let check = |millis, expected: &str| assert_eq!(SignedDuration(millis).in_words(), expected);
    check(0, "0 s");
    check(250, "250 ms");
    check(1_500, "1.5 s");
    check(60_000, "1 min");
    check(60_005, "1 min 5 ms");
    check(3_725_000, "1 h 2 min 5 s");
    check(-300_000, "-5 min");
}

proptest! {
    /// From the year 0 to 9999.
    #[test]
    fn times_survive(millis in -62_167_219_200_000_i64..253_402_300_800_000) {
        let text = Timestamp(millis).to_string();
        prop_assert_eq!(Timestamp::parse(&text), Ok(Timestamp(millis)), "{}", text);
    }

    #[test]
    fn durations_survive(millis in -9_223_372_036_854_i64..=9_223_372_036_854) {
        for duration in [SignedDuration(millis), SignedDuration(millis / 1_000_000)] {
            prop_assert_eq!(SignedDuration::parse(&duration.to_string()), Ok(duration), "{}", duration);
        }
    }

    #[test]
    fn nothing_panics(text in "[-+.:,0-9TZhmsµn]{0,30}|\\PC{0,8}", millis: i64) {
        let _ = (Timestamp::parse(&text), SignedDuration::parse(&text));
        let _ = (Timestamp(millis).to_string(), SignedDuration(millis).to_string());
        let _ = Timestamp(millis).to_rfc3339_seconds();
    }
}
