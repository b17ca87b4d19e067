//! Files that are dropped anywhere on the page.

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{DataTransfer, DragEvent};

use super::open::open_file;
use crate::options::Access;
use crate::session::Session;

/// Opens files that are dropped on the page, and closes the dialog for files then.
pub fn accept_drops(session: Session, dialog: RwSignal<bool>) {
    let over = window_event_listener(ev::dragover, |event| {
        if transfer(&event).is_some() {
            event.prevent_default();
        }
    });
    let dropped = window_event_listener(ev::drop, move |event| {
        let Some(transfer) = transfer(&event) else {
            return;
        };
        // Even where nothing is opened: the browser would leave the page for the file.
        event.prevent_default();
        let file = transfer.files().and_then(|files| files.item(0));
        if let Some(file) = file.filter(|_| session.state.access == Access::Edit) {
            spawn_local(open_file(session, file, dialog));
        }
    });
    on_cleanup(move || {
        over.remove();
        dropped.remove();
    });
}

/// What is dragged, if it is files.
fn transfer(event: &DragEvent) -> Option<DataTransfer> {
    let transfer = event.data_transfer()?;
    let is_files = transfer.types().includes(&"Files".into(), 0);
    is_files.then_some(transfer)
}
