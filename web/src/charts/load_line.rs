//! Editing the load line by its points: moving them by pointer or keys, adding and removing them. Any
//! other load is converted to points first.

use hpa_simulation::chart::Axes;
use leptos::html::Div;
use leptos::prelude::*;
use web_sys::{KeyboardEvent, MouseEvent, PointerEvent};

use super::load_points::{Points, added, moved, removed, rounded, steps};
use super::single_chart::SingleChart;
use super::view_state::ViewState;
use crate::format::{clock, counted, number};
use crate::load::{Keyframes, MOST, edits};
use crate::model;
use crate::options::Access;
use crate::session::history::How;
use crate::shell::notice::Notice;
use crate::state::Playground;

/// The distance within which a pointer hits a point that has no handle [px].
const NEAR: f64 = 10.0;

/// A drag: the initial points and axes, and the index of the point.
#[derive(Clone, Debug)]
struct Held {
    points: Points,
    axes: Axes,
    at: usize,
}

/// The load line. Copies are handles to the same state.
#[derive(Clone, Copy, Debug)]
pub(super) struct LoadLine {
    state: Playground,
    view: ViewState,
    axes: Memo<Option<Axes>>,
    points: Memo<Points>,
    count: Memo<usize>,
    held: StoredValue<Option<Held>>,
    /// What the handles are in: it covers the plot, and outlives each handle.
    layer: NodeRef<Div>,
}

/// The button that converts another load to points.
#[component]
pub(super) fn DrawButton(
    /// The line that is drawn.
    line: LoadLine,
) -> impl IntoView {
    let drawn = move || line.count.get() > 0 || line.state.fixed();
    view! {
        <button
            type="button"
            class="tool tool-text draw"
            data-testid="draw"
            title="Convert the load to points you can drag (or double-click to add one)"
            hidden=drawn
            on:click=move |_| line.trace(None)
        >
            "Draw"
        </button>
    }
}

/// The handles of the points, over the plot.
#[component]
pub(super) fn Handles(
    /// The line that has the points.
    line: LoadLine,
) -> impl IntoView {
    view! {
        <div
            class="handles"
            node_ref=line.layer
            on:pointermove=move |event| line.drag(&event)
            on:pointerup=move |_| line.held.set_value(None)
            on:pointercancel=move |_| line.held.set_value(None)
        >
            // A handle keeps the focus while points are added and removed.
            <For each=move || 0..line.count.get() key=|at| *at let:at>
                <Handle line at />
            </For>
        </div>
    }
}

#[component]
fn Handle(
    line: LoadLine,
    /// The position of its point in the line.
    at: usize,
) -> impl IntoView {
    let point = Memo::new(move |_| {
        let point = line.points.with(|points| points.get(at).copied());
        point.unwrap_or_default()
    });
    let pixel = Memo::new(move |_| line.pixel(point.get()));
    view! {
        <button
            type="button"
            class="handle"
            role="slider"
            title="Drag, or use the arrow keys; Delete removes the point, Insert adds one"
            aria-label=move || format!("Load from {}", clock(point.get().0))
            aria-valuenow=move || point.get().1.to_string()
            aria-valuetext=move || format!("{} requests per second", number(point.get().1))
            hidden=move || pixel.with(Option::is_none)
            style:left=move || pixel.get().map(|(x, _)| format!("{:.0}px", x.round()))
            style:top=move || pixel.get().map(|(_, y)| format!("{:.0}px", y.round()))
            on:pointerdown=move |event| line.hold(at, &event)
            on:keydown=move |event| line.key(at, &event)
        ></button>
    }
}

impl LoadLine {
    /// The line of the load in its chart.
    pub(super) fn new(chart: SingleChart) -> Self {
        let state = chart.state;
        let points = Memo::new(move |_| points(state));
        Self {
            state,
            view: chart.view,
            axes: chart.axes,
            points,
            count: Memo::new(move |_| points.with(Vec::len)),
            held: StoredValue::new(None),
            layer: NodeRef::new(),
        }
    }

    /// Writes the line with these points.
    fn write(self, points: Points) {
        let between = self.state.latest.with_untracked(|latest| {
            let load = Keyframes::of(&latest.trace()?.setup.load)?;
            Some(load.between())
        });
        if points.len() > MOST {
            let most = format!("A drawn load has at most {MOST} points: remove one first.");
            self.state.notice.set(Some(Notice::failed(most)));
        } else if let Some(between) = between {
            self.put(&Keyframes::new(points, between), How::Edit);
        }
    }

    /// Writes the load, unless that would remove a part that a goal refers to.
    fn put(self, load: &Keyframes, how: How) -> bool {
        let state = self.state;
        let read = state.read.get_untracked();
        let parts = read
            .experiment
            .as_ref()
            .map(|read| read.setup.load.parts.len());
        let changed = state
            .text
            .with_untracked(|text| edits::put(text, &read, load));
        let works = |text: &String| parts < Some(2) || model::read(text).experiment.is_some();
        let changed = match changed {
            Ok(text) if works(&text) => text,
            Ok(_) => return self.refuse("a goal refers to a part of the load."),
            Err(error) => return self.refuse(&error.to_string()),
        };
        state.next.set_value(how);
        state.text.set(changed);
        true
    }

