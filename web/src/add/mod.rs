//! The dialog for additions to the run at the cursor: events, load shapes, a recorded series. Each is
//! written into the experiment's text.

mod catalog;
pub mod recorded_series;
mod write;

use hpa_simulation::chart::MetricDisplay;
use hpa_simulation::chart::format::{clock, counted};
use leptos::prelude::*;
use leptos::task::spawn_local;

use self::catalog::{ADDITIONS, ALL_METRICS, ANY_METRIC, Addition, To, first};
use self::write::{add_series, put};
use crate::lazy::{LazyView, lazy_part};
use crate::session::Session;
use crate::shell::dialog::Dialog;
use crate::state::Playground;

/// The dialog for additions.
#[component]
pub fn Additions(
    /// Whether it is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <Dialog open id="add" title="Add to the run">
            <LazyView part=move || content(open) />
        </Dialog>
    }
}

lazy_part! {
    part = add, preload = preload;
    pub(crate) fn content(open: RwSignal<bool>) -> AnyView {
        view! { <Content open /> }.into_any()
    }
}

lazy_part! {
    part = add;
    pub(crate) fn series_as_load(session: Session, series: String) -> () {
        write::use_series(session, series);
    }
}

/// Replaces the load by a recorded series; adds the series if goals refer to parts of the present load.
pub(crate) fn use_series(session: Session, series: &str) {
    let series = series.to_owned();
    spawn_local(async move {
        if let Err(missing) = series_as_load(session, series).await {
            session.fail(format!("The series was not used: {missing}"));
        }
    });
}

#[component]
fn Content(open: RwSignal<bool>) -> impl IntoView {
    let state = expect_context::<Playground>();
    let time = move || {
        format!(
            "At the cursor ({}). Additions are written into the text.",
            clock(state.now())
        )
    };
    let rows = move |to: To| {
        let additions = ADDITIONS
            .into_iter()
            .filter(move |addition| addition.to == to);
        let rows = additions.map(|addition| view! { <Row addition open /> });
        rows.collect_view()
    };
    view! {
        <div class="contents">
            <p class="quiet" data-testid="add-time">
                {time}
            </p>
            <h3>"Events"</h3>
            <ul class="rows" data-testid="add-events">
                {rows(To::Timeline)}
            </ul>
            <h3>"Load"</h3>
            <ul class="rows" data-testid="add-load">
                {rows(To::Load)}
            </ul>
            <SeriesForm open />
        </div>
    }
}

/// An addition with its fields and its button.
#[component]
fn Row(addition: Addition, open: RwSignal<bool>) -> impl IntoView {
    let session = expect_context::<Session>();
    let name = addition.words.replace("{}", "…");
    let entered = StoredValue::new(addition.entries.map(first));
    let mut words = addition.words.split("{}");
    let begin = words.next();
    let fields = words.enumerate().map(|(at, after)| {
        let enter = Callback::new(move |text| {
            entered.update_value(|entered| entered[at] = text);
        });
        let label = name.clone();
        view! {
            <Field entry=addition.entries[at] label enter />
            {after}
        }
    });
    let fields = fields.collect_view();
    let act = move |_| {
        let now = untrack(|| session.state.now());
        let text = addition.text(now, &entered.get_value());
        open.set(false);
        put(session, addition.to, &text, "The change");
    };
    view! {
        <li class="add-row">
            <span class="add-words">{begin} {fields}</span>
            <button
                type="button"
                class="text-button"
                aria-label=format!("Add {name}")
                on:click=act
            >
                "Add"
            </button>
        </li>
    }
}

/// One field of an addition: a list of metrics, a list of words, or a text.
#[component]
fn Field(
    /// As in [`Addition::entries`].
    entry: &'static str,
    label: String,
    enter: Callback<String>,
) -> impl IntoView {
    let state = expect_context::<Playground>();
    let options = if entry == ANY_METRIC {
        let read = state.read.get_untracked();
        let setup = read.experiment.as_ref().map(|experiment| &experiment.setup);
        let metrics = setup.map(MetricDisplay::of_all);
        let names = metrics
            .into_iter()
            .flatten()
            .map(|metric| metric.name.clone());
        Some([ALL_METRICS.to_owned()].into_iter().chain(names).collect())
    } else if entry.contains('|') {
        Some(entry.split('|').map(str::to_owned).collect::<Vec<String>>())
    } else {
        None
    };
    match options {
        Some(options) => {
            let options = options
                .into_iter()
                .map(|name| view! { <option>{name}</option> });
            view! {
                <select
                    class="add-entry"
                    aria-label=label
                    on:input:target=move |event| enter.run(event.target().value())
                >
                    {options.collect_view()}
                </select>
            }
            .into_any()
        }
        None => view! {
            <input
                class="add-entry"
                value=entry
                aria-label=label
                on:input:target=move |event| enter.run(event.target().value())
            />
        }
        .into_any(),
    }
}

/// The form for a recorded series.
#[component]
fn SeriesForm(open: RwSignal<bool>) -> impl IntoView {
    let session = expect_context::<Session>();
    let series = RwSignal::new(String::new());
    let notes = move || {
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
    };
    let add = move |_| {
        open.set(false);
        add_series(session, &series.get_untracked());
    };
    view! {
        <h3>
            <label for="series">"Add a recorded series to the load"</label>
        </h3>
        <textarea
            id="series"
            class="form-text series"
            data-testid="series"
            placeholder="A query_range response from Prometheus, two columns of CSV, or promtool notation such as 0+10x60"
            on:input:target=move |event| series.set(event.target().value())
        ></textarea>
        <p role="status" class="quiet" data-testid="series-notes">
            {notes}
        </p>
        <p>
            <button type="button" class="text-button" data-testid="add-series" on:click=add>
                "Add this series"
            </button>
        </p>
    }
}
