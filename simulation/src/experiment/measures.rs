//! The numbers of a summary: their names in data, their labels for people, their units.
#![deny(clippy::wildcard_enum_match_arm)]

use std::fmt;

use super::summary::Summary;

/// One line for each number: its variant, its id, its label, its unit, and where it is.
macro_rules! measures {
    ($($(#[$doc:meta])* $variant:ident $id:literal $label:literal $unit:ident |$summary:ident| $value:expr;)*) => {
        /// A number of a summary, in the order in which they are shown.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Measure {
            $($(#[$doc])* $variant,)*
        }

        impl Measure {
            /// All of them, in the order in which they are shown.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name in data (JSON, JavaScript): stable, in camel case.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self {
                    $(Self::$variant => $id,)*
                }
            }

            /// What people read. It may change; data has [`Self::id`].
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

            /// Its value in a summary; `None` where the summary has none.
            pub(super) fn of(self, summary: &Summary) -> Option<f64> {
                match self {
                    $(Self::$variant => { let $summary = summary; $value.into() })*
                }
            }
        }
    };
}

measures! {
    /// Time that pods existed.
    PodHours "podHours" "pod hours" Hours |summary| summary.pod_hours;
    /// That time at the experiment's price, if it has one.
    Cost "cost" "cost" Count |summary| summary.cost;
    /// Time of ready pods beyond those that would be at the CPU target.
    OverProvisionedPodHours "overProvisionedPodHours" "over-provisioned pod hours" Hours
        |summary| summary.over_provisioned_pod_hours;
    /// Time in which requests were lost, or waited because pods were at their capacity.
    UnmetDemand "unmetDemand" "unmet demand" Seconds |summary| summary.unmet_demand;
    /// Requests that arrived.
    Requests "requests" "requests" Count |summary| summary.arrived;
    /// Requests that were turned away or gave up.
    LostRequests "lostRequests" "lost requests" Count |summary| summary.lost;
    /// Median of latency, as the mean over all requests.
    LatencyMedian "latencyMedian" "latency, median" Seconds |summary| summary.latency[0];
    /// 95th percentile of latency, as the mean over all requests.
    LatencyP95 "latencyP95" "latency, 95th percentile" Seconds |summary| summary.latency[1];
    /// 99th percentile of latency, as the mean over all requests.
    LatencyP99 "latencyP99" "latency, 99th percentile" Seconds |summary| summary.latency[2];
    /// The longest 95th percentile at any time.
    LongestP95 "longestP95" "longest 95th percentile" Seconds |summary| summary.longest_p95;
    /// The fewest replicas.
    FewestReplicas "fewestReplicas" "fewest replicas" Count |summary| summary.replicas[0];
    /// The mean of the replicas over time.
    MeanReplicas "meanReplicas" "mean replicas" Count |summary| summary.replicas[1];
    /// The most replicas.
    MostReplicas "mostReplicas" "most replicas" Count |summary| summary.replicas[2];
    /// Changes upward.
    RescalesUp "rescalesUp" "rescales up" Count |summary| f64::from(summary.rescales_up);
    /// Changes downward.
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
    /// Time in which a stabilization window kept the count from following the metrics.
    LimitedByWindow "limitedByWindow" "limited by window" Seconds |summary| summary.limited.window;
    /// Time in which a policy, or the fixed rate without behavior, did.
    LimitedByPolicy "limitedByPolicy" "limited by policy" Seconds |summary| summary.limited.policy;
    /// Time in which `minReplicas` did.
    LimitedByMinReplicas "limitedByMinReplicas" "limited by minReplicas" Seconds
        |summary| summary.limited.minimum;
    /// Time in which `maxReplicas` did.
    LimitedByMaxReplicas "limitedByMaxReplicas" "limited by maxReplicas" Seconds
        |summary| summary.limited.maximum;
    /// Time in which pods could not be created, or found no room.
    LimitedByQuota "limitedByQuota" "limited by quota" Seconds |summary| summary.limited.quota;
    /// Time in which metrics failed.
    LimitedByMissingMetrics "limitedByMissingMetrics" "limited by missing metrics" Seconds
        |summary| summary.limited.missing_metrics;
}

/// The unit of a number of a summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MeasureUnit {
    /// Hours.
    Hours,
    /// Seconds.
    Seconds,
    /// A count, or an amount without a unit.
    Count,
}

impl MeasureUnit {
    /// Its symbol: `h`, `s`, or nothing.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Hours => "h",
            Self::Seconds => "s",
            Self::Count => "",
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// One number of a summary.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// What it is.
    pub measure: Measure,
    /// The number, in the measure's unit.
    pub value: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_in_camel_case() {
        let mut ids: Vec<&str> = Measure::ALL.iter().map(|measure| measure.id()).collect();
        for id in &ids {
            let plain = id.chars().all(|c| c.is_ascii_alphanumeric());
            assert!(
                plain && id.starts_with(|c: char| c.is_ascii_lowercase()),
                "{id}"
            );
        }
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), Measure::ALL.len());
    }
}
