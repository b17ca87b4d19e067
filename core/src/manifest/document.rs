//! The documents of a text: splitting it, unpacking lists, the limits, and what is wrong with one.

use std::sync::Arc;

use super::diagnostic::{Diagnostic, MAX_PROBLEMS, Position, Severity, Span};
use super::node::{Node, Value};
use super::path::FieldPath;
use super::reading::Reading;
use super::source::{Source, SourceId};
use super::yaml::{self, Unreadable, Yaml};

/// How much text is read, all sources together \[bytes\].
pub const MAX_TEXT: usize = 4 << 20;
/// How many documents there may be in all sources together.
pub const MAX_DOCUMENTS: usize = 1_000;

/// How many objects there may be in all sources together, items of lists among them.
pub const MAX_OBJECTS: usize = 1_000;

/// One object of a text, of any kind, not yet decoded.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Document {
    /// Which document of its text it came from, counted from 0; the items of a list share one.
    pub index: usize,
    /// Its `apiVersion`; empty if there is none.
    pub api_version: String,
    /// Its `kind`; empty if there is none.
    pub kind: String,
    /// All of its values.
    pub root: Node,
    /// The text that spans are in, if numbers count as they are written there.
    pub(super) literals: Option<Arc<str>>,
}

impl Document {
    /// Where `path` is, or its nearest existing ancestor.
    #[must_use]
    pub fn locate(&self, path: &FieldPath) -> Span {
        self.root.locate(path)
    }

    /// `metadata.name`, if the object has one.
    #[must_use]
    pub fn name(&self) -> &str {
        self.root
            .entry("metadata")
            .and_then(|metadata| metadata.value.text("name"))
            .unwrap_or("")
    }
}

/// Splits and reads a text. Documents that cannot be read are missing, with a diagnostic.
#[must_use]
pub fn read(text: &str) -> (Vec<Document>, Vec<Diagnostic>) {
    read_sources(&[Source::from(text)])
}

/// [`read`] for several texts: the documents of all of them, in their order. [`Reading`] does it in
/// slices.
#[must_use]
pub fn read_sources(sources: &[Source<'_>]) -> (Vec<Document>, Vec<Diagnostic>) {
    Reading::new(sources).finish()
}

/// Reads a text of one value, of up to `most` values in all, such as the answer of a server in JSON.
///
/// # Errors
/// The first problem: the text is too long, has too many values, or cannot be read.
pub fn read_value(text: &str, most: usize) -> Result<Node, Box<Diagnostic>> {
    let source = SourceId::default();
    if let Some(problem) = too_long(source, text.len()) {
        return Err(Box::new(problem));
    }
    match yaml::read(text, source, Position::START, most) {
        Ok(yaml) => Ok(yaml.root),
        Err(problem) => Err(Box::new(unreadable(problem, text))),
    }
}

fn error(code: &'static str, span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(Severity::Error, code, span, FieldPath::default(), message)
}

/// Refuses a source with which there are `length` bytes.
pub(super) fn too_long(source: SourceId, length: usize) -> Option<Diagnostic> {
    let span = Span::at(source, Position::START);
    (length > MAX_TEXT).then(|| {
        let texts = match source.index() {
            0 => "the text has",
            _ => "the texts up to this one have",
        };
        let message = format!("{texts} {length} bytes; at most {MAX_TEXT} are read");
        error("text-too-large", span, message)
    })
}

pub(super) fn unreadable(problem: Unreadable, text: &str) -> Diagnostic {
    let mut diagnostic = error(problem.code, clamp(problem.span, text), problem.message);
    diagnostic.hint = syntax_hint(problem.code).map(str::to_owned);
    diagnostic
}

/// Keeps a span that an error came with inside the text.
fn clamp(mut span: Span, text: &str) -> Span {
    for position in [&mut span.start, &mut span.end] {
        position.byte = position.byte.min(text.len());
        while !text.is_char_boundary(position.byte) {
            position.byte -= 1;
        }
    }
    span
}

fn syntax_hint(code: &str) -> Option<&'static str> {
    match code {
        "yaml-tab" => Some("YAML is indented with spaces only: replace the tab"),
        "yaml-too-deep" => Some("no Kubernetes object is nested so deep: check the brackets"),
        "yaml-syntax" => Some(
            "look at this line and the one before it: an indentation that does not fit, a missing `:` or its space, or an open quote",
        ),
        _ => None,
    }
}

