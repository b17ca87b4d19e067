//! Edits of values in block style.

use super::fragment::{Fragment, indent_of};
use super::layout::{Child, Context, Spot, Style};
use super::print::indented;
use super::walk::{Opened, Place, Way};
use super::{EditError, Placement, Splice};
use crate::manifest::node::Value;
use crate::manifest::path::Segment;

impl Opened<'_> {
    /// Replaces a value.
    pub(super) fn replace(
        &self,
        place: &Place<'_>,
        value: &Fragment,
    ) -> Result<Vec<Splice>, EditError> {
        let Some(child) = place.child else {
            return Err(EditError::Unsupported(place.path.clone()));
        };
        if place.context == Context::Flow {
            return self.replace_in_brackets(place, value);
        }
        let (layout, spot) = (self.layout(), place.spot);
        let column = layout.column(child.start);
        let lines = [Style::Block, Style::BlockScalar];
        let same_line = layout.line_end(spot.slot) == layout.line_end(spot.content);
        let splice = if same_line && !lines.contains(&spot.style) {
            if lines.contains(&value.style) {
                self.replace_from_slot(&child, spot.end, value)
            } else {
                let mut text = String::from(if spot.start == spot.slot { " " } else { "" });
                text.extend(self.anchor(&spot).map(|anchor| format!("{anchor} ")));
                text.push_str(&self.joined(&value.lines, column + 2));
                Splice {
                    start: spot.start,
                    end: spot.end,
                    text,
                }
            }
        } else {
            self.replace_from_slot(&child, self.head(&spot), value)
        };
        Ok(vec![splice])
    }

    /// Replaces a value and everything between it and the preceding colon or dash, if the old or the
    /// new value spans lines of its own. The comments after `head`, the end of the first line's content,
    /// and at the end of the old value move to the first line.
    fn replace_from_slot(&self, child: &Child<'_>, head: usize, value: &Fragment) -> Splice {
        let (layout, spot) = (self.layout(), child.spot);
        let column = layout.column(child.start);
        let mut comments: Vec<&str> = layout.comment(head).into_iter().collect();
        let mut end = spot.end;
        if head == end && !comments.is_empty() {
            end = layout.line_end(end);
        } else if spot.style == Style::Block {
            comments.extend(layout.comment(end));
            end = layout.line_end(end);
        }
        let comments = comments.join(" ");
        let comments = match &*comments {
            "" => comments,
            _ => format!(" {comments}"),
        };
        let anchor = self.anchor(&spot).map(|anchor| format!(" {anchor}"));
        let anchor = anchor.unwrap_or_default();
        let is_item = child.key_end == child.start;
        let (first, rest) = value.lines.split_at(1);
        let text = match value.style {
            Style::Block if is_item && comments.is_empty() && anchor.is_empty() => {
                format!(" {}", self.joined(&value.lines, column + 2))
            }
            Style::Block => {
                let indent = if is_item {
                    2
                } else {
                    indent_of(&value.node, self.list_indent)
                };
                let lines = self.below(&value.lines, column + indent);
                format!("{anchor}{comments}{lines}")
            }
            // The comment follows the header.
            Style::BlockScalar => {
                let lines = self.below(rest, column + 2);
                format!("{anchor} {}{comments}{lines}", first[0])
            }
            _ => {
                let lines = self.joined(&value.lines, column + 2);
                format!("{anchor} {lines}{comments}")
            }
        };
        Splice {
            start: spot.slot,
            end,
            text,
        }
    }

    /// The end of the content on the line of the colon or dash, for a value on further lines.
    fn head(&self, spot: &Spot) -> usize {
        let layout = self.layout();
        if spot.style == Style::BlockScalar {
            let header = self.text[spot.content..].find(|c: char| " \t\r\n".contains(c));
            return spot.content + header.unwrap_or_default();
        }
        match spot.anchor {
            Some((_, end)) if layout.line_end(end) == layout.line_end(spot.slot) => end,
            _ => spot.slot,
        }
    }

    fn anchor(&self, spot: &Spot) -> Option<&str> {
        spot.anchor.map(|(start, end)| &self.text[start..end])
    }

    /// Inserts a key into a map.
    pub(super) fn insert_key(
        &self,
        place: &Place<'_>,
        key: &str,
        value: Fragment,
        placement: Placement<'_>,
    ) -> Result<Vec<Splice>, EditError> {
        let Value::Map(entries) = &place.node.value else {
            return Err(EditError::NotAMap(place.path.clone()));
        };
        let segment = Segment::Key(key.to_owned());
        let next = match placement {
            Placement::Last => None,
            Placement::Before(next) => entries.iter().position(|entry| entry.key == next),
        };
        let next = next.and_then(|index| {
            let mut own = place.children.iter();
            own.position(|child| child.index == index)
        });
        match place.spot.style {
            Style::Block => {
                let lines = value.under(&segment, self.list_indent).lines;
                Ok(self.insert_lines(place, next, &lines))
            }
            Style::Flow if entries.is_empty() && place.context == Context::Block => {
                self.replace(place, &value.under(&segment, self.list_indent))
            }
            Style::Flow => {
                let name = super::print::key(key, place.dialect);
                let piece = format!("{name}: {}", value.flow(place.dialect)?);
                Ok(self.insert_in_brackets(place, next, piece))
            }
            Style::Alias => Err(EditError::Alias(place.path.clone())),
            _ => Err(EditError::Unsupported(place.path.clone())),
        }
    }

    /// Inserts an item into a list.
    pub(super) fn insert_item(
        &self,
        place: &Place<'_>,
        index: usize,
        item: Fragment,
    ) -> Result<Vec<Splice>, EditError> {
        let next = (index < place.children.len()).then_some(index);
        let segment = Segment::Index(0);
        match place.spot.style {
            Style::Block => {
                let lines = item.under(&segment, self.list_indent).lines;
                Ok(self.insert_lines(place, next, &lines))
            }
            Style::Flow if place.children.is_empty() && place.context == Context::Block => {
                self.replace(place, &item.under(&segment, self.list_indent))
            }
            Style::Flow => {
                let piece = item.flow(place.dialect)?;
                Ok(self.insert_in_brackets(place, next, piece))
            }
            Style::Alias => Err(EditError::Alias(place.path.clone())),
            _ => Err(EditError::Unsupported(place.path.clone())),
        }
    }

    /// Inserts lines before the child at index `next`, or at the end.
    fn insert_lines(
        &self,
        place: &Place<'_>,
        next: Option<usize>,
        lines: &[String],
    ) -> Vec<Splice> {
        let layout = self.layout();
        let column = layout.column(place.spot.content);
        let own = self.joined(lines, column);
        let at = next.map(|next| place.children[next].start);
        let (at, text) = match at {
            Some(at) if layout.begins_line(at) => {
                let line = self.above(layout.line_start(at), next == Some(0), column);
                (line, format!("{:column$}{own}{}", "", self.newline))
            }
            // After the dash of an enclosing list.
            Some(at) => (at, format!("{own}{}{:column$}", self.newline, "")),
            None => {
                let mut line = layout.next_line(place.spot.end);
                if ends_in_block_scalar(self, place) {
                    // Empty lines may be part of it.
                    while line < self.text.len() && layout.line_end(line) == line {
                        line = layout.next_line(line);
                    }
                }
                if self.text[..line].ends_with('\n') {
                    (line, format!("{:column$}{own}{}", "", self.newline))
                } else {
                    (line, format!("{}{:column$}{own}", self.newline, ""))
                }
            }
        };
        vec![Splice {
            start: at,
            end: at,
            text,
        }]
    }

    /// The line above the comments that belong to the child at `line`; those above the first child
    /// may describe the whole collection.
    fn above(&self, mut line: usize, is_first: bool, column: usize) -> usize {
        let layout = self.layout();
        while !is_first && line > 0 {
            let before = layout.line_start(line - 1);
            let text = &self.text[before..line];
            let blank = text.len() - text.trim_start_matches(' ').len();
            if blank != column || !text[blank..].starts_with('#') {
                break;
            }
            line = before;
        }
        line
    }

    /// Removes the last value of a path.
    pub(super) fn remove(&self, way: &Way<'_>) -> Result<Vec<Splice>, EditError> {
        let place = way.last();
        let (Some(parent), Some(child)) = (way.parent(), place.child) else {
            return Err(EditError::Unsupported(place.path.clone()));
        };
        let at = parent.children.iter();
        let at = at.take_while(|other| other.start < child.start).count();
        match parent.spot.style {
            Style::Flow => return self.remove_from_brackets(parent, at),
            Style::Block => {}
            _ => return Err(EditError::Unsupported(place.path.clone())),
        }
        let layout = self.layout();
        let is_only = parent.children.len() == 1 && place.spot.end == parent.spot.end;
        let line_end = layout.line_end(child.spot.end);
        let own_lines = layout.begins_line(child.start);
        let (start, end) = if own_lines {
            let end = layout.next_line(child.spot.end);
            (layout.line_start(child.start), end)
        } else if is_only {
            (child.start, child.spot.end)
        } else {
            // After the dash of an enclosing list: the next child or the line below moves up.
            match parent.children.get(at + 1) {
                Some(next) if self.text[line_end..next.start].trim().is_empty() => {
                    (child.start, next.start)
                }
                _ => (child.start, line_end),
            }
        };
        let mut splices = vec![Splice {
            start,
            end,
            text: String::new(),
        }];
        if is_only {
            // A collection that lost its last line would be null.
            let empty = match parent.node.value {
                Value::List(_) => "[]",
                _ => "{}",
            };
            if own_lines {
                let at = parent
                    .spot
                    .anchor
                    .map_or(parent.spot.slot, |anchor| anchor.1);
                let text = format!(" {empty}");
                splices.insert(
                    0,
                    Splice {
                        start: at,
                        end: at,
                        text,
                    },
                );
            } else {
                splices[0].text.push_str(empty);
            }
        }
        Ok(splices)
    }

    /// Joins lines, indenting all but the first one.
    fn joined(&self, lines: &[String], indent: usize) -> String {
        let (first, rest) = lines.split_at(lines.len().min(1));
        format!("{}{}", first.concat(), self.below(rest, indent))
    }

    /// Joins lines, each preceded by a line break.
    fn below(&self, lines: &[String], indent: usize) -> String {
        let line = |line: &String| format!("{}{}", self.newline, indented(line, indent));
        lines.iter().map(line).collect()
    }
}

/// Whether the last value in a map or list is a block scalar.
fn ends_in_block_scalar(opened: &Opened<'_>, place: &Place<'_>) -> bool {
    let (mut node, mut spot) = (place.node, place.spot);
    while let Ok(children) = opened.layout().children(node, &spot)
        && let Some(last) = children.last()
    {
        (node, spot) = (last.node, last.spot);
    }
    spot.style == Style::BlockScalar
}
