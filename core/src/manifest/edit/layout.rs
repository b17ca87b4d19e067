//! Finds the exact byte range of each value: the reader's spans may end in a comment or before a bracket.

use crate::manifest::node::{Node, Value};

/// The notation of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Empty: null, or the tag's value for empty text.
    Empty,
    /// `*name`
    Alias,
    /// A plain scalar.
    Plain,
    /// A quoted scalar.
    Quoted,
    /// A block scalar after `|` or `>`.
    BlockScalar,
    /// `{…}` or `[…]`
    Flow,
    /// Block style: keys or dashes on separate lines.
    Block,
    /// `key: value` inside brackets, without its own braces.
    Pair,
}

/// The context of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Context {
    /// Block style: lines and indentation.
    Block,
    /// Flow style: brackets.
    Flow,
}

/// The position of a value, in bytes of the whole text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    /// The end of the preceding colon, dash, bracket or comma.
    pub(super) slot: usize,
    /// The start of its anchor or tag; [`Self::content`] if it has neither.
    pub(super) start: usize,
    /// Its anchor, including the ampersand.
    pub(super) anchor: Option<(usize, usize)>,
    /// The start of the value itself.
    pub(super) content: usize,
    /// The end of the value, without comments.
    pub(super) end: usize,
    pub(super) style: Style,
}

/// The position of an entry of a map or an item of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Child<'a> {
    /// Its index in the node's entries or items.
    pub(super) index: usize,
    /// The start of its key or dash; of the item itself in brackets.
    pub(super) start: usize,
    /// The end of its key; [`Self::start`] for an item.
    pub(super) key_end: usize,
    pub(super) spot: Spot,
    pub(super) node: &'a Node,
}

/// An unsupported notation, such as a key after `?`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unfollowed;

type Followed<T> = Result<T, Unfollowed>;

/// The text to search.
#[derive(Clone, Copy)]
pub(super) struct Layout<'a> {
    pub(super) text: &'a str,
}

