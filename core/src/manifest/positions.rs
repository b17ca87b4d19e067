//! Where each value of a YAML document stands, and whether the document is of a bearable size.
//!
//! The events of `saphyr-parser` give the places; the values themselves are decided by
//! [`super::yaml`]. This pass runs first, without recursion, and stops at the first sign of a
//! document built to exhaust memory or stack, so that nothing behind it needs to fear one.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError};

use super::diagnostic::{Position, Span};

/// How deep lists and maps may be nested, aliases expanded.
pub const MAX_DEPTH: usize = 100;
/// How many values a document may have, aliases expanded.
pub const MAX_NODES: usize = 200_000;

/// Index of a mark in [`Marks`].
pub(super) type MarkId = usize;

/// The place of a value and of what is in it.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) span: Span,
    pub(super) shape: Shape,
    /// Values in it, itself included, aliases expanded.
    nodes: usize,
    /// Levels below and with it, aliases expanded.
    height: usize,
}

/// What a value consists of.
#[derive(Debug)]
pub(super) enum Shape {
    /// One scalar.
    Scalar,
    /// The elements of a list.
    List(Vec<MarkId>),
    /// The entries of a map.
    Map(Vec<MarkedEntry>),
    /// A repetition of the value with this mark.
    Alias(MarkId),
}

/// An entry of a map.
#[derive(Debug)]
pub(super) struct MarkedEntry {
    /// The key's text, where it is a scalar.
    text: Option<String>,
    pub(super) key: MarkId,
    pub(super) value: MarkId,
    /// Whether an earlier entry has the same key.
    pub(super) repeated: bool,
}

/// All marks of a document.
#[derive(Debug, Default)]
pub(super) struct Marks {
    all: Vec<Mark>,
    /// The document's value; none for a document without any.
    pub(super) root: Option<MarkId>,
    /// Keys that stand twice in one map: the key, its first place, the repeated place.
    pub(super) duplicates: Vec<(String, Span, Span)>,
    /// Plain scalars that YAML 1.1, which kubectl reads, takes for booleans, and YAML 1.2 does not.
    pub(super) yaml_1_1_booleans: Vec<(String, Span)>,
    /// How many events were read.
    pub(super) events: usize,
}

impl Marks {
    /// The mark `id`, an alias followed.
    pub(super) fn resolve(&self, id: MarkId) -> Option<&Mark> {
        let mark = self.all.get(id)?;
        match mark.shape {
            // An alias never leads to an alias: `finish` has followed it.
            Shape::Alias(target) => self.all.get(target),
            _ => Some(mark),
        }
    }

    /// Where the mark `id` itself stands, an alias not followed.
    pub(super) fn span(&self, id: MarkId) -> Span {
        self.all.get(id).map_or(Span::default(), |mark| mark.span)
    }
}

/// Why a document cannot be read.
#[derive(Debug)]
pub(super) struct Unreadable {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) span: Span,
}

/// Turns character offsets within a part of the text into places in the whole text.
struct Places<'a> {
    text: &'a str,
    origin: Position,
    ascii: bool,
    /// Character offsets at which lines begin.
    lines: Vec<usize>,
    /// A character offset whose byte offset is known; neighbors are found from it.
    known: (usize, usize),
}

impl<'a> Places<'a> {
    fn new(text: &'a str, origin: Position) -> Self {
        let mut lines = vec![0];
        lines.extend(
            text.chars()
                .enumerate()
                .filter(|(_, c)| *c == '\n')
                .map(|(at, _)| at + 1),
        );
        Self {
            text,
            origin,
            ascii: text.is_ascii(),
            lines,
            known: (0, 0),
        }
    }

    fn byte(&mut self, index: usize) -> usize {
        if self.ascii {
            return index.min(self.text.len());
        }
        let (mut at, mut byte) = self.known;
        if index >= at {
            for c in self.text[byte..].chars().take(index - at) {
                byte += c.len_utf8();
            }
        } else {
            for c in self.text[..byte].chars().rev().take(at - index) {
                byte -= c.len_utf8();
            }
        }
        at = index;
        self.known = (at, byte);
        byte
    }