/// The parts between lines that begin with `---`, as kubectl splits them, each with its origin.
///
/// A document that does not parse then leaves the others readable.
pub(super) fn split(text: &str) -> Vec<(Position, &str)> {
    let mut parts = Parts::of(text);
    std::iter::from_fn(|| parts.next(text)).collect()
}

/// The parts of a text one after the other; see [`split`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts {
    /// Where the next part begins; none after the last.
    next: Option<Position>,
}

impl Parts {
    pub(super) fn of(text: &str) -> Self {
        let byte = if text.starts_with('\u{feff}') { 3 } else { 0 };
        Self {
            next: Some(Position {
                byte,
                ..Position::START
            }),
        }
    }

    /// The next part of the text.
    pub(super) fn next<'a>(&mut self, text: &'a str) -> Option<(Position, &'a str)> {
        const MARKER: &str = "\n---";
        let start = self.next.take()?;
        let rest = text.get(start.byte..).unwrap_or_default();
        let is_alone = |after: &str| after.is_empty() || after.starts_with([' ', '\t', '\r', '\n']);
        let mut markers = rest.match_indices(MARKER).map(|(at, _)| at);
        let end = markers.find(|at| is_alone(&rest[at + MARKER.len()..]));
        let part = end.map_or(rest, |end| &rest[..=end]);
        self.next = end.map(|_| Position {
            byte: start.byte + part.len(),
            line: start.line + part.bytes().filter(|byte| *byte == b'\n').count(),
            ..start
        });
        Some((start, part))
    }
}

/// What has been read of the sources so far.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) documents: Vec<Document>,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// How many documents may still come.
    parts: usize,
    /// How many objects may still come.
    room: usize,
}

impl Reader {
    pub(super) const fn new() -> Self {
        Self {
            documents: Vec::new(),
            diagnostics: Vec::new(),
            parts: MAX_DOCUMENTS,
            room: MAX_OBJECTS,
        }
    }

    /// Whether the document that begins here may be read.
    pub(super) fn admit(&mut self, source: SourceId, origin: Position) -> bool {
        let Some(left) = self.parts.checked_sub(1) else {
            let message = format!("only the first {MAX_DOCUMENTS} documents are read");
            let problem = error("text-too-large", Span::at(source, origin), message);
            self.diagnostics.push(problem);
            return false;
        };
        self.parts = left;
        true
    }

    /// Takes the document with this index in its `text`, as it was read.
    pub(super) fn take(&mut self, index: usize, read: Result<Yaml, Unreadable>, text: &str) {
        match read {
            Ok(yaml) => {
                self.remarks(&yaml);
                self.unpack(index, yaml.root, None);
            }
            Err(problem) => self.diagnostics.push(unreadable(problem, text)),
        }
    }

    /// What is wrong with a document that can be read.
    fn remarks(&mut self, yaml: &Yaml) {
        for (key, first, again) in yaml.duplicates.iter().take(MAX_PROBLEMS) {
            let message = format!("key \"{key}\" already set in map");
            let line = first.start.line;
            self.diagnostics
                .push(error("duplicate-key", *again, message).hint(format!(
                    "it is first set on line {line}; keep one of the two"
                )));
        }
        for (text, span) in yaml.kubectl_booleans.iter().take(MAX_PROBLEMS) {
            let quoted = format!("\"{text}\"");
            self.diagnostics.push(
                Diagnostic::new(
                    Severity::Warning,
                    "yaml-boolean",
                    *span,
                    FieldPath::default(),
                    format!("kubectl reads {text} as a boolean, not as a text"),
                )
                .hint("put it in quotes, or write true or false")
                .fix(format!("write {quoted}"), *span, quoted),
            );
        }
    }

