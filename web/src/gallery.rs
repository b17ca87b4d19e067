//! The gallery: the built-in experiments with a text search and a thumbnail for each.

use hpa_simulation::experiment::link::Content;
use hpa_simulation::experiment::{Expect, Goal};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use crate::dialog::dialog;
use crate::dom::{El, button, el, html, svg};
use crate::format::counted;
use crate::model::{self, Parsed};
use crate::notice::Notice;
use crate::options::Access;
use crate::promise::settled;
use crate::session::Session;
use crate::thumbnail::{self, HEIGHT, Thumbnail, WIDTH};

/// An experiment of the gallery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preset {
    /// The name of its file, without `.yaml`.
    pub file: String,
    /// Its title.
    pub title: String,
    /// What it shows, on one line.
    pub summary: String,
}

/// The groups: the prefix of their file names, and their heading.
const GROUPS: [(&str, &str); 4] = [
    ("php", "Start here"),
    ("case", "Manifests of real projects"),
    ("pain", "Common problems and fixes"),
    ("myth", "Myths, tested"),
];

/// Parses the index of the experiments; malformed lines are skipped.
#[must_use]
pub fn read(index: &str) -> Vec<Preset> {
    let preset = |line: &str| {
        let mut cells = line.split('\t').map(str::to_owned);
        Some(Preset {
            file: cells.next()?,
            title: cells.next()?,
            summary: cells.next()?,
        })
    };
    index.lines().filter_map(preset).collect()
}

/// The experiments that contain all words of `query` in their title, summary or file name.
#[must_use]
pub fn found(all: &[Preset], query: &str) -> Vec<Preset> {
    let words: Vec<String> = query
        .split_whitespace()
        .map(str::to_ascii_lowercase)
        .collect();
    let fits = |preset: &&Preset| {
        let all =
            format!("{} {} {}", preset.title, preset.summary, preset.file).to_ascii_lowercase();
        words.iter().all(|word| all.contains(word))
    };
    all.iter().filter(fits).cloned().collect()
}

/// Fetches a file from the directory of the experiments.
fn fetched(file: &str, done: impl FnOnce(Option<String>) + 'static) {
    let answer = window().fetch_with_str(&format!("experiments/{file}"));
    settled(&answer, move |answer| {
        let answer: Option<web_sys::Response> = answer.map(JsCast::unchecked_into);
        let answer = answer.filter(web_sys::Response::ok);
        match answer.and_then(|answer| answer.text().ok()) {
            Some(text) => settled(&text, move |text| {
                done(text.and_then(|text| text.as_string()));
            }),
            None => done(None),
        }
    });
}

/// The text of a built-in experiment: the walkthrough is part of the page, the others are fetched.
fn text_of(file: &str, done: Box<dyn FnOnce(Option<String>)>) {
    if file == "php-apache" {
        done(Some(model::PHP_APACHE.to_owned()));
    } else {
        fetched(&format!("{file}.yaml"), done);
    }
}

/// Opens an experiment.
fn open_preset(session: &Session, preset: &Preset, open: RwSignal<bool>) {
    let (session, title) = (*session, preset.title.clone());
    open.set(false);
    let done = move |text: Option<String>| match text {
        Some(text) => session.open(&Content::of(text), &format!("Opened \"{title}\".")),
        None => session.fail(format!("{title} could not be loaded. Are you offline?")),
    };
    text_of(&preset.file, Box::new(done));
}

/// The thumbnails drawn so far, by file. A list, because a map would add a kilobyte to the page.
type Pictures = StoredValue<Vec<(String, Thumbnail)>>;

/// The dialog of the gallery.
#[must_use]
pub fn gallery(session: Session, open: RwSignal<bool>) -> El {
    let pictures = Pictures::new(Vec::new());
    let all = RwSignal::new(Vec::new());
    dialog(open, "gallery", "Gallery", move || {
        cards(&session, open, all, pictures)
    })
}

fn cards(
    session: &Session,
    open: RwSignal<bool>,
    all: RwSignal<Vec<Preset>>,
    pictures: Pictures,
) -> El {
    let session = *session;
    if all.with_untracked(Vec::is_empty) {
        fetched("index.tsv", move |index| {
            if let Some(index) = index {
                all.set(read(&index));
            } else {
                open.set(false);
                session.fail("The gallery could not be loaded. Are you offline?");
            }
        });
    }
    let query = RwSignal::new(String::new());
    let shown = Memo::new(move |_| query.with(|query| all.with(|all| found(all, query))));
    let count = move || {
        let count = shown.with(Vec::len);
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        counted(count, "experiment", "experiments")
    };
    let inside = html(
        r#"<div class="contents">
            <p class="search"><label for="gallery-search">Search</label><input type="search" id="gallery-search" data-testid="gallery-search" autocomplete="off"><span role="status" class="quiet"></span></p>
            <div class="contents" data-testid="cards"></div>
        </div>"#,
    );
    inside
        .at("gallery-search")
        .entered("input", move |words| query.set(words));
    inside.find(".quiet").says(count);
    let card = move |preset: Preset| card(&session, preset, open, pictures);
    let group = move |(prefix, name): (&str, &str)| {
        let presets = shown.get().into_iter();
        let cards: Vec<El> = presets
            .filter(|preset| preset.file.starts_with(prefix))
            .map(card)
            .collect();
        let list = el("ul", "cards").attr("aria-label", name);
        (!cards.is_empty()).then(|| [el("h3", "card-group").text(name), list.all(cards)])
    };
    inside
        .at("cards")
        .region(move || GROUPS.into_iter().filter_map(group).flatten().collect());
    inside
}

