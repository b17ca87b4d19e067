//! Text descriptions of charts, for screen readers.

use super::descriptor::Description;
use super::format::spoken;
use super::kinds::ChartId;
use super::metric_display::MetricDisplay;
use super::series::Series;
use super::time_range::TimeRange;

/// The heading of a chart; empty for a missing metric.
#[must_use]
pub fn heading(id: ChartId, metrics: &[MetricDisplay]) -> String {
    let chart = id.kind.chart();
    if !chart.per_metric {
        return chart.title.to_owned();
    }
    let metric = metrics.get(id.metric);
    metric.map_or_else(String::new, |metric| metric.name.clone())
}

/// Describes a chart within a range of time, in a few sentences.
#[must_use]
pub fn describe(heading: &str, series: &[Series], range: TimeRange) -> String {
    let mut text = format!("{heading} from {} to {}.", spoken(range.0), spoken(range.1));
    for one in series {
        let sentence = match one.kind.description {
            Description::Range => extremes(one, range),
            Description::Constant => Some(format!(
                " The {} is {}.",
                one.kind.name,
                one.unit.text(one.at(range.0))
            )),
            Description::Occasions(what) => occasions(what, one, range),
            Description::Omitted => None,
        };
        text.push_str(&sentence.unwrap_or_default());
    }
    text
}

/// The lowest and the highest value.
fn extremes(series: &Series, range: TimeRange) -> Option<String> {
    let points = series.within(range);
    let values = || points.iter().filter(|point| !point.1.is_nan());
    let lowest = values().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let highest = values().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.total_cmp(&a.0)))?;
    let unit = &series.unit;
    let mut name = series.kind.name.to_owned();
    if let Some(first) = name.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    Some(if lowest.1 < highest.1 {
        format!(
            " {name}: from {} to {}, first reached at {}.",
            unit.text(lowest.1),
            unit.text(highest.1),
            spoken(highest.0)
        )
    } else {
        format!(" {name}: {} throughout.", unit.text(lowest.1))
    })
}

/// The times between which a series has values.
fn occasions(what: &str, series: &Series, range: TimeRange) -> Option<String> {
    let points = series.within(range);
    let has_value = |point: &(f64, f64)| !point.1.is_nan();
    let first = points.iter().find(|point| has_value(point))?.0;
    let last = points.iter().rposition(has_value)?;
    // The value holds until the next point.
    let end = points.get(last + 1).or(points.last())?.0;
    Some(format!(
        " {what} between {} and {}.",
        spoken(first),
        spoken(end)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{ChartKind, testing};
    use expect_test::{Expect, expect};

    const ALL: TimeRange = (0.0, 1800.0);

    #[test]
    fn a_description_says_what_the_picture_shows() {
        let check = |name: &str, kind: ChartKind, expected: Expect| {
            expected.assert_eq(&describe(name, &testing::series_of(kind), ALL));
        };
        check(
            "Load",
            ChartKind::Load,
            expect![
                "Load from 0 s to 30 min. Arriving: from 0 requests/s to 61 requests/s, first reached at 1 min. Served: from 0 requests/s to 61 requests/s, first reached at 1 min. Lost: 0 requests/s throughout."
            ],
        );
        check(
            "Replicas",
            ChartKind::Replicas,
            expect![
                "Replicas from 0 s to 30 min. Desired: from 1 pod to 7 pods, first reached at 1 min 45 s. Current: from 1 pod to 7 pods, first reached at 2 min. Ready: from 1 pod to 7 pods, first reached at 1 min 48 s. A stabilization window holds between 15 s and 16 min 30 s. A rate limit cuts between 1 min 30 s and 1 min 45 s."
            ],
        );
        check(
            "cpu",
            ChartKind::Metrics,
            expect![
                "cpu from 0 s to 30 min. Measured: from 0 % of request to 305 % of request, first reached at 1 min 30 s. The target is 50 % of request."
            ],
        );
    }
}
