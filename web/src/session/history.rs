//! Undo and redo: all state is in the text, so the history is a list of texts.

use leptos::prelude::*;

/// Successive changes at one place within this time are undone together [s].
const PAUSE: f64 = 1.0;
/// The distance within which changes count as being at one place [bytes]: a stroke of the load slider
/// adds successive lines.
const NEAR: usize = 80;
/// How many steps are kept.
const STEPS: usize = 500;
/// How much text is kept [bytes].
const BYTES: usize = 8 << 20;

/// How a change of the text was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Typed or drawn: may be merged into the previous step.
    Edit,
    /// Opened, or changed as a whole: a step of its own.
    Open,
    /// By undo.
    Undo,
    /// By redo.
    Redo,
}

/// The part in which two texts differ, as byte offsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where it begins in both.
    pub start: usize,
    /// Where it ends in the old text.
    pub end_before: usize,
    /// Where it ends in the new text.
    pub end_after: usize,
}

/// Where two texts differ, at character boundaries.
#[must_use]
pub fn change(before: &str, after: &str) -> Change {
    let (a, b) = (before.as_bytes(), after.as_bytes());
    let mut start = common(a, b, |rest, size| rest.split_at(size));
    while !before.is_char_boundary(start) {
        start -= 1;
    }
    let limit = a.len().min(b.len()) - start;
    let (a_tail, b_tail) = (&a[a.len() - limit..], &b[b.len() - limit..]);
    let mut tail = common(a_tail, b_tail, |rest, size| {
        let (rest, last) = rest.split_at(rest.len() - size);
        (last, rest)
    });
    while !before.is_char_boundary(a.len() - tail) || !after.is_char_boundary(b.len() - tail) {
        tail -= 1;
    }
    Change {
        start,
        end_before: a.len() - tail,
        end_after: b.len() - tail,
    }
}

/// How many bytes two texts have in common at the end from which `take` takes; it returns what it took and
/// the rest. Whole blocks are compared first, which is many times faster than byte by byte.
fn common<'a>(
    mut a: &'a [u8],
    mut b: &'a [u8],
    take: impl Fn(&'a [u8], usize) -> (&'a [u8], &'a [u8]),
) -> usize {
    let whole = a.len();
    for size in [4096, 64, 1] {
        while a.len() >= size && b.len() >= size {
            let ((first, rest), (other, others)) = (take(a, size), take(b, size));
            if first != other {
                break;
            }
            (a, b) = (rest, others);
        }
    }
    whole - a.len()
}

/// The current text, and those before and after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Log {
    past: Vec<String>,
    present: String,
    future: Vec<String>,
    /// When and where the last change was, while further changes may be merged into it.
    last: Option<(f64, usize, usize)>,
}

impl Log {
    /// A history that begins with `text`; undo leads to `past`.
    #[must_use]
    pub fn new(past: Option<String>, text: String) -> Self {
        Self {
            past: past.into_iter().filter(|past| *past != text).collect(),
            present: text,
            future: Vec::new(),
            last: None,
        }
    }

    /// The text after an undo.
    #[must_use]
    pub fn undone(&self) -> Option<&str> {
        self.past.last().map(String::as_str)
    }

    /// The text after a redo.
    #[must_use]
    pub fn redone(&self) -> Option<&str> {
        self.future.last().map(String::as_str)
    }

    /// Makes the next change a step of its own.
    pub fn seal(&mut self) {
        self.last = None;
    }

    /// Records that the text became `text` at `time` \[s].
    pub fn record(&mut self, text: &str, time: f64, how: How) {
        if text == self.present {
            return;
        }
        let now = text.to_owned();
        let change = change(&self.present, text);
        let before = std::mem::replace(&mut self.present, now);
        match how {
            How::Undo => {
                self.past.pop();
                self.future.push(before);
                self.last = None;
            }
            How::Redo => {
                self.future.pop();
                self.past.push(before);
                self.last = None;
            }
            How::Edit | How::Open => {
                // A typed line break ends a step.
                let inserted = &text[change.start..change.end_after];
                let line = change.start == change.end_before
                    && inserted.starts_with('\n')
                    && inserted.trim().is_empty();
                let joins = how == How::Edit
                    && !line
                    && self.last.is_some_and(|(at, start, end)| {
                        time - at <= PAUSE
                            && change.start <= end.saturating_add(NEAR)
                            && change.end_before.saturating_add(NEAR) >= start
                    });
                if !joins {
                    self.past.push(before);
                }
                self.future.clear();
                self.last =
                    (how == How::Edit && !line).then_some((time, change.start, change.end_after));
                self.forget();
            }
        }
    }

    /// Drops the oldest steps if there are too many.
    fn forget(&mut self) {
        let mut bytes = 0;
        let kept = self.past.iter().rev().take(STEPS).take_while(|text| {
            bytes += text.len();
            bytes <= BYTES
        });
        let surplus = self.past.len() - kept.count();
        self.past.drain(..surplus);
    }
}

/// The history of a text on the page. Copies are handles of the same history.
#[derive(Clone, Copy, Debug)]
pub struct History {
    text: RwSignal<String>,
    next: StoredValue<How>,
    sealed: StoredValue<bool>,
    log: Memo<Log>,
}