fn card(session: &Session, preset: Preset, open: RwSignal<bool>, pictures: Pictures) -> El {
    let session = *session;
    let name = el("span", "card-title").text(&preset.title);
    let summary = el("span", "quiet").text(&preset.summary);
    let file = preset.file.clone();
    let name = button("card-button", "", move || {
        open_preset(&session, &preset, open);
    })
    .id(&format!("preset-{file}"))
    .child(name)
    .child(summary);
    let picture = el("div", "card-picture");
    let card = el("li", "card").child(name).child(picture.clone());
    let known = pictures.with_value(|all| {
        let mut all = all.iter();
        all.find(|(known, _)| *known == file)
            .map(|(_, picture)| picture.clone())
    });
    match known {
        Some(thumbnail) => {
            picture.child(image(&thumbnail));
        }
        None => when_seen(card.node(), move || {
            draw(file.clone(), pictures, picture.clone());
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

/// Draws a thumbnail in a task of its own, so that scrolling stays smooth.
fn draw(file: String, pictures: Pictures, place: El) {
    let name = file.clone();
    let done = move |text: Option<String>| {
        let Some(text) = text else { return };
        let compute = move || {
            if let Some(run) = model::run(&model::read(&text)) {
                let thumbnail = thumbnail::draw(&run.trace);
                place.child(image(&thumbnail));
                let _ = pictures.try_update_value(|all| all.push((file, thumbnail)));
            }
        };
        set_timeout(compute, std::time::Duration::ZERO);
    };
    text_of(&name, Box::new(done));
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
        // JavaScript frees it when the observer can no longer call it.
        called.forget();
    }
}

/// Offers the experiment's fix while it can still be applied.
#[must_use]
pub fn fix_line(session: Session) -> El {
    let state = session.state;
    let fix = Memo::new(move |_| {
        if state.access == Access::ReadOnly {
            return None;
        }
        let read = state.read.get();
        state.text.with(|text| offered(&read, text))
    });
    let line = move || {
        let (summary, fixed) = fix.get()?;
        let apply = move || {
            session.history.open(fixed.clone());
            let done = Notice::undoable("The fix was applied.");
            session.state.notice.set(Some(done));
        };
        let words = el("p", "")
            .child(el("strong", "").text("Fix: "))
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

/// The summary of a text's fix and the fixed text, as long as a goal is expected to be violated.
fn offered(read: &Parsed, text: &str) -> Option<(String, String)> {
    let experiment = read.experiment.as_ref()?;
    let fix = experiment.fix.as_ref()?;
    let violated = |goal: &Goal| goal.expect == Expect::Violated;
    let fixed = experiment
        .goals
        .iter()
        .any(violated)
        .then(|| fix.apply(text))??;
    Some((fix.summary.clone(), fixed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fix_is_offered_once() {
        let text = include_str!("../../simulation/experiments/pain-03-flapping.yaml");
        let (summary, fixed) = offered(&model::read(text), text).expect("a fix");
        assert_eq!(summary, "The default window of five minutes");
        assert!(fixed.contains("stabilizationWindowSeconds: 300"), "{fixed}");
        assert_eq!(offered(&model::read(&fixed), &fixed), None);
    }

    #[test]
    fn experiments_are_found_by_all_words() {
        #[track_caller]
        fn check(all: &[Preset], query: &str, expected: Option<&str>) {
            let files: Vec<_> = found(all, query)
                .into_iter()
                .map(|preset| preset.file)
                .collect();
            assert_eq!(files.first().map(String::as_str), expected, "{files:?}");
        }
        let index = include_str!("../../simulation/experiments/index.tsv");
        let all = read(index);
        assert_eq!(all.len(), index.lines().count());
        let grouped = GROUPS.map(|(prefix, _)| {
            let is_in = |preset: &&Preset| preset.file.starts_with(prefix);
            all.iter().filter(is_in).count()
        });
        assert_eq!(grouped.into_iter().sum::<usize>(), all.len());
        check(&all, " ", Some("php-apache"));
        check(&all, "walkthrough", Some("php-apache"));
        check(
            &all,
            "MEMORY given back",
            Some("pain-11-memory-never-lets-go"),
        );
        check(&all, "memory lets zebra", None);
        assert_eq!(read("nonsense\n"), []);
    }
}
