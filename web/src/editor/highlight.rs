//! The highlighted copy of the text that lies under the textarea.

use leptos::prelude::*;

use super::index::Index;
use super::lines::{Line, Mark, Marked};
use super::place::Place;
use super::tokens::Kind;
use super::viewport::Viewport;

/// The lines of the text that can be seen, highlighted and with problems marked.
#[component]
pub fn Highlight(
    /// The lines of the text.
    index: Memo<Index>,
    /// The places of its problems.
    marks: Memo<Vec<Marked>>,
    /// What can be seen of it.
    #[prop(into)]
    viewport: Signal<Viewport>,
    /// The editor's elements.
    place: Place,
) -> impl IntoView {
    let count = Memo::new(move |_| index.with(Index::count));
    let range = Memo::new(move |_| viewport.get().lines(count.get()));
    let lines = Memo::new(move |_| {
        let range = range.get();
        let lines = index.with(|index| marks.with(|marks| index.lines(range.clone(), marks)));
        range.zip(lines).collect::<Vec<_>>()
    });
    // The widest line may be one of those that are not in the page.
    let columns = Memo::new(move |_| {
        if range.with(|range| range.len() < count.get()) {
            index.with(Index::width)
        } else {
            0
        }
    });
    view! {
        <div
            class="editor-lines"
            aria-hidden="true"
            node_ref=place.copy
            style=("--above", move || range.with(|range| range.start).to_string())
            style=("--below", move || (count.get() - range.with(|range| range.end)).to_string())
            style=("--columns", move || columns.get().to_string())
        >
            <For each=move || lines.get() key=Clone::clone let((_, line))>
                <HighlightedLine line />
            </For>
        </div>
    }
}

#[component]
fn HighlightedLine(line: Line) -> impl IntoView {
    let class = match line.mark() {
        Some(Mark::Error) => "line line-error",
        Some(Mark::Warning) => "line line-warning",
        _ => "line",
    };
    let pieces = line.pieces.into_iter().map(|piece| {
        let mut class = piece.kind.map_or("", kind_class).to_owned();
        class.push_str(piece.mark.map_or("", mark_class));
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
        Mark::Error => " m-error",
        Mark::Warning => " m-warning",
        Mark::Hint => " m-hint",
    }
}
