//! Opening a file: as the text, or as the load if it holds a recorded series.

use hpa_simulation::experiment::link::Content;
use leptos::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

use crate::add::{recorded_series, use_series};

use crate::session::Session;

/// Larger files are not opened [bytes].
const LIMIT: f64 = 4_194_304.0;

/// Opens a file and closes the dialog; shows a notice where the file is not a text.
pub(super) async fn open_file(session: Session, file: File, dialog: RwSignal<bool>) {
    let name = file.name();
    if file.size() > LIMIT {
        session.fail(format!("{name} was not opened: it is larger than 4 MiB."));
        return;
    }
    let Some(text) = text_of(&file).await else {
        session.fail(format!("{name} was not opened: it is not UTF-8 text."));
        return;
    };
    dialog.set(false);
    let csv = name.to_ascii_lowercase().ends_with(".csv");
    if csv || recorded_series::recognized(&text).is_some() {
        use_series(session, &text);
    } else {
        session.open_saved(Content::unrecorded(text), &format!("Opened {name}."));
    }
}

/// The text of a file; `None` where it cannot be read or is not UTF-8 text.
async fn text_of(file: &File) -> Option<String> {
    let buffer = JsFuture::from(file.array_buffer()).await.ok()?;
    let text = String::from_utf8(js_sys::Uint8Array::new(&buffer).to_vec()).ok()?;
    (!text.contains('\0')).then_some(text)
}
