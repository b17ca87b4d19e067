//! The fields in which two printed objects differ, also within lists.

use std::collections::{BTreeMap, BTreeSet};

use hpa_core::manifest::{self, FieldPath, Node, Segment, Value};

/// A field in which two releases differ.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldChange {
    /// Its path.
    pub path: FieldPath,
    /// With the earlier release; `None` if it does not exist there.
    pub before: Option<String>,
    /// With the later release; `None` if it does not exist there.
    pub after: Option<String>,
}

/// The fields in which two manifests differ, in the order of their paths. A condition that only one of
/// them has is one field.
pub(super) fn changes(before: &str, after: &str) -> Vec<FieldChange> {
    let [mut before, mut after] = [before, after].map(fields);
    fold(&mut before, &after);
    fold(&mut after, &before);
    let keys: BTreeSet<String> = before.keys().chain(after.keys()).cloned().collect();
    let both = keys.iter().filter_map(|key| {
        let [before, after] = [before.remove(key), after.remove(key)];
        let path = before.as_ref().or(after.as_ref())?.0.clone();
        let [before, after] = [before, after].map(|field| field.map(|(_, value)| value));
        (before != after).then_some(FieldChange {
            path,
            before,
            after,
        })
    });
    both.collect()
}

/// Makes one field of each condition that the other object lacks.
fn fold(fields: &mut Fields, other: &Fields) {
    let known = |path: &FieldPath| other.contains_key(&path.child("type").to_string());
    let lacking: BTreeSet<FieldPath> = fields
        .values()
        .map(|(path, _)| path.parent())
        .filter(|path| is_condition(path) && !known(path))
        .collect();
    for path in lacking {
        let mut take = |name: &str| {
            let field = fields.remove(&path.child(name).to_string());
            field.map(|(_, value)| value).unwrap_or_default()
        };
        let text = format!(
            "{} ({}: {})",
            take("status"),
            take("reason"),
            take("message")
        );
        fields.retain(|_, (field, _)| !path.contains(field));
        fields.insert(path.to_string(), (path, text));
    }
}

/// Whether a path leads to a condition, by its type.
fn is_condition(path: &FieldPath) -> bool {
    let conditions = Segment::Field(String::from("conditions"));
    matches!(path.segments(), [.., list, Segment::Key(_)] if *list == conditions)
}

/// Scalars by the texts of their paths.
type Fields = BTreeMap<String, (FieldPath, String)>;

/// All scalars of a manifest.
fn fields(text: &str) -> Fields {
    let (documents, _) = manifest::read(text);
    let mut found = Fields::new();
    for document in &documents {
        collect(&document.root, &FieldPath::default(), &mut found);
    }
    found
}

fn collect(node: &Node, path: &FieldPath, found: &mut Fields) {
    match &node.value {
        Value::Map(entries) => {
            for entry in entries {
                collect(&entry.value, &path.child(&entry.key), found);
            }
        }
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                // Conditions are known by their type; their places may differ.
                let named = item.text("type").map(|name| path.key(name));
                let path = named
                    .filter(is_condition)
                    .unwrap_or_else(|| path.index(index));
                collect(item, &path, found);
            }
        }
        Value::Null => {}
        Value::Bool(flag) => add(path.clone(), flag.to_string(), found),
        Value::Number(number) => add(path.clone(), number.to_string(), found),
        Value::String(text) => add(path.clone(), text.clone(), found),
    }
}

fn add(path: FieldPath, value: String, found: &mut Fields) {
    found.insert(path.to_string(), (path, value));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(before: &str, after: &str) -> Vec<String> {
        let value = |value: Option<String>| value.unwrap_or_default();
        changes(before, after)
            .into_iter()
            .map(|change| {
                let (before, after) = (value(change.before), value(change.after));
                format!("{} {before} > {after}", change.path)
            })
            .collect()
    }

    #[test]
    fn fields_are_compared_within_lists_and_conditions_by_their_type() {
        let before = "a: {x: 1, y: two}\nlist: [{type: Pods, n: 1}]\nconditions: [{type: Able, status: 'True'}]\n";
        let after = "a: {x: 1, z: null}\nlist: [{type: Pods, n: 2}, 3]\nconditions:\n- {type: Zero, status: 'False', reason: Not, message: it did not}\n- {type: Able, status: 'False'}\n";
        assert_eq!(
            lines(before, after),
            [
                "a.y two > ",
                "conditions[Able].status True > False",
                "conditions[Zero]  > False (Not: it did not)",
                "list[0].n 1 > 2",
                "list[1]  > 3",
            ]
        );
        assert_eq!(
            lines(after, before)[2],
            "conditions[Zero] False (Not: it did not) > "
        );
        assert!(lines(before, before).is_empty());
    }
}
