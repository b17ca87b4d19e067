//! Files: opened by a button or dropped on the page, saved, and what was open before.

use hpa_core::experiment::link::Content;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::dialog::Dialog;
use crate::recent::{Recent, title};
use crate::session::Session;
use crate::{model, persist};

/// Files beyond this are not opened [bytes].
const LIMIT: f64 = 4_194_304.0;

/// Opens a file as the text.
#[expect(
    clippy::large_types_passed_by_value,
    reason = "handles, moved into the task"
)]
fn open_file(session: Session, file: &web_sys::File, open: RwSignal<bool>) {
    let name = file.name();
    if file.size() > LIMIT {
        session.fail(format!("{name} was not opened: it is larger than 4 MiB."));
        return;
    }
    let reading = file.array_buffer();
    spawn_local(async move {
        let bytes = JsFuture::from(reading).await;
        let bytes = bytes.map(|buffer| js_sys::Uint8Array::new(&buffer).to_vec());
        let text = bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok());
        match text {
            Some(text) if !text.contains('\0') => {
                open.set(false);
                session.open(&Content::of(text), &format!("{name} is open."));
            }
            _ => session.fail(format!("{name} was not opened: it is no text in UTF-8.")),
        }
    });
}

/// What a text is saved as: its title in small letters, `.yaml`.
#[must_use]
pub fn file_name(title: &str) -> String {
    let mut name = String::new();
    for c in title.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            name.push(c);
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    name.truncate(60);
    let name = name.trim_matches('-');
    format!("{}.yaml", if name.is_empty() { "experiment" } else { name })
}

/// Lets the browser save a text.
fn save(name: &str, text: &str) -> Result<(), JsValue> {
    let parts = js_sys::Array::of1(&text.into());
    let kind = web_sys::BlobPropertyBag::new();
    kind.set_type("application/yaml");
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &kind)?;
    let url = web_sys::Url::create_object_url_with_blob(&blob)?;
    let anchor = document().create_element("a")?;
    anchor.set_attribute("href", &url)?;
    anchor.set_attribute("download", name)?;
    anchor.unchecked_into::<web_sys::HtmlElement>().click();
    // The browser has taken the file when the click is done with, but not every one at once.
    set_timeout(
        move || {
            let _ = web_sys::Url::revoke_object_url(&url);
        },
        std::time::Duration::from_secs(10),
    );
    Ok(())
}

/// Opens what is dropped anywhere on the page.
pub fn accept_drops(session: Session, open: RwSignal<bool>) {
    let files = |event: &web_sys::DragEvent| {
        let transfer = event.data_transfer()?;
        let kinds = transfer.types();
        kinds.includes(&"Files".into(), 0).then_some(transfer)
    };
    let over = window_event_listener(leptos::ev::dragover, move |event| {
        if files(&event).is_some() {
            event.prevent_default();
        }
    });
    let drop = window_event_listener(leptos::ev::drop, move |event| {
        let Some(transfer) = files(&event) else {
            return;
        };
        event.prevent_default();
        if let Some(file) = transfer.files().and_then(|files| files.item(0)) {
            open_file(session, &file, open);
        }
    });
    on_cleanup(move || {
        over.remove();
        drop.remove();
    });
}

/// The dialog for files.
#[component]
pub fn Files(
    /// The visit.
    session: Session,
    /// Whether it is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <Dialog open=open id="files" title="Files">
            <Inside session=session open=open />
        </Dialog>
    }
}

#[component]
fn Inside(session: Session, open: RwSignal<bool>) -> impl IntoView {
    let recent = RwSignal::new(persist::recent());
    let name = move || file_name(&session.title());
    let picked = move |event: web_sys::Event| {
        let input = event
            .target()
            .map(JsCast::unchecked_into::<web_sys::HtmlInputElement>);
        let Some(input) = input else { return };
        if let Some(file) = input.files().and_then(|files| files.item(0)) {
            open_file(session, &file, open);
        }
        // The same file can be picked again.
        input.set_value("");
    };
    let keep = move |_| {
        let name = untrack(name);
        match session.state.text.with_untracked(|text| save(&name, text)) {
            Ok(()) => session.tell(format!("Saved as {name}.")),
            Err(_) => session.fail("The browser does not let the page save a file."),
        }
        open.set(false);
    };
    let start_over = move |_| {
        open.set(false);
        session.open(&Content::of(model::PHP_APACHE), "The walkthrough is open.");
    };
    let items = move || {
        let item = |entry: &Recent| {
            let text = entry.text()?;
            let name = title(&text);
            let time = date(entry.time);
            let again = move |_| {
                open.set(false);
                session.open(
                    &Content::of(text.clone()),
                    "The earlier experiment is open.",
                );
            };
            Some(view! {
                <li><button type="button" class="row" on:click=again>
                    <span>{name}</span>
                    <span class="quiet">{time}</span>
                </button></li>
            })
        };
        recent.with(|recent| recent.iter().filter_map(item).collect_view())
    };
    let clear = move |_| {
        persist::clear_recent();
        recent.set(Vec::new());
    };
    view! {
        <div class="choices">
            <label class="text-button file-button">
                "Open a file"
                <input type="file" class="visually-hidden" accept=".yaml,.yml,.json,.txt" data-testid="open-file" on:change=picked />
            </label>
            <button type="button" class="text-button" data-testid="save-file" on:click=keep>{move || format!("Save as {}", name())}</button>
            <button type="button" class="text-button" data-testid="start-over" on:click=start_over>"Start over"</button>
        </div>
        <p class="quiet">"A file can also be dropped anywhere on the page. It never leaves this computer."</p>
        <h3>"Recent"</h3>
        {if session.kept {
            view! { <p class="quiet">"What was replaced by opening something else is kept in this browser, at most 20 experiments."</p> }
        } else {
            view! { <p class="quiet">"This browser keeps nothing for this page: save a file, or copy the link."</p> }
        }}
        <ul class="rows" data-testid="recent">{items}</ul>
        <Show when=move || recent.with(|recent| !recent.is_empty())>
            <p><button type="button" class="text-button" data-testid="clear-recent" on:click=clear>"Clear the list"</button></p>
        </Show>
    }
}

/// When something was put away, as the person's browser writes it.
fn date(time: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a date of our time")]
    let date = js_sys::Date::new(&JsValue::from_f64(time as f64));
    date.to_locale_string("default", &JsValue::UNDEFINED).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_called_by_their_title() {
        #[track_caller]
        fn check(title: &str, expected: &str) {
            assert_eq!(file_name(title), expected);
        }
        check(
            "php-apache, the walkthrough",
            "php-apache-the-walkthrough.yaml",
        );
        check("../../etc", "etc.yaml");
        check("日本", "experiment.yaml");
        check("", "experiment.yaml");
        check(&"a".repeat(500), &format!("{}.yaml", "a".repeat(60)));
    }
}