    fn position(&mut self, marker: Marker) -> Position {
        let byte = self.byte(marker.index());
        // Counted here because the parser's own lines also end at a lone carriage return.
        let line = self.lines.partition_point(|start| *start <= marker.index()) - 1;
        let column = marker.index() - self.lines[line] + 1;
        Position {
            byte: self.origin.byte + byte,
            line: self.origin.line + line,
            column,
        }
    }

    /// A span without the blank space that the parser counts to some values.
    fn span(&mut self, start: Marker, end: Marker) -> Span {
        let (start, mut end) = (self.position(start), end);
        let end_byte = self.byte(end.index());
        let covered = &self.text[(start.byte - self.origin.byte).min(end_byte)..end_byte];
        let blank = covered.len() - covered.trim_end().len();
        let blank_chars = covered[covered.len() - blank..].chars().count();
        end = Marker::new(end.index() - blank_chars, end.line(), end.col());
        Span {
            start,
            end: self.position(end),
        }
    }
}

enum Open {
    List(Vec<MarkId>),
    Map(Vec<MarkedEntry>, Option<(Option<String>, MarkId)>),
}

struct Builder<'a> {
    out: Marks,
    places: Places<'a>,
    open: Vec<(Open, Marker, usize)>,
    /// The values of the anchors, by their numbers, which count up.
    anchors: Vec<Option<MarkId>>,
}

