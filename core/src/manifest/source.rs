//! Named source texts that are parsed together: files, standard input, an editor's text.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;

use super::diagnostic::Span;

/// A text and its name in messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source<'a> {
    name: Cow<'a, str>,
    text: Text<'a>,
}

/// A text that somebody else owns, or one that all copies share.
#[derive(Clone, Debug)]
enum Text<'a> {
    Borrowed(&'a str),
    Shared(Arc<str>),
}

impl Text<'_> {
    fn as_str(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Shared(text) => text,
        }
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Text<'_> {}

impl<'a> Source<'a> {
    /// The text of the file or other source called `name`.
    #[must_use]
    pub fn new(name: impl Into<Cow<'a, str>>, text: impl Into<Cow<'a, str>>) -> Self {
        Self {
            name: name.into(),
            text: match text.into() {
                Cow::Borrowed(text) => Text::Borrowed(text),
                Cow::Owned(text) => Text::Shared(text.into()),
            },
        }
    }

    /// The name, such as a file's path.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.text.as_str()
    }

    /// The source with a text of its own, which its copies share.
    #[must_use]
    pub fn into_shared(self) -> Source<'static> {
        Source {
            name: Cow::Owned(self.name.into_owned()),
            text: match self.text {
                Text::Borrowed(text) => Text::Shared(text.into()),
                Text::Shared(text) => Text::Shared(text),
            },
        }
    }
}

/// A text that has no name of its own is called `<text>`.
impl<'a> From<&'a str> for Source<'a> {
    fn from(text: &'a str) -> Self {
        Self::new("<text>", text)
    }
}

/// Which of the texts that are read together: its index among them. The default is the first one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct SourceId(u32);

impl SourceId {
    /// The source at an index.
    #[must_use]
    pub fn new(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// Its index.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde asks with a reference"
    )]
    pub(super) const fn is_first(&self) -> bool {
        self.0 == 0
    }
}

/// The beginning of `span` for people, such as `hpa.yaml:6:3`.
#[must_use]
pub fn place(span: Span, sources: &[Source<'_>]) -> String {
    let name = sources.get(span.source.index()).map_or("?", Source::name);
    format!("{name}:{}:{}", span.start.line, span.start.column)
}