impl History {
    /// Records the changes of `text` from now on; `next` says how its next change is made, and `past` is
    /// the text after the first undo.
    #[must_use]
    pub fn of(text: RwSignal<String>, next: StoredValue<How>, past: Option<String>) -> Self {
        let sealed = StoredValue::new(false);
        let log = Memo::new_owning(move |before: Option<Log>| {
            let Some(mut log) = before else {
                return (Log::new(past.clone(), text.get()), true);
            };
            if sealed.get_value() {
                log.seal();
                sealed.set_value(false);
            }
            let how = next.get_value();
            next.set_value(How::Edit);
            let changed = text.with(|text| {
                let changed = *text != log.present;
                log.record(text, now(), how);
                changed
            });
            (log, changed)
        });
        // Every text must be recorded, whether or not anything else reads it.
        Effect::new(move |_| log.track());
        Self {
            text,
            next,
            sealed,
            log,
        }
    }

    /// Sets the text as a step of its own.
    pub fn open(&self, text: String) {
        let _ = self.go(How::Open, Some(text));
    }

    /// Goes one step back. Returns where the texts differ.
    #[must_use]
    pub fn undo(&self) -> Option<Change> {
        let text = self
            .log
            .with_untracked(|log| log.undone().map(str::to_owned));
        self.go(How::Undo, text)
    }

    /// Goes one step forward. Returns where the texts differ.
    #[must_use]
    pub fn redo(&self) -> Option<Change> {
        let text = self
            .log
            .with_untracked(|log| log.redone().map(str::to_owned));
        self.go(How::Redo, text)
    }

    fn go(&self, how: How, text: Option<String>) -> Option<Change> {
        let text = text?;
        // Records what was typed last before.
        self.log.with_untracked(|_| ());
        let change = self.text.with_untracked(|before| change(before, &text));
        self.next.set_value(how);
        self.text.set(text);
        self.log.with_untracked(|_| ());
        Some(change)
    }

    /// Whether there is something to undo.
    #[must_use]
    pub fn can_undo(&self) -> bool {
        self.log.with(|log| log.undone().is_some())
    }

    /// Whether there is something to redo.
    #[must_use]
    pub fn can_redo(&self) -> bool {
        self.log.with(|log| log.redone().is_some())
    }

    /// Makes the next change a step of its own, because a stroke has ended.
    pub fn seal(&self) {
        self.sealed.set_value(true);
    }
}

fn now() -> f64 {
    window()
        .performance()
        .map_or(0.0, |performance| performance.now() / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(steps: &[(&str, f64, How)]) -> Log {
        let mut log = Log::new(None, "rate: 1\n".to_owned());
        for (text, time, how) in steps {
            log.record(text, *time, *how);
        }
        log
    }

    #[test]
    fn the_change_of_two_texts_is_found_at_borders_of_characters() {
        #[track_caller]
        fn check(before: &str, after: &str, expected: (usize, usize, usize)) {
            let Change {
                start,
                end_before,
                end_after,
            } = change(before, after);
            assert_eq!((start, end_before, end_after), expected);
        }
        check("abc", "abc", (3, 3, 3));
        check("", "abc", (0, 0, 3));
        check("abc", "axc", (1, 2, 2));
        check("aaa", "aaaa", (3, 3, 4));
        check("é", "è", (0, 2, 2));
        check("xé", "xé!", (3, 3, 4));
    }

    #[test]
    fn a_stroke_is_one_step() {
        let mut log = log(&[
            ("rate: 2\n", 5.0, How::Edit),
            ("rate: 3\n", 5.1, How::Edit),
            ("rate: 4\n", 5.9, How::Edit),
        ]);
        assert_eq!(log.undone(), Some("rate: 1\n"));
        log.record("rate: 1\n", 6.0, How::Undo);
        assert_eq!((log.undone(), log.redone()), (None, Some("rate: 4\n")));
        log.record("rate: 4\n", 6.0, How::Redo);
        assert_eq!((log.undone(), log.redone()), (Some("rate: 1\n"), None));
    }

    #[test]
    fn a_pause_another_place_a_line_and_an_opened_text_are_steps() {
        let far = format!("rate: 2\n{}x", "#".repeat(200));
        let steps = log(&[("rate: 2\n", 1.0, How::Edit), ("rate: 3\n", 2.1, How::Edit)]);
        assert_eq!(steps.undone(), Some("rate: 2\n"));
        let base = far.replace('x', "");
        let steps = log(&[
            (&base, 1.0, How::Open),
            (&base.replace('2', "3"), 2.0, How::Edit),
            (&far.replace('2', "3"), 2.1, How::Edit),
        ]);
        assert_eq!(steps.past.len(), 3);
        let steps = log(&[
            ("rate: 12\n", 1.0, How::Edit),
            ("rate: 12\n\n", 1.1, How::Edit),
            ("rate: 12\na\n", 1.2, How::Edit),
            ("rate: 12\nab\n", 1.3, How::Edit),
        ]);
        assert_eq!(steps.past, ["rate: 1\n", "rate: 12\n", "rate: 12\n\n"]);
        let mut steps = log(&[("rate: 2\n", 1.0, How::Edit)]);
        steps.seal();
        steps.record("rate: 3\n", 1.1, How::Edit);
        assert_eq!(steps.undone(), Some("rate: 2\n"));
    }

    #[test]
    fn a_new_change_ends_what_could_be_redone_and_old_steps_are_dropped() {
        let mut log = log(&[
            ("rate: 2\n", 1.0, How::Open),
            ("rate: 1\n", 2.0, How::Undo),
            ("rate: 5\n", 3.0, How::Edit),
        ]);
        assert_eq!(log.redone(), None);
        for i in 0..1000 {
            log.record(&i.to_string(), 10.0, How::Open);
        }
        assert_eq!(log.past.len(), STEPS);
        log.record(&"x".repeat(BYTES + 1), 11.0, How::Open);
        log.record("small", 12.0, How::Open);
        assert!(log.past.is_empty(), "a text that is too large is not kept");
    }
}
