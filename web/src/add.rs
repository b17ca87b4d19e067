//! Additions to the run at the cursor: events, load shapes, a recorded series. Each is written into
//! the experiment's text.

use hpa_core::manifest::edit::EditError;
use hpa_simulation::chart::MetricDisplay;
use leptos::prelude::*;

use crate::dialog::dialog;
use crate::dom::{El, button, el, html};
use crate::edit;
use crate::format::{clock, counted};
use crate::hand;
use crate::model;
use crate::notice::Notice;
use crate::recorded_series;
use crate::session::Session;

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
const ANY_METRIC: &str = "*";
/// The option for all metrics.
const ALL_METRICS: &str = "all";

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

/// The dialog for additions.
#[must_use]
pub fn additions(session: Session, open: RwSignal<bool>) -> El {
    dialog(open, "add", "Add to the run", move || {
        inside(&session, open)
    })
}

fn inside(session: &Session, open: RwSignal<bool>) -> El {
    let session = *session;
    let state = session.state;
    let inside = html(
        r#"<div class="contents">
            <p class="quiet" data-testid="add-time"></p>
            <h3>Events</h3><ul class="rows" data-testid="add-events"></ul>
            <h3>Load</h3><ul class="rows" data-testid="add-load"></ul>
            <h3><label for="series">Add a recorded series to the load</label></h3>
            <textarea id="series" class="form-text series" data-testid="series" placeholder="A query_range response from Prometheus, two columns of CSV, or promtool notation such as 0+10x60"></textarea>
            <p role="status" class="quiet" data-testid="series-notes"></p>
            <p><button type="button" class="text-button" data-testid="add-series">Add this series</button></p>
        </div>"#,
    );
    inside.at("add-time").says(move || {
        format!(
            "At the cursor ({}). Additions are written into the text.",
            clock(state.now())
        )
    });
    for addition in ADDITIONS {
        let list = match addition.to {
            To::Timeline => "add-events",
            To::Load => "add-load",
        };
        inside.at(list).child(row(&session, open, addition));
    }
    let series = RwSignal::new(String::new());
    inside
        .at("series")
        .entered("input", move |text| series.set(text));
    inside.at("series-notes").says(move || {
        let import = series
            .with(|text| recorded_series::read(text))
            .map(|series| series.import);
        match import {
            None => String::new(),
            Some(Ok(import)) => {
                let count = i64::try_from(import.points.len()).unwrap_or(i64::MAX);
                let notes = import.notes.join("; ");
                format!("{}. {notes}", counted(count, "point", "points"))
            }
            Some(Err(error)) => format!("Cannot read this series: {error}."),
        }
    });
    inside.at("add-series").click(move || {
        open.set(false);
        series.with_untracked(|text| add_series(&session, text));
    });
    inside
}

/// The initial value of a field.
fn first(entry: &str) -> String {
    match entry {
        ANY_METRIC => ALL_METRICS,
        _ => entry.split('|').next().unwrap_or_default(),
    }
    .to_owned()
}

fn row(session: &Session, open: RwSignal<bool>, addition: Addition) -> El {
    let session = *session;
    let name = addition.words.replace("{}", "…");
    let entered = StoredValue::new(addition.entries.map(first));
    let mut words = el("span", "add-words");
    for (at, piece) in addition.words.split("{}").enumerate() {
        if at > 0 {
            let entry = addition.entries[at - 1];
            let option = |name: &str| el("option", "").text(name);
            let field = if entry == ANY_METRIC {
                let read = session.state.read.get_untracked();
                let experiment = read.experiment.as_ref();
                let metrics = experiment.map(|experiment| MetricDisplay::of_all(&experiment.setup));
                let metrics = metrics.unwrap_or_default();
                let names = metrics.iter().map(|metric| &*metric.name);
                let options = [ALL_METRICS].into_iter().chain(names).map(option);
                el("select", "add-entry").all(options.collect())
            } else if entry.contains('|') {
                el("select", "add-entry").all(entry.split('|').map(option).collect())
            } else {
                el("input", "add-entry").attr("value", entry)
            };
            words = words.child(
                field
                    .attr("aria-label", &name)
                    .entered("input", move |text| {
                        entered.update_value(|entered| entered[at - 1] = text);
                    }),
            );
        }
        words = words.text(piece);
    }
    let act = move || {
        let now = untrack(|| session.state.now());
        let text = addition.text(now, &entered.get_value());
        open.set(false);
        put(&session, addition.to, &text, "The change");
    };
    el("li", "add-row")
        .child(words)
        .child(button("text-button", "Add", act).attr("aria-label", &format!("Add {name}")))
}

/// Adds a recorded series to the load, or shows why it cannot be read.
pub fn add_series(session: &Session, text: &str) {
    let Some(series) = recorded_series::read(text) else {
        return session.fail("Enter a series first.");
    };
    match &series.import {
        Ok(_) => put(
            session,
            To::Load,
            &series.part("imported", text),
            "The series",
        ),
        Err(error) => session.fail(format!("Cannot read the series: {error}.")),
    }
}

/// Replaces the load by a recorded series; adds the series if goals refer to parts of the present load.
pub fn use_series(session: &Session, text: &str) {
    let state = session.state;
    let changed = state.read.with_untracked(|read| {
        let series = recorded_series::read(text)?;
        series.import.as_ref().ok()?;
        let part = series.part(
            &hand::first_name(read).unwrap_or_else(|| "imported".to_owned()),
            text,
        );
        let changed = state
            .text
            .with_untracked(|text| hand::put_only(text, read, &part))
            .ok()?;
        let works = read.experiment.is_some() && model::read(&changed).experiment.is_some();
        works.then_some(changed)
    });
    match changed {
        Some(changed) => {
            session.history.open(changed);
            let done = Notice::undoable("The series is now the load.");
            state.notice.set(Some(done));
        }
        None => add_series(session, text),
    }
}

/// Writes an addition into the text and confirms it with a notice.
fn put(session: &Session, to: To, fields: &str, what: &str) {
    let state = session.state;
    let read = state.read.get_untracked();
    let changed = state.text.with_untracked(|text| match to {
        // With errors it is unknown where the experiment is, and whether there is one.
        _ if read.experiment.is_none() && !text.trim().is_empty() => Err(EditError::Unreadable),
        To::Timeline => edit::add_event(text, &read, &format!("{{{fields}}}")),
        To::Load => hand::add_part(text, &read, fields),
    });
    match changed {
        Ok(text) => {
            session.history.seal();
            state.text.set(text);
            let done = Notice::undoable(format!("{what} was added to the text."));
            state.notice.set(Some(done));
        }
        Err(error) => session.fail(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PHP_APACHE;

    #[test]
    fn each_addition_is_accepted_and_runs() {
        for addition in ADDITIONS {
            let entered = addition.entries.map(first);
            let text = addition.text(300.4, &entered);
            let read = model::read(PHP_APACHE);
            let changed = match addition.to {
                To::Timeline => edit::add_event(PHP_APACHE, &read, &format!("{{{text}}}")),
                To::Load => hand::add_part(PHP_APACHE, &read, &text),
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
