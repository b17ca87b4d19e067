//! A line diff of two texts.

/// A line that only one of the texts has, or a gap between such lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Only the first text has it.
    Removed(String),
    /// Only the second text has it.
    Added(String),
    /// Common lines that are left out.
    Gap,
}

/// With more pairs of lines than this, everything between the common ends counts as replaced.
const MOST_PAIRS: usize = 4_000_000;

/// The lines that differ, in order.
#[must_use]
pub fn diff(first: &str, second: &str) -> Vec<Change> {
    let (a, b): (Vec<&str>, Vec<&str>) = (first.lines().collect(), second.lines().collect());
    let head = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[head..], &b[head..]);
    let both = a.iter().rev().zip(b.iter().rev());
    let tail = both.take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - tail], &b[..b.len() - tail]);
    let mut changes = Vec::new();
    let mut shared_before = false;
    let mut push = |change: Change, shared: &mut bool| {
        if std::mem::take(shared) && !changes.is_empty() {
            changes.push(Change::Gap);
        }
        changes.push(change);
    };
    let lengths = common(a, b);
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        let longest = |i: usize, j: usize| {
            lengths
                .get(i * (b.len() + 1) + j)
                .copied()
                .unwrap_or_default()
        };
        if i < a.len() && j < b.len() && !lengths.is_empty() && a[i] == b[j] {
            shared_before = true;
            (i, j) = (i + 1, j + 1);
        } else if i < a.len() && (j == b.len() || longest(i + 1, j) >= longest(i, j + 1)) {
            push(Change::Removed(a[i].to_owned()), &mut shared_before);
            i += 1;
        } else {
            push(Change::Added(b[j].to_owned()), &mut shared_before);
            j += 1;
        }
    }
    changes
}

/// The length of the longest common subsequence from each pair of positions on; empty if there are
/// too many pairs.
fn common(a: &[&str], b: &[&str]) -> Vec<u32> {
    let width = b.len() + 1;
    let Some(size) = width
        .checked_mul(a.len() + 1)
        .filter(|size| *size <= MOST_PAIRS)
    else {
        return Vec::new();
    };
    let mut lengths = vec![0; size];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            lengths[i * width + j] = if a[i] == b[j] {
                lengths[(i + 1) * width + j + 1] + 1
            } else {
                lengths[(i + 1) * width + j].max(lengths[i * width + j + 1])
            };
        }
    }
    lengths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(first: &str, second: &str, expected: &[&str]) {
        let shown: Vec<String> = diff(first, second)
            .into_iter()
            .map(|change| match change {
                Change::Removed(line) => format!("-{line}"),
                Change::Added(line) => format!("+{line}"),
                Change::Gap => "~".to_owned(),
            })
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn only_lines_that_differ_are_listed() {
        check("a\nb\nc", "a\nb\nc", &[]);
        check("a\nb\nc", "a\nx\nc", &["-b", "+x"]);
        check("a\nc", "a\nb\nc", &["+b"]);
        check(
            "a\nb\nc\nd\ne",
            "x\nb\nc\nd\ny",
            &["-a", "+x", "~", "-e", "+y"],
        );
        check("", "a\nb", &["+a", "+b"]);
        check("a\nb\na\nb", "b\na", &["-a", "~", "-b"]);
    }

    #[test]
    fn texts_that_are_too_long_are_replaced_as_a_whole() {
        let many = |word: &str| vec![word; 3000].join("\n");
        assert_eq!(diff(&many("a"), &many("b")).len(), 6000);
    }
}
