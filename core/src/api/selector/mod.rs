//! Label selectors: from text or object to requirements, and whether labels meet them.
//!
//! Upstream: `k8s.io/apimachinery/pkg/labels/selector.go`, `NewRequirement`, `Matches`,
//! `String`; `pkg/apis/meta/v1/helpers.go`, `LabelSelectorAsSelector`.

use std::fmt;

use super::gotext::{go_list, json_list, quote};
use super::names::{label_value_errors, qualified_name_errors};
use super::{Change, LabelSelector, Labels, Rules};

mod parse;
#[cfg(test)]
mod tests;

/// A parsed label selector: requirements in key order, all of which must hold.
///
/// Prints as upstream's `labels.Selector` does, in a form that parses to the same selector. The
/// default is empty and matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    requirements: Vec<Requirement>,
}

/// A condition on one label.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    operator: Operator,
    /// Sorted; of the number that the operator needs.
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equals,
    DoubleEquals,
    NotEquals,
    In,
    NotIn,
    Exists,
    DoesNotExist,
    GreaterThan,
    LessThan,
}

/// Why a selector is invalid, in upstream's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectorError(pub String);

impl Selector {
    /// Parses the text form, such as `app=web,tier in (a,b)`. Upstream: `labels.Parse`.
    ///
    /// # Errors
    /// Upstream's error message.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        Self::parse_by(text, Rules::default())
    }

    /// [`Self::parse`] with the error of other rules.
    ///
    /// # Errors
    /// Upstream's error message.
    pub fn parse_by(text: &str, rules: Rules) -> Result<Self, SelectorError> {
        Ok(Self::new(parse::parse(text, rules)?))
    }

    /// Converts the object form. Upstream: `metav1.LabelSelectorAsSelector`.
    ///
    /// An empty one matches everything. (An absent one matches nothing upstream, but prints as
    /// empty text, which a metrics API takes for everything.)
    ///
    /// # Errors
    /// Upstream's text for what is wrong with the first broken requirement; labels come in key
    /// order before the expressions.
    pub fn from_label_selector(selector: &LabelSelector) -> Result<Self, SelectorError> {
        Self::from_label_selector_by(selector, Rules::default())
    }

    /// [`Self::from_label_selector`] with the error of other rules.
    ///
    /// # Errors
    /// Upstream's text for what is wrong with the first broken requirement.
    pub fn from_label_selector_by(
        selector: &LabelSelector,
        rules: Rules,
    ) -> Result<Self, SelectorError> {
        let labels = selector.match_labels.iter().map(|(key, value)| {
            Requirement::new(key, Operator::Equals, vec![value.clone()], rules)
        });
        let expressions = selector.match_expressions.iter().map(|expression| {
            let operator = match expression.operator.as_str() {
                "In" => Operator::In,
                "NotIn" => Operator::NotIn,
                "Exists" => Operator::Exists,
                "DoesNotExist" => Operator::DoesNotExist,
                unknown => {
                    let unknown = quote(unknown);
                    return Err(SelectorError(format!(
                        "{unknown} is not a valid label selector operator"
                    )));
                }
            };
            Requirement::new(&expression.key, operator, expression.values.clone(), rules)
        });
        labels
            .chain(expressions)
            .collect::<Result<_, _>>()
            .map(Self::new)
    }

    fn new(mut requirements: Vec<Requirement>) -> Self {
        requirements.sort_by(|a, b| a.key.cmp(&b.key));
        Self { requirements }
    }

    /// Whether an object with these labels is selected.
    #[must_use]
    pub fn matches(&self, labels: &Labels) -> bool {
        self.requirements
            .iter()
            .all(|requirement| requirement.matches(labels))
    }

    /// Pairs of key and value that every selected object carries; none if no
    /// requirement fixes a single value. An index by label can look there first.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.requirements.iter().filter_map(|requirement| {
            match (requirement.operator, requirement.values.as_slice()) {
                (Operator::Equals | Operator::DoubleEquals | Operator::In, [value]) => {
                    Some((requirement.key.as_str(), value.as_str()))
                }
                _ => None,
            }
        })
    }

    /// Whether the selector has no requirements and selects everything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }
}

