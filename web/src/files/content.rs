//! The content of the dialog for files: its buttons, and the list of recent experiments.

use hpa_simulation::experiment::Provenance;
use hpa_simulation::experiment::link::Content;
use leptos::ev::{Event, Targeted};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use web_sys::HtmlInputElement;

use super::name::file_name;
use super::open::open_file;
use crate::charts::export::save;
use crate::computation::{self, Slices};
use crate::model;
use crate::session::Session;
use crate::session::persist;
use crate::session::recent::title;

/// What the dialog for files shows.
#[component]
pub(super) fn FilesContent(
    /// Whether the dialog is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    let session = expect_context::<Session>();
    let recent = RwSignal::new(Vec::new());
    list(recent);
    let kept = if session.kept {
        "Experiments you had open before, saved in this browser (20 at most)."
    } else {
        "This browser does not allow the page to store data: save a file or copy the link."
    };
    let clear = move |_| {
        persist::clear_recent();
        recent.set(Vec::new());
    };
    view! {
        <div class="contents">
            <Choices open />
            <p class="quiet">
                "A file can also be dropped anywhere on the page; a recorded series becomes the load. It never leaves this computer."
            </p>
            <h3>"Recent"</h3>
            <p class="quiet" data-testid="kept">
                {kept}
            </p>
            <ul class="rows" data-testid="recent">
                <For each=move || recent.get() key=|row: &Row| row.place let(row)>
                    <RecentRow row open />
                </For>
            </ul>
            <p>
                <button
                    type="button"
                    class="text-button"
                    data-testid="clear-recent"
                    hidden=move || recent.with(Vec::is_empty)
                    on:click=clear
                >
                    "Clear the list"
                </button>
            </p>
        </div>
    }
}

/// An entry of the list of recent experiments.
#[derive(Clone, Debug)]
struct Row {
    /// Its place in the list.
    place: usize,
    /// When it was replaced \[ms since 1970\].
    time: u64,
    content: Content,
    title: String,
}

/// Puts the recent experiments into `rows`, one after the other: the texts behind them may be long.
fn list(rows: RwSignal<Vec<Row>>) {
    spawn_local(async move {
        let mut slices = Slices::begin();
        let recent = persist::recent().into_iter();
        let contents = recent.filter_map(|entry| Some((entry.time, entry.content()?)));
        for (place, (time, content)) in contents.enumerate() {
            let parsed = computation::read(&content.text, &mut slices).await;
            let title = title(&parsed);
            let row = Row {
                place,
                time,
                content,
                title,
            };
            // The dialog may be gone, or the list cleared.
            if rows.try_with_untracked(Vec::len) != Some(place) {
                return;
            }
            rows.update(|rows| rows.push(row));
            slices.pause().await;
        }
    });
}

/// The buttons that open, save and start over.
#[component]
fn Choices(
    /// Whether the dialog is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    let session = expect_context::<Session>();
    let name = Memo::new(move |_| file_name(&session.title()));
    let pick = move |event: Targeted<Event, HtmlInputElement>| {
        let input = event.target();
        if let Some(file) = input.files().and_then(|files| files.item(0)) {
            spawn_local(open_file(session, file, open));
        }
        // So that the same file can be picked again.
        input.set_value("");
    };
    let save = move |_| {
        let name = name.get_untracked();
        let text = session.state.text;
        text.with_untracked(|text| save(&name, "application/yaml", &Provenance::stamp(text)));
        session.tell(format!("Saved as {name}."));
        open.set(false);
    };
    let start_over = move |_| {
        open.set(false);
        session.open(&Content::of(model::PHP_APACHE), "Opened the walkthrough.");
    };
    view! {
        <div class="choices">
            <label class="text-button file-button">
                "Open a file"
                <input
                    type="file"
                    class="visually-hidden"
                    accept=".yaml,.yml,.json,.txt,.csv"
                    data-testid="open-file"
                    on:change:target=pick
                />
            </label>
            <button type="button" class="text-button" data-testid="save-file" on:click=save>
                {move || format!("Save as {}", name.get())}
            </button>
            <button type="button" class="text-button" data-testid="start-over" on:click=start_over>
                "Start over"
            </button>
        </div>
    }
}

/// A recent experiment, opened by a click.
#[component]
fn RecentRow(
    /// The entry of the list.
    row: Row,
    /// Whether the dialog is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    let session = expect_context::<Session>();
    let Row {
        time,
        content,
        title,
        ..
    } = row;
    let reopen = move |_| {
        open.set(false);
        session.open_saved(content.clone(), "Opened the earlier experiment.");
    };
    view! {
        <li>
            <button type="button" class="row" on:click=reopen>
                <span>{title}</span>
                <span class="quiet">{date(time)}</span>
            </button>
        </li>
    }
}

/// A time in the browser's own format.
fn date(time: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a date of our time")]
    let date = js_sys::Date::new(&JsValue::from_f64(time as f64));
    date.to_locale_string("default", &JsValue::UNDEFINED).into()
}
