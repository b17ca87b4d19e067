//! Reads one YAML document into values with positions.
//!
//! The events of `saphyr-parser` become values without recursion, and reading stops at the first
//! sign of a document built to exhaust memory or stack, so later stages need no such limits. Between
//! two events reading can pause.

use std::collections::BTreeMap;
use std::sync::Arc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError};

use super::diagnostic::{Position, Span};
use super::document::MAX_TEXT;
use super::input::{Text, in_braces};
use super::keys::Keys;
use super::node::{Entry, Node, Value};
use super::positions::Places;
use super::scalar;
use super::source::SourceId;

/// How deep lists and maps may be nested, aliases expanded.
pub const MAX_DEPTH: usize = 100;
/// How many values a document may have, aliases expanded.
pub const MAX_NODES: usize = 200_000;

/// A document as it was read.
#[derive(Debug)]
pub(super) struct Yaml {
    /// Its value; null for a document without any.
    pub(super) root: Node,
    /// Keys that occur twice in one map: the key, its first place, the repeated place.
    pub(super) duplicates: Vec<(String, Span, Span)>,
    /// Plain scalars that are booleans in YAML 1.1, which kubectl reads, but not in YAML 1.2.
    pub(super) kubectl_booleans: Vec<(String, Span)>,
}

/// Why a document cannot be read.
#[derive(Debug)]
pub(super) struct Unreadable {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) span: Span,
}

/// A list or map whose end has not been read yet.
struct Open {
    kind: Kind,
    begin: Marker,
    anchor: usize,
    /// What there was before it, to know how much it has.
    before: Size,
    /// Levels in it so far, aliases expanded.
    height: usize,
}

enum Kind {
    List(Vec<Node>),
    Map {
        entries: Vec<Entry>,
        /// Which keys there are, if there are many.
        keys: Keys,
        /// The key whose value comes next.
        key: Option<Node>,
        /// The values of `<<`.
        merged: Vec<Node>,
    },
}

/// How much memory values take, aliases expanded.
#[derive(Clone, Copy, Default)]
struct Size {
    /// Values, keys among them.
    nodes: usize,
    /// Bytes of their texts.
    bytes: usize,
}

impl Size {
    const fn and(self, more: Self) -> Self {
        Self {
            nodes: self.nodes + more.nodes,
            bytes: self.bytes + more.bytes,
        }
    }

    const fn exceeds(self, most: usize) -> bool {
        self.nodes > most || self.bytes > MAX_TEXT
    }
}

/// A value that aliases repeat.
struct Anchored {
    node: Node,
    size: Size,
    height: usize,
}

/// A document that is being read, an event at a time.
pub(super) struct Scan {
    parser: Parser<'static, Text>,
    builder: Builder,
    /// How many characters the parser had read after the last event.
    read: usize,
}

struct Builder {
    out: Yaml,
    places: Places,
    has_root: bool,
    open: Vec<Open>,
    /// The values of the anchors, by their numbers, which count up.
    anchors: Vec<Option<Anchored>>,
    /// All values so far.
    size: Size,
    /// What is kept of them for aliases: once more for each anchor around a value.
    kept: Size,
    /// How many values there may be.
    most: usize,
}

/// Reads the one document in `text`, which begins at `origin` of a source and has at most `most`
/// values.
pub(super) fn read(
    text: &str,
    source: SourceId,
    origin: Position,
    most: usize,
) -> Result<Yaml, Unreadable> {
    let mut scan = Scan::new(text, source, origin, most);
    loop {
        if let Some(result) = scan.step().1 {
            return result;
        }
    }
}

/// What an event costs besides its characters, in units of work.
const EVENT: usize = 50;
/// How many characters cost a unit of work.
const CHARACTERS: usize = 16;

