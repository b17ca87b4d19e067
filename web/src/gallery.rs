//! The gallery: the experiments that are shipped, searched by words, each with a small picture.

use std::collections::BTreeMap;

use hpa_core::experiment::link::Content;
use hpa_core::experiment::presets::ALL;
use hpa_core::experiment::{Fix, Preset};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;

use crate::dialog::dialog;
use crate::dom::{El, button, el, html, svg};
use crate::format::counted;
use crate::live::{Memo, RwSignal};
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
fn open_preset(session: &Session, preset: Preset, open: RwSignal<bool>) {
    let session = *session;
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

type Pictures = StoredValue<BTreeMap<&'static str, Thumbnail>>;

/// The dialog with the experiments.
#[must_use]
pub fn gallery(session: Session, open: RwSignal<bool>) -> El {
    let pictures = Pictures::new(BTreeMap::new());
    dialog(open, "gallery", "Gallery", move || {
        cards(session, open, pictures)
    })
}

fn cards(session: Session, open: RwSignal<bool>, pictures: Pictures) -> El {
    let query = RwSignal::new(String::new());
    let shown = Memo::new(move |_| query.with(|query| found(query)));
    let count = move || {
        let count = shown.with(Vec::len);
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        counted(count, "experiment", "experiments")
    };
    let inside = html(
        r#"<div class="contents">
            <p class="search"><label for="gallery-search">Search</label><input type="search" id="gallery-search" data-testid="gallery-search" autocomplete="off"><span role="status" class="quiet"></span></p>
            <ul class="cards" data-testid="cards"></ul>
        </div>"#,
    );
    inside
        .at("gallery-search")
        .entered("input", move |words| query.set(words));
    inside.find(".quiet").says(count);
    let card = move |preset: Preset| card(&session, preset, open, pictures);
    inside
        .at("cards")
        .region(move || shown.get().into_iter().map(card).collect());
    inside
}

fn card(session: &Session, preset: Preset, open: RwSignal<bool>, pictures: Pictures) -> El {
    let session = *session;
    let name = button("card-button", "", move || {
        open_preset(&session, preset, open);
    })
    .id(&format!("preset-{}", preset.file))
    .child(el("span", "card-title").text(preset.title))
    .child(el("span", "quiet").text(preset.summary));
    let picture = el("div", "card-picture");
    let card = el("li", "card").child(name).child(picture.clone());
    let known = pictures.with_value(|all| all.get(preset.file).cloned());
    match known {
        Some(thumbnail) => {
            picture.child(image(&thumbnail));
        }
        None => when_seen(card.node(), move || {
            draw(preset.file, pictures, picture.clone());
        }),
    }
    card
}

fn image(thumbnail: &Thumbnail) -> El {
    svg("svg")
        .attr("class", "thumbnail")
        .attr("role", "img")
        .attr("aria-label", &thumbnail.words)
        .attr("viewBox", &format!("0 0 {WIDTH} {HEIGHT}"))
        .attr("preserveAspectRatio", "none")
        .child(svg("path").attr("d", &thumbnail.line))
}

/// Computes a picture, a task of its own, so that scrolling stays smooth.
fn draw(file: &'static str, pictures: Pictures, place: El) {
    spawn_local(async move {
        let Some(text) = text_of(file).await else {
            return;
        };
        set_timeout(
            move || {
                let run = model::run(&model::read(&text));
                if let Some(run) = run {
                    let thumbnail = thumbnail::draw(&run.trace);
                    place.child(image(&thumbnail));
                    let _ = pictures.try_update_value(|all| all.insert(file, thumbnail));
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
#[must_use]
pub fn fix_line(session: Session) -> El {
    let state = session.state;
    let fix = Memo::new(move |_| {
        let fix = state
            .read
            .with(|read| read.experiment.as_ref()?.fix.clone())?;
        let fixed = state.text.with(|text| offered(&fix, text))?;
        Some((fix.summary, fixed))
    });
    let line = move || {
        let (summary, fixed) = fix.get()?;
        let apply = move || {
            session.history.open(fixed.clone());
            session.notice.set(Some(crate::session::Notice {
                text: "The fix is applied.".to_owned(),
                tone: crate::session::Tone::Undoable,
            }));
        };
        let words = el("p", "")
            .child(el("strong", "").text("A fix: "))
            .text(&summary);
        Some(
            el("div", "fix")
                .id("fix")
                .child(words)
                .child(button("text-button", "Apply the fix", apply).id("apply-fix")),
        )
    };
    el("div", "").part(line)
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
