//! The editor: a plain textarea over a highlighted copy of its text, with line numbers and problems.
//!
//! The textarea is as large as its text and does not scroll; both are in one box that does, so no
//! scroll positions need to be synchronized.

pub mod dragging;
pub mod highlight;
pub mod indent;
pub mod index;
pub mod lines;
pub mod numbers;
pub mod place;
pub mod suggest;
pub mod tokens;
pub mod viewport;

use leptos::ev;
use leptos::prelude::*;
use leptos_use_resize_observer::use_resize_observer;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDocument, HtmlTextAreaElement, KeyboardEvent};

use self::dragging::{Drag, Grip};
use self::highlight::Highlight;
use self::index::Index;
use self::lines::{Mark, Marked};
pub use self::place::Place;
use self::place::caret;
pub(crate) use self::suggest::preload;
use self::suggest::{Suggest, Suggestions};
use self::viewport::Viewport;
use crate::options::Access;
use crate::session::Session;

/// The editor of the text, with its problems marked.
#[component]
pub fn Editor(
    /// The places of the problems.
    marks: Memo<Vec<Marked>>,
) -> impl IntoView {
    let session = expect_context::<Session>();
    let (text, place) = (session.state.text, session.place);
    let editable = session.state.access == Access::Edit;
    let index = Memo::new_owning(move |index: Option<Index>| {
        let mut index = index.unwrap_or_default();
        let changed = text.with(|text| index.update(text));
        (index, changed)
    });
    let viewport = RwSignal::new(Viewport::default());
    measure(viewport, place);
    let invalid =
        Memo::new(move |_| marks.with(|marks| marks.iter().any(|mark| mark.mark == Mark::Error)));
    let suggest = Suggest::new(session);
    let drag = Drag::new(text, index, viewport.into(), place);
    // Setting a value moves the caret to its end; editing starts at the top.
    place.area.on_load(|area| {
        let _ = area.set_selection_range(0, 0);
    });
    let key = move |event: KeyboardEvent| {
        if editable && let Some(area) = place.area() {
            suggest.key(&area, &event);
            if !event.default_prevented() {
                edit(text, &area, &event);
            }
        }
    };
    view! {
        <div
            class="editor"
            node_ref=place.scroller
            on:scroll:target=move |event| {
                let top = event.target().scroll_top().into();
                viewport.update(|viewport| viewport.top = top);
            }
        >
            <div class="editor-sheet">
                <Highlight index marks viewport place />
                <textarea
                    class="editor-text"
                    data-testid="manifests"
                    aria-label="Manifests"
                    aria-describedby="problems-summary"
                    aria-invalid=move || invalid.get().to_string()
                    aria-autocomplete=editable.then_some("list")
                    aria-controls=editable.then_some("suggestions")
                    aria-activedescendant=move || editable.then(|| suggest.chosen_id())
                    placeholder="Paste a HorizontalPodAutoscaler and its Deployment, or drop a file"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    wrap="off"
                    readonly=!editable
                    node_ref=place.area
                    prop:value=move || text.get()
                    on:input:target=move |event| {
                        if editable {
                            text.set(event.target().value());
                            suggest.typed();
                        }
                    }
                    on:keydown=key
                    on:blur=move |_| suggest.close()
                    on:pointerdown=move |event| {
                        if editable {
                            drag.press(&event);
                        }
                    }
                    on:mousedown=move |event| drag.keep_selection(&event)
                    on:pointermove=move |event| drag.moved(&event)
                    on:pointerup=move |_| drag.release()
                    on:pointercancel=move |_| drag.release()
                ></textarea>
                {editable
                    .then(|| {
                        view! {
                            <Grip drag />
                            <Suggestions suggest />
                        }
                    })}
            </div>
        </div>
    }
}

/// Keeps the viewport as the editor is resized and printed.
fn measure(viewport: RwSignal<Viewport>, place: Place) {
    use_resize_observer(place.scroller, move |_, _| {
        let height = place.scroller().map(|scroller| scroller.client_height());
        let line = place.line_height();
        viewport.try_update(|viewport| {
            if let Some(height) = height {
                viewport.height = height.into();
            }
            if let Some(line) = line {
                viewport.line = line;
            }
        });
    });
    let print = move |printing| viewport.update(|viewport| viewport.printing = printing);
    let before = window_event_listener(ev::beforeprint, move |_| print(true));
    let after = window_event_listener(ev::afterprint, move |_| print(false));
    on_cleanup(move || {
        before.remove();
        after.remove();
    });
}

/// Handles the keys that edit the text: Alt with an arrow changes a number, Enter indents.
fn edit(text: RwSignal<String>, area: &HtmlTextAreaElement, event: &KeyboardEvent) {
    let steps = match event.key().as_str() {
        "ArrowUp" => 1,
        "ArrowDown" => -1,
        "Enter" => return new_line(area, event),
        _ => return,
    };
    if !event.alt_key() {
        return;
    }
    let before = text.get_untracked();
    if let Some(found) = numbers::at(&before, caret(area, &before)) {
        event.prevent_default();
        let steps = if event.shift_key() { 10 * steps } else { steps };
        turn(text, area, &before, found, steps);
    }
}

/// Changes the number at `found` in `before` by `steps`, and selects it.
fn turn(
    text: RwSignal<String>,
    area: &HtmlTextAreaElement,
    before: &str,
    found: numbers::Found,
    steps: i64,
) {
    let digits = numbers::stepped(before, found, steps);
    let changed = format!("{}{digits}{}", &before[..found.start], &before[found.end..]);
    let (start, end) = (found.start, found.start + digits.len());
    if area.value() != changed {
        // Set here first: a new value moves the caret to the end, an equal one does not.
        area.set_value(&changed);
        text.set(changed.clone());
    }
    let _ = area.set_selection_range(lines::utf16(&changed, start), lines::utf16(&changed, end));
}

/// Inserts a line break and indents the next line.
fn new_line(area: &HtmlTextAreaElement, event: &KeyboardEvent) {
    if event.is_composing() || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let text = area.value();
    let head = &text[..caret(area, &text)];
    let line = head.rfind('\n').map_or(0, |at| at + 1);
    let indent = indent::below(&head[line..]);
    // Like typing, this scrolls the caret into view; setting a value does not.
    let document: HtmlDocument = document().unchecked_into();
    let typed = format!("\n{:indent$}", "");
    if document.exec_command_with_show_ui_and_value("insertText", false, &typed) == Ok(true) {
        event.prevent_default();
    }
}
