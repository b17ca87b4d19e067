//! Edits of values in flow style, including JSON.

use super::fragment::Fragment;
use super::layout::{Child, Style};
use super::walk::{Opened, Place};
use super::{EditError, Splice};

impl Opened<'_> {
    /// Replaces a value in brackets.
    pub(super) fn replace_in_brackets(
        &self,
        place: &Place<'_>,
        value: &Fragment,
    ) -> Result<Vec<Splice>, EditError> {
        let spot = place.spot;
        let mut text = String::new();
        if spot.style == Style::Empty {
            let colon = self.text[..spot.slot].ends_with(':');
            let is_item = place
                .child
                .is_some_and(|child| child.start == child.key_end);
            text.push_str(if colon || is_item { " " } else { ": " });
        }
        if let Some((start, end)) = spot.anchor {
            text.push_str(&self.text[start..end]);
            text.push(' ');
        }
        text.push_str(&value.flow(place.dialect)?);
        Ok(vec![Splice {
            start: spot.start,
            end: spot.end,
            text,
        }])
    }

    /// Inserts `key: value` or an item before the child at index `next`, or at the end.
    pub(super) fn insert_in_brackets(
        &self,
        place: &Place<'_>,
        next: Option<usize>,
        piece: String,
    ) -> Vec<Splice> {
        let layout = self.layout();
        let splice = |at: usize, text: String| Splice {
            start: at,
            end: at,
            text,
        };
        let line_of = |child: &Child<'_>| {
            let before = layout.before(child.start);
            before.trim().is_empty().then(|| before.to_owned())
        };
        let inside = place.spot.content + 1;
        if let Some(next) = next.and_then(|next| place.children.get(next)) {
            let text = match line_of(next) {
                Some(indent) => format!("{piece},{}{indent}", self.newline),
                None => format!("{piece}, "),
            };
            return vec![splice(next.start, text)];
        }
        let Some(last) = place.children.last() else {
            let close = place.spot.end - 1;
            if !self.text[inside..close].trim().is_empty() {
                // Merge keys, or a comment.
                return vec![splice(inside, format!("{piece}, "))];
            }
            return vec![Splice {
                start: inside,
                end: close,
                text: piece,
            }];
        };
        let end = last.spot.end;
        let comma = layout.skip(end);
        let has_comma = self.text[comma..].starts_with(',');
        let behind = if has_comma { comma + 1 } else { end };
        let line_end = layout.line_end(behind);
        let rest = &self.text[behind..line_end];
        let ends_line = rest.trim().is_empty() || layout.comment(behind).is_some();
        match line_of(last).filter(|_| ends_line) {
            Some(indent) => {
                let line = format!("{}{indent}{piece}", self.newline);
                if has_comma {
                    vec![splice(line_end, format!("{line},"))]
                } else {
                    vec![splice(end, ",".to_owned()), splice(line_end, line)]
                }
            }
            None if has_comma => vec![splice(behind, format!(" {piece}"))],
            None => vec![splice(end, format!(", {piece}"))],
        }
    }

    /// Removes the child at index `at` from brackets, with one comma.
    pub(super) fn remove_from_brackets(
        &self,
        parent: &Place<'_>,
        at: usize,
    ) -> Result<Vec<Splice>, EditError> {
        let layout = self.layout();
        let unsupported = || EditError::Unsupported(parent.path.clone());
        let child = parent.children.get(at).ok_or_else(unsupported)?;
        let (start, end) = (child.start, child.spot.end);
        let cut = |start: usize, end: usize| Splice {
            start,
            end,
            text: String::new(),
        };
        let behind = layout.skip(end);
        if self.text[behind..].starts_with(',') {
            if !self.text[end..behind].trim().is_empty() {
                return Err(unsupported());
            }
            let behind = behind + 1;
            let line_end = layout.line_end(behind);
            let ends_line =
                self.text[behind..line_end].trim().is_empty() || layout.comment(behind).is_some();
            if layout.begins_line(start) && ends_line {
                return Ok(vec![cut(
                    layout.line_start(start),
                    layout.next_line(behind),
                )]);
            }
            let rest = &self.text[behind..];
            let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            return Ok(vec![cut(start, behind + blank)]);
        }
        let before = self.text[..start].trim_end();
        if before.ends_with(',') {
            return Ok(vec![cut(before.len() - 1, end)]);
        }
        match at.checked_sub(1).map(|at| &parent.children[at]) {
            None => Ok(vec![cut(start, end)]),
            // There is a comment between the comma and the removed value.
            Some(last) => {
                let comma = layout.skip(last.spot.end);
                if !self.text[comma..].starts_with(',') || comma >= start {
                    return Err(unsupported());
                }
                Ok(vec![cut(comma, comma + 1), cut(start, end)])
            }
        }
    }
}
