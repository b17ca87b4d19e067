//! Colors for terminals.

use std::fmt;
use std::io::IsTerminal;

/// Whether to write colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Text only.
    Plain,
    /// With ANSI colors.
    Color,
}

/// The emphasis of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Accent {
    /// A heading.
    Bold,
    /// Less important text.
    Dim,
    /// The load.
    Blue,
    /// Replicas, and success.
    Green,
}

impl Style {
    /// Colors for a terminal, unless `NO_COLOR` is set.
    pub(crate) fn of(reader: &impl IsTerminal) -> Self {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        if reader.is_terminal() && !unwanted {
            Self::Color
        } else {
            Self::Plain
        }
    }

    /// Whether there are colors.
    pub(crate) const fn has_colors(self) -> bool {
        matches!(self, Self::Color)
    }

    /// `text` with an accent.
    pub(crate) fn paint<T: fmt::Display>(self, accent: Accent, text: T) -> Painted<T> {
        Painted {
            style: self,
            accent,
            text,
        }
    }
}

/// A text with an accent.
pub(crate) struct Painted<T> {
    style: Style,
    accent: Accent,
    text: T,
}

impl<T: fmt::Display> fmt::Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.style.has_colors() {
            return self.text.fmt(f);
        }
        let code = match self.accent {
            Accent::Bold => 1,
            Accent::Dim => 2,
            Accent::Green => 32,
            Accent::Blue => 34,
        };
        write!(f, "\x1b[{code}m{}\x1b[0m", self.text)
    }
}
