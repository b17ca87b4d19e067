//! The charts: load, each metric against its target, replicas, over one time axis.

pub mod frame;
pub mod path;
pub mod pictures;
pub mod plot;
pub mod scale;

use hpa_core::simulation::Trace;
use leptos::prelude::*;

use self::plot::{LegendItem, Plot, Sample};
use crate::format::{number, spoken};
use crate::model::{self, MetricLook, Shared};
use crate::state::{Freshness, Playground};

/// All charts of the run on screen.
#[component]
pub fn Charts(
    /// The page's state.
    state: Playground,
) -> impl IntoView {
    let metrics = Memo::new(move |_| {
        state.latest.with(|latest| {
            latest
                .trace()
                .map_or_else(Vec::new, |trace| model::metrics(&trace.setup))
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
            <LoadChart state=state />
            <For
                each=move || metrics.get().into_iter().enumerate()
                key=|(index, look)| (*index, look.name.clone(), look.unit.clone())
                let((index, _))
            >
                <MetricChart state=state metrics=metrics index=index />
            </For>
            <ReplicaChart state=state />
        </div>
    }
}

/// Something computed from the run on screen and the size of a drawing; `None` without a run.
fn picture<T: Send + Sync + 'static>(
    state: Playground,
    size: RwSignal<(f64, f64)>,
    draw: impl Fn(&Trace, (f64, f64)) -> Option<T> + Send + Sync + 'static,
) -> Memo<Option<Shared<T>>> {
    Memo::new(move |_| {
        let size = size.get();
        state
            .latest
            .with(|latest| draw(latest.trace()?, size).map(Shared::new))
    })
}

/// A part of a picture, or its default without a run.
fn part<T: Send + Sync + 'static, U: Default>(
    picture: Memo<Option<Shared<T>>>,
    part: impl Fn(&T) -> U + Copy + Send + Sync + 'static,
) -> impl Fn() -> U + Copy + Send + Sync + 'static {
    move || picture.with(|picture| picture.as_deref().map(part).unwrap_or_default())
}

/// The value of a column at the cursor, with its unit.
fn at_cursor(
    state: Playground,
    read: impl Fn(&Trace, usize) -> Option<String> + Send + Sync + 'static,
) -> Memo<String> {
    Memo::new(move |_| {
        let now = state.now();
        state
            .latest
            .with(|latest| {
                let trace = latest.trace()?;
                let row = trace
                    .steps
                    .time
                    .partition_point(|time| *time <= now)
                    .checked_sub(1)?;
                read(trace, row)
            })
            .unwrap_or_else(|| "no value".to_owned())
    })
}

/// The value of a sync at the cursor, with its unit.
fn at_sync(
    state: Playground,
    read: impl Fn(&Trace, usize) -> Option<String> + Send + Sync + 'static,
) -> Memo<String> {
    Memo::new(move |_| {
        let sync = state
            .syncs
            .with(|times| crate::playback::sync_at(times, state.now()));
        state
            .latest
            .with(|latest| read(latest.trace()?, sync?))
            .unwrap_or_else(|| "no value".to_owned())
    })
}

#[component]
fn LoadChart(state: Playground) -> impl IntoView {
    let size = RwSignal::new((0.0, 0.0));
    let drawn = picture(state, size, |trace, size| Some(pictures::load(trace, size)));
    let value = at_cursor(state, |trace, row| {
        trace
            .steps
            .load
            .get(row)
            .map(|load| format!("{} requests/s", number((*load).into())))
    });
    let label = move || format!("Load over {}", spoken(state.length()));
    view! {
        <figure class="chart chart-load" data-testid="chart-load">
            <figcaption class="chart-caption">
                <h3>"Load"</h3>
                <LegendItem class="load" sample=Sample::Line name="arriving" value=value />
            </figcaption>
            <Plot state=state size=size label=Signal::derive(label) frame=part(drawn, |drawn| Some(drawn.frame.clone()))>
                <path class="area-load" d=part(drawn, |drawn| drawn.area.clone()) />
                <path class="line-load" d=part(drawn, |drawn| drawn.line.clone()) />
            </Plot>
        </figure>
    }
}

