//! Pointer gestures on a chart: reading values, moving the cursor, selecting a range, pinch and wheel zoom.

use hpa_simulation::chart::Axes;
use hpa_simulation::chart::time_range::{self, TimeRange};
use leptos::html::Div;
use leptos::prelude::*;
use web_sys::{PointerEvent, WheelEvent};

use super::single_chart::SingleChart;
use super::view_state::ViewState;
use crate::state::Playground;

/// The distance within which the cursor can be grabbed [px].
const GRIP: f64 = 6.0;
/// The distance from which a drag selects a range [px].
const MARK: f64 = 5.0;

/// What dragging a pointer does.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Drag {
    /// It moves the cursor.
    Scrub,
    /// It selects a range that starts at this pixel.
    Brush(f64),
}

/// A pinch with two fingers: the initial range, and their positions as fractions of the plot's width.
type Pinch = (TimeRange, (f64, f64));

/// The pointers over one chart. Copies are handles to the same state.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gestures {
    state: Playground,
    view: ViewState,
    plot: NodeRef<Div>,
    axes: Memo<Option<Axes>>,
    drag: StoredValue<Option<Drag>>,
    fingers: StoredValue<Vec<(i32, f64)>>,
    pinch: StoredValue<Option<Pinch>>,
}

impl Gestures {
    /// The gestures on the plot of a chart.
    pub(super) fn new(chart: SingleChart, plot: NodeRef<Div>) -> Self {
        Self {
            state: chart.state,
            view: chart.view,
            plot,
            axes: chart.axes,
            drag: StoredValue::new(None),
            fingers: StoredValue::new(Vec::new()),
            pinch: StoredValue::new(None),
        }
    }

    /// A horizontal position in the plot [px].
    fn place(&self, client: i32) -> Option<f64> {
        let left = self.plot.get_untracked()?.get_bounding_client_rect().left();
        Some(f64::from(client) - left)
    }

    fn time_at(&self, pixel: f64) -> Option<f64> {
        self.axes
            .with_untracked(|axes| axes.as_ref().map(|axes| axes.x.value(pixel)))
    }

    fn share(&self, pixel: f64) -> Option<f64> {
        self.axes.with_untracked(|axes| {
            let (left, right) = axes.as_ref()?.x.range();
            Some((pixel - left) / (right - left).max(1.0))
        })
    }

    fn both(&self) -> Option<(f64, f64)> {
        let (a, b) = self
            .fingers
            .with_value(|fingers| Some((fingers.first()?.1, fingers.get(1)?.1)))?;
        Some((self.share(a)?, self.share(b)?))
    }

    fn near_cursor(&self, pixel: f64) -> bool {
        let now = untrack(|| self.state.now());
        let (from, to) = self.view.range.get_untracked();
        let cursor = self
            .axes
            .with_untracked(|axes| axes.as_ref().map(|axes| axes.x.pixel(now)));
        (from..=to).contains(&now) && cursor.is_some_and(|cursor| (cursor - pixel).abs() <= GRIP)
    }

    /// A pointer goes down.
    pub(super) fn down(&self, event: &PointerEvent) {
        let Some(x) = self.place(event.client_x()).filter(|_| event.button() == 0) else {
            return;
        };
        if let Some(plot) = self.plot.get_untracked() {
            let _ = plot.set_pointer_capture(event.pointer_id());
        }
        self.fingers
            .update_value(|fingers| fingers.push((event.pointer_id(), x)));
        if let Some(held) = self.both() {
            self.pinch
                .set_value(Some((self.view.range.get_untracked(), held)));
            self.drag.set_value(None);
            return;
        }
        // One finger scrolls and scrubs; two fingers zoom.
        if event.pointer_type() == "touch" || self.near_cursor(x) {
            self.drag.set_value(Some(Drag::Scrub));
            if let Some(time) = self.time_at(x) {
                self.state.go(time);
            }
        } else {
            self.drag.set_value(Some(Drag::Brush(x)));
        }
    }

    /// A pointer moves.
    pub(super) fn moved(&self, event: &PointerEvent) {
        let Some(x) = self.place(event.client_x()) else {
            return;
        };
        self.fingers.update_value(|fingers| {
            let mut own = fingers.iter_mut();
            if let Some(finger) = own.find(|finger| finger.0 == event.pointer_id()) {
                finger.1 = x;
            }
        });
        if let (Some((shown, before)), Some(after)) = (self.pinch.get_value(), self.both()) {
            let length = self.view.length.get_untracked();
            self.view
                .show(time_range::pinched(shown, before, after, length));
            return;
        }
        let Some(time) = self.time_at(x) else { return };
        if event.pointer_type() != "touch" {
            self.view.hover.set(Some(time));
        }
        match self.drag.get_value() {
            Some(Drag::Scrub) => self.state.go(time),
            Some(Drag::Brush(from)) if (from - x).abs() >= MARK => {
                let marked = self.time_at(from).map(|from| (from, time));
                self.view.brush.set(marked);
            }
            _ => {}
        }
    }

    /// A pointer goes up.
    pub(super) fn up(&self, event: &PointerEvent) {
        let done = self.drag.get_value();
        let marked = self.view.brush.get_untracked();
        self.cancel(event);
        if let Some(Drag::Brush(from)) = done {
            if let Some(marked) = marked {
                self.view.show(marked);
            } else if let Some(time) = self.time_at(from) {
                self.state.go(time);
            }
        }
    }

    /// The browser cancels a pointer.
    pub(super) fn cancel(&self, event: &PointerEvent) {
        self.fingers
            .update_value(|fingers| fingers.retain(|finger| finger.0 != event.pointer_id()));
        self.pinch.set_value(None);
        self.drag.set_value(None);
        self.view.brush.set(None);
    }

    /// A wheel turns: with Ctrl it zooms, sideways it pans.
    pub(super) fn wheel(&self, event: &WheelEvent) {
        let sideways = event.delta_x().abs() > event.delta_y().abs() || event.shift_key();
        if !sideways && !event.ctrl_key() && !event.meta_key() {
            return; // It scrolls the panel.
        }
        event.prevent_default();
        if sideways {
            let by = if event.delta_x() == 0.0 {
                event.delta_y()
            } else {
                event.delta_x()
            };
            self.view.move_by((by / 800.0).clamp(-0.5, 0.5));
        } else if let Some(time) = self.place(event.client_x()).and_then(|x| self.time_at(x)) {
            let factor = (event.delta_y() / 300.0).clamp(-0.7, 0.7).exp2();
            self.view.zoom_by(time, factor);
        }
    }
}
