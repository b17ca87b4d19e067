//! The gallery: the experiments that are shipped, searched by words, each with a small picture.

use std::collections::BTreeMap;

use hpa_core::experiment::link::Content;
use hpa_core::experiment::presets::ALL;
use hpa_core::experiment::{Fix, Preset};
use leptos::html::Li;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;

use crate::dialog::Dialog;
use crate::format::counted;
use crate::model;
use crate::session::Session;
use crate::thumbnail::{self, HEIGHT, Thumbnail, WIDTH};

/// The experiments that have all words of `query` in title, line or name.
#[must_use]
pub fn found(query: &str) -> Vec<Preset> {
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    let fits = |preset: &&Preset| {
        let all = format!("{} {} {}", preset.title, preset.summary, preset.file).to_lowercase();
        words.iter().all(|word| all.contains(word))
    };
    ALL.iter().filter(fits).copied().collect()
}

/// The text of a shipped experiment: the walkthrough is at hand, the others are fetched from
/// beside the page.
async fn text_of(file: &str) -> Option<String> {
    if file == "php-apache" {
        return Some(model::PHP_APACHE.to_owned());
    }
    let answer = window().fetch_with_str(&format!("experiments/{file}.yaml"));
    let answer: web_sys::Response = JsFuture::from(answer).await.ok()?.dyn_into().ok()?;
    if !answer.ok() {
        return None;
    }
    JsFuture::from(answer.text().ok()?).await.ok()?.as_string()
}

/// Opens an experiment.
#[expect(
    clippy::large_types_passed_by_value,
    reason = "handles, moved into the task"
)]
fn open_preset(session: Session, preset: Preset, open: RwSignal<bool>) {
    spawn_local(async move {
        open.set(false);
        match text_of(preset.file).await {
            Some(text) => session.open(&Content::of(text), &format!("{} is open.", preset.title)),
            None => session.fail(format!(
                "{} could not be loaded: is the connection gone?",
                preset.title
            )),
        }
    });
}

type Pictures = StoredValue<BTreeMap<&'static str, RwSignal<Option<Thumbnail>>>>;

/// The dialog with the experiments.
#[component]
pub fn Gallery(
    /// The visit.
    session: Session,
    /// Whether it is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    let pictures: Pictures = StoredValue::new(
        ALL.iter()
            .map(|preset| (preset.file, RwSignal::new(None)))
            .collect(),
    );
    view! {
        <Dialog open=open id="gallery" title="Gallery">
            <Cards session=session open=open pictures=pictures />
        </Dialog>
    }
}

#[component]
fn Cards(session: Session, open: RwSignal<bool>, pictures: Pictures) -> impl IntoView {
    let query = RwSignal::new(String::new());
    let shown = Memo::new(move |_| query.with(|query| found(query)));
    let count = move || {
        let count = shown.with(Vec::len);
        counted(
            i64::try_from(count).unwrap_or(i64::MAX),
            "experiment",
            "experiments",
        )
    };
    view! {
        <p class="search">
            <label for="gallery-search">"Search"</label>
            <input type="search" id="gallery-search" data-testid="gallery-search" autocomplete="off"
                on:input:target=move |event| query.set(event.target().value()) />
            <span role="status" class="quiet">{count}</span>
        </p>
        <ul class="cards" data-testid="cards">
            <For each=move || shown.get() key=|preset| preset.file let(preset)>
                <Card session=session preset=preset open=open picture=pictures.with_value(|all| all.get(preset.file).copied()) />
            </For>
        </ul>
    }
}

#[component]
fn Card(
    session: Session,
    preset: Preset,
    open: RwSignal<bool>,
    picture: Option<RwSignal<Option<Thumbnail>>>,
) -> impl IntoView {
    let node = NodeRef::<Li>::new();
    if let Some(picture) = picture {
        Effect::new(move |_| {
            if let Some(node) = node.get()
                && picture.with_untracked(Option::is_none)
            {
                when_seen(&node, move || draw(preset.file, picture));
            }
        });
    }
    let image = move || {
        picture?.get().map(|thumbnail| {
            view! {
                <svg class="thumbnail" role="img" aria-label=thumbnail.words viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none">
                    <path d=thumbnail.line />
                </svg>
            }
        })
    };
    view! {
        <li class="card" node_ref=node>
            <button type="button" class="card-button" data-testid=format!("preset-{}", preset.file)
                on:click=move |_| open_preset(session, preset, open)>
                <span class="card-title">{preset.title}</span>
                <span class="quiet">{preset.summary}</span>
            </button>
            <div class="card-picture">{image}</div>
        </li>
    }
}

