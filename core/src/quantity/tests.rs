//! Rows for single rules, and properties; the recorded cases are replayed in `upstream_vectors`.

use proptest::prelude::*;
use test_support::check_each;

use super::*;

fn quantity(text: &str) -> Quantity {
    Quantity::parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

#[test]
fn printing() {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(quantity(text).to_string(), expected);
    }
    check("100m", "100m");
    check("0.5", "500m");
    check("1000m", "1");
    check("1500", "1500");
    check("1000", "1k");
    check("1024Ki", "1Mi");
    check("1.5Gi", "1536Mi");
    check("0.5Ki", "512");
    check("12e6", "12e6");
    check("12e5", "1200e3");
    check("0.0000000001", "1n");
    check("99Ei", "9223372036854775807");
    // The text as typed stays where it passes for canonical.
    check("+1", "+1");
    check("1.", "1.");
    check("1E3", "1E3");
    check("05k", "05k");
    // Past the last suffix the exponent is lost, as in 1.36.
    check("1000E", "1");
    check("1e99999", "1e99999");
    check("1234567890123456789e99998", "123456789012345678900e99996");
}

#[test]
fn errors() {
    #[track_caller]
    fn check(text: &str, expected: QuantityError) {
        assert_eq!(Quantity::parse(text), Err(expected), "{text:?}");
    }
    check("", QuantityError::Form);
    check(" 1", QuantityError::Form);
    check("1.2.3", QuantityError::Form);
    check("1é", QuantityError::Form);
    check("1ki", QuantityError::Suffix);
    check("1e99999999999999999999", QuantityError::Suffix);
    check("+e-10", QuantityError::Number);
    check("1e100000", QuantityError::Exponent);
    check("1e2147483647", QuantityError::Exponent);
    check("1e-2147483648", QuantityError::Exponent);
}

#[test]
fn zero_has_any_exponent() {
    check_each(
        [
            "0",
            "-",
            ".",
            "e5",
            "0e2147483647",
            "0.00e-2147483648",
            "0Ei",
        ],
        |text| {
            let zero = quantity(text);
            assert_eq!((zero.sign(), zero.milli_value()), (0, 0), "{text:?}");
            assert_eq!(zero, Quantity::default());
            assert_eq!(zero.to_string(), "0");
        },
    );
}

#[test]
fn rounding_and_overflow() {
    #[track_caller]
    fn check(text: &str, milli: i64, value: i64) {
        let quantity = quantity(text);
        assert_eq!((quantity.milli_value(), quantity.value()), (milli, value));
    }
    check("0.1m", 1, 1);
    check("-0.1m", -1, -1);
    check("1.0000000001", 1001, 2);
    check("1500m", 1500, 2);
    check("7Ei", i64::MIN, 7 << 60);
    check("10E", 0, 0);
    // Upstream's big decimals add one to what they truncated, negative or not.
    check("-1.5Gi", -1_610_612_736_000, -1_610_612_736);
    check("-.5857Gi", -628_890_586_315, -628_890_585);
    check("1e99999", 0, 0);
    check("1234567890123456789e99999", 0, 0);
}

/// What the status of an autoscaler shows: a usage in thousandths.
#[test]
fn from_milli() {
    #[track_caller]
    fn check(milli: i64, format: Format, expected: &str) {
        assert_eq!(Quantity::from_milli(milli, format).to_string(), expected);
    }
    check(0, Format::BinarySi, "0");
    check(250, Format::DecimalSi, "250m");
    check(2_000, Format::DecimalSi, "2");
    check(1_048_576_000, Format::BinarySi, "1Mi");
    check(1_048_576_001, Format::BinarySi, "1048576001m");
    check(1_000_000, Format::BinarySi, "1k");
    check(1_500_000, Format::BinarySi, "1500");
    check(-2_048_000, Format::BinarySi, "-2Ki");
    check(i64::MIN, Format::DecimalSi, "-9223372036854775808m");
    assert_eq!(
        Quantity::from_int(i64::MIN, Format::BinarySi).to_string(),
        "-9223372036854775808"
    );
}

#[test]
fn from_numbers_and_strings() {
    #[track_caller]
    fn check(json: &str, expected: &str) {
        let quantity: Quantity = serde_json::from_str(json).unwrap();
        assert_eq!(quantity.to_string(), expected);
    }
    check("1", "1");
    check("0.5", "500m");
    check("1.0", "1");
    check("-3", "-3");
    check("\" 64Mi \"", "64Mi");
    check("1e-7", "100e-9");
    check("1e21", "1e+21");
    check("null", "0");
    let error = |json| serde_json::from_str::<Quantity>(json).unwrap_err();
    check_each(["true", "[1]", "{\"a\": 1}", "\"64 Mi\""], |json| {
        let text = error(json).to_string();
        assert!(text.contains("quantities must match the regular"), "{text}");
    });
    assert_eq!(serde_json::to_string(&quantity("0.5")).unwrap(), "\"500m\"");
}

/// Numbers of all sizes with suffixes of all families, in and out of the canonical form.
fn text() -> impl Strategy<Value = String> {
    let suffix = prop_oneof![
        "[numkMGTPE]?",
        "[KMGTPE]i",
        (-40..40_i32).prop_map(|e| format!("e{e}")),
    ];
    ("[+-]?[0-9]{1,25}", "(\\.[0-9]{0,25})?", suffix).prop_map(|(a, b, c)| format!("{a}{b}{c}"))
}

proptest! {
    #[test]
    fn printing_is_canonical_and_keeps_the_value(text in text()) {
        let parsed = quantity(&text);
        let printed = parsed.to_string();
        let again = quantity(&printed);
        prop_assert_eq!(again.to_string(), printed.clone());
        // A decimal number past the last suffix loses its exponent.
        let suffixed = parsed.format() != Format::DecimalSi || parsed.approximate_f64().abs() < 1e20;
        if suffixed {
            prop_assert_eq!(&again, &parsed);
        }
        prop_assert_eq!(again.sign(), parsed.sign());
    }

    #[test]
    fn nothing_panics(text in "[-+.0-9eEimknuKMGTP]{0,20}|\\PC{0,8}") {
        if let Ok(quantity) = Quantity::parse(&text) {
            let _ = (quantity.value(), quantity.milli_value(), quantity.approximate_f64());
            let _ = quantity.to_string();
        }
    }

    #[test]
    fn order_is_that_of_the_values(a in text(), b in text()) {
        let (a, b) = (quantity(&a), quantity(&b));
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        let (x, y) = (a.approximate_f64(), b.approximate_f64());
        if (x - y).abs() > 1e-9 * x.abs().max(y.abs()) {
            prop_assert_eq!(a.partial_cmp(&b), x.partial_cmp(&y));
        }
    }

    #[test]
    fn milli_values_survive(milli: i64) {
        for format in [Format::DecimalSi, Format::BinarySi, Format::DecimalExponent] {
            let made = Quantity::from_milli(milli, format);
            prop_assert_eq!(made.milli_value(), milli);
            prop_assert_eq!(&quantity(&made.to_string()), &made);
        }
    }
}
