//! Editing the load line by its points: moving them by pointer or keys, adding and removing them. Any
//! other load is converted to points first.

use leptos::prelude::*;
use web_sys::{Event, KeyboardEvent, MouseEvent, PointerEvent};

use super::view_state::ViewState;
use crate::dom::{El, button, el};
use crate::format::{clock, counted, number};
use crate::hand;
use crate::history::How;
use crate::load::{Keyframes, MOST};
use crate::model;
use crate::notice::Notice;
use crate::options::Access;
use crate::state::Playground;
use hpa_simulation::chart::Axes;
use hpa_simulation::chart::scale::{Scale, round_step};

/// The distance within which a pointer hits a point that has no handle [px].
const NEAR: f64 = 10.0;

type Points = Vec<(f64, f64)>;

/// A drag: the initial points and axes, and the index of the point.
#[derive(Clone)]
struct Held {
    points: Points,
    axes: Axes,
    at: usize,
}

/// The load line. Copies are handles to the same state.
#[derive(Clone, Copy)]
struct Line {
    state: Playground,
    view: ViewState,
    axes: Memo<Option<Axes>>,
    points: Memo<Points>,
    held: StoredValue<Option<Held>>,
    /// The point last moved by keys.
    focused: StoredValue<Option<usize>>,
    layer: StoredValue<El, LocalStorage>,
}

/// Adds handles for the points of the load to the plot of the load chart. Returns the button that
/// converts another load to points.
pub(super) fn handles(
    state: Playground,
    view: ViewState,
    axes: Memo<Option<Axes>>,
    plot: &El,
) -> El {
    let layer = el("div", "handles");
    let line = Line {
        state,
        view,
        axes,
        points: Memo::new(move |_| points(state)),
        held: StoredValue::new(None),
        focused: StoredValue::new(None),
        layer: StoredValue::new_local(layer.clone()),
    };
    let count = Memo::new(move |_| line.points.with(Vec::len));
    let layer = layer
        .region(move || (0..count.get()).map(|at| line.handle(at)).collect())
        .on("pointermove", move |event: PointerEvent| line.drag(&event))
        .on("pointerup", move |_: Event| line.held.set_value(None))
        .on("pointercancel", move |_: Event| line.held.set_value(None));
    plot.clone()
        .child(layer)
        .on("dblclick", move |event: MouseEvent| line.twice(&event));
    let drawn = move || count.get() > 0 || state.fixed();
    button("tool tool-text draw", "Draw", move || line.trace(None))
        .attr(
            "title",
            "Convert the load to points you can drag (or double-click to add one)",
        )
        .id("draw")
        .flag("hidden", drawn)
}

impl Line {
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
            .with_untracked(|text| hand::put(text, &read, load));
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

    fn point(self, at: usize) -> (f64, f64) {
        let point = self.points.with(|points| points.get(at).copied());
        point.unwrap_or_default()
    }

    /// Where a point is, if it is in view [px].
    fn pixel(self, at: usize) -> Option<(f64, f64)> {
        let (time, rate) = self.point(at);
        let (from, to) = self.view.range.get();
        self.axes.with(|axes| {
            let axes = axes.as_ref()?;
            let seen = (from..=to).contains(&time);
            seen.then(|| (axes.x.pixel(time), axes.y.pixel(rate)))
        })
    }

    fn handle(self, at: usize) -> El {
        let hint = "Drag, or use the arrow keys; Delete removes the point, Insert adds one";
        let handle = el("button", "handle")
            .attr("type", "button")
            .attr("role", "slider")
            .attr("title", hint)
            .live("aria-label", move || {
                format!("Load from {}", clock(self.point(at).0))
            })
            .live("aria-valuenow", move || self.point(at).1.to_string())
            .live("aria-valuetext", move || {
                format!("{} requests per second", number(self.point(at).1))
            })
            .flag("hidden", move || self.pixel(at).is_none())
            .style("left", move || px(self.pixel(at).unwrap_or_default().0))
            .style("top", move || px(self.pixel(at).unwrap_or_default().1))
            .on("pointerdown", move |event: PointerEvent| {
                self.hold(at, &event);
            })
            .on("keydown", move |event: KeyboardEvent| self.key(at, &event));
        if self.focused.get_value() == Some(at) {
            let again = handle.clone();
            request_animation_frame(move || {
                let _ = again.focusable().focus();
            });
        }
        handle
    }

    fn hold(self, at: usize, event: &PointerEvent) {
        let Some(axes) = self.axes.get_untracked().filter(|_| event.button() == 0) else {
            return;
        };
        event.stop_propagation();
        self.focused.set_value(None);
        // The layer outlives the handles, which are rebuilt when a point is added or removed.
        self.layer.with_value(|layer| {
            let _ = layer.node().set_pointer_capture(event.pointer_id());
        });
        self.held.set_value(Some(Held {
            points: self.points.get_untracked(),
            axes,
            at,
        }));
    }

