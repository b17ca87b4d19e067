//! The charts: load, each metric against its target, replicas, over one time axis.

pub mod frame;
pub mod path;
pub mod pictures;
mod plot;
pub mod scale;

use hpa_core::simulation::Trace;
use leptos::prelude::*;

use self::plot::{Chart, Entry, Sample};
use crate::format::{counted, number, spoken};
use crate::model::{self, MetricLook};
use crate::playback;
use crate::state::{Freshness, Playground};

/// All charts of the run on screen.
#[component]
pub fn Charts(
    /// The page's state.
    state: Playground,
) -> impl IntoView {
    let looks = Memo::new(move |_| {
        state.latest.with(|latest| {
            let trace = latest.trace();
            trace.map_or_else(Vec::new, |trace| model::metrics(&trace.setup))
        })
    });
    let stale = Memo::new(move |_| {
        state
            .latest
            .with(|latest| latest.freshness == Freshness::Stale)
    });
    view! {
        <div class="charts" class:stale=move || stale.get()>
            <Show when=move || stale.get()>
                <p class="notice" role="status" data-testid="stale">
                    "The manifests have errors. Shown is the last run that worked."
                </p>
            </Show>
            // What a window holds is hatched: never by color alone.
            <svg class="visually-hidden" aria-hidden="true">
                <pattern
                    id="held-hatch"
                    width="5"
                    height="5"
                    patternUnits="userSpaceOnUse"
                    patternTransform="rotate(45)"
                >
                    <path class="hatch" d="M0 0V5" />
                </pattern>
            </svg>
            {plot::view(state, load(state))}
            <For
                each=move || looks.get().into_iter().enumerate()
                key=|(index, look)| (*index, look.name.clone(), look.unit.clone())
                let((index, _))
            >
                {plot::view(state, metric(state, looks, index))}
            </For>
            {plot::view(state, replicas(state))}
        </div>
    }
}

/// What a legend says at the cursor.
type AtCursor = Box<dyn Fn(&Trace, usize) -> Option<String> + Send + Sync>;

/// The value of the row of columns at the cursor, with its unit.
fn at_row(state: Playground, read: AtCursor) -> Memo<String> {
    Memo::new(move |_| {
        let now = state.now();
        let value = state.latest.with(|latest| {
            let trace = latest.trace()?;
            let next = trace.steps.time.partition_point(|time| *time <= now);
            read(trace, next.checked_sub(1)?)
        });
        value.unwrap_or_else(|| "no value".to_owned())
    })
}

/// The value of the sync at the cursor, with its unit.
fn at_sync(state: Playground, read: AtCursor) -> Memo<String> {
    Memo::new(move |_| {
        let now = state.now();
        let sync = state.syncs.with(|times| playback::sync_at(times, now));
        let value = state.latest.with(|latest| read(latest.trace()?, sync?));
        value.unwrap_or_else(|| "no value".to_owned())
    })
}

fn load(state: Playground) -> Chart {
    let value = |trace: &Trace, row: usize| {
        let load = *trace.steps.load.get(row)?;
        Some(format!("{} requests/s", number(load.into())))
    };
    Chart {
        class: "load",
        title: Signal::stored("Load".to_owned()),
        label: Signal::derive(move || format!("Load over {}", spoken(state.length()))),
        looks: pictures::LOAD,
        legend: vec![Entry {
            class: "arriving",
            sample: Sample::Line,
            name: "arriving",
            value: at_row(state, Box::new(value)),
        }],
        draw: Box::new(|trace, size| Some(pictures::load(trace, size))),
    }
}

fn metric(state: Playground, looks: Memo<Vec<MetricLook>>, index: usize) -> Chart {
    let look = move || looks.with(|looks| looks.get(index).cloned());
    let measured = move |trace: &Trace, sync: usize| {
        let look = look()?;
        let value = trace.points(sync).get(index)?.value;
        (!value.is_nan()).then(|| format!("{} {}", number(value / look.divisor), look.unit))
    };
    let target = move |_: &Trace, _: usize| {
        let look = look()?;
        let (low, high) = (number(look.band.0), number(look.band.1));
        let unit = if look.unit.starts_with('%') {
            "%"
        } else {
            &look.unit
        };
        Some(format!(
            "{} {unit}, holds from {low} to {high} {unit}",
            number(look.target)
        ))
    };
    let name = move || look().map(|look| look.name).unwrap_or_default();
    let label = move || {
        let length = spoken(state.length());
        format!("Metric {} against its target over {length}", name())
    };
    Chart {
        class: "metric",
        title: Signal::derive(name),
        label: Signal::derive(label),
        looks: pictures::METRIC,
        legend: vec![
            Entry {
                class: "measured",
                sample: Sample::Line,
                name: "measured",
                value: at_sync(state, Box::new(measured)),
            },
            Entry {
                class: "target",
                sample: Sample::Dashed,
                name: "target",
                value: at_row(state, Box::new(target)),
            },
        ],
        draw: Box::new(move |trace, size| Some(pictures::metric(trace, index, &look()?, size))),
    }
}

fn replicas(state: Playground) -> Chart {
    fn pods(count: impl Into<i64>) -> String {
        counted(count.into(), "pod", "pods")
    }
    let limits = |trace: &Trace, _: usize| {
        let spec = &trace.setup.autoscaler.spec;
        Some(format!(
            "{} to {} pods",
            spec.min_replicas.unwrap_or(1),
            spec.max_replicas
        ))
    };
    let held = |trace: &Trace, sync: usize| {
        let sync = trace.syncs.get(sync)?;
        Some(if sync.held_by_window() {
            format!("{} instead of {}", pods(sync.stabilized), sync.proposal)
        } else {
            "no".to_owned()
        })
    };
    let entry = |class, sample, name, value| Entry {
        class,
        sample,
        name,
        value,
    };
    let sync = |read: fn(&Trace, usize) -> Option<String>| at_sync(state, Box::new(read));
    let row = |read: fn(&Trace, usize) -> Option<String>| at_row(state, Box::new(read));
    let desired = sync(|trace, sync| Some(pods(trace.syncs.get(sync)?.desired)));
    let current = sync(|trace, sync| Some(pods(trace.syncs.get(sync)?.current)));
    let ready = row(|trace, row| Some(pods(*trace.steps.ready.get(row)?)));
    let label = move || {
        let length = spoken(state.length());
        format!("Replicas over {length}: desired, current, ready")
    };
    Chart {
        class: "replicas",
        title: Signal::stored("Replicas".to_owned()),
        label: Signal::derive(label),
        looks: pictures::REPLICAS,
        legend: vec![
            entry("desired", Sample::Line, "desired", desired),
            entry("current", Sample::Dotted, "current", current),
            entry("ready", Sample::Area, "ready", ready),
            entry("limit", Sample::Dashed, "limits", row(limits)),
            entry("held", Sample::Area, "held by the window", sync(held)),
        ],
        draw: Box::new(|trace, size| Some(pictures::replicas(trace, size))),
    }
}