/// Computes a picture, a task of its own, so that scrolling stays smooth.
fn draw(file: &'static str, picture: RwSignal<Option<Thumbnail>>) {
    spawn_local(async move {
        let Some(text) = text_of(file).await else {
            return;
        };
        set_timeout(
            move || {
                let run = model::run(&model::read(&text));
                if let Some(run) = run {
                    let _ = picture.try_set(Some(thumbnail::draw(&run.trace)));
                }
            },
            std::time::Duration::ZERO,
        );
    });
}

/// Calls `then` once, when the element comes into view.
fn when_seen(element: &web_sys::Element, then: impl Fn() + 'static) {
    let called = Closure::<dyn Fn(js_sys::Array, web_sys::IntersectionObserver)>::new(
        move |entries: js_sys::Array, observer: web_sys::IntersectionObserver| {
            let seen = entries.iter().any(|entry| {
                entry
                    .unchecked_into::<web_sys::IntersectionObserverEntry>()
                    .is_intersecting()
            });
            if seen {
                observer.disconnect();
                then();
            }
        },
    );
    let observer = web_sys::IntersectionObserver::new(called.as_ref().unchecked_ref());
    if let Ok(observer) = observer {
        observer.observe(element);
        // JavaScript keeps it as long as the observer may call it.
        called.forget();
    }
}

/// Offers the fix of an experiment that has one, while the text has what is to be replaced.
#[component]
pub fn FixLine(
    /// The visit.
    session: Session,
) -> impl IntoView {
    let state = session.state;
    let fix = Memo::new(move |_| {
        let fix = state
            .read
            .with(|read| read.experiment.as_ref()?.fix.clone())?;
        let fixed = state.text.with(|text| offered(&fix, text))?;
        Some((fix.summary, fixed))
    });
    move || {
        fix.get().map(|(summary, fixed)| {
            let apply = move |_| {
                session.history.open(fixed.clone());
                session.notice.set(Some(crate::session::Notice {
                    text: "The fix is applied.".to_owned(),
                    tone: crate::session::Tone::Undoable,
                }));
            };
            view! {
                <div class="fix" data-testid="fix">
                    <p><strong>"A fix: "</strong>{summary}</p>
                    <button type="button" class="text-button" data-testid="apply-fix" on:click=apply>"Apply the fix"</button>
                </div>
            }
        })
    }
}

/// The text with the fix, as long as its goals are still meant to be violated.
fn offered(fix: &Fix, text: &str) -> Option<String> {
    fix.apply(text)
        .filter(|_| text.contains("expect: violated"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fix_is_offered_once() {
        let fix = Fix {
            summary: String::new(),
            edits: vec![("window: 0".to_owned(), "window: 300".to_owned())],
        };
        let text = "window: 0\nwindow: 0\nexpect: violated\n";
        let fixed = "window: 300\nwindow: 0\nexpect: pass\n";
        assert_eq!(offered(&fix, text).as_deref(), Some(fixed));
        assert_eq!(offered(&fix, fixed), None);
    }

    #[test]
    fn experiments_are_found_by_all_words() {
        #[track_caller]
        fn check(query: &str, expected: Option<&str>) {
            let files: Vec<_> = found(query).iter().map(|preset| preset.file).collect();
            assert_eq!(files.first().copied(), expected, "{files:?}");
        }
        assert_eq!(found(" ").len(), ALL.len());
        check("walkthrough", Some("php-apache"));
        check("MEMORY given back", Some("pain-11-memory-never-lets-go"));
        check("memory lets zebra", None);
    }
}