impl Scan {
    /// Begins to read, with the arguments of [`read`].
    pub(super) fn new(text: &str, source: SourceId, origin: Position, most: usize) -> Self {
        let part: Arc<str> = text.into();
        let (input, inserted) = match in_braces(text) {
            Some((input, inserted)) => (input.into(), inserted),
            None => (Arc::clone(&part), 0),
        };
        Self {
            builder: Builder {
                out: Yaml {
                    root: Node {
                        span: Span::at(source, origin),
                        value: Value::Null,
                    },
                    duplicates: Vec::new(),
                    kubectl_booleans: Vec::new(),
                },
                places: Places::new(part, source, origin, inserted),
                has_root: false,
                open: Vec::new(),
                anchors: Vec::new(),
                size: Size::default(),
                kept: Size::default(),
                most,
            },
            parser: Parser::new(Text::new(input)),
            read: 0,
        }
    }

    /// Reads one event. Gives its cost in units of work, and the document or why it cannot be read
    /// once that is known; it must not be called again then.
    pub(super) fn step(&mut self) -> (usize, Option<Result<Yaml, Unreadable>>) {
        let result = match self.parser.next_event() {
            Some(Ok((event, span))) => {
                let read = self.read;
                self.read = read.max(span.end.index());
                let cost = EVENT + (self.read - read) / CHARACTERS;
                let taken = self.builder.event(event, span.start, span.end);
                return (cost, taken.err().map(Err));
            }
            Some(Err(error)) => Err(self.builder.scan_error(&error)),
            None => {
                let root = Node::new(self.builder.out.root.span, Value::Null);
                Ok(std::mem::replace(
                    &mut self.builder.out,
                    Yaml {
                        root,
                        duplicates: Vec::new(),
                        kubectl_booleans: Vec::new(),
                    },
                ))
            }
        };
        (EVENT, Some(result))
    }

    /// How many characters have been read.
    pub(super) const fn read(&self) -> usize {
        self.read
    }
}