    fn drag(self, event: &PointerEvent) {
        if let Some(Held { points, axes, at }) = self.held.get_value() {
            let (x, y) = self.place(event);
            self.write(moved(&points, at, rounded(&axes, x, y)));
        }
    }

    /// A double click adds a point, or removes the one it hits.
    fn twice(self, event: &MouseEvent) {
        let points = self.points.get_untracked();
        let axes = self.axes.get_untracked();
        let Some(axes) = axes.filter(|_| !untrack(|| self.state.fixed())) else {
            return;
        };
        event.stop_immediate_propagation();
        let (x, y) = self.place(event);
        if points.is_empty() {
            return self.trace(Some(rounded(&axes, x, y)));
        }
        let near = |(time, _): &(f64, f64)| (axes.x.pixel(*time) - x).abs() < NEAR;
        self.write(match points.iter().position(near) {
            Some(at) if at > 0 => removed(&points, at),
            _ => added(&points, rounded(&axes, x, y)),
        });
    }

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
        self.focused.set_value(Some(at));
        self.write(after);
    }

    /// The position of an event relative to the plot [px].
    fn place(self, event: &MouseEvent) -> (f64, f64) {
        let area = self
            .layer
            .with_value(|layer| layer.node().get_bounding_client_rect());
        (
            f64::from(event.client_x()) - area.left(),
            f64::from(event.client_y()) - area.top(),
        )
    }
}

fn px(pixels: f64) -> String {
    let mut text = pixels.round().to_string();
    text.push_str("px");
    text
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

/// How far an arrow key moves a point: seconds and requests per second.
fn steps(axes: &Axes) -> (f64, f64) {
    let (from, to) = axes.x.domain();
    let seconds = [1.0, 5.0, 15.0, 60.0, 300.0, 900.0];
    let fit = seconds.into_iter().find(|step| (to - from) / step <= 360.0);
    (fit.unwrap_or(3600.0), round_step(axes.y.domain().1, 100))
}

/// The time and rate at a position, rounded to whole steps; positions outside the axes are allowed.
fn rounded(axes: &Axes, x: f64, y: f64) -> (f64, f64) {
    let beyond = |scale: &Scale, pixel: f64| {
        let ((from, to), (start, end)) = (scale.domain(), scale.range());
        from + (pixel - start) / (end - start) * (to - from)
    };
    let (seconds, rate) = steps(axes);
    let whole = |value: f64, step: f64| (value / step).round() * step;
    // Multiples of steps such as 0.1 have rounding errors.
    let tidy = |value: f64| (value * 1000.0).round() / 1000.0;
    (
        whole(axes.x.value(x), seconds),
        tidy(whole(beyond(&axes.y, y), rate)).max(0.0),
    )
}

/// The points with one moved, between its neighbors; the first one stays at the beginning.
fn moved(points: &[(f64, f64)], at: usize, (time, rate): (f64, f64)) -> Points {
    let mut points = points.to_vec();
    let earliest = at.checked_sub(1).and_then(|at| points.get(at));
    let earliest = earliest.map_or(0.0, |point| point.0 + 1.0);
    let latest = points
        .get(at + 1)
        .map_or(f64::INFINITY, |point| point.0 - 1.0);
    if let Some(point) = points.get_mut(at) {
        let time = if at == 0 { 0.0 } else { time };
        *point = (time.min(latest).max(earliest).round(), rate.max(0.0));
    }
    points
}

fn removed(points: &[(f64, f64)], at: usize) -> Points {
    let mut points = points.to_vec();
    if at > 0 && at < points.len() {
        points.remove(at);
    }
    points
}

fn added(points: &[(f64, f64)], point: (f64, f64)) -> Points {
    let mut points = points.to_vec();
    points.push((point.0.round().max(1.0), point.1));
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: [(f64, f64); 3] = [(0.0, 0.0), (60.0, 61.0), (660.0, 0.0)];

    #[test]
    fn a_point_stays_between_its_neighbors() {
        #[track_caller]
        fn check(at: usize, to: (f64, f64), expected: (f64, f64)) {
            assert_eq!(moved(&LINE, at, to)[at], expected);
        }
        check(0, (30.0, 5.0), (0.0, 5.0));
        check(1, (90.4, 70.0), (90.0, 70.0));
        check(1, (900.0, 70.0), (659.0, 70.0));
        check(1, (-5.0, -3.0), (1.0, 0.0));
        check(2, (9000.0, 1.0), (9000.0, 1.0));
        assert_eq!(moved(&LINE, 7, (1.0, 1.0)), LINE);
    }

    #[test]
    fn points_are_added_and_removed() {
        assert_eq!(removed(&LINE, 1), [LINE[0], LINE[2]]);
        assert_eq!(removed(&LINE, 0), LINE);
        assert_eq!(added(&LINE, (100.2, 7.0))[3], (100.0, 7.0));
    }
}
