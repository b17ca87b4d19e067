//! What can be made to happen at the cursor: each choice is an event in the experiment's timeline.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::dom::{El, el, html};
use crate::edit;
use crate::format::clock;
use crate::live::RwSignal;
use crate::model;
use crate::state::{Freshness, Playground};

/// One choice of the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What a person reads.
    pub name: &'static str,
    /// The event's fields, all but `at`.
    pub fields: &'static str,
}

/// What the menu offers. Events that last say for how long, so that the way back can be seen.
pub const CHOICES: [Choice; 9] = [
    Choice {
        name: "all metrics missing for 2 min",
        fields: "metricFault: {kind: missing, duration: 2m}",
    },
    Choice {
        name: "all metrics stale for 2 min",
        fields: "metricFault: {kind: stale, duration: 2m}",
    },
    Choice {
        name: "metrics API down for 2 min",
        fields: "metricsApiDown: {duration: 2m}",
    },
    Choice {
        name: "rollout restart",
        fields: "rollingUpdate: {}",
    },
    Choice {
        name: "kubectl scale to 1",
        fields: "scale: 1",
    },
    Choice {
        name: "kubectl scale to 0",
        fields: "scale: 0",
    },
    Choice {
        name: "one pod fails",
        fields: "losePods: 1",
    },
    Choice {
        name: "one node is lost",
        fields: "loseNodes: 1",
    },
    Choice {
        name: "controller restarts",
        fields: "restartController: {}",
    },
];

/// The event as an item of the timeline's list, at so many seconds.
#[must_use]
pub fn item(seconds: f64, fields: &str) -> String {
    let time = model::timestamp(seconds.max(0.0)).0 / 1000;
    format!("{{at: {time}s, {fields}}}")
}

/// The menu of what can be made to happen at the cursor.
#[must_use]
pub fn happen(state: Playground) -> El {
    let said = RwSignal::new(String::new());
    let stale = move || {
        state
            .latest
            .with(|latest| latest.freshness == Freshness::Stale)
    };
    let add = move |position: usize| {
        let Some(choice) = CHOICES.get(position) else {
            return;
        };
        let now = untrack(|| state.now());
        let read = state.read.get_untracked();
        let changed = state
            .text
            .with_untracked(|text| edit::add_event(text, &read, &item(now, choice.fields)));
        match changed {
            Some(text) => {
                state.text.set(text);
                said.set(format!("Added at {}: {}", clock(now), choice.name));
            }
            None => said
                .set("The timeline is not written in lines; add the event to the text".to_owned()),
        }
    };
    let happen = html(
        r#"<div class="happen">
            <select data-testid="happen" aria-label="Make something happen at the cursor"><option value="">Happen here …</option></select>
            <span class="visually-hidden" role="status"></span>
        </div>"#,
    );
    let menu = happen.at("happen").flag("disabled", stale);
    for (position, choice) in CHOICES.iter().enumerate() {
        let option = el("option", "").attr("value", &position.to_string());
        menu.clone().child(option.text(choice.name));
    }
    let own = menu.clone();
    menu.entered("change", move |value| {
        if let Ok(position) = value.parse() {
            add(position);
        }
        let own: &web_sys::HtmlSelectElement = own.node().unchecked_ref();
        own.set_value("");
    });
    happen.find("span").says(move || said.get());
    happen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_choice_is_an_event_that_runs() {
        for choice in CHOICES {
            let text = model::PHP_APACHE;
            let item = item(300.4, choice.fields);
            let changed = edit::add_event(text, &model::read(text), &item).expect("a place");
            let read = model::read(&changed);
            let experiment = read.experiment.as_ref();
            let timeline = experiment.map(|experiment| experiment.setup.timeline.len());
            assert_eq!(timeline, Some(1), "{}: {:?}", choice.name, read.diagnostics);
        }
    }
}
