//! Tables of rows of which each is checked, whatever the others give.

use std::any::Any;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How many characters of a row are shown.
const SHOWN: usize = 200;

/// Checks each row by a function that panics if it is wrong, and reports all that are.
///
/// # Panics
/// If a row is wrong, after all have been checked; if there are no rows.
#[track_caller]
pub fn check_each<R: Debug>(rows: impl IntoIterator<Item = R>, mut check: impl FnMut(R)) {
    let mut count = 0;
    let mut wrong = Vec::new();
    for row in rows {
        let shown: String = format!("{row:?}").chars().take(SHOWN).collect();
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(row))) {
            wrong.push(format!("row {count}, {shown}:\n{}", message(&*panic)));
        }
        count += 1;
    }
    assert!(count > 0, "there are no rows");
    assert!(
        wrong.is_empty(),
        "{} of {count} rows are wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// What a panic said.
fn message(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    let text = owned.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without a message")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(rows: &[i32], check: impl FnMut(&i32)) -> Option<String> {
        let checked = catch_unwind(AssertUnwindSafe(|| check_each(rows, check)));
        checked.err().map(|panic| message(&*panic).to_owned())
    }

    #[test]
    fn all_wrong_rows_are_reported() {
        assert_eq!(report(&[1, 2], |row| assert!(*row > 0)), None);
        let found = report(&[1, -2, 3, -4], |row| assert!(*row > 0, "too small"));
        let expected = "2 of 4 rows are wrong:\nrow 1, -2:\ntoo small\nrow 3, -4:\ntoo small";
        assert_eq!(found.as_deref(), Some(expected));
    }

    #[test]
    fn no_rows_check_nothing() {
        let found = report(&[], |_| ());
        assert_eq!(found.as_deref(), Some("there are no rows"));
    }
}
