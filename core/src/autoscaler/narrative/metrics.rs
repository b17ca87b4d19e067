//! Renders the calculation of one metric as text.

use super::{Decimal, counted, whole};
use crate::autoscaler::Tolerances;
use crate::autoscaler::calculator;
use crate::autoscaler::explanation::{
    Calculation, Explanation, MetricStep, MissingFill, PodsCalculation, PodsMeasure, PodsRule,
    TotalCalculation, TotalMeasure, TotalRule, Usage,
};
use crate::autoscaler::narrative::{Paragraph, Step};
use crate::autoscaler::pods::PodGroups;
use crate::quantity::Quantity;

impl Explanation {
    pub(super) fn metric(&self, index: usize, metric: &MetricStep) -> Paragraph {
        let (formula, text) = match (&metric.proposal, &metric.calculation) {
            (Err((_, error)), _) => (None, format!("No proposal: {error}.")),
            (Ok(_), Calculation::Pods(pods)) => (
                Some(pods_formula(pods, metric)),
                pods_text(pods, self.current),
            ),
            (Ok(_), Calculation::Total(total)) => (
                Some(total_formula(total, metric)),
                total_text(total, self.current),
            ),
            (Ok(_), Calculation::None) => (None, String::new()),
        };
        let tolerated = matches!(
            metric.calculation,
            Calculation::Pods(PodsCalculation {
                rule: PodsRule::WithinTolerance | PodsRule::WithinToleranceAfterFill,
                ..
            }) | Calculation::Total(TotalCalculation {
                rule: TotalRule::WithinTolerance,
                ..
            })
        );
        Paragraph {
            step: Step::Metric(index),
            title: metric.name.to_string(),
            formula,
            text,
            replicas: metric.proposal.as_ref().ok().copied(),
            without: self.unless_same(tolerated.then(|| self.without_tolerance()).flatten()),
        }
    }
}

/// A value in thousandths in the notation of its metric.
fn milli(value: i64, metric: &MetricStep) -> Quantity {
    Quantity::from_milli(value, metric.identity.format())
}

/// A percentage, and its truncated value if they differ.
fn percent(usage: &Usage) -> String {
    let exact = 100.0 * calculator::float(usage.total) / calculator::float(usage.requests);
    if exact.fract() == 0.0 {
        format!("{} %", usage.value)
    } else {
        format!("{} %, truncated to {} %", Decimal(exact), usage.value)
    }
}

fn pods_formula(pods: &PodsCalculation, metric: &MetricStep) -> String {
    let mut lines = Vec::new();
    let mut usage = |usage: &Usage, again: &str| {
        let ratio = Decimal(usage.ratio);
        lines.push(match pods.measure {
            PodsMeasure::Utilization { target } => format!(
                "{again}{} used ÷ {} requested = {}; {} % ÷ {target} % = {ratio}",
                milli(usage.total, metric),
                milli(usage.requests, metric),
                percent(usage),
                usage.value,
            ),
            PodsMeasure::Average { target } => format!(
                "{again}{} ÷ {} = {} on average; ÷ {} = {ratio}",
                milli(usage.total, metric),
                counted(usage.count, "sample", "samples"),
                milli(usage.value, metric),
                milli(target, metric),
            ),
        });
    };
    usage(&pods.first, "");
    if let Some(second) = &pods.second {
        usage(second, "including assumed samples: ");
    }
    let multiplied = match (pods.rule, &pods.second) {
        (PodsRule::ReadyTimesRatio, _) => Some((
            pods.first.ratio,
            counted(pods.groups.ready.into(), "ready pod", "ready pods"),
        )),
        (PodsRule::SamplesTimesRatio | PodsRule::ProductAgainstRatio, Some(second)) => {
            Some((second.ratio, counted(second.count, "pod", "pods")))
        }
        _ => None,
    };
    if let Some((ratio, count)) = multiplied {
        let exact = pods.exact();
        lines.push(format!(
            "{} × {count} = {}",
            Decimal(ratio),
            rounded_up(exact)
        ));
    }
    lines.join("\n")
}

fn rounded_up(exact: f64) -> String {
    whole(exact, "rounded up", exact.ceil())
}

fn band(tolerances: Tolerances) -> String {
    let (lowest, highest) = tolerances.band();
    format!("{} to {}", Decimal(lowest), Decimal(highest))
}

