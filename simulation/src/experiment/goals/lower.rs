//! Lowers a document's goals: resolves names to times.

use super::{Check, Goal, GoalDocument, Reach};
use crate::experiment::measure::Part;
use crate::experiment::problems::Problems;
use hpa_core::manifest::FieldPath;
use hpa_core::time::SignedDuration;

/// What goals are resolved against.
pub(in crate::experiment) struct Course<'a> {
    /// The end of the run.
    pub(in crate::experiment) end: SignedDuration,
    /// Start times by name.
    pub(in crate::experiment) begin: &'a dyn Fn(&str) -> Option<SignedDuration>,
}

/// Lowers the document's goals.
pub(in crate::experiment) fn lower(
    given: &[GoalDocument],
    course: &Course<'_>,
    problems: &mut Problems<'_>,
) -> Vec<Goal> {
    let path = FieldPath::new("goals");
    let goals = given.iter().enumerate();
    goals
        .filter_map(|(index, goal)| lower_goal(goal, course, &path.index(index), problems))
        .collect()
}

fn lower_goal(
    given: &GoalDocument,
    course: &Course<'_>,
    path: &FieldPath,
    problems: &mut Problems<'_>,
) -> Option<Goal> {
    let mut part = Part {
        from: given.from.unwrap_or_default(),
        until: given.until.unwrap_or(course.end).min(course.end),
    };
    for check in &given.chosen {
        if let Check::Reaches(reach) | Check::ReturnsTo(reach) = check {
            resolve(
                reach,
                &mut part,
                course,
                &path.child(check.name()),
                problems,
            );
        }
    }
    if part.from >= part.until {
        let (from, until) = (part.from, part.until);
        problems.error(
            path,
            format!("the part of the run from {from} to {until} is empty"),
        );
        return None;
    }
    let [check] = &given.chosen[..] else {
        problems.not_one(path, "a goal has exactly one check", Check::NAMES);
        return None;
    };
    let goal = Goal::new(check.clone(), part).expecting(given.expect);
    Some(Goal {
        name: given.name.clone().unwrap_or(goal.name),
        hint: given.hint.clone(),
        ..goal
    })
}

/// Narrows the part of the run to the times of a `Reach`.
fn resolve(
    reach: &Reach,
    part: &mut Part,
    course: &Course<'_>,
    path: &FieldPath,
    problems: &mut Problems<'_>,
) {
    if let Some(after) = &reach.after {
        let after = &after.0;
        let at = SignedDuration::parse(after).ok();
        match at.or_else(|| (course.begin)(after)) {
            Some(at) => part.from = at,
            None => problems.hint(
                &path.child("after"),
                format!("{after:?} is neither a time nor a name"),
                "a time such as 5m, or the name of a timeline event or of a part of the load",
            ),
        }
    }
    if let Some(within) = reach.within {
        part.until = SignedDuration(part.from.0.saturating_add(within.0)).min(course.end);
    }
}
