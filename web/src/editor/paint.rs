//! Renders the highlighted copy of the text, rebuilding only the lines that changed.

use leptos::prelude::document;
use wasm_bindgen::JsValue;

use super::lines::{Line, Mark};
use super::tokens::Kind;

/// Updates an element from the lines `before` to the lines `after`.
pub(super) fn show(copy: &web_sys::Element, before: &[Line], after: &[Line]) {
    let both = before.len().min(after.len());
    let same = |pair: &(&Line, &Line)| pair.0 == pair.1;
    let head = before.iter().zip(after).take_while(same).count();
    let ends = before.iter().rev().zip(after.iter().rev());
    let tail = ends.take(both - head).take_while(same).count();
    for _ in head..before.len() - tail {
        if let Some(line) = child(copy, head) {
            line.remove();
        }
    }
    let next = child(copy, head);
    for line in &after[head..after.len() - tail] {
        // The nodes may be missing while the document is unloaded.
        if let Ok(line) = element(line) {
            let _ = copy.insert_before(&line, next.as_deref());
        }
    }
}

fn child(copy: &web_sys::Element, position: usize) -> Option<web_sys::Element> {
    let position = u32::try_from(position).ok()?;
    copy.children().item(position)
}

fn element(line: &Line) -> Result<web_sys::Element, JsValue> {
    let element = document().create_element("div")?;
    element.set_class_name(match line.mark() {
        Some(Mark::Error) => "line line-error",
        Some(Mark::Warning) => "line line-warning",
        _ => "line",
    });
    for piece in &line.pieces {
        let span = document().create_element("span")?;
        let mut class = piece.kind.map_or("", kind_class).to_owned();
        class.push_str(piece.mark.map_or("", mark_class));
        span.set_class_name(&class);
        // Text, never HTML: typed and linked content must not run.
        span.set_text_content(Some(&piece.text));
        element.append_child(&span)?;
    }
    Ok(element)
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