    /// Takes a document as an object, or the items of a list, which has the names of their
    /// `apiVersion` and `kind`, as objects.
    fn unpack(&mut self, index: usize, root: Node, list: Option<(&str, &str)>) {
        if root.value == Value::Null {
            return;
        }
        self.room = self.room.saturating_sub(1);
        let head = root.locate(&FieldPath::default());
        let Value::Map(_) = root.value else {
            self.diagnostics.push(
                error(
                    "not-an-object",
                    head,
                    "a Kubernetes object is a map of fields",
                )
                .hint("begin with apiVersion, kind, metadata and spec"),
            );
            return;
        };
        let given = |key, name: Option<&str>| root.text(key).or(name).unwrap_or("").to_owned();
        let api_version = given("apiVersion", list.map(|names| names.0));
        let kind = given("kind", list.map(|names| names.1));
        if kind.is_empty() {
            self.diagnostics.push(
                error("missing-kind", head, "Object 'Kind' is missing").hint(
                    "write which kind of object this is, such as kind: HorizontalPodAutoscaler",
                ),
            );
        } else if api_version.is_empty() {
            self.diagnostics.push(
                error(
                    "missing-api-version",
                    head,
                    "Object 'apiVersion' is missing",
                )
                .hint("a HorizontalPodAutoscaler has autoscaling/v2, a Deployment apps/v1"),
            );
        }
        let is_list = list.is_none() && kind.ends_with("List") && root.entry("items").is_some();
        if !is_list {
            self.documents.push(Document {
                index,
                api_version,
                kind,
                root,
                literals: None,
            });
            return;
        }
        let item_kind = kind.strip_suffix("List").unwrap_or_default();
        let names = if item_kind.is_empty() {
            ("", "")
        } else {
            (api_version.as_str(), item_kind)
        };
        let lists = root.into_entries().into_iter();
        for list in lists.filter(|entry| entry.key == "items") {
            for item in list.value.into_items() {
                if self.room == 0 {
                    let text = format!("only the first {MAX_OBJECTS} objects are read");
                    let span = item.locate(&FieldPath::default());
                    self.diagnostics.push(error("text-too-large", span, text));
                    return;
                }
                self.unpack(index, item, Some(names));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str, usize)]) {
        let (documents, diagnostics) = read(text);
        let found: Vec<_> = documents
            .iter()
            .map(|document| {
                (
                    &*document.api_version,
                    document.name(),
                    document.root.span.start.line,
                )
            })
            .collect();
        assert_eq!(found, expected, "{diagnostics:?}");
    }

    #[test]
    fn documents_are_split_and_lists_unpacked() {
        check("", &[]);
        check("# nothing\n---\n---\n", &[]);
        check(
            "apiVersion: v1\nkind: A\nmetadata: {name: x}",
            &[("v1", "x", 1)],
        );
        check(
            "---\napiVersion: v1\nkind: A\n--- # again\napiVersion: v2\nkind: B\n...\n",
            &[("v1", "", 2), ("v2", "", 5)],
        );
        check(
            "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: a/v1, kind: A}\n- apiVersion: b/v1\n  kind: B\n",
            &[("a/v1", "", 4), ("b/v1", "", 5)],
        );
        check(
            "apiVersion: a/v1\nkind: AList\nitems:\n- metadata:\n    name: x\n",
            &[("a/v1", "x", 4)],
        );
        check(
            "a: [\n---\n{\"apiVersion\": \"v1\",\n\t\"kind\": \"A\", \"metadata\": {\"name\": \"x\"}}\n",
            &[("v1", "x", 3)],
        );
    }

    #[test]
    fn merge_keys_and_anchors_are_followed() {
        let (documents, diagnostics) =
            read("apiVersion: v1\nkind: A\nbase: &b {x: 1, y: 2}\nspec:\n  <<: *b\n  y: 3\n");
        assert_eq!(diagnostics, []);
        let root = &documents[0].root;
        assert_eq!(
            root.at(&"spec.x".into()).map(|node| node.span.start.line),
            Some(3)
        );
        assert_eq!(
            root.at(&"spec.y".into()).map(|node| node.span.start.line),
            Some(6)
        );
    }
}
