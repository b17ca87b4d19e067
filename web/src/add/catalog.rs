//! What can be added to a run, each as a line of YAML with fields to fill in.

use crate::model;

/// The part of the experiment that an addition goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// An event of the timeline.
    Timeline,
    /// A part of the load.
    Load,
}

/// Something that can be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addition {
    /// The part of the experiment it goes to.
    pub to: To,
    /// The label; each `{}` is an input field.
    pub words: &'static str,
    /// The initial value of each field; `|` separates the options of a list, `*` lists the metrics.
    pub entries: [&'static str; 3],
    /// The YAML to add: `@` is the time at the cursor, `$1` to `$3` are the values entered.
    pub fields: &'static str,
}

const fn add(
    to: To,
    words: &'static str,
    entries: [&'static str; 3],
    fields: &'static str,
) -> Addition {
    Addition {
        to,
        words,
        entries,
        fields,
    }
}

/// A field that lists the run's metrics.
pub(super) const ANY_METRIC: &str = "*";
/// The option for all metrics.
pub(super) const ALL_METRICS: &str = "all";

/// All additions. Events that last have a duration, so that the recovery is part of the run.
#[rustfmt::skip]
pub const ADDITIONS: [Addition; 13] = [
    add(To::Timeline, "metric {} {} for {}", ["*", "missing|stale", "2m"], "at: @, metricFault: {metric: $1, kind: $2, duration: $3}"),
    add(To::Timeline, "metrics API down for {}", ["2m", "", ""], "at: @, metricsApiDown: {duration: $1}"),
    add(To::Timeline, "rollout restart", ["", "", ""], "at: @, rollingUpdate: {}"),
    add(To::Timeline, "kubectl scale to {} replicas", ["1", "", ""], "at: @, scale: $1"),
    add(To::Timeline, "{} pods crash", ["1", "", ""], "at: @, losePods: $1"),
    add(To::Timeline, "{} nodes fail", ["1", "", ""], "at: @, loseNodes: $1"),
    add(To::Timeline, "controller restarts", ["", "", ""], "at: @, restartController: {}"),
    add(To::Load, "step of {} requests/s for {}", ["50", "5m", ""], "spike: {height: $1, at: @, hold: $2}"),
    add(To::Load, "spike of {} requests/s for {}", ["100", "1m", ""], "spike: {height: $1, at: @, rise: 15s, hold: $2, decay: 30s}"),
    add(To::Load, "ramp to {} requests/s until {}", ["50", "20m", ""], "ramp: {endRate: $1, from: @, until: $2}"),
    add(To::Load, "waves around {} requests/s, period {}", ["50", "10m", ""], "wave: {mean: $1, period: $2}"),
    add(To::Load, "daily cycle around {} requests/s, period {}", ["50", "24h", ""], "wave: {mean: $1, form: day, period: $2}"),
    add(To::Load, "noise of {} requests/s", ["10", "", ""], "noise: {deviation: $1}"),
];

impl Addition {
    /// The YAML on one line, for a time in seconds and the values entered.
    #[must_use]
    pub fn text(&self, seconds: f64, entered: &[String]) -> String {
        let time = model::timestamp(seconds.max(0.0)).0 / 1000;
        let mut text = self.fields.replace('@', &format!("{time}s"));
        for (at, entered) in entered.iter().enumerate() {
            if self.entries[at] == ANY_METRIC {
                let metric = if entered == ALL_METRICS {
                    String::new()
                } else {
                    let is_part = |c: &char| c.is_ascii_alphanumeric() || "._-/:".contains(*c);
                    let name: String = entered.chars().filter(is_part).collect();
                    format!("metric: \"{name}\", ")
                };
                text = text.replace(&format!("metric: ${}, ", at + 1), &metric);
                continue;
            }
            // A value is one word, so that it cannot change the structure of the YAML around it.
            let word: String = entered
                .chars()
                .filter(|c| c.is_ascii_alphanumeric() || *c == '.')
                .collect();
            text = text.replace(&format!("${}", at + 1), &word);
        }
        text
    }
}

/// The initial value of a field.
pub(super) fn first(entry: &str) -> String {
    match entry {
        ANY_METRIC => ALL_METRICS,
        _ => entry.split('|').next().unwrap_or_default(),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit;
    use crate::load::edits;
    use crate::model::PHP_APACHE;

    #[test]
    fn each_addition_is_accepted_and_runs() {
        for addition in ADDITIONS {
            let entered = addition.entries.map(first);
            let text = addition.text(300.4, &entered);
            let read = model::read(PHP_APACHE);
            let changed = match addition.to {
                To::Timeline => edit::add_event(PHP_APACHE, &read, &format!("{{{text}}}")),
                To::Load => edits::add_part(PHP_APACHE, &read, &text),
            };
            let read = model::read(&changed.expect("a place"));
            let experiment = read.experiment.as_ref();
            let added = experiment.map(|experiment| {
                let setup = &experiment.setup;
                (setup.timeline.len(), setup.load.parts.len())
            });
            let expected = match addition.to {
                To::Timeline => (1, 1),
                To::Load => (0, 2),
            };
            assert_eq!(added, Some(expected), "{text}: {:?}", read.diagnostics);
        }
    }

    #[test]
    fn a_fault_affects_one_metric_or_all() {
        let fault = |metric: &str| {
            let entered = [metric, "missing", "2m"].map(str::to_owned);
            ADDITIONS[0].text(60.0, &entered)
        };
        assert_eq!(
            fault(ALL_METRICS),
            "at: 60s, metricFault: {kind: missing, duration: 2m}"
        );
        assert_eq!(
            fault("http_requests\"}"),
            "at: 60s, metricFault: {metric: \"http_requests\", kind: missing, duration: 2m}"
        );
    }

    #[test]
    fn entered_values_cannot_change_the_structure() {
        let scale = ADDITIONS[3].text(5.0, &["1}, x: {".to_owned()]);
        assert_eq!(scale, "at: 5s, scale: 1x");
    }
}