impl Builder {
    fn event(&mut self, event: Event<'_>, start: Marker, end: Marker) -> Result<(), Unreadable> {
        match event {
            Event::DocumentStart(_) if self.has_root => {
                return Err(Unreadable {
                    code: "yaml-syntax",
                    message: "a further document must begin with a line `---`".to_owned(),
                    span: self.places.at(start),
                });
            }
            Event::Scalar(text, style, anchor, tag) => {
                let span = self.places.span(start, end);
                let plain = style == ScalarStyle::Plain && tag.is_none();
                if plain && self.in_value() && is_yaml_1_1_boolean(&text) {
                    self.out.kubectl_booleans.push((text.to_string(), span));
                }
                let size = Size {
                    nodes: 1,
                    bytes: text.len(),
                };
                self.count(size, span)?;
                let value = scalar::resolve(text.into_owned(), style, tag.as_deref()).map_err(
                    |expected| Unreadable {
                        code: "yaml-syntax",
                        message: format!("the tag requires {expected}, but this is something else"),
                        span,
                    },
                )?;
                self.finish(Node { span, value }, anchor, size, 1)?;
            }
            Event::Alias(anchor) => {
                let span = self.places.span(start, end);
                let Some(anchored) = self.anchors.get(anchor).and_then(Option::as_ref) else {
                    return Err(Unreadable {
                        code: "yaml-alias",
                        message: "the alias is inside the value that it repeats".to_owned(),
                        span,
                    });
                };
                let (size, height) = (anchored.size, anchored.height);
                if self.open.len() + height > MAX_DEPTH + 1 {
                    return Err(too_deep(span));
                }
                self.count(size, span)?;
                // Counted first, so that what is repeated is known to be small enough.
                let value = match self.anchors.get(anchor) {
                    Some(Some(anchored)) => anchored.node.value.clone(),
                    _ => Value::Null,
                };
                self.finish(Node { span, value }, 0, size, height)?;
            }
            Event::SequenceStart(anchor, _) => {
                self.begin(Kind::List(Vec::new()), start, anchor)?;
            }
            Event::MappingStart(anchor, _) => {
                let map = Kind::Map {
                    entries: Vec::new(),
                    keys: Keys::default(),
                    key: None,
                    merged: Vec::new(),
                };
                self.begin(map, start, anchor)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    let span = self.places.span(open.begin, end);
                    let value = match open.kind {
                        Kind::List(items) => Value::List(items),
                        Kind::Map {
                            entries,
                            keys,
                            merged,
                            ..
                        } if merged.is_empty() && keys.are_unique(&entries) => Value::Map(entries),
                        Kind::Map {
                            entries, merged, ..
                        } => Value::Map(self.unique(entries, merged)),
                    };
                    let size = Size {
                        nodes: self.size.nodes - open.before.nodes,
                        bytes: self.size.bytes - open.before.bytes,
                    };
                    self.finish(Node { span, value }, open.anchor, size, open.height + 1)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self, kind: Kind, begin: Marker, anchor: usize) -> Result<(), Unreadable> {
        let at = self.places.at(begin);
        if self.open.len() >= MAX_DEPTH {
            return Err(too_deep(at));
        }
        let before = self.size;
        self.count(Size { nodes: 1, bytes: 0 }, at)?;
        self.open.push(Open {
            kind,
            begin,
            anchor,
            before,
            height: 0,
        });
        Ok(())
    }

    /// Counts what is about to be made.
    fn count(&mut self, more: Size, span: Span) -> Result<(), Unreadable> {
        let most = self.most;
        self.size = self.size.and(more);
        if !self.size.exceeds(self.most) {
            return Ok(());
        }
        Err(too_large(
            if more.nodes > 1 {
                format!("aliases repeat values until there are more than {most}")
            } else if self.size.nodes > most {
                format!("the document has more than {most} values")
            } else {
                format!("with its aliases the document has more than {MAX_TEXT} bytes of text")
            },
            span,
        ))
    }

    /// Whether the next scalar is a value, not a key.
    fn in_value(&self) -> bool {
        let open = self.open.last();
        !open.is_some_and(|open| matches!(open.kind, Kind::Map { key: None, .. }))
    }

    /// Adds a value to the list or map that contains it.
    fn finish(
        &mut self,
        node: Node,
        anchor: usize,
        size: Size,
        height: usize,
    ) -> Result<(), Unreadable> {
        if anchor > 0 {
            self.kept = self.kept.and(size);
            if self.kept.exceeds(self.most) {
                let message = "anchors contain more values than are kept for aliases";
                return Err(too_large(message.to_owned(), node.span));
            }
            if self.anchors.len() <= anchor {
                self.anchors.resize_with(anchor + 1, || None);
            }
            let node = node.clone();
            self.anchors[anchor] = Some(Anchored { node, size, height });
        }
        let Some(open) = self.open.last_mut() else {
            self.out.root = node;
            self.has_root = true;
            return Ok(());
        };
        open.height = open.height.max(height);
        match &mut open.kind {
            Kind::List(items) => items.push(node),
            Kind::Map {
                entries,
                keys,
                key: next,
                merged,
            } => match next.take() {
                None => *next = Some(node),
                Some(key) => {
                    let (text, key_span) = (key_text(key.value), key.span);
                    if text == "<<" && is_mergeable(&node) {
                        merged.push(node);
                    } else {
                        entries.push(Entry {
                            key: text,
                            key_span,
                            value: node,
                        });
                        keys.note(entries);
                    }
                }
            },
        }
        Ok(())
    }

    /// The entries of a map and of the maps merged into it, each key once: the first one stays.
    fn unique(&mut self, mut entries: Vec<Entry>, merged: Vec<Node>) -> Vec<Entry> {
        let own = entries.len();
        for node in merged {
            match node.value {
                Value::Map(more) => entries.extend(more),
                Value::List(maps) => {
                    for map in maps {
                        entries.extend(map.into_entries());
                    }
                }
                _ => {}
            }
        }
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        let mut first_times = Vec::with_capacity(entries.len());
        for (at, entry) in entries.iter().enumerate() {
            let first = seen.get(&*entry.key).copied();
            match first {
                None => drop(seen.insert(&entry.key, entry.key_span)),
                Some(first) if at < own => {
                    let doubled = (entry.key.clone(), first, entry.key_span);
                    self.out.duplicates.push(doubled);
                }
                Some(_) => {}
            }
            first_times.push(first.is_none());
        }
        let mut first_times = first_times.into_iter();
        entries.retain(|_| first_times.next() == Some(true));
        entries
    }

    fn scan_error(&mut self, error: &ScanError) -> Unreadable {
        let position = self.places.position(*error.marker());
        let text = Arc::clone(&self.places.text);
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
                    source: self.places.source,
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
            info if info.contains("recursion limit") => {
                return too_deep(self.places.at(*error.marker()));
            }
            info if info.contains("anchor") || info.contains("alias") => "yaml-alias",
            _ => "yaml-syntax",
        };
        Unreadable {
            code,
            message: error.info().to_owned(),
            span: self.places.at(*error.marker()),
        }
    }
}

fn too_large(message: String, span: Span) -> Unreadable {
    Unreadable {
        code: "yaml-too-large",
        message,
        span,
    }
}

fn too_deep(span: Span) -> Unreadable {
    Unreadable {
        code: "yaml-too-deep",
        message: format!("nested more than {MAX_DEPTH} levels deep"),
        span,
    }
}

/// Whether `<<` with this value is a merge; with any other it is a key like others.
fn is_mergeable(value: &Node) -> bool {
    match &value.value {
        Value::Map(_) => true,
        Value::List(maps) => maps.iter().all(|map| matches!(map.value, Value::Map(_))),
        _ => false,
    }
}

/// A key as a text, because JSON knows no others.
fn key_text(key: Value) -> String {
    match key {
        Value::String(text) => text,
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Null => "null".to_owned(),
        Value::List(_) => "[]".to_owned(),
        Value::Map(_) => "{}".to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::node::Number;
    use test_support::{check_each, shipped_experiments};

    /// The value as `serde_yaml` would hold it.
    fn plain(node: &Node) -> serde_yaml::Value {
        match &node.value {
            Value::Null => serde_yaml::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Number(Number::Int(number)) => (*number).into(),
            Value::Number(Number::UInt(number)) => (*number).into(),
            Value::Number(Number::Float(number)) => (*number).into(),
            Value::String(text) => text.as_str().into(),
            Value::List(items) => items.iter().map(plain).collect(),
            Value::Map(entries) => {
                let entries = entries.iter();
                let pairs = entries.map(|entry| (entry.key.as_str().into(), plain(&entry.value)));
                serde_yaml::Value::Mapping(pairs.collect())
            }
        }
    }

    #[track_caller]
    fn check(text: &str) {
        let found = read(text, SourceId::default(), Position::START, MAX_NODES)
            .map(|yaml| plain(&yaml.root));
        let expected: serde_yaml::Value = serde_yaml::from_str(text).unwrap();
        assert_eq!(found.unwrap(), expected, "{text}");
    }

    #[test]
    fn another_parser_reads_the_same_values() {
        check_each(
            [
                "",
                "a: 1\nb: [x, 'y', \"z\\t\", ~, null, true, 0.5, 0x10, 1e3]\n",
                "a: |\n  two\n  lines\nb: >-\n  one\n  line\nc: plain\n  goes on\n",
                "{\"a\": {\"b\": [1, 2, {\"c\": \"\\u00e9\"}]}, \"d\": -5}",
                "a: &x {b: 1}\nc: *x\nd: [*x, *x]\n",
                "? a\n: b\n? 'c'\n: \n",
                "a: !!str 5\nb: !!int '5'\nc: !!float 2\nd: !!bool 'true'\n",
                "- - 1\n  - 2\n-\n  - 3\n- {}\n- []\n",
                "a: 007\nb: 1_0\nc: +5\nd: -0x1f\ne: .5\nf: -.inf\ng: 0o17\nh: 1.0.0\n",
                "# comment\na: 'it''s' # more\nb: \"# none\"\n",
            ],
            check,
        );
    }

    #[test]
    fn another_parser_reads_the_shipped_experiments_alike() {
        let mut documents = 0;
        check_each(shipped_experiments(), |experiment| {
            for document in experiment.text.split("\n---\n") {
                check(document);
                documents += 1;
            }
        });
        assert!(documents > 100, "{documents} documents");
    }
}
