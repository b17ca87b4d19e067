//! The units of chart values, and their formatting.

use super::format::{counted, number};

/// The unit of a chart's values.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unit {
    /// Requests per second.
    Rate,
    /// Pods.
    Pods,
    /// Seconds; values below one are written in milliseconds.
    Seconds,
    /// Requests.
    Requests,
    /// The unit of a metric, such as `% of request`.
    Metric(String),
}

impl Unit {
    /// A value with its unit, or `no value` for NaN.
    #[must_use]
    pub fn text(&self, value: f64) -> String {
        if value.is_nan() {
            return "no value".to_owned();
        }
        match self {
            Self::Rate => format!("{} requests/s", number(value)),
            #[expect(clippy::cast_possible_truncation, reason = "whole pods")]
            Self::Pods => counted(value as i64, "pod", "pods"),
            Self::Seconds if value < 1.0 => format!("{} ms", number(value * 1000.0)),
            Self::Seconds => format!("{} s", number(value)),
            Self::Requests => format!("{} requests", number(value)),
            Self::Metric(unit) => format!("{} {unit}", number(value)),
        }
    }

    /// The unit alone, for table headers.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Rate => "requests/s",
            Self::Pods => "pods",
            Self::Seconds => "s",
            Self::Requests => "requests",
            Self::Metric(unit) => unit,
        }
    }

    /// The suffix of a number at a tick of the value axis.
    pub(super) fn tick_suffix(&self) -> &'static str {
        match self {
            Self::Rate => "/s",
            Self::Seconds => " s",
            Self::Metric(unit) if unit.starts_with('%') => " %",
            Self::Pods | Self::Requests | Self::Metric(_) => "",
        }
    }

    /// The shortest distance of two ticks: pods are whole.
    pub(super) fn smallest_step(&self) -> f64 {
        match self {
            Self::Pods => 1.0,
            Self::Rate | Self::Seconds | Self::Requests | Self::Metric(_) => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_support::check_each;

    #[test]
    fn values_are_written_with_their_unit() {
        check_each(
            [
                (Unit::Seconds, 0.0125, "12.5 ms"),
                (Unit::Seconds, 3.0, "3 s"),
                (Unit::Pods, 1.0, "1 pod"),
                (Unit::Rate, f64::NAN, "no value"),
                (Unit::Metric("MiB per pod".to_owned()), 5.0, "5 MiB per pod"),
            ],
            |(unit, value, expected)| {
                assert_eq!(unit.text(value), expected);
            },
        );
    }
}
