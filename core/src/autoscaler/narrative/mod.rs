//! Renders an explanation as text: one paragraph per step, with its arithmetic and the deciding rule.

use std::fmt;

use super::explanation::{
    Bound, Branch, Combination, Direction, Explanation, PolicyLimit, Rate, Stabilization,
};
use super::histories::Recommendation;
use super::spec::{PolicyKind, SelectPolicy};

mod metrics;

/// The step of a sync that a paragraph describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The metric at this index in the spec.
    Metric(usize),
    /// The choice of the largest proposal.
    Combination,
    /// The stabilization windows.
    Stabilization,
    /// Scaling policies and limits.
    Rate,
    /// The result.
    Result,
}

/// One step of a sync in words.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Paragraph {
    /// Which step.
    pub step: Step,
    /// The step's name, for a heading.
    pub title: String,
    /// The arithmetic with its numbers.
    pub formula: Option<String>,
    /// The outcome and the rule that decided it.
    pub text: String,
    /// The replica count after the step.
    pub replicas: Option<i32>,
    /// The result of the sync without this step, if it differs.
    pub without: Option<i32>,
}

impl Explanation {
    /// The sync in words, from the metrics to the result.
    #[must_use]
    pub fn paragraphs(&self) -> Vec<Paragraph> {
        let mut paragraphs: Vec<_> = self
            .metrics
            .iter()
            .enumerate()
            .map(|(index, metric)| self.metric(index, metric))
            .collect();
        if let Some(combination) = &self.combination
            && (self.metrics.len() > 1 || self.branch == Branch::NoMetrics)
        {
            paragraphs.push(self.combined(combination));
        }
        if let Some(stabilization) = &self.stabilization {
            paragraphs.push(self.stabilized(stabilization));
        }
        if let Some(rate) = &self.rate {
            paragraphs.push(self.rated(rate));
        }
        paragraphs.push(self.result());
        paragraphs
    }

    /// The counterfactual result, if it differs from the actual one.
    fn unless_same(&self, without: Option<i32>) -> Option<i32> {
        without.filter(|&without| without != self.desired)
    }

    fn combined(&self, combination: &Combination) -> Paragraph {
        let Combination {
            proposal,
            winner,
            failed,
        } = *combination;
        let total = self.metrics.len();
        let text = if self.branch == Branch::NoMetrics {
            if failed == total {
                format!(
                    "No metric has a proposal: the count stays {}.",
                    self.current
                )
            } else {
                format!(
                    "{failed} of {total} metrics failed and the others propose only {proposal}. \
                     The failed one might have proposed more, so there is no scale-down: the \
                     count stays {}.",
                    self.current
                )
            }
        } else {
            let name = winner.map_or("none", |index| &*self.metrics[index].name);
            let mut text = format!("The largest proposal wins: {proposal}, from {name}.");
            if failed > 0 {
                text += &format!(
                    " {failed} of {total} metrics failed, which does not stop the others from \
                     scaling up."
                );
            }
            text
        };
        Paragraph {
            step: Step::Combination,
            title: "Largest proposal".to_owned(),
            formula: None,
            text,
            replicas: (self.branch != Branch::NoMetrics).then_some(proposal),
            without: None,
        }
    }

    fn stabilized(&self, step: &Stabilization) -> Paragraph {
        let Stabilization {
            recommended,
            up_window,
            down_window,
            lowest_past,
            highest_past,
            stabilized,
        } = *step;
        let ago = |past: Recommendation| self.now - past.time;
        let text = if stabilized == recommended {
            match up_window {
                None => format!(
                    "No recommendation in the last {} was higher: {recommended} stays.",
                    down_window.in_words()
                ),
                Some(up_window) => format!(
                    "No window applies (up {}, down {}): {recommended} stays.",
                    up_window.in_words(),
                    down_window.in_words()
                ),
            }
        } else if let Some(past) =
            highest_past.filter(|past| stabilized == past.replicas && recommended < stabilized)
        {
            format!(
                "The highest recommendation in the last {} is {}, made {} ago: it holds the count \
                 until it leaves the window.",
                down_window.in_words(),
                past.replicas,
                ago(past).in_words()
            )
        } else if let (Some(past), Some(window)) = (
            lowest_past.filter(|past| stabilized == past.replicas),
            up_window,
        ) {
            format!(
                "The lowest recommendation in the last {} is {}, made {} ago: the count rises no \
                 higher until it leaves the window.",
                window.in_words(),
                past.replicas,
                ago(past).in_words()
            )
        } else {
            format!(
                "Recent recommendations are both above and below the current count: it stays {stabilized}."
            )
        };
        Paragraph {
            step: Step::Stabilization,
            title: "Stabilization".to_owned(),
            formula: None,
            text,
            replicas: Some(stabilized),
            without: self.unless_same(self.without_stabilization()),
        }
    }

    fn rated(&self, rate: &Rate) -> Paragraph {
        let Rate {
            wanted,
            result,
            bound,
            ..
        } = *rate;
        let text = match bound {
            Bound::None if wanted == self.current => {
                "The count stays: no limit applies.".to_owned()
            }
            Bound::None => "Within the limits and policies.".to_owned(),
            Bound::Maximum => format!("{wanted} is more than maxReplicas {}.", self.maximum),
            Bound::Minimum => format!("{wanted} is less than minReplicas {}.", self.minimum),
            Bound::ScaleUpLimit | Bound::ScaleDownLimit => {
                format!("{wanted} is too large a change: {}", rate_text(rate))
            }
        };
        let without = match bound {
            Bound::None => None,
            Bound::Maximum | Bound::Minimum => self.without_limits(),
            Bound::ScaleUpLimit | Bound::ScaleDownLimit => self.without_rates(),
        };
        Paragraph {
            step: Step::Rate,
            title: "Policies and limits".to_owned(),
            formula: self.rate_formula(rate),
            text,
            replicas: Some(result),
            without: self.unless_same(without),
        }
    }

