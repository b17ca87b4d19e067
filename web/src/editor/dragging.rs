//! Dragging numbers in the text: with Alt held down, or by the handle next to the number at the caret.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlTextAreaElement, MouseEvent, PointerEvent};

use super::numbers::{self, Found};
use super::{Parts, Place, caret, turn};
use crate::dom::{El, on_document};

/// The drag distance for one step of the last digit [px]; with Shift, for ten steps.
const STEP: i32 = 6;

/// A drag: the initial text, the number in it, and where the drag started [px].
#[derive(Clone, Debug)]
struct Held {
    before: String,
    found: Found,
    from: i32,
}

/// Number dragging in one editor. Copies are handles to the same state.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grip {
    text: RwSignal<String>,
    place: Place,
    held: StoredValue<Option<Held>>,
    /// Line and column right of the number at the caret, both from 0.
    beside: RwSignal<Option<(usize, usize)>>,
}

impl Grip {
    pub(super) fn new(text: RwSignal<String>, place: Place) -> Self {
        Self {
            text,
            place,
            held: StoredValue::new(None),
            beside: RwSignal::new(None),
        }
    }

    /// Lets numbers in the text be dragged.
    pub(super) fn on_text(self, area: El) {
        let area = area
            .on("pointerdown", move |event: PointerEvent| {
                if event.alt_key()
                    && event.button() == 0
                    && let Some(found) = self.under(event.client_x(), event.client_y())
                {
                    self.hold(&event, found);
                }
            })
            // Keeps the browser from selecting text during the drag.
            .on("mousedown", move |event: MouseEvent| {
                if self.held.with_value(Option::is_some) {
                    event.prevent_default();
                }
            });
        self.follow_pointer(area);
        on_document("selectionchange", move |_: Event| {
            let beside = self.seek();
            if self.beside.try_get_untracked() != Some(beside) {
                self.beside.set(beside);
            }
        });
    }

    /// Lets the number at the caret be dragged by a handle. It is for pointers only, since keys do the
    /// same.
    pub(super) fn on_handle(self, handle: El) {
        let place = move || self.beside.get().unwrap_or_default();
        let handle = handle
            .class("hidden", move || self.beside.with(Option::is_none))
            .style("top", move || {
                format!("calc(0.375rem + {} * var(--line))", place().0)
            })
            .style("left", move || {
                format!("calc(var(--gutter) + {}ch)", place().1)
            })
            .on("pointerdown", move |event: PointerEvent| {
                if let Some((_, found)) = self.at_caret() {
                    self.hold(&event, found);
                }
            })
            // Keeps the focus in the text.
            .on("mousedown", |event: MouseEvent| event.prevent_default());
        self.follow_pointer(handle);
    }

    fn follow_pointer(self, element: El) {
        element
            .on("pointermove", move |event: PointerEvent| self.moved(&event))
            .on("pointerup", move |_: Event| self.held.set_value(None))
            .on("pointercancel", move |_: Event| self.held.set_value(None));
    }

    fn area(self) -> Option<HtmlTextAreaElement> {
        self.place.parts().map(|parts| parts.area)
    }

    fn at_caret(self) -> Option<(String, Found)> {
        let area = self.area()?;
        let text = area.value();
        let found = numbers::at(&text, caret(&area, &text))?;
        Some((text, found))
    }

    /// The position of the handle: at the number at the caret, if the editor has the focus.
    fn seek(self) -> Option<(usize, usize)> {
        let active = document().active_element()?;
        if !self.area()?.is_same_node(Some(active.as_ref())) {
            return None;
        }
        let (text, Found { end, .. }) = self.at_caret()?;
        let line = text[..end].rfind('\n').map_or(0, |at| at + 1);
        let above = text[..line].matches('\n').count();
        Some((above, text[line..end].chars().count()))
    }

    /// The number under a point of the window.
    fn under(self, x: i32, y: i32) -> Option<Found> {
        let Parts { copy, .. } = self.place.parts()?;
        let hit = |element: &Element| {
            element.class_name().starts_with("y-number") && copy.node().contains(Some(element))
        };
        #[expect(clippy::cast_precision_loss, reason = "pixels of a window")]
        let stack = document().elements_from_point(x as f32, y as f32);
        let number = stack
            .iter()
            .map(JsCast::unchecked_into::<Element>)
            .find(hit)?;
        let size = |mut node: Element, between: usize| {
            let mut size = 0;
            while let Some(previous) = node.previous_element_sibling() {
                size += previous.text_content().unwrap_or_default().len() + between;
                node = previous;
            }
            size
        };
        let line = number.parent_element()?;
        let at = size(line, 1) + size(number, 0);
        self.text.with_untracked(|text| numbers::at(text, at))
    }

    fn hold(self, event: &PointerEvent, found: Found) {
        event.prevent_default();
        let target = event.target().map(JsCast::unchecked_into::<Element>);
        if let Some(target) = target {
            let _ = target.set_pointer_capture(event.pointer_id());
        }
        self.held.set_value(Some(Held {
            before: self.text.get_untracked(),
            found,
            from: event.client_x(),
        }));
    }

    fn moved(self, event: &PointerEvent) {
        let (Some(held), Some(area)) = (self.held.get_value(), self.area()) else {
            return;
        };
        let factor = if event.shift_key() { 10 } else { 1 };
        let steps = (event.client_x() - held.from) / STEP * factor;
        turn(self.text, &area, &held.before, held.found, steps.into());
    }
}
