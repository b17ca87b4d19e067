//! Files: opening, dropping, saving, and the list of recent experiments.

use hpa_simulation::experiment::Provenance;
use hpa_simulation::experiment::link::Content;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ClipboardEvent, DragEvent};

use crate::add::use_series;
use crate::charts::export::save;
use crate::dialog::dialog;
use crate::dom::{El, button, el, html, on_document, on_window};
use crate::notice::{Notice, Tone};
use crate::options::Access;
use crate::promise::settled;
use crate::recent::{Recent, title};
use crate::session::Session;
use crate::{model, persist, recorded_series};

/// Larger files are not opened [bytes].
const LIMIT: f64 = 4_194_304.0;

/// Opens a file as the text.
fn open_file(session: &Session, file: &web_sys::File, open: RwSignal<bool>) {
    let session = *session;
    let name = file.name();
    if file.size() > LIMIT {
        session.fail(format!("{name} was not opened: it is larger than 4 MiB."));
        return;
    }
    settled(&file.array_buffer(), move |buffer| {
        let bytes = buffer.map(|buffer| js_sys::Uint8Array::new(&buffer).to_vec());
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        match text {
            Some(text) if !text.contains('\0') => {
                open.set(false);
                let csv = name.to_ascii_lowercase().ends_with(".csv");
                if csv || recorded_series::recognized(&text).is_some() {
                    use_series(&session, &text);
                } else {
                    session.open_saved(Content::unrecorded(text), &format!("Opened {name}."));
                }
            }
            _ => session.fail(format!("{name} was not opened: it is not UTF-8 text.")),
        }
    });
}

/// The file name of a text: its title in lowercase, with `.yaml`.
#[must_use]
pub fn file_name(title: &str) -> String {
    let mut name = String::new();
    for c in title.chars() {
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    name.truncate(60);
    let name = name.trim_matches('-');
    format!("{}.yaml", if name.is_empty() { "experiment" } else { name })
}

/// Opens files dropped anywhere on the page.
pub fn accept_drops(session: Session, open: RwSignal<bool>) {
    let files = |event: &DragEvent| {
        let transfer = event.data_transfer()?;
        let kinds = transfer.types();
        kinds.includes(&"Files".into(), 0).then_some(transfer)
    };
    on_window("dragover", move |event: DragEvent| {
        if files(&event).is_some() {
            event.prevent_default();
        }
    });
    on_window("drop", move |event: DragEvent| {
        let Some(transfer) = files(&event) else {
            return;
        };
        event.prevent_default();
        // Always handled: otherwise the browser navigates to the file.
        let file = transfer.files().and_then(|files| files.item(0));
        if let Some(file) = file.filter(|_| session.state.access == Access::Edit) {
            open_file(&session, &file, open);
        }
    });
}

/// Offers to use a pasted series as the load if it would break the text or is pasted outside a field.
pub fn accept_pastes(session: Session) {
    if session.state.access == Access::ReadOnly {
        return;
    }
    on_document("paste", move |event: ClipboardEvent| {
        let data = event.clipboard_data();
        let paste = data.and_then(|data| data.get_data("text/plain").ok());
        let offer = paste.and_then(|paste| Some((offer(&session, &event, &paste)?, paste)));
        if let Some((says, series)) = offer {
            event.prevent_default();
            session.state.notice.set(Some(Notice {
                text: format!("This is a recorded series: {says}."),
                tone: Tone::Series(series),
            }));
        }
    });
}

/// A description of the pasted series; `None` if it can be pasted as text.
fn offer(session: &Session, event: &ClipboardEvent, paste: &str) -> Option<String> {
    let field = event.target().is_some_and(|target| {
        let element: &web_sys::Element = target.unchecked_ref();
        matches!(&*element.tag_name(), "INPUT" | "TEXTAREA")
    });
    let says = recorded_series::recognized(paste)?;
    if field {
        // A series may be pasted under its field of a document.
        let text = session.place.pasted(event, paste)?;
        model::read(&text).experiment.is_none().then_some(says)
    } else {
        Some(says)
    }
}

/// The dialog for files.
#[must_use]
pub fn files(session: Session, open: RwSignal<bool>) -> El {
    dialog(open, "files", "Files", move || inside(&session, open))
}

fn inside(session: &Session, open: RwSignal<bool>) -> El {
    let session = *session;
    let inside = html(
        r#"<div class="contents">
            <div class="choices">
                <label class="text-button file-button">Open a file<input type="file" class="visually-hidden" accept=".yaml,.yml,.json,.txt,.csv" data-testid="open-file"></label>
                <button type="button" class="text-button" data-testid="save-file"></button>
                <button type="button" class="text-button" data-testid="start-over">Start over</button>
            </div>
            <p class="quiet">A file can also be dropped anywhere on the page; a recorded series becomes the load. It never leaves this computer.</p>
            <h3>Recent</h3>
            <p class="quiet" data-testid="kept"></p>
            <ul class="rows" data-testid="recent"></ul>
            <p><button type="button" class="text-button" data-testid="clear-recent">Clear the list</button></p>
        </div>"#,
    );
    let recent = RwSignal::new(persist::recent());
    let name = move || file_name(&session.title());
    inside
        .at("open-file")
        .on("change", move |event: web_sys::Event| {
            let input = event
                .target()
                .map(JsCast::unchecked_into::<web_sys::HtmlInputElement>);
            let Some(input) = input else { return };
            if let Some(file) = input.files().and_then(|files| files.item(0)) {
                open_file(&session, &file, open);
            }
            // So that the same file can be picked again.
            input.set_value("");
        });
    let keep = move || {
        let name = untrack(name);
        session
            .state
            .text
            .with_untracked(|text| save(&name, "application/yaml", &Provenance::stamp(text)));
        session.tell(format!("Saved as {name}."));
        open.set(false);
    };
    inside
        .at("save-file")
        .says(move || format!("Save as {}", name()))
        .click(keep);
    inside.at("start-over").click(move || {
        open.set(false);
        session.open(&Content::of(model::PHP_APACHE), "Opened the walkthrough.");
    });
    inside.at("kept").text(if session.kept {
        "Experiments you had open before, saved in this browser (20 at most)."
    } else {
        "This browser does not allow the page to store data: save a file or copy the link."
    });
    let item = move |entry: &Recent| {
        let content = entry.content()?;
        let title = title(&content.text);
        let row = button("row", "", move || {
            open.set(false);
            session.open_saved(content.clone(), "Opened the earlier experiment.");
        });
        let row = row
            .child(el("span", "").text(&title))
            .child(el("span", "quiet").text(&date(entry.time)));
        Some(el("li", "").child(row))
    };
    inside
        .at("recent")
        .region(move || recent.with(|recent| recent.iter().filter_map(item).collect()));
    inside
        .at("clear-recent")
        .flag("hidden", move || recent.with(Vec::is_empty))
        .click(move || {
            persist::clear_recent();
            recent.set(Vec::new());
        });
    inside
}

/// A time in the browser's own format.
fn date(time: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a date of our time")]
    let date = js_sys::Date::new(&JsValue::from_f64(time as f64));
    date.to_locale_string("default", &JsValue::UNDEFINED).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_after_their_title() {
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