    fn rate_formula(&self, rate: &Rate) -> Option<String> {
        let direction = match rate.wanted.cmp(&self.current) {
            std::cmp::Ordering::Equal => return None,
            std::cmp::Ordering::Greater => Direction::Up,
            std::cmp::Ordering::Less => Direction::Down,
        };
        if rate.scale_down_limit.is_none() {
            return (direction == Direction::Up)
                .then(|| format!("max(2 × {}, 4) = {}", self.current, rate.scale_up_limit));
        }
        let lines: Vec<_> = self
            .policies
            .iter()
            .filter(|policy| policy.direction == direction)
            .map(policy_formula)
            .collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    fn result(&self) -> Paragraph {
        let Self {
            current,
            desired,
            minimum,
            maximum,
            ..
        } = *self;
        let text = match self.branch {
            Branch::NoScale => "The scale could not be read: no decision.".to_owned(),
            Branch::Disabled => {
                "The target has 0 replicas and was not scaled to zero by the autoscaler, so scaling \
                 is disabled."
                    .to_owned()
            }
            Branch::AboveMaximum => format!(
                "{current} replicas are above maxReplicas {maximum}: set to {maximum} directly, without \
                 metrics, windows or policies."
            ),
            Branch::BelowMinimum => format!(
                "{current} replicas are below minReplicas {minimum}: set to {minimum} directly, without \
                 metrics, windows or policies."
            ),
            Branch::NoMetrics => format!("No usable metric: the count stays {current}."),
            Branch::Metrics if desired == current => format!("The count stays {current}."),
            Branch::Metrics => format!("The count changes from {current} to {desired}."),
        };
        Paragraph {
            step: Step::Result,
            title: "Desired replicas".to_owned(),
            formula: None,
            text,
            replicas: (self.branch != Branch::NoScale).then_some(desired),
            without: None,
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for paragraph in self.paragraphs() {
            write!(f, "{paragraph}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Paragraph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.title)?;
        if let Some(replicas) = self.replicas {
            write!(f, ": {replicas}")?;
        }
        writeln!(f)?;
        for line in self.formula.iter().flat_map(|formula| formula.lines()) {
            writeln!(f, "    {line}")?;
        }
        if !self.text.is_empty() {
            writeln!(f, "  {}", self.text)?;
        }
        if let Some(without) = self.without {
            writeln!(f, "  Without this rule: {without}.")?;
        }
        Ok(())
    }
}

/// A fraction with at most four decimals and no trailing zeros.
struct Decimal(f64);

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Only absurd settings reach this, and 300 digits explain nothing.
        if self.0.abs() >= 1e15 {
            return write!(f, "{:e}", self.0);
        }
        let text = format!("{:.4}", self.0);
        let text = if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.')
        } else {
            &text
        };
        f.write_str(text)
    }
}

/// A number and, if rounding changes it, how it was rounded and the result.
fn whole(exact: f64, rounded: &str, result: f64) -> String {
    let (exact, result) = (Decimal(exact).to_string(), Decimal(result).to_string());
    if exact == result {
        result
    } else {
        format!("{exact}, {rounded}: {result}")
    }
}

fn counted(count: i64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn policy_formula(limit: &PolicyLimit) -> String {
    let PolicyLimit {
        direction,
        policy,
        added,
        removed,
        period_start,
        exact,
        limit,
    } = *limit;
    let sign = if direction == Direction::Up {
        '+'
    } else {
        '−'
    };
    let start = if added == 0 && removed == 0 {
        format!("{period_start}")
    } else {
        format!(
            "{period_start} (the count {} ago; {added} added, {removed} removed since)",
            policy.period.in_words()
        )
    };
    let period = policy.period.in_words();
    match policy.kind {
        PolicyKind::Pods => format!(
            "{} per {period}: {start} {sign} {} = {limit}",
            counted(policy.value.into(), "pod", "pods"),
            policy.value
        ),
        PolicyKind::Percent => {
            let rounded = if direction == Direction::Up {
                "rounded up"
            } else {
                "truncated"
            };
            let whole = whole(exact, rounded, limit.into());
            format!(
                "{} % per {period}: {start} {sign} {} % = {whole}",
                policy.value, policy.value,
            )
        }
    }
}

/// Which policy limited the change.
fn rate_text(rate: &Rate) -> String {
    let Some((up, down)) = rate.select else {
        return format!(
            "without behavior, a sync at most doubles the count, or raises it to 4: here to {}.",
            rate.result
        );
    };
    let (select, what) = if rate.bound == Bound::ScaleUpLimit {
        (up, "scale-up")
    } else {
        (down, "scale-down")
    };
    match select {
        SelectPolicy::Disabled => format!("selectPolicy Disabled allows no {what}."),
        SelectPolicy::Max => format!(
            "the {what} policy with the largest change allows {}.",
            rate.result
        ),
        SelectPolicy::Min => format!(
            "the {what} policy with the smallest change allows {}.",
            rate.result
        ),
    }
}