    fn refuse(self, why: &str) -> bool {
        let text = format!("Could not convert the load to points: {why}");
        self.state.notice.set(Some(Notice::failed(text)));
        false
    }

    /// Converts any load to points, with one more at a given place.
    fn trace(self, point: Option<(f64, f64)>) {
        let traced = self.state.latest.with_untracked(|latest| {
            let steps = &latest.trace()?.steps;
            Some(Keyframes::traced(&steps.time, &steps.load))
        });
        let Some((line, off)) = traced.filter(|_| !untrack(|| self.state.fixed())) else {
            return;
        };
        let points = line.frames().iter().copied().chain(point).collect();
        let line = Keyframes::new(points, line.between());
        if self.put(&line, How::Open) {
            let count = i64::try_from(line.frames().len()).unwrap_or(i64::MAX);
            let done = format!(
                "The load is now {} joined by lines, within {} requests/s of the original.",
                counted(count, "point", "points"),
                number(off)
            );
            self.state.notice.set(Some(Notice::undoable(done)));
        }
    }

    /// Where a point is, if it is in view [px].
    fn pixel(self, (time, rate): (f64, f64)) -> Option<(f64, f64)> {
        let (from, to) = self.view.range.get();
        self.axes.with(|axes| {
            let axes = axes.as_ref()?;
            let seen = (from..=to).contains(&time);
            seen.then(|| (axes.x.pixel(time), axes.y.pixel(rate)))
        })
    }

    /// A pointer goes down on a handle.
    fn hold(self, at: usize, event: &PointerEvent) {
        let axes = self.axes.get_untracked();
        let (Some(axes), 0) = (axes, event.button()) else {
            return;
        };
        event.stop_propagation();
        if let Some(layer) = self.layer.get_untracked() {
            let _ = layer.set_pointer_capture(event.pointer_id());
        }
        self.held.set_value(Some(Held {
            points: self.points.get_untracked(),
            axes,
            at,
        }));
    }

    /// The pointer moves over the plot.
    fn drag(self, event: &PointerEvent) {
        if let Some(Held { points, axes, at }) = self.held.get_value()
            && let Some((x, y)) = self.place(event)
        {
            self.write(moved(&points, at, rounded(&axes, x, y)));
        }
    }

    /// A double click adds a point, or removes the one it hits. Returns whether the load can be changed.
    pub(super) fn double_click(self, event: &MouseEvent) -> bool {
        let axes = self.axes.get_untracked();
        let axes = axes.filter(|_| !untrack(|| self.state.fixed()));
        let (Some(axes), Some((x, y))) = (axes, self.place(event)) else {
            return false;
        };
        let points = self.points.get_untracked();
        if points.is_empty() {
            self.trace(Some(rounded(&axes, x, y)));
            return true;
        }
        let near = |(time, _): &(f64, f64)| (axes.x.pixel(*time) - x).abs() < NEAR;
        self.write(match points.iter().position(near) {
            Some(at) if at > 0 => removed(&points, at),
            _ => added(&points, rounded(&axes, x, y)),
        });
        true
    }

    /// A key is pressed on a handle.
    fn key(self, at: usize, event: &KeyboardEvent) {
        let Some(axes) = self.axes.get_untracked() else {
            return;
        };
        let (seconds, rate) = steps(&axes);
        let factor = if event.shift_key() { 10.0 } else { 1.0 };
        let points = self.points.get_untracked();
        let Some((time, now)) = points.get(at).copied() else {
            return;
        };
        let after = match &*event.key() {
            "ArrowUp" => moved(&points, at, (time, now + factor * rate)),
            "ArrowDown" => moved(&points, at, (time, now - factor * rate)),
            "ArrowRight" => moved(&points, at, (time + factor * seconds, now)),
            "ArrowLeft" => moved(&points, at, (time - factor * seconds, now)),
            "Delete" | "Backspace" => removed(&points, at),
            "Insert" => {
                let next = points.get(at + 1).map_or(time + 60.0, |next| next.0);
                added(&points, (f64::midpoint(time, next), now + rate))
            }
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        self.write(after);
    }

    /// The position of an event in the plot [px].
    fn place(self, event: &MouseEvent) -> Option<(f64, f64)> {
        let area = self.layer.get_untracked()?.get_bounding_client_rect();
        Some((
            f64::from(event.client_x()) - area.left(),
            f64::from(event.client_y()) - area.top(),
        ))
    }
}

/// The points of a load of constant rates; the first one is at the beginning.
fn points(state: Playground) -> Points {
    if state.access == Access::ReadOnly {
        return Points::new();
    }
    let frames = state.latest.with(|latest| {
        let load = &latest.trace()?.setup.load;
        let mut frames = Keyframes::of(load)?.frames().to_vec();
        if frames.first().is_none_or(|first| first.0 > 0.0) {
            frames.insert(0, (0.0, 0.0));
        }
        Some(frames).filter(|frames| frames.len() <= MOST)
    });
    frames.unwrap_or_default()
}
