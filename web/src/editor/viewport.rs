//! Which lines of a long text are in the page: those that can be seen, and a screenful on both sides,
//! so that a text of any length is typed and scrolled as smoothly as a short one.

use std::ops::Range;

/// The range of lines begins and ends at a multiple of this, so that it changes seldom.
const STEP: usize = 16;

/// What can be seen of the text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    /// How far the text is scrolled [px].
    pub top: f64,
    /// The visible height [px].
    pub height: f64,
    /// The height of a line [px].
    pub line: f64,
    /// Whether the page is being printed, with all lines.
    pub printing: bool,
}

impl Default for Viewport {
    /// A guess, until the elements are measured.
    fn default() -> Self {
        Self {
            top: 0.0,
            height: 1000.0,
            line: 20.0,
            printing: false,
        }
    }
}

impl Viewport {
    /// The lines that are in the page, of a text of `count` lines.
    pub fn lines(self, count: usize) -> Range<usize> {
        if self.printing {
            return 0..count;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturates"
        )]
        let line = |height: f64| (height / self.line.max(1.0)) as usize;
        let end = line(self.top + 2.0 * self.height) / STEP * STEP + STEP;
        let end = end.min(count);
        // A text that became shorter scrolls up only once its lines are gone.
        let start = line(self.top - self.height).min(end) / STEP * STEP;
        start..end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_visible_lines_are_in_the_page_with_a_screenful_on_both_sides() {
        let at = |top: f64| Viewport {
            top,
            height: 400.0,
            ..Viewport::default()
        };
        assert_eq!(at(0.0).lines(30), 0..30);
        assert_eq!(at(0.0).lines(30_000), 0..48);
        assert_eq!(at(2000.0).lines(30_000), 80..144);
        assert_eq!(at(599_600.0).lines(30_000), 29_952..30_000);
        assert_eq!(at(599_600.0).lines(10), 0..10);
        let printing = Viewport {
            printing: true,
            ..at(2000.0)
        };
        assert_eq!(printing.lines(30_000), 0..30_000);
    }
}
