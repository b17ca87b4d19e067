//! The editor: a plain textarea over a highlighted copy of its text, with line numbers and problems.
//!
//! The textarea is as large as its text and does not scroll; both are in one box that does, so no
//! scroll positions need to be synchronized.

mod dragging;
pub mod indent;
pub mod lines;
pub mod numbers;
mod paint;
mod suggest;
pub mod tokens;

use std::cell::RefCell;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlDocument, HtmlTextAreaElement, KeyboardEvent};

use self::dragging::Grip;
use self::lines::{Mark, Marked, lines};
use self::suggest::Suggest;
use crate::dom::{El, follow, html};
use crate::options::Access;

/// A handle to the editor's elements, for moving to a place in it.
#[derive(Clone, Copy, Debug)]
pub struct Place(StoredValue<Option<Parts>, LocalStorage>);

/// The textarea, the box that scrolls, and the highlighted copy.
#[derive(Clone, Debug)]
struct Parts {
    area: HtmlTextAreaElement,
    scroller: El,
    copy: El,
}

impl Default for Place {
    fn default() -> Self {
        Self(StoredValue::new_local(None))
    }
}

impl Place {
    fn parts(&self) -> Option<Parts> {
        self.0.try_get_value().flatten()
    }

    /// The text after pasting `paste`; `None` if the event is not the editor's.
    #[must_use]
    pub fn pasted(&self, event: &Event, paste: &str) -> Option<String> {
        let Parts { area, .. } = self.parts()?;
        if event.target().as_ref() != Some(&area) {
            return None;
        }
        let text = area.value();
        let start = caret(&area, &text);
        let units = area.selection_end().ok().flatten().unwrap_or_default();
        let end = lines::byte(&text, units).max(start);
        Some(format!("{}{paste}{}", &text[..start], &text[end..]))
    }

    /// Goes to the top of the text.
    pub fn home(&self) {
        if let Some(Parts { area, scroller, .. }) = self.parts() {
            let _ = area.set_selection_range(0, 0);
            scroller.node().set_scroll_top(0);
        }
    }

    /// Replaces the selection by `paste`.
    pub fn insert(&self, text: RwSignal<String>, paste: &str) {
        if let Some(Parts { area, .. }) = self.parts() {
            let _ = area.set_range_text(paste);
            text.set(area.value());
            let _ = area.focus();
        }
    }

    /// Focuses the editor, selects the bytes from `start` to `end` and scrolls there.
    pub fn select(&self, text: &str, start: usize, end: usize) {
        let Some(Parts { area, scroller, .. }) = self.parts() else {
            return;
        };
        let scroller = scroller.node();
        let _ = area.focus();
        let _ = area.set_selection_range(lines::utf16(text, start), lines::utf16(text, end));
        // Browsers do not scroll to a selection that is set by a script.
        let count = text.split('\n').count();
        let line = text
            .as_bytes()
            .iter()
            .take(start)
            .filter(|byte| **byte == b'\n')
            .count();
        if let (Ok(line), Ok(count)) = (i32::try_from(line), i32::try_from(count)) {
            let top = area.offset_height() / count.max(1) * line;
            scroller.set_scroll_top(top - scroller.client_height() / 3);
            scroller.set_scroll_left(0);
        }
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

/// The byte position of the caret or the start of the selection.
fn caret(area: &HtmlTextAreaElement, text: &str) -> usize {
    let units = area.selection_start().ok().flatten().unwrap_or_default();
    lines::byte(text, units)
}

/// The editor of the text, with its problems marked.
#[must_use]
pub fn editor(
    text: RwSignal<String>,
    access: Access,
    marks: Memo<Vec<Marked>>,
    place: Place,
) -> El {
    let editor = html(
        r#"<div class="editor"><div class="editor-sheet">
            <div class="editor-lines" aria-hidden="true"></div>
            <textarea class="editor-text" data-testid="manifests" aria-label="Manifests" aria-describedby="problems-summary" placeholder="Paste a HorizontalPodAutoscaler and its Deployment, or drop a file" autocomplete="off" autocapitalize="off" spellcheck="false" wrap="off"></textarea>
            <span class="grip" aria-hidden="true" data-testid="grip" title="Drag to change the number">↔</span>
        </div></div>"#,
    );
    let (copy, field) = (editor.find(".editor-lines"), editor.at("manifests"));
    let area: HtmlTextAreaElement = field.node().clone().unchecked_into();
    place.0.set_value(Some(Parts {
        area: area.clone(),
        scroller: editor.clone(),
        copy: copy.clone(),
    }));
    let before = RefCell::new(Vec::new());
    follow(move || {
        let shown = text.with(|text| marks.with(|marks| lines(text, marks)));
        paint::show(copy.node(), &before.borrow(), &shown);
        *before.borrow_mut() = shown;
    });
    let invalid = move || marks.with(|marks| marks.iter().any(|mark| mark.mark == Mark::Error));
    let suggest = Suggest::new(text);
    let own = area.clone();
    let key = move |event: KeyboardEvent| {
        suggest.key(&area, &event);
        if event.default_prevented() {
            return;
        }
        let steps = match event.key().as_str() {
            "ArrowUp" => 1,
            "ArrowDown" => -1,
            "Enter" => return new_line(&area, &event),
            _ => return,
        };
        if !event.alt_key() {
            return;
        }
        let before = text.get_untracked();
        if let Some(found) = numbers::at(&before, caret(&area, &before)) {
            event.prevent_default();
            let steps = if event.shift_key() { 10 * steps } else { steps };
            turn(text, &area, &before, found, steps);
        }
    };
    let field = field
        .live("aria-invalid", move || invalid().to_string())
        .value(move || text.get());
    // Setting a value moves the caret to its end; editing starts at the top.
    let _ = own.set_selection_range(0, 0);
    if access == Access::ReadOnly {
        field.attr("readonly", "");
        editor.at("grip").attr("hidden", "");
        return editor;
    }
    let grip = Grip::new(text, place);
    let list = suggest.list(&field, &own);
    editor.find(".editor-sheet").child(list);
    grip.on_text(field.on("keydown", key).entered("input", move |typed| {
        text.set(typed);
        suggest.typed(&own);
    }));
    grip.on_handle(editor.at("grip"));
    editor
}
