//! The inspector: the explanation of the sync at the cursor, its conditions and events.

mod blockers;
mod conditions;
mod events;
mod pods;
mod printout;
mod section;
mod steps;

use leptos::prelude::*;

use self::blockers::WhyNot;
use self::conditions::ConditionList;
use self::events::Events;
use self::pods::PodGroups;
use self::printout::Printout;
pub(crate) use self::printout::preload;
use self::section::Section;
use self::steps::Steps;
use crate::compare;
use crate::format::{clock, counted};
use crate::goals::{Goals, Numbers, standing};
use crate::lazy::LazyView;
use crate::model::seconds;
use crate::state::Playground;
use crate::transport::SHORTCUTS;

/// The inspector of the sync at the cursor.
#[component]
pub fn Inspector() -> impl IntoView {
    let state = expect_context::<Playground>();
    let printed = |printout| move || printout::printed(printout);
    view! {
        <div class="inspector" data-testid="inspector">
            <Outcome />
            <Section name="steps" title="From metrics to replicas" open=true>
                <Steps />
            </Section>
            <Section name="whynot" title="Why not up or down?" open=true>
                <WhyNot />
            </Section>
            <Section name="pods" title="Pods by group" open=true>
                <PodGroups />
            </Section>
            <Section name="goals" title="Goals" open=true note=move || standing(state)>
                <Goals />
            </Section>
            <Section name="conditions-section" title="Conditions" open=true>
                <ConditionList />
            </Section>
            <Section name="events" title="Events so far" open=true>
                <Events />
            </Section>
            <Section name="numbers" title="Summary">
                <Numbers />
            </Section>
            <Section name="compare" title="Compare">
                <LazyView part=compare::comparison />
            </Section>
            <Section name="kubectl-get" title="kubectl get hpa">
                <LazyView part=printed(Printout::Get) />
            </Section>
            <Section name="kubectl-describe" title="kubectl describe hpa">
                <LazyView part=printed(Printout::Describe) />
            </Section>
            <Section name="stored" title="As the API server stores it">
                <LazyView part=printed(Printout::Stored) />
            </Section>
            <Section name="keys" title="Keys">
                <Keys />
            </Section>
            <p class="section about">
                <a class="link" href="exactness.html">
                    "How exact is this?"
                </a>
                " The replayed recordings, and the known differences from Kubernetes."
            </p>
        </div>
    }
}

/// The replica counts before and after the sync, and its time.
#[component]
fn Outcome() -> impl IntoView {
    let state = expect_context::<Playground>();
    let outcome = Memo::new(move |_| {
        state.detail.get().map(|detail| {
            let explanation = &detail.explanation;
            (
                outcome(explanation.current, explanation.desired),
                clock(seconds(detail.time)),
            )
        })
    });
    let none = || {
        view! {
            <p class="quiet">"No sync yet: the first one happens after one sync period."</p>
        }
    };
    let part =
        move |part: fn((String, String)) -> String| outcome.get().map(part).unwrap_or_default();
    view! {
        <Show when=move || outcome.with(Option::is_some) fallback=none>
            <p class="outcome">
                <span class="outcome-number" data-testid="outcome">
                    {move || part(|(outcome, _)| outcome)}
                </span>
                <span class="quiet">" at the sync at " {move || part(|(_, time)| time)}</span>
            </p>
        </Show>
    }
}

fn outcome(current: i32, desired: i32) -> String {
    let replicas = counted(desired.into(), "replica", "replicas");
    if current == desired {
        format!("stays at {replicas}")
    } else {
        format!("{current} → {replicas}")
    }
}

#[component]
fn Keys() -> impl IntoView {
    let row = |(keys, effect)| {
        view! {
            <dt>{keys}</dt>
            <dd>{effect}</dd>
        }
    };
    view! { <dl class="facts keys">{SHORTCUTS.map(row).collect_view()}</dl> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outcome_is_a_change_or_a_count() {
        assert_eq!(outcome(1, 4), "1 → 4 replicas");
        assert_eq!(outcome(1, 1), "stays at 1 replica");
    }
}