impl Requirement {
    /// A requirement after all checks. Upstream: `NewRequirement`.
    fn new(
        key: &str,
        operator: Operator,
        mut values: Vec<String>,
        rules: Rules,
    ) -> Result<Self, SelectorError> {
        let mut errors = Vec::new();
        let mut report = |field: &str, value: &str, detail: &str| {
            let error = format!("{field}: Invalid value: {value}: {detail}");
            if !errors.contains(&error) {
                errors.push(error);
            }
        };
        let problems = qualified_name_errors(key);
        if !problems.is_empty() {
            report("key", &quote(key), &problems.join("; "));
        }
        if let Some(detail) = operator.wrong_count(values.len()) {
            let list = if rules.has(Change::JsonInFieldErrors) {
                json_list(&values)
            } else {
                go_list(&values)
            };
            report("values", &list, detail);
        }
        if matches!(operator, Operator::GreaterThan | Operator::LessThan) {
            for (index, value) in values.iter().enumerate() {
                if value.parse::<i64>().is_err() {
                    report(
                        &format!("values[{index}]"),
                        &quote(value),
                        "for 'Gt', 'Lt' operators, the value must be an integer",
                    );
                }
            }
        }
        for (index, value) in values.iter().enumerate() {
            let problems = label_value_errors(value);
            if !problems.is_empty() {
                let field = format!("values[{index}][{key}]");
                report(&field, &quote(value), &problems.join("; "));
            }
        }
        match errors.as_slice() {
            [] => {
                values.sort_unstable();
                Ok(Self {
                    key: key.to_owned(),
                    operator,
                    values,
                })
            }
            [error] => Err(SelectorError(error.clone())),
            errors => Err(SelectorError(format!("[{}]", errors.join(", ")))),
        }
    }

    fn matches(&self, labels: &Labels) -> bool {
        let value = labels.get(&self.key);
        match self.operator {
            Operator::In | Operator::Equals | Operator::DoubleEquals => {
                value.is_some_and(|value| self.values.contains(value))
            }
            Operator::NotIn | Operator::NotEquals => {
                value.is_none_or(|value| !self.values.contains(value))
            }
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
            Operator::GreaterThan => self
                .compare(value)
                .is_some_and(|(value, bound)| value > bound),
            Operator::LessThan => self
                .compare(value)
                .is_some_and(|(value, bound)| value < bound),
        }
    }

    /// The label's value and the requirement's as numbers, if both are.
    fn compare(&self, value: Option<&String>) -> Option<(i64, i64)> {
        Some((value?.parse().ok()?, self.values.first()?.parse().ok()?))
    }
}

impl Operator {
    /// The error if the operator does not accept this number of values.
    fn wrong_count(self, count: usize) -> Option<&'static str> {
        match self {
            Self::In | Self::NotIn if count == 0 => {
                Some("for 'in', 'notin' operators, values set can't be empty")
            }
            Self::Equals | Self::DoubleEquals | Self::NotEquals if count != 1 => {
                Some("exact-match compatibility requires one single value")
            }
            Self::Exists | Self::DoesNotExist if count != 0 => {
                Some("values set must be empty for exists and does not exist")
            }
            Self::GreaterThan | Self::LessThan if count != 1 => {
                Some("for 'Gt', 'Lt' operators, exactly one value is required")
            }
            _ => None,
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, requirement) in self.requirements.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            requirement.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = &self.key;
        let values = self.values.join(",");
        match self.operator {
            Operator::Exists => write!(f, "{key}"),
            Operator::DoesNotExist => write!(f, "!{key}"),
            Operator::Equals => write!(f, "{key}={values}"),
            Operator::DoubleEquals => write!(f, "{key}=={values}"),
            Operator::NotEquals => write!(f, "{key}!={values}"),
            Operator::GreaterThan => write!(f, "{key}>{values}"),
            Operator::LessThan => write!(f, "{key}<{values}"),
            Operator::In => write!(f, "{key} in ({values})"),
            Operator::NotIn => write!(f, "{key} notin ({values})"),
        }
    }
}

impl fmt::Display for SelectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SelectorError {}

/// Prints the object form as its generated Go code does, which is what metric errors, names and
/// events quote:
/// `&LabelSelector{MatchLabels:map[string]string{app: web,},MatchExpressions:[]LabelSelectorRequirement{},}`.
impl fmt::Display for LabelSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("&LabelSelector{MatchLabels:map[string]string{")?;
        for (key, value) in &self.match_labels {
            write!(f, "{key}: {value},")?;
        }
        f.write_str("},MatchExpressions:[]LabelSelectorRequirement{")?;
        for expression in &self.match_expressions {
            write!(
                f,
                "LabelSelectorRequirement{{Key:{},Operator:{},Values:[{}],}},",
                expression.key,
                expression.operator,
                expression.values.join(" ")
            )?;
        }
        f.write_str("},}")
    }
}
