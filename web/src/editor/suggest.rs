//! The completion list: opened by a key, filtered by typing, accepted by a key.

use hpa_simulation::experiment::{Completion, Role, complete};
use leptos::prelude::*;
use web_sys::{
    Element, Event, HtmlTextAreaElement, KeyboardEvent, MouseEvent, ScrollIntoViewOptions,
    ScrollLogicalPosition,
};

use super::{caret, lines};
use crate::dom::{El, el, follow};

/// The maximum length of the list.
const MOST: usize = 40;

/// The completions, and the selected one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Open {
    offer: Completion,
    chosen: usize,
}

/// The list of one editor. Copies are handles to the same state.
#[derive(Clone, Copy, Debug)]
pub(super) struct Suggest {
    text: RwSignal<String>,
    open: RwSignal<Option<Open>>,
}

impl Suggest {
    pub(super) fn new(text: RwSignal<String>) -> Self {
        Self {
            text,
            open: RwSignal::new(None),
        }
    }

    /// Shows the completions at the caret; closes if there are none.
    fn seek(self, area: &HtmlTextAreaElement) {
        let text = area.value();
        let found = complete(&text, caret(area, &text));
        self.open.set(found.map(|offer| Open { offer, chosen: 0 }));
    }

    /// Updates the list while typing, if it is open.
    pub(super) fn typed(self, area: &HtmlTextAreaElement) {
        if self.open.with_untracked(Option::is_some) {
            self.seek(area);
        }
    }

    /// Handles the keys of the list.
    pub(super) fn key(self, area: &HtmlTextAreaElement, event: &KeyboardEvent) {
        let key = event.key();
        let Some(Open { offer, chosen }) = self.open.get_untracked() else {
            if key == " " && event.ctrl_key() {
                event.prevent_default();
                self.seek(area);
            }
            return;
        };
        let count = offer.choices.len().min(MOST);
        let choose = |chosen: usize| {
            let offer = offer.clone();
            self.open.set(Some(Open { offer, chosen }));
        };
        match &*key {
            "ArrowDown" => choose((chosen + 1) % count),
            "ArrowUp" => choose((chosen + count - 1) % count),
            "Enter" | "Tab" => self.take(area, &offer, chosen),
            "Escape" => self.open.set(None),
            "ArrowLeft" | "ArrowRight" | "Home" | "End" => return self.open.set(None),
            _ => return,
        }
        event.prevent_default();
    }

    fn take(self, area: &HtmlTextAreaElement, offer: &Completion, chosen: usize) {
        self.open.set(None);
        let before = area.value();
        let (Some(word), Some(head), Some(rest)) = (
            offer.choices.get(chosen),
            before.get(..offer.start),
            before.get(offer.end..),
        ) else {
            return;
        };
        let mut text = head.to_owned();
        text.push_str(word);
        if offer.role == Role::Field && !rest.starts_with(':') {
            text.push_str(": ");
        }
        let end = lines::utf16(&text, text.len());
        text.push_str(rest);
        area.set_value(&text);
        let _ = area.set_selection_range(end, end);
        self.text.set(text);
    }

    /// The list at the word at the caret; sets the ARIA attributes of `field`.
    pub(super) fn list(self, field: &El, area: &HtmlTextAreaElement) -> El {
        let place = Memo::new(move |_| {
            let start = self
                .open
                .with(|open| open.as_ref().map(|open| open.offer.start));
            let start = start.unwrap_or_default();
            self.text.with_untracked(|text| {
                let head = text.get(..start).unwrap_or_default();
                let line = head.rfind('\n').map_or(0, |at| at + 1);
                (head.matches('\n').count() + 1, head[line..].chars().count())
            })
        });
        let own = area.clone();
        let items = move || {
            let Some(Open { offer, chosen }) = self.open.get() else {
                return Vec::new();
            };
            let item = |(at, word): (usize, &String)| {
                let (own, offer) = (own.clone(), offer.clone());
                el("li", "")
                    .attr("role", "option")
                    .attr("id", &format!("suggestion-{at}"))
                    .attr("aria-selected", if at == chosen { "true" } else { "false" })
                    .text(word)
                    // Keeps the focus in the text.
                    .on("mousedown", move |event: MouseEvent| {
                        event.prevent_default();
                        self.take(&own, &offer, at);
                    })
            };
            let words = offer.choices.iter().take(MOST).enumerate();
            words.map(item).collect()
        };
        let closed = move || self.open.with(Option::is_none);
        field
            .clone()
            .attr("aria-autocomplete", "list")
            .attr("aria-controls", "suggestions")
            .live("aria-activedescendant", move || {
                let chosen = self.open.with(|open| open.as_ref().map(|open| open.chosen));
                chosen.map_or_else(String::new, |at| format!("suggestion-{at}"))
            })
            .on("blur", move |_: Event| self.open.set(None));
        let list = el("ul", "suggestions")
            .attr("id", "suggestions")
            .attr("role", "listbox")
            .attr("aria-label", "Completions")
            .id("suggestions")
            .flag("hidden", closed)
            .style("top", move || {
                format!("calc(0.375rem + {} * var(--line))", place.get().0)
            })
            .style("left", move || {
                format!("calc(var(--gutter) + {}ch)", place.get().1)
            })
            .region(items);
        let shown = list.clone();
        follow(move || {
            if self.open.with(Option::is_some) {
                let shown = shown.clone();
                // After the list is positioned.
                request_animation_frame(move || reveal(shown.node()));
            }
        });
        list
    }
}

/// Scrolls the list and its selected entry into view: at the last line, the list would open below the
/// edge of the editor.
fn reveal(list: &Element) {
    let nearest = ScrollIntoViewOptions::new();
    nearest.set_block(ScrollLogicalPosition::Nearest);
    nearest.set_inline(ScrollLogicalPosition::Nearest);
    list.scroll_into_view_with_scroll_into_view_options(&nearest);
    if let Ok(Some(chosen)) = list.query_selector("[aria-selected=true]") {
        chosen.scroll_into_view_with_scroll_into_view_options(&nearest);
    }
}
