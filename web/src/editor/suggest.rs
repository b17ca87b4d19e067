//! The completion list: opened by a key, filtered by typing, accepted by a key.

use hpa_simulation::experiment::{Completion, Role, complete};
use leptos::html::Ul;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{
    HtmlTextAreaElement, HtmlUListElement, KeyboardEvent, ScrollIntoViewOptions,
    ScrollLogicalPosition,
};

use super::lines;
use super::place::caret;
use crate::lazy::lazy_part;
use crate::session::Session;

/// The maximum length of the list.
const MOST: usize = 40;

lazy_part! {
    part = completion, preload = preload;
    /// What can stand at byte `at` of the text.
    pub(crate) fn completion(text: String, at: usize) -> Option<Completion> {
        complete(&text, at)
    }
}

/// The completions, and the selected one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Open {
    offer: Completion,
    chosen: usize,
}

/// The list of one editor. Copies are handles to the same state.
#[derive(Clone, Copy, Debug)]
pub struct Suggest {
    session: Session,
    open: RwSignal<Option<Open>>,
}

impl Suggest {
    /// A closed list.
    #[must_use]
    pub fn new(session: Session) -> Self {
        Self {
            session,
            open: RwSignal::new(None),
        }
    }

    /// Shows the completions at the caret; closes if there are none.
    fn seek(self) {
        let Some(area) = self.session.place.area() else {
            return;
        };
        spawn_local(async move {
            let text = area.value();
            let at = caret(&area, &text);
            let found = completion(text.clone(), at).await;
            // While the part was fetched, typing may have gone on.
            let still = area.value() == text && caret(&area, &text) == at;
            match found {
                Ok(found) if still => {
                    let found = found.map(|offer| Open { offer, chosen: 0 });
                    self.open.try_set(found);
                }
                Ok(_) => {}
                Err(missing) => self.session.fail(format!("No completion: {missing}")),
            }
        });
    }

    /// Updates the list while typing, if it is open.
    pub fn typed(self) {
        if self.open.with_untracked(Option::is_some) {
            self.seek();
        }
    }

    /// Closes the list.
    pub fn close(self) {
        self.open.set(None);
    }

    /// The position of the selected completion; `None` if the list is closed.
    fn chosen(self) -> Option<usize> {
        self.open.with(|open| open.as_ref().map(|open| open.chosen))
    }

    /// The id of the selected completion; empty if the list is closed.
    pub fn chosen_id(self) -> String {
        self.chosen().map_or_else(String::new, id)
    }

    /// Handles the keys of the list.
    pub fn key(self, area: &HtmlTextAreaElement, event: &KeyboardEvent) {
        let key = event.key();
        let Some(Open { offer, chosen }) = self.open.get_untracked() else {
            if key == " " && event.ctrl_key() {
                event.prevent_default();
                self.seek();
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
            "Enter" | "Tab" => self.take(area, chosen),
            "Escape" => self.close(),
            "ArrowLeft" | "ArrowRight" | "Home" | "End" => return self.close(),
            _ => return,
        }
        event.prevent_default();
    }

    /// Writes a completion into the text.
    fn take(self, area: &HtmlTextAreaElement, chosen: usize) {
        let Some(Open { offer, .. }) = self.open.get_untracked() else {
            return;
        };
        self.close();
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
        self.session.state.text.set(text);
    }
}

fn id(at: usize) -> String {
    format!("suggestion-{at}")
}

/// The list at the word at the caret.
#[component]
pub fn Suggestions(
    /// Its state.
    suggest: Suggest,
) -> impl IntoView {
    let Suggest { session, open } = suggest;
    let list = NodeRef::<Ul>::new();
    let words = Memo::new(move |_| {
        open.with(|open| {
            let choices = open.as_ref().map(|open| &*open.offer.choices);
            let words = choices.unwrap_or_default().iter().take(MOST);
            words.cloned().enumerate().collect::<Vec<_>>()
        })
    });
    let chosen = Memo::new(move |_| suggest.chosen());
    let corner = Memo::new(move |_| {
        let start = open.with(|open| open.as_ref().map(|open| open.offer.start));
        let start = start.unwrap_or_default();
        session.state.text.with_untracked(|text| {
            let head = text.get(..start).unwrap_or_default();
            let line = head.rfind('\n').map_or(0, |at| at + 1);
            (head.matches('\n').count() + 1, head[line..].chars().count())
        })
    });
    Effect::new(move |_| {
        if open.with(Option::is_some) {
            // After the list is positioned.
            request_animation_frame(move || {
                if let (Some(list), Some(chosen)) = (
                    list.try_get_untracked().flatten(),
                    chosen.try_get_untracked().flatten(),
                ) {
                    reveal(&list, chosen);
                }
            });
        }
    });
    view! {
        <ul
            class="suggestions"
            id="suggestions"
            role="listbox"
            aria-label="Completions"
            data-testid="suggestions"
            hidden=move || chosen.get().is_none()
            style:top=move || format!("calc(0.375rem + {} * var(--line))", corner.get().0)
            style:left=move || format!("calc(var(--gutter) + {}ch)", corner.get().1)
            node_ref=list
        >
            <For each=move || words.get() key=Clone::clone let((at, word))>
                <li
                    role="option"
                    id=id(at)
                    aria-selected=move || (chosen.get() == Some(at)).to_string()
                    on:mousedown=move |event| {
                        // Keeps the focus in the text.
                        event.prevent_default();
                        if let Some(area) = session.place.area() {
                            suggest.take(&area, at);
                        }
                    }
                >
                    {word}
                </li>
            </For>
        </ul>
    }
}

/// Scrolls the list and its selected entry into view: at the last line, the list would open below the
/// edge of the editor.
fn reveal(list: &HtmlUListElement, chosen: usize) {
    let nearest = ScrollIntoViewOptions::new();
    nearest.set_block(ScrollLogicalPosition::Nearest);
    nearest.set_inline(ScrollLogicalPosition::Nearest);
    list.scroll_into_view_with_scroll_into_view_options(&nearest);
    let chosen = u32::try_from(chosen).ok();
    if let Some(chosen) = chosen.and_then(|chosen| list.children().item(chosen)) {
        chosen.scroll_into_view_with_scroll_into_view_options(&nearest);
    }
}
