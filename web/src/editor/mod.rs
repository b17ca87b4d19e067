//! The editor: a plain textarea over a colored copy of its text, with line numbers and problems.
//!
//! The textarea is as large as its text and does not scroll; both lie in one box that does, so
//! nothing has to be kept in step.

pub mod lines;
pub mod tokens;

use leptos::html::{Div, Textarea};
use leptos::prelude::*;

use self::lines::{Line, Mark, Marked, lines};
use self::tokens::Kind;

/// A way to lead a person to a place in the editor.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    area: NodeRef<Textarea>,
    scroller: NodeRef<Div>,
}

impl Place {
    /// Focuses the editor, selects the bytes from `start` to `end` and scrolls there.
    pub fn select(&self, text: &str, start: usize, end: usize) {
        let (Some(area), Some(scroller)) =
            (self.area.get_untracked(), self.scroller.get_untracked())
        else {
            return;
        };
        let _ = area.focus();
        let _ = area.set_selection_range(lines::utf16(text, start), lines::utf16(text, end));
        // Browsers scroll to a selection only when it is typed at.
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

/// An editor for `text`, called `label`.
#[component]
pub fn Editor(
    /// What the editor is called.
    label: &'static str,
    /// The text.
    text: RwSignal<String>,
    /// Problems to be marked.
    #[prop(into)]
    marks: Signal<Vec<Marked>>,
    /// Where to lead to.
    place: Place,
    /// The id of the element that describes what is wrong.
    described_by: &'static str,
) -> impl IntoView {
    let shown = Memo::new(move |_| text.with(|text| marks.with(|marks| lines(text, marks))));
    let invalid =
        Memo::new(move |_| marks.with(|marks| marks.iter().any(|mark| mark.mark == Mark::Error)));
    view! {
        <div class="editor" node_ref=place.scroller>
            <div class="editor-sheet">
                <div class="editor-lines" aria-hidden="true">
                    <For each=move || shown.get() key=Line::clone let(line)>
                        <LineView line=line />
                    </For>
                </div>
                <textarea
                    class="editor-text"
                    data-testid="manifests"
                    node_ref=place.area
                    aria-label=label
                    aria-invalid=move || invalid.get().to_string()
                    aria-describedby=described_by
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    wrap="off"
                    prop:value=move || text.get()
                    on:input:target=move |event| text.set(event.target().value())
                />
            </div>
        </div>
    }
}

#[component]
fn LineView(line: Line) -> impl IntoView {
    let class = match line.mark() {
        Some(Mark::Error) => "line line-error",
        Some(Mark::Warning) => "line line-warning",
        _ => "line",
    };
    let pieces = line.pieces.into_iter().map(|piece| {
        let class = [piece.kind.map(kind_class), piece.mark.map(mark_class)];
        let class = class.into_iter().flatten().collect::<Vec<_>>().join(" ");
        view! { <span class=class>{piece.text}</span> }
    });
    view! { <div class=class>{pieces.collect_view()}</div> }
}

fn kind_class(kind: Kind) -> &'static str {
    match kind {
        Kind::Key => "y-key",
        Kind::Quoted => "y-quoted",
        Kind::Number => "y-number",
        Kind::Word => "y-word",
        Kind::Plain => "y-plain",
        Kind::Mark => "y-mark",
        Kind::Comment => "y-comment",
        Kind::Separator => "y-separator",
    }
}

fn mark_class(mark: Mark) -> &'static str {
    match mark {
        Mark::Error => "m-error",
        Mark::Warning => "m-warning",
        Mark::Hint => "m-hint",
    }
}
