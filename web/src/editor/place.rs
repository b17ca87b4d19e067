//! The editor's elements and the places in its text: the caret, the selection, the line at a height.

use leptos::html::{Div, Textarea};
use leptos::prelude::*;
use web_sys::{Event, HtmlDivElement, HtmlTextAreaElement};

use super::lines;

/// The space above the first line [px].
const ABOVE: f64 = 6.0;

/// A handle to the editor's elements, for moving to a place in it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    /// The textarea.
    pub(super) area: NodeRef<Textarea>,
    /// The box that scrolls.
    pub(super) scroller: NodeRef<Div>,
    /// The highlighted copy of the text.
    pub(super) copy: NodeRef<Div>,
}

impl Place {
    /// The textarea, while the editor is in the page.
    pub(super) fn area(&self) -> Option<HtmlTextAreaElement> {
        self.area.try_get_untracked().flatten()
    }

    /// The box that scrolls, while the editor is in the page.
    pub(super) fn scroller(&self) -> Option<HtmlDivElement> {
        self.scroller.try_get_untracked().flatten()
    }

    /// The highlighted copy, while the editor is in the page.
    pub(super) fn copy(&self) -> Option<HtmlDivElement> {
        self.copy.try_get_untracked().flatten()
    }

    /// The height of a line [px].
    pub(super) fn line_height(&self) -> Option<f64> {
        let style = window().get_computed_style(&self.copy()?.into()).ok()??;
        let height = style.get_property_value("line-height").ok()?;
        let height = height.strip_suffix("px")?.parse().ok()?;
        (height > 0.0).then_some(height)
    }

    /// The text after pasting `paste`; `None` if the event is not the editor's.
    #[must_use]
    pub fn pasted(&self, event: &Event, paste: &str) -> Option<String> {
        let area = self.area()?;
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
        if let (Some(area), Some(scroller)) = (self.area(), self.scroller()) {
            let _ = area.set_selection_range(0, 0);
            scroller.set_scroll_top(0);
        }
    }

    /// Replaces the selection by `paste`, as the browser does: the caret stands after it, in view.
    pub fn paste(&self, text: RwSignal<String>, paste: &str) {
        let Some(area) = self.area() else {
            return;
        };
        // As in the value of a textarea.
        let paste = paste.replace("\r\n", "\n").replace('\r', "\n");
        let before = area.value();
        let start = caret(&area, &before);
        let units = area.selection_end().ok().flatten().unwrap_or_default();
        let end = lines::byte(&before, units).max(start);
        let whole = format!("{}{paste}{}", &before[..start], &before[end..]);
        // Chromium may take many seconds to replace a part of the value, but not to set all of it.
        area.set_value(&whole);
        let caret = start + paste.len();
        text.set(whole);
        text.with_untracked(|text| self.select(text, caret, caret));
    }

    /// Replaces the selection by `paste`.
    pub fn insert(&self, text: RwSignal<String>, paste: &str) {
        if let Some(area) = self.area() {
            let _ = area.set_range_text(paste);
            text.set(area.value());
            let _ = area.focus();
        }
    }

    /// Focuses the editor, selects the bytes from `start` to `end` and scrolls there.
    pub fn select(&self, text: &str, start: usize, end: usize) {
        let (Some(area), Some(scroller)) = (self.area(), self.scroller()) else {
            return;
        };
        let _ = area.focus();
        let _ = area.set_selection_range(lines::utf16(text, start), lines::utf16(text, end));
        // Browsers do not scroll to a selection that is set by a script.
        let head = text.bytes().take(start);
        let line = head.filter(|byte| *byte == b'\n').count();
        if let (Some(height), Ok(line)) = (self.line_height(), u32::try_from(line)) {
            let top = ABOVE + f64::from(line) * height;
            #[expect(clippy::cast_possible_truncation, reason = "saturates")]
            scroller.set_scroll_top(top as i32 - scroller.client_height() / 3);
            scroller.set_scroll_left(0);
        }
    }
}

/// The byte position of the caret or the start of the selection.
#[must_use]
pub fn caret(area: &HtmlTextAreaElement, text: &str) -> usize {
    let units = area.selection_start().ok().flatten().unwrap_or_default();
    lines::byte(text, units)
}