#[component]
fn MetricChart(state: Playground, metrics: Memo<Vec<MetricLook>>, index: usize) -> impl IntoView {
    let size = RwSignal::new((0.0, 0.0));
    let look = Memo::new(move |_| metrics.with(|metrics| metrics.get(index).cloned()));
    let drawn = picture(state, size, move |trace, size| {
        look.with(|look| Some(pictures::metric(trace, index, look.as_ref()?, size)))
    });
    let with_unit = move |value: f64| {
        look.with(|look| {
            look.as_ref()
                .map(|look| format!("{} {}", number(value), look.unit))
        })
    };
    let value = at_sync(state, move |trace, sync| {
        let value = trace.points(sync).get(index)?.value;
        let divisor = look.with(|look| look.as_ref().map(|look| look.divisor))?;
        if value.is_nan() {
            None
        } else {
            with_unit(value / divisor)
        }
    });
    let target = Memo::new(move |_| {
        let look = look.get()?;
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
    });
    let name = Memo::new(move |_| {
        look.with(|look| {
            look.as_ref()
                .map(|look| look.name.clone())
                .unwrap_or_default()
        })
    });
    let label = move || {
        format!(
            "Metric {} against its target over {}",
            name.get(),
            spoken(state.length())
        )
    };
    let y = |pixel: f64| format!("{pixel:.1}");
    view! {
        <figure class="chart chart-metric" data-testid="chart-metric">
            <figcaption class="chart-caption">
                <h3>{move || name.get()}</h3>
                <LegendItem class="metric" sample=Sample::Line name="measured" value=value />
                <LegendItem class="target" sample=Sample::Dashed name="target"
                    value=Memo::new(move |_| target.get().unwrap_or_default()) />
            </figcaption>
            <Plot state=state size=size label=Signal::derive(label) frame=part(drawn, |drawn| Some(drawn.frame.clone()))>
                <rect class="area-band" x=frame::LEFT
                    width=part(drawn, |drawn| { let (left, right) = drawn.frame.x.range(); right - left })
                    y=part(drawn, move |drawn| y(drawn.band.0))
                    height=part(drawn, move |drawn| y((drawn.band.1 - drawn.band.0).max(0.0))) />
                <line class="line-target" x1=frame::LEFT
                    x2=part(drawn, |drawn| drawn.frame.x.range().1)
                    y1=part(drawn, move |drawn| y(drawn.target))
                    y2=part(drawn, move |drawn| y(drawn.target)) />
                <path class="line-metric" d=part(drawn, |drawn| drawn.line.clone()) />
            </Plot>
        </figure>
    }
}

#[component]
fn ReplicaChart(state: Playground) -> impl IntoView {
    let size = RwSignal::new((0.0, 0.0));
    let drawn = picture(state, size, |trace, size| {
        Some(pictures::replicas(trace, size))
    });
    let pods = |count: i64| crate::format::counted(count, "pod", "pods");
    let desired = at_sync(state, move |trace, sync| {
        Some(pods(trace.syncs.get(sync)?.desired.into()))
    });
    let current = at_sync(state, move |trace, sync| {
        Some(pods(trace.syncs.get(sync)?.current.into()))
    });
    let ready = at_cursor(state, move |trace, row| {
        Some(pods((*trace.steps.ready.get(row)?).into()))
    });
    let limits = Memo::new(move |_| {
        state
            .latest
            .with(|latest| {
                let spec = &latest.trace()?.setup.autoscaler.spec;
                Some(format!(
                    "{} to {} pods",
                    spec.min_replicas.unwrap_or(1),
                    spec.max_replicas
                ))
            })
            .unwrap_or_default()
    });
    let held = at_sync(state, move |trace, sync| {
        let sync = trace.syncs.get(sync)?;
        Some(if sync.held_by_window() {
            format!(
                "{} instead of {}",
                pods(sync.stabilized.into()),
                sync.proposal
            )
        } else {
            "no".to_owned()
        })
    });
    let label = move || {
        format!(
            "Replicas over {}: desired, current, ready",
            spoken(state.length())
        )
    };
    view! {
        <figure class="chart chart-replicas" data-testid="chart-replicas">
            <figcaption class="chart-caption">
                <h3>"Replicas"</h3>
                <LegendItem class="desired" sample=Sample::Line name="desired" value=desired testid="desired" />
                <LegendItem class="current" sample=Sample::Dotted name="current" value=current testid="current" />
                <LegendItem class="ready" sample=Sample::Area name="ready" value=ready testid="ready" />
                <LegendItem class="limit" sample=Sample::Dashed name="limits" value=limits />
                <LegendItem class="held" sample=Sample::Area name="held by the window" value=held />
            </figcaption>
            <Plot state=state size=size label=Signal::derive(label) frame=part(drawn, |drawn| Some(drawn.frame.clone()))>
                <defs>
                    <pattern id="held-hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                        <path class="hatch" d="M0 0V5" />
                    </pattern>
                </defs>
                <path class="area-ready" d=part(drawn, |drawn| drawn.ready_area.clone()) />
                <path class="area-held" d=part(drawn, |drawn| drawn.held.clone()) />
                <line class="line-limit" x1=frame::LEFT x2=part(drawn, |drawn| drawn.frame.x.range().1)
                    y1=part(drawn, |drawn| drawn.minimum) y2=part(drawn, |drawn| drawn.minimum) />
                <line class="line-limit" x1=frame::LEFT x2=part(drawn, |drawn| drawn.frame.x.range().1)
                    y1=part(drawn, |drawn| drawn.maximum) y2=part(drawn, |drawn| drawn.maximum) />
                <path class="line-ready" d=part(drawn, |drawn| drawn.ready.clone()) />
                <path class="line-current" d=part(drawn, |drawn| drawn.current.clone()) />
                <path class="line-desired" data-testid="line-desired" d=part(drawn, |drawn| drawn.desired.clone()) />
            </Plot>
        </figure>
    }
}