/// Reads the places of the one document in `text`, which begins at `origin` of the whole text.
pub(super) fn read(text: &str, origin: Position) -> Result<Marks, Unreadable> {
    let mut builder = Builder {
        out: Marks::default(),
        places: Places::new(text, origin),
        open: Vec::new(),
        anchors: Vec::new(),
    };
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) = match event {
            Ok(found) => found,
            Err(error) => return Err(builder.scan_error(text, &error)),
        };
        builder.out.events += 1;
        if builder.out.events > 3 * MAX_NODES {
            return Err(builder.too_large(span.start));
        }
        builder.event(event, span.start, span.end)?;
    }
    Ok(builder.out)
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, start: Marker, end: Marker) -> Result<(), Unreadable> {
        match event {
            Event::DocumentStart(_) if self.out.root.is_some() => {
                return Err(Unreadable {
                    code: "yaml-syntax",
                    message: "a further document must begin with a line `---`".to_owned(),
                    span: Span::at(self.places.position(start)),
                });
            }
            Event::Scalar(text, style, anchor, tag) => {
                let span = self.places.span(start, end);
                let plain = style == ScalarStyle::Plain && tag.is_none();
                if plain && self.in_value() && is_yaml_1_1_boolean(&text) {
                    self.out.yaml_1_1_booleans.push((text.to_string(), span));
                }
                self.finish(span, Shape::Scalar, anchor, Some(text.into_owned()))?;
            }
            Event::Alias(anchor) => {
                let span = self.places.span(start, end);
                let Some(target) = self.anchors.get(anchor).copied().flatten() else {
                    return Err(Unreadable {
                        code: "yaml-alias",
                        message: "the alias stands inside the value that it repeats".to_owned(),
                        span,
                    });
                };
                self.finish(span, Shape::Alias(target), 0, None)?;
            }
            Event::SequenceStart(anchor, _) => {
                self.push(Open::List(Vec::new()), start, anchor)?;
            }
            Event::MappingStart(anchor, _) => {
                self.push(Open::Map(Vec::new(), None), start, anchor)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some((open, begin, anchor)) = self.open.pop() {
                    let span = self.places.span(begin, end);
                    let shape = match open {
                        Open::List(items) => Shape::List(items),
                        Open::Map(mut entries, _) => {
                            self.note_duplicates(&mut entries);
                            Shape::Map(entries)
                        }
                    };
                    self.finish(span, shape, anchor, None)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn push(&mut self, open: Open, start: Marker, anchor: usize) -> Result<(), Unreadable> {
        if self.open.len() >= MAX_DEPTH {
            return Err(too_deep(Span::at(self.places.position(start))));
        }
        self.open.push((open, start, anchor));
        Ok(())
    }

    /// Whether the next scalar is a value, not a key.
    fn in_value(&self) -> bool {
        !matches!(self.open.last(), Some((Open::Map(_, None), ..)))
    }

    fn finish(
        &mut self,
        span: Span,
        shape: Shape,
        anchor: usize,
        text: Option<String>,
    ) -> Result<(), Unreadable> {
        let size = |id: &MarkId| {
            let mark = &self.out.all[*id];
            (mark.nodes, mark.height)
        };
        let join = |(nodes, height): (usize, usize), id: &MarkId| {
            let (more, high) = size(id);
            (nodes.saturating_add(more), height.max(high + 1))
        };
        let (nodes, height) = match &shape {
            Shape::Scalar => (1, 1),
            Shape::Alias(target) => size(target),
            Shape::List(items) => items.iter().fold((1, 1), join),
            Shape::Map(entries) => entries.iter().fold((1, 1), |sum, entry| {
                join(join(sum, &entry.key), &entry.value)
            }),
        };
        if height > MAX_DEPTH + 1 {
            return Err(too_deep(span));
        }
        if nodes > MAX_NODES {
            return Err(Unreadable {
                code: "yaml-too-large",
                message: format!("aliases repeat values until there are more than {MAX_NODES}"),
                span,
            });
        }
        let shape = match shape {
            Shape::Alias(target) => match self.out.all[target].shape {
                Shape::Alias(further) => Shape::Alias(further),
                _ => Shape::Alias(target),
            },
            other => other,
        };
        let id = self.out.all.len();
        self.out.all.push(Mark {
            span,
            shape,
            nodes,
            height,
        });
        if anchor > 0 {
            if self.anchors.len() <= anchor {
                self.anchors.resize(anchor + 1, None);
            }
            self.anchors[anchor] = Some(id);
        }
        match self.open.last_mut() {
            None => self.out.root = Some(id),
            Some((Open::List(items), ..)) => items.push(id),
            Some((Open::Map(entries, key), ..)) => match key.take() {
                None => *key = Some((text, id)),
                Some((text, key)) => entries.push(MarkedEntry {
                    text,
                    key,
                    value: id,
                    repeated: false,
                }),
            },
        }
        Ok(())
    }

    fn note_duplicates(&mut self, entries: &mut [MarkedEntry]) {
        let mut seen: BTreeMap<&str, MarkId> = BTreeMap::new();
        for entry in entries {
            let Some(text) = entry.text.as_deref() else {
                continue;
            };
            if let Some(first) = seen.get(text) {
                let places = (self.out.span(*first), self.out.span(entry.key));
                let doubled = (text.to_owned(), places.0, places.1);
                self.out.duplicates.push(doubled);
                entry.repeated = true;
            } else {
                seen.insert(text, entry.key);
            }
        }
    }

    fn too_large(&mut self, at: Marker) -> Unreadable {
        Unreadable {
            code: "yaml-too-large",
            message: format!("the document has more than {MAX_NODES} values"),
            span: Span::at(self.places.position(at)),
        }
    }

    fn scan_error(&mut self, text: &str, error: &ScanError) -> Unreadable {
        let position = self.places.position(*error.marker());
        let offset = position.byte - self.places.origin.byte;
        let line_start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
        let indent = text[line_start..]
            .split(|c: char| c != ' ' && c != '\t')
            .next();
        if let Some(tab) = indent.and_then(|indent| indent.find('\t')) {
            let start = Position {
                byte: self.places.origin.byte + line_start + tab,
                line: position.line,
                column: tab + 1,
            };
            return Unreadable {
                code: "yaml-tab",
                message: "found character that cannot start any token: a tab in the indentation"
                    .to_owned(),
                span: Span {
                    start,
                    end: Position {
                        byte: start.byte + 1,
                        column: start.column + 1,
                        ..start
                    },
                },
            };
        }
        let code = match error.info() {
            info if info.contains("recursion limit") => return too_deep(Span::at(position)),
            info if info.contains("anchor") || info.contains("alias") => "yaml-alias",
            _ => "yaml-syntax",
        };
        Unreadable {
            code,
            message: error.info().to_owned(),
            span: Span::at(position),
        }
    }
}

fn too_deep(span: Span) -> Unreadable {
    Unreadable {
        code: "yaml-too-deep",
        message: format!("nested more than {MAX_DEPTH} levels deep"),
        span,
    }
}

fn is_yaml_1_1_boolean(text: &str) -> bool {
    matches!(
        text,
        "y" | "Y"
            | "yes"
            | "Yes"
            | "YES"
            | "on"
            | "On"
            | "ON"
            | "n"
            | "N"
            | "no"
            | "No"
            | "NO"
            | "off"
            | "Off"
            | "OFF"
    )
}
