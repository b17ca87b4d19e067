//! The measures of a summary: ids, labels and units.
#![deny(clippy::wildcard_enum_match_arm)]

use std::fmt;

use super::summary::Summary;

/// One line for each measure: variant, id, label, unit, and accessor.
macro_rules! measures {
    ($($(#[$doc:meta])* $variant:ident $id:literal $label:literal $unit:ident |$summary:ident| $value:expr;)*) => {
        /// A measure of a summary, in display order.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr, strum::VariantNames,
        )]
        #[non_exhaustive]
        pub enum Measure {
            $($(#[$doc])* #[strum(serialize = $id)] $variant,)*
        }

        impl Measure {
            /// All measures in display order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its stable name in data (JSON, JavaScript), in camel case.
            #[must_use]
            pub fn id(self) -> &'static str {
                self.into()
            }

            /// The label for people. It may change; data uses [`Self::id`].
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self {
                    $(Self::$variant => $label,)*
                }
            }

            /// Its unit.
            #[must_use]
            pub const fn unit(self) -> MeasureUnit {
                match self {
                    $(Self::$variant => MeasureUnit::$unit,)*
                }
            }

            /// Its value in a summary; `None` if the summary has none.
            pub(super) fn of(self, summary: &Summary) -> Option<f64> {
                match self {
                    $(Self::$variant => { let $summary = summary; $value.into() })*
                }
            }
        }
    };
}

measures! {
    /// Total lifetime of pods.
    PodHours "podHours" "pod hours" Hours |summary| summary.pod_hours;
    /// Pod hours at the experiment's price, if it has one.
    Cost "cost" "cost" Count |summary| summary.cost;
    /// Hours of ready pods in excess of the number that would be at the CPU target.
    OverProvisionedPodHours "overProvisionedPodHours" "over-provisioned pod hours" Hours
        |summary| summary.over_provisioned_pod_hours;
    /// Time in which requests were lost or waited because pods were at capacity.
    UnmetDemand "unmetDemand" "unmet demand" Seconds |summary| summary.unmet_demand;
    /// Requests that arrived.
    Requests "requests" "requests" Count |summary| summary.arrived;
    /// Requests that were rejected or timed out.
    LostRequests "lostRequests" "lost requests" Count |summary| summary.lost;
    /// Median of latency, as the mean over all requests.
    LatencyMedian "latencyMedian" "latency, median" Seconds |summary| summary.latency[0];
    /// 95th percentile of latency, as the mean over all requests.
    LatencyP95 "latencyP95" "latency, 95th percentile" Seconds |summary| summary.latency[1];
    /// 99th percentile of latency, as the mean over all requests.
    LatencyP99 "latencyP99" "latency, 99th percentile" Seconds |summary| summary.latency[2];
    /// The highest 95th percentile at any time.
    LongestP95 "longestP95" "longest 95th percentile" Seconds |summary| summary.longest_p95;
    /// The fewest replicas.
    FewestReplicas "fewestReplicas" "fewest replicas" Count |summary| summary.replicas[0];
    /// The time-weighted mean of the replicas.
    MeanReplicas "meanReplicas" "mean replicas" Count |summary| summary.replicas[1];
    /// The most replicas.
    MostReplicas "mostReplicas" "most replicas" Count |summary| summary.replicas[2];
    /// Scale-ups.
    RescalesUp "rescalesUp" "rescales up" Count |summary| f64::from(summary.rescales_up);
    /// Scale-downs.
    RescalesDown "rescalesDown" "rescales down" Count |summary| f64::from(summary.rescales_down);
    /// Changes of direction.
    DirectionChanges "directionChanges" "direction changes" Count
        |summary| f64::from(summary.direction_changes);
    /// The longest time from a proposal above the replica count until the count got there.
    LongestScaleUp "longestScaleUp" "longest scale-up" Seconds |summary| summary.longest_scale_up;
    /// The longest time from a proposal below the replica count until the count got there.
    LongestScaleDown "longestScaleDown" "longest scale-down" Seconds
        |summary| summary.longest_scale_down;
    /// Time in which the ratio was not 1, but within tolerance.
    LimitedByTolerance "limitedByTolerance" "limited by tolerance" Seconds
        |summary| summary.limited.tolerance;
    /// Time in which a stabilization window limited the count.
    LimitedByWindow "limitedByWindow" "limited by window" Seconds |summary| summary.limited.window;
    /// Time in which a scaling policy, or the fixed rate limit without behavior, limited the count.
    LimitedByPolicy "limitedByPolicy" "limited by policy" Seconds |summary| summary.limited.policy;
    /// Time in which `minReplicas` limited the count.
    LimitedByMinReplicas "limitedByMinReplicas" "limited by minReplicas" Seconds
        |summary| summary.limited.minimum;
    /// Time in which `maxReplicas` limited the count.
    LimitedByMaxReplicas "limitedByMaxReplicas" "limited by maxReplicas" Seconds
        |summary| summary.limited.maximum;
    /// Time in which pods could not be created or scheduled.
    LimitedByQuota "limitedByQuota" "limited by quota" Seconds |summary| summary.limited.quota;
    /// Time in which metrics failed.
    LimitedByMissingMetrics "limitedByMissingMetrics" "limited by missing metrics" Seconds
        |summary| summary.limited.missing_metrics;
}

/// The unit of a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::VariantNames)]
#[non_exhaustive]
pub enum MeasureUnit {
    /// Hours.
    #[strum(serialize = "h")]
    Hours,
    /// Seconds.
    #[strum(serialize = "s")]
    Seconds,
    /// Dimensionless.
    #[strum(serialize = "")]
    Count,
}

impl MeasureUnit {
    /// Its symbol: `h`, `s`, or nothing.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        self.into()
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// One measure of a summary with its value.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Entry {
    /// The measure.
    pub measure: Measure,
    /// The value, in the measure's unit.
    pub value: f64,
}

impl Entry {
    /// A number in its measure's unit.
    #[must_use]
    pub const fn new(measure: Measure, value: f64) -> Self {
        Self { measure, value }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_support::check_each;

    #[test]
    fn ids_are_unique_and_in_camel_case() {
        let mut ids: Vec<&str> = Measure::ALL.iter().map(|measure| measure.id()).collect();
        check_each(&ids, |id| {
            let plain = id.chars().all(|c| c.is_ascii_alphanumeric());
            assert!(
                plain && id.starts_with(|c: char| c.is_ascii_lowercase()),
                "{id}"
            );
        });
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), Measure::ALL.len());
    }
}