impl<'a> Layout<'a> {
    fn rest(self, at: usize) -> &'a str {
        self.text.get(at..).unwrap_or_default()
    }

    /// The first byte at or after `at` that is neither blank nor in a comment.
    pub(super) fn skip(self, mut at: usize) -> usize {
        loop {
            let rest = self.rest(at);
            let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
            at += blank;
            let before = self.text.get(..at).unwrap_or_default();
            let comment = rest[blank..].starts_with('#')
                && (before.is_empty() || before.ends_with([' ', '\t', '\r', '\n']));
            if !comment {
                return at;
            }
            at = self.line_end(at);
        }
    }

    /// The end of the line at `at`, before its line break.
    pub(super) fn line_end(self, at: usize) -> usize {
        let rest = self.rest(at);
        let line = rest.split('\n').next().unwrap_or_default();
        at + line.strip_suffix('\r').unwrap_or(line).len()
    }

    /// The start of the line after `at`; the end of the text if there is none.
    pub(super) fn next_line(self, at: usize) -> usize {
        let rest = self.rest(at);
        at + rest.find('\n').map_or(rest.len(), |end| end + 1)
    }

    /// The start of the line at `at`.
    pub(super) fn line_start(self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or_default();
        before.rfind('\n').map_or(0, |end| end + 1)
    }

    /// The text between the start of the line and `at`.
    pub(super) fn before(self, at: usize) -> &'a str {
        let line = &self.text[self.line_start(at)..at];
        line.strip_prefix('\u{feff}').unwrap_or(line)
    }

    /// The column of `at` \[characters\].
    pub(super) fn column(self, at: usize) -> usize {
        self.before(at).chars().count()
    }

    /// The column at which the keys of a map align; none in brackets, whose lines may be long.
    fn column_in(self, context: Context, at: usize) -> usize {
        match context {
            Context::Block => self.column(at),
            Context::Flow => 0,
        }
    }

    /// Whether only blanks precede `at` on its line.
    pub(super) fn begins_line(self, at: usize) -> bool {
        self.before(at).trim().is_empty()
    }

    /// The comment at the end of the line, if only blanks are between it and `at`.
    pub(super) fn comment(self, at: usize) -> Option<&'a str> {
        let line = &self.text[at..self.line_end(at)];
        let comment = line.trim_start_matches([' ', '\t']);
        (comment.starts_with('#') && comment.len() < line.len()).then(|| comment.trim_end())
    }

    /// The position of a document's value; the document's part of the text starts at `origin`.
    pub(super) fn root(self, node: &Node, origin: usize) -> Followed<Spot> {
        let marker = if self.rest(origin).starts_with("---") {
            3
        } else {
            0
        };
        self.spot(node, origin + marker, Context::Block)
    }

    /// The position of a value whose slot starts at `slot`.
    fn spot(self, node: &Node, slot: usize, context: Context) -> Followed<Spot> {
        let (start, anchor, behind, content) = self.properties(slot);
        let first = self.rest(content).chars().next();
        let begins = |other: Option<usize>| other == Some(content);
        let span = node.span;
        let style = match (&node.value, first) {
            (_, Some('*')) if span.start.byte == content => Style::Alias,
            (Value::Map(entries), Some('{'))
                if !begins(entries.first().map(|entry| entry.key_span.start.byte)) =>
            {
                Style::Flow
            }
            (Value::List(items), Some('['))
                if !begins(items.first().map(|item| item.span.start.byte)) =>
            {
                Style::Flow
            }
            (Value::Map(_), _) if context == Context::Flow => Style::Pair,
            (Value::Map(_) | Value::List(_), _) => Style::Block,
            (Value::String(_), Some('|' | '>')) => Style::BlockScalar,
            (Value::String(text), _) if text.is_empty() && !matches!(first, Some('"' | '\'')) => {
                Style::Empty
            }
            (Value::Null, _) if !self.is_null(span.start.byte.max(content), content) => {
                Style::Empty
            }
            (_, Some('"' | '\'')) => Style::Quoted,
            _ => Style::Plain,
        };
        let (start, content) = match style {
            // The rest belongs to another value.
            Style::Empty => (start.min(behind), behind),
            _ => (start, content),
        };
        let mut spot = Spot {
            slot,
            start,
            anchor,
            content,
            end: content,
            style,
        };
        spot.end = match style {
            Style::Empty => content,
            Style::Alias => self.word_end(content),
            Style::Plain if span.start.byte == start => span.end.byte,
            Style::Plain => return Err(Unfollowed),
            Style::Quoted => self.quote_end(content)?,
            Style::BlockScalar if span.end.byte > self.line_end(content) => span.end.byte,
            Style::BlockScalar => content + self.header_length(content),
            Style::Flow => {
                let children = self.children(node, &spot)?;
                let inside = children.last().map_or(content + 1, |child| child.spot.end);
                self.close(inside)?
            }
            Style::Block | Style::Pair => {
                let children = self.children(node, &spot)?;
                let last = children.last().ok_or(Unfollowed)?.spot.end;
                self.merges(last, context, self.column_in(context, content))?
                    .0
            }
        };
        Ok(spot)
    }

    /// The start of anchor and tag after `slot`, the anchor, their end, and the start of the content.
    fn properties(self, slot: usize) -> (usize, Option<(usize, usize)>, usize, usize) {
        let (mut start, mut anchor, mut end) = (None, None, slot);
        let mut at = self.skip(slot);
        while self.rest(at).starts_with(['&', '!']) {
            let word = self.word_end(at);
            if self.rest(at).starts_with('&') {
                anchor = Some((at, word));
            }
            start.get_or_insert(at);
            end = word;
            at = self.skip(word);
        }
        (start.unwrap_or(at), anchor, end, at)
    }

    /// The end of a word without blanks and brackets.
    fn word_end(self, at: usize) -> usize {
        let rest = self.rest(at);
        let end = rest.find([' ', '\t', '\r', '\n', ',', '[', ']', '{', '}']);
        at + end.unwrap_or(rest.len())
    }

    /// Whether an explicit null is at `at`, the start of the value.
    fn is_null(self, at: usize, content: usize) -> bool {
        let word = &self.text[content..self.word_end(content)];
        at == content && matches!(word, "null" | "Null" | "NULL" | "~")
    }

    /// The length of a block scalar's header, such as `|2-`.
    fn header_length(self, at: usize) -> usize {
        let rest = self.rest(at);
        rest.find(|c: char| !matches!(c, '|' | '>' | '+' | '-' | '0'..='9'))
            .unwrap_or(rest.len())
    }

    /// The end of the quoted scalar at `at`, after the closing quote.
    fn quote_end(self, at: usize) -> Followed<usize> {
        let mut chars = self.rest(at).char_indices();
        let quote = chars.next().ok_or(Unfollowed)?.1;
        while let Some((offset, c)) = chars.next() {
            if c == '\\' && quote == '"' {
                chars.next();
            } else if c == quote {
                let end = at + offset + 1;
                if quote == '\'' && self.rest(end).starts_with('\'') {
                    chars.next();
                } else {
                    return Ok(end);
                }
            }
        }
        Err(Unfollowed)
    }

    /// The end of a collection, after its closing bracket; its last value ends at `at`.
    fn close(self, at: usize) -> Followed<usize> {
        let (at, _) = self.merges(at, Context::Flow, 0)?;
        let at = self.skip(at);
        let at = if self.rest(at).starts_with(',') {
            self.skip(at + 1)
        } else {
            at
        };
        self.rest(at)
            .starts_with([']', '}'])
            .then_some(at + 1)
            .ok_or(Unfollowed)
    }

    /// Skips the merge keys `<<: *name` after `at`: the end of the last one, and the start of what
    /// follows.
    fn merges(self, mut end: usize, context: Context, column: usize) -> Followed<(usize, usize)> {
        loop {
            let mut at = self.skip(end);
            if context == Context::Flow && self.rest(at).starts_with(',') {
                at = self.skip(at + 1);
            }
            let in_place = context == Context::Flow || self.column(at) == column;
            let Some(colon) = self.rest(at).strip_prefix("<<").filter(|_| in_place) else {
                return Ok((end, at));
            };
            if !colon.trim_start_matches(' ').starts_with(':') {
                return Err(Unfollowed);
            }
            let value = self.skip(at + 2 + colon.find(':').unwrap_or_default() + 1);
            let rest = self.rest(value);
            end = if rest.starts_with('*') {
                self.word_end(value)
            } else if rest.starts_with('[') && !rest.starts_with("[[") {
                // A list of aliases has no nested brackets.
                let inside = rest.find([']', '[', '{', '#']).ok_or(Unfollowed)?;
                let closed = rest[inside..].starts_with(']');
                closed.then_some(value + inside + 1).ok_or(Unfollowed)?
            } else {
                return Err(Unfollowed);
            };
        }
    }

    /// The children of a map or list in the order of the text, without those of merge keys.
    pub(super) fn children<'n>(self, node: &'n Node, spot: &Spot) -> Followed<Vec<Child<'n>>> {
        let (inside, context) = match spot.style {
            Style::Flow => (spot.content + 1, Context::Flow),
            Style::Pair => (spot.content, Context::Flow),
            Style::Block => (spot.content, Context::Block),
            _ => return Ok(Vec::new()),
        };
        match &node.value {
            Value::Map(_) => self.entries(node, inside, context),
            _ => self.items(node, inside, context),
        }
    }

    fn entries<'n>(
        self,
        node: &'n Node,
        inside: usize,
        context: Context,
    ) -> Followed<Vec<Child<'n>>> {
        let column = self.column_in(context, inside);
        let mut children: Vec<Child<'n>> = Vec::new();
        let mut end = inside;
        for (index, entry) in node.entries().iter().enumerate() {
            let (_, start) = self.merges(end, context, column)?;
            if entry.key_span.start.byte != start {
                // Own entries come first; merged ones are elsewhere in the text.
                break;
            }
            let key_end = if self.rest(start).starts_with(['"', '\'']) {
                self.quote_end(start)?
            } else {
                entry.key_span.end.byte
            };
            let rest = self.rest(key_end).trim_start_matches([' ', '\t']);
            let colon = self.text.len() - rest.len();
            let slot = match (rest.starts_with(':'), context) {
                (true, _) => colon + 1,
                (false, Context::Flow) => key_end,
                (false, Context::Block) => return Err(Unfollowed),
            };
            let spot = self.spot(&entry.value, slot, context)?;
            end = spot.end;
            children.push(Child {
                index,
                start,
                key_end,
                spot,
                node: &entry.value,
            });
        }
        Ok(children)
    }

    fn items<'n>(
        self,
        node: &'n Node,
        inside: usize,
        context: Context,
    ) -> Followed<Vec<Child<'n>>> {
        let mut children: Vec<Child<'n>> = Vec::new();
        let mut at = self.skip(inside);
        for (index, item) in node.items().iter().enumerate() {
            let slot = match context {
                Context::Block => {
                    let rest = self.rest(at).strip_prefix('-').ok_or(Unfollowed)?;
                    let dash = rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']);
                    dash.then_some(at + 1).ok_or(Unfollowed)?
                }
                Context::Flow => at,
            };
            let spot = self.spot(item, slot, context)?;
            let start = match context {
                Context::Block => at,
                Context::Flow => spot.start,
            };
            children.push(Child {
                index,
                start,
                key_end: start,
                spot,
                node: item,
            });
            at = self.skip(spot.end);
            if context == Context::Flow && self.rest(at).starts_with(',') {
                at = self.skip(at + 1);
            }
        }
        Ok(children)
    }
}
