//! Dragging numbers in the text: with Alt held down, or by the handle next to the number at the caret.

use leptos::ev;
use leptos::prelude::*;
use leptos_use_event_listener::use_event_listener;
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent, PointerEvent};

use super::index::Index;
use super::numbers::{self, Found};
use super::place::{Place, caret};
use super::turn;
use super::viewport::Viewport;

/// The drag distance for one step of the last digit [px]; with Shift, for ten steps.
const STEP: i32 = 6;

/// What is held: the initial text, the number in it, and where the drag started [px].
#[derive(Clone, Debug)]
struct Held {
    before: String,
    found: Found,
    from: i32,
}

/// Number dragging in one editor. Copies are handles to the same state.
#[derive(Clone, Copy, Debug)]
pub struct Drag {
    text: RwSignal<String>,
    index: Memo<Index>,
    viewport: Signal<Viewport>,
    place: Place,
    held: StoredValue<Option<Held>>,
}

impl Drag {
    /// Nothing is held.
    #[must_use]
    pub fn new(
        text: RwSignal<String>,
        index: Memo<Index>,
        viewport: Signal<Viewport>,
        place: Place,
    ) -> Self {
        Self {
            text,
            index,
            viewport,
            place,
            held: StoredValue::new(None),
        }
    }

    /// Takes hold of the number under the pointer, if Alt is held down.
    pub fn press(self, event: &PointerEvent) {
        if event.alt_key()
            && event.button() == 0
            && let Some(found) = self.under(event.client_x(), event.client_y())
        {
            self.hold(event, found);
        }
    }

    /// Keeps the browser from selecting text during the drag.
    pub fn keep_selection(self, event: &MouseEvent) {
        if self.held.with_value(Option::is_some) {
            event.prevent_default();
        }
    }

    /// Changes the number that is held.
    pub fn moved(self, event: &PointerEvent) {
        let (Some(held), Some(area)) = (self.held.get_value(), self.place.area()) else {
            return;
        };
        let factor = if event.shift_key() { 10 } else { 1 };
        let steps = (event.client_x() - held.from) / STEP * factor;
        turn(self.text, &area, &held.before, held.found, steps.into());
    }

    /// Lets go of the number.
    pub fn release(self) {
        self.held.set_value(None);
    }

    fn at_caret(self) -> Option<Found> {
        let area = self.place.area()?;
        let found = |text: &String| numbers::at(text, caret(&area, text));
        self.text.with_untracked(found)
    }

    /// Line and column right of the number at the caret, both from 0, if the editor has the focus.
    fn beside(self) -> Option<(usize, usize)> {
        let active = document().active_element()?;
        if !self.place.area()?.is_same_node(Some(active.as_ref())) {
            return None;
        }
        let Found { end, .. } = self.at_caret()?;
        let (above, start) = self.index.with_untracked(|index| {
            let line = index.line_of(end);
            Some((line, index.start(line)?))
        })?;
        let column = |text: &String| Some(text.get(start..end)?.chars().count());
        Some((above, self.text.with_untracked(column)?))
    }

    /// The number under a point of the window.
    fn under(self, x: i32, y: i32) -> Option<Found> {
        let copy = self.place.copy()?;
        let hit = |element: &Element| {
            element.class_name().starts_with("y-number") && copy.contains(Some(element))
        };
        #[expect(clippy::cast_precision_loss, reason = "pixels of a window")]
        let stack = document().elements_from_point(x as f32, y as f32);
        let number = stack
            .iter()
            .map(JsCast::unchecked_into::<Element>)
            .find(hit)?;
        let line = before(&number.parent_element()?).count();
        let column: usize = before(&number)
            .map(|piece| piece.text_content().unwrap_or_default().len())
            .sum();
        let viewport = self.viewport.get_untracked();
        let start = self.index.with_untracked(|index| {
            let shown = viewport.lines(index.count());
            index.start(shown.start + line)
        })?;
        self.text
            .with_untracked(|text| numbers::at(text, start + column))
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
}

/// The elements before this one in its parent, the nearest first.
fn before(element: &Element) -> impl Iterator<Item = Element> {
    std::iter::successors(element.previous_element_sibling(), |element| {
        element.previous_element_sibling()
    })
}

/// The handle of the number at the caret. It is for pointers only, since keys do the same.
#[component]
pub fn Grip(
    /// What it drags.
    drag: Drag,
) -> impl IntoView {
    let beside = RwSignal::new(None);
    let _ = use_event_listener(document(), ev::selectionchange, move |_| {
        let place = drag.beside();
        if beside.try_get_untracked() != Some(place) {
            beside.try_set(place);
        }
    });
    let place = move || beside.get().unwrap_or_default();
    view! {
        <span
            class="grip"
            class:hidden=move || beside.with(Option::is_none)
            aria-hidden="true"
            data-testid="grip"
            title="Drag to change the number"
            style:top=move || format!("calc(0.375rem + {} * var(--line))", place().0)
            style:left=move || format!("calc(var(--gutter) + {}ch)", place().1)
            on:pointerdown=move |event| {
                if let Some(found) = drag.at_caret() {
                    drag.hold(&event, found);
                }
            }
            // Keeps the focus in the text.
            on:mousedown=move |event| event.prevent_default()
            on:pointermove=move |event| drag.moved(&event)
            on:pointerup=move |_| drag.release()
            on:pointercancel=move |_| drag.release()
        >
            "↔"
        </span>
    }
}