fn pods_text(pods: &PodsCalculation, current: i32) -> String {
    let mut text = groups_text(&pods.groups, pods);
    let band = band(pods.tolerances);
    text += &match pods.rule {
        PodsRule::WithinTolerance => {
            format!("The ratio is within tolerance ({band}): the count stays {current}.")
        }
        PodsRule::WithinToleranceAfterFill => format!(
            "Including assumed samples, the ratio is within tolerance ({band}): the count stays {current}."
        ),
        PodsRule::DirectionReversed => {
            format!("The assumed samples would reverse the direction: the count stays {current}.")
        }
        PodsRule::ProductAgainstRatio => {
            format!("The result would move the count against the ratio: the count stays {current}.")
        }
        PodsRule::ReadyTimesRatio | PodsRule::SamplesTimesRatio => {
            format!("The ratio is outside tolerance ({band}).")
        }
    };
    text
}

fn groups_text(groups: &PodGroups, pods: &PodsCalculation) -> String {
    let PodGroups {
        ready,
        unready,
        missing,
        ignored,
        foreign,
    } = *groups;
    let mut text = format!("{} counted. ", counted(ready.into(), "pod is", "pods are"));
    if unready > 0 {
        text += &format!(
            "{} not ready",
            counted(unready.into(), "pod is", "pods are")
        );
        text += if pods.unready_filled {
            ": counted as using nothing, because the ratio is above 1. "
        } else {
            ". "
        };
    }
    if missing > 0 {
        text += &format!(
            "{} no sample",
            counted(missing.into(), "pod has", "pods have")
        );
        text += match pods.missing_filled {
            MissingFill::None => ". ",
            MissingFill::Zero => ": counted as using nothing, because the ratio is above 1. ",
            MissingFill::Full => match (pods.measure, missing) {
                (PodsMeasure::Utilization { target: ..=100 }, 1) => {
                    ": counted as using its whole request, because the ratio is below 1. "
                }
                (PodsMeasure::Utilization { target: ..=100 }, _) => {
                    ": counted as using their whole requests, because the ratio is below 1. "
                }
                (_, 1) => ": counted as using its target, because the ratio is below 1. ",
                _ => ": counted as using their targets, because the ratio is below 1. ",
            },
        };
    }
    if ignored > 0 {
        text += &format!(
            "{} ignored (deleted or failed). ",
            counted(ignored.into(), "pod is", "pods are")
        );
    }
    if foreign > 0 {
        text += &format!(
            "{} to no listed pod. ",
            counted(foreign.into(), "sample belongs", "samples belong")
        );
    }
    text
}

fn total_formula(total: &TotalCalculation, metric: &MetricStep) -> String {
    let (usage, target) = (milli(total.usage, metric), milli(total.target, metric));
    let ratio = Decimal(total.ratio);
    let exact = total.exact().map(rounded_up).unwrap_or_default();
    match (total.measure, total.rule) {
        (TotalMeasure::Value { .. }, TotalRule::WithinTolerance | TotalRule::UsageOverTarget) => {
            format!("{usage} ÷ {target} = {ratio}")
        }
        (TotalMeasure::Value { .. }, TotalRule::RatioFromZero) => {
            format!("{usage} ÷ {target} = {exact}")
        }
        (TotalMeasure::Value { ready }, TotalRule::ReadyTimesRatio) => {
            let ready = counted(ready.unwrap_or_default(), "ready pod", "ready pods");
            format!("{usage} ÷ {target} = {ratio}; {ratio} × {ready} = {exact}")
        }
        (TotalMeasure::AverageValue { status_replicas }, rule) => {
            let line =
                format!("{usage} ÷ ({target} × {status_replicas} status.replicas) = {ratio}");
            if rule == TotalRule::WithinTolerance {
                line
            } else {
                format!("{line}\n{usage} ÷ {target} = {exact}")
            }
        }
    }
}

fn total_text(total: &TotalCalculation, current: i32) -> String {
    let band = band(total.tolerances);
    match (total.measure, total.rule) {
        (TotalMeasure::AverageValue { status_replicas }, TotalRule::WithinTolerance) => format!(
            "The ratio is within tolerance ({band}): the proposal is status.replicas, {status_replicas}."
        ),
        (_, TotalRule::WithinTolerance) => {
            format!("The ratio is within tolerance ({band}): the count stays {current}.")
        }
        (_, TotalRule::RatioFromZero) => {
            "There are no replicas: the ratio itself is the proposal, without tolerance.".to_owned()
        }
        (_, TotalRule::ReadyTimesRatio | TotalRule::UsageOverTarget) => {
            format!("The ratio is outside tolerance ({band}).")
        }
    }
}
