//! Documents in all layouts that people use, with comments that can be told from each other.

use proptest::collection::vec;
use proptest::prelude::*;

/// A value and how it is laid out.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub(crate) kind: Kind,
    layout: u8,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Scalar(&'static str),
    /// A scalar of several lines, each on its own where it is not in brackets.
    Lines(&'static str, &'static [&'static str]),
    List(Vec<Tree>),
    Map(Vec<(&'static str, Tree)>),
}

const SCALARS: &[&str] = &[
    "1",
    "x",
    "'it''s # no'",
    "\"q # \\\" x\"",
    "~",
    "true",
    "1.5",
    "plain words",
    "\"é\"",
    "''",
    "&a1 3",
    "!!str 5",
    "0x1F",
    "\"[\"",
    "a#b",
    "http://x:8080/y",
];
const KEYS: &[&str] = &[
    "a", "b", "c", "\"d\"", "'e'", "f g", "é", "h-i", "\"j: k\"", "y",
];

/// Maps as they stand in documents; block style at the top.
pub(crate) fn document() -> impl Strategy<Value = Tree> {
    let lines: Vec<Kind> = vec![
        Kind::Lines("|", &["one", "", "  two # text"]),
        Kind::Lines(">-", &["\"one", "two"]),
        Kind::Lines("|+", &["one", ""]),
        Kind::Lines("plain", &["goes on"]),
    ];
    let scalar = prop_oneof![
        6 => prop::sample::select(SCALARS).prop_map(Kind::Scalar),
        1 => prop::sample::select(lines),
        1 => Just(Kind::Scalar("")),
    ];
    let tree = |kind: BoxedStrategy<Kind>| {
        (kind, any::<u8>()).prop_map(|(kind, layout)| Tree { kind, layout })
    };
    let leaf = tree(scalar.boxed());
    let value = leaf.prop_recursive(4, 24, 4, move |inner| {
        let list = vec(inner.clone(), 0..4).prop_map(Kind::List).boxed();
        prop_oneof![tree(list), tree(map(inner, 0).boxed())]
    });
    (map(value, 1), 0..64_u8).prop_map(|(kind, layout)| Tree { kind, layout })
}

fn map(value: impl Strategy<Value = Tree>, least: usize) -> impl Strategy<Value = Kind> {
    let keys = prop::sample::subsequence(KEYS, least..5);
    (keys, vec(value, 4))
        .prop_map(|(keys, values)| Kind::Map(keys.into_iter().zip(values).collect()))
}

/// Writes trees, and numbers the comments.
#[derive(Default)]
struct Writer {
    out: String,
    comments: usize,
}

/// The text of a document, its line breaks LF or CRLF, with or without one at the end.
pub(crate) fn text(tree: &Tree, crlf: bool, open_end: bool) -> String {
    let mut writer = Writer::default();
    let Kind::Map(entries) = &tree.kind else {
        return String::new();
    };
    writer.entries(entries, tree.layout, 0, false);
    let mut text = writer.out;
    if open_end {
        text.truncate(text.trim_end_matches('\n').len());
    }
    if crlf {
        text.replace('\n', "\r\n")
    } else {
        text
    }
}

impl Tree {
    fn has(&self, bit: u8) -> bool {
        self.layout & (1 << bit) != 0
    }

    fn is_flow(&self) -> bool {
        match &self.kind {
            Kind::List(items) => items.is_empty() || self.layout >= 192,
            Kind::Map(entries) => entries.is_empty() || self.layout >= 192,
            _ => false,
        }
    }
}

impl Writer {
    fn comment(&mut self, wanted: bool) {
        if wanted {
            self.comments += 1;
            self.out += &format!(" # c{};", self.comments);
        }
    }

    /// Lines between two children.
    fn between(&mut self, layout: u8, indent: usize) {
        if layout & 2 != 0 {
            self.comments += 1;
            self.out += &format!("{:indent$}# c{};\n", "", self.comments);
        }
        if layout & 4 != 0 {
            self.out.push('\n');
        }
    }

    /// The entries of a map; the first one goes on in a line that is there where `begun` is set.
    fn entries(&mut self, entries: &[(&str, Tree)], layout: u8, indent: usize, begun: bool) {
        for (at, (key, value)) in entries.iter().enumerate() {
            if !(begun && at == 0) {
                self.between(value.layout ^ layout, indent);
                self.out += &" ".repeat(indent);
            }
            self.out += key;
            self.out.push(':');
            match &value.kind {
                Kind::Map(inside) if !value.is_flow() => {
                    self.comment(value.has(0));
                    self.out.push('\n');
                    self.entries(inside, value.layout, indent + 2, false);
                }
                Kind::List(items) if !value.is_flow() => {
                    self.comment(value.has(0));
                    self.out.push('\n');
                    self.items(
                        items,
                        value.layout,
                        indent + 2 * usize::from(value.has(3)),
                        false,
                    );
                }
                _ => self.rest(value, indent),
            }
        }
    }

    fn items(&mut self, items: &[Tree], layout: u8, indent: usize, begun: bool) {
        for (at, value) in items.iter().enumerate() {
            if !(begun && at == 0) {
                self.between(value.layout ^ layout, indent);
                self.out += &" ".repeat(indent);
            }
            self.out.push('-');
            let below = !value.is_flow() && value.has(4);
            match &value.kind {
                Kind::Map(_) | Kind::List(_) if below => {
                    self.comment(value.has(0));
                    self.out.push('\n');
                }
                _ => {}
            }
            match &value.kind {
                Kind::Map(inside) if !value.is_flow() => {
                    self.out += if below { "" } else { " " };
                    self.entries(inside, value.layout, indent + 2, !below);
                }
                Kind::List(inside) if !value.is_flow() => {
                    self.out += if below { "" } else { " " };
                    self.items(inside, value.layout, indent + 2, !below);
                }
                _ => self.rest(value, indent),
            }
        }
    }

    /// The rest of a line behind its colon or dash, and what else belongs to the value.
    fn rest(&mut self, value: &Tree, indent: usize) {
        match &value.kind {
            Kind::Lines(first, lines) => {
                self.out += &format!(" {first}");
                // A comment would end a plain scalar.
                self.comment(value.has(0) && *first != "plain");
                self.out.push('\n');
                for line in *lines {
                    self.out += &match *line {
                        "" => "\n".to_owned(),
                        line => format!("{:1$}{line}\n", "", indent + 2),
                    };
                }
                return;
            }
            Kind::Scalar("") => {}
            _ => {
                self.out.push(' ');
                self.flow(value, indent + 2);
            }
        }
        self.comment(value.has(0));
        self.out.push('\n');
    }

    fn flow(&mut self, value: &Tree, indent: usize) {
        let (open, close, count) = match &value.kind {
            Kind::Scalar("") => return self.out.push('~'),
            Kind::Scalar(text) => return self.out += text,
            Kind::Lines(..) => return self.out += "\"lines\"",
            Kind::List(items) => ('[', ']', items.len()),
            Kind::Map(entries) => ('{', '}', entries.len()),
        };
        self.out.push(open);
        let lines = value.has(5) && count > 0;
        for at in 0..count {
            if lines {
                self.comment(at > 0 && value.has(1));
                self.out += &format!("\n{:1$}", "", indent + 2);
            }
            match &value.kind {
                Kind::List(items) => self.flow(&items[at], indent + 2),
                Kind::Map(entries) => {
                    let (key, value) = &entries[at];
                    self.out += key;
                    self.out += ": ";
                    self.flow(value, indent + 2);
                }
                _ => {}
            }
            let last = at + 1 == count;
            self.out += match (last, lines) {
                (false, true) => ",",
                (false, false) => ", ",
                (true, false) if value.has(2) => ",",
                (true, _) => "",
            };
        }
        if lines {
            self.comment(value.has(2));
            self.out += &format!("\n{:indent$}", "");
        }
        self.out.push(close);
    }
}
