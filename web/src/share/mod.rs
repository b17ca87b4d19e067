//! The share dialog: the link and the other formats in which the experiment can be copied.

pub mod forms;
pub mod patch;

use hpa_simulation::experiment::link;
use leptos::prelude::*;

use self::forms::Form;
use crate::clipboard;
use crate::dialog::dialog;
use crate::dom::{El, button, el, html};
use crate::format::number;
use crate::session::{Session, address};

/// Some chat apps truncate longer links [characters].
const SAFE: usize = 2_000;

/// The share dialog.
#[must_use]
pub fn share(session: Session, open: RwSignal<bool>) -> El {
    dialog(open, "share", "Share", move || forms(&session))
}

fn forms(session: &Session) -> El {
    let session = *session;
    let state = session.state;
    let link = Memo::new(move |_| format!("{}#{}", address(), link::encode(&session.content())));
    let title = move || session.title();
    let patch = move || {
        session
            .origin
            .with(|origin| state.text.with(|text| patch::between(origin, text)))
    };
    let copied = RwSignal::new(String::new());
    let length = move || {
        let size = link.with(|link| link.chars().count());
        #[expect(clippy::cast_precision_loss, reason = "a count of characters")]
        let mut text = format!("This link has {} characters", number(size as f64));
        if size > link::MAX_LINK {
            text.push_str(": too long to open. Save a file instead.");
        } else if size > SAFE {
            text.push_str(": some chat apps truncate links this long.");
        }
        text
    };
    let content = move |form: Form| {
        state
            .text
            .with(|text| form.write(&link.get(), &title(), text, &patch()))
    };
    let copy = move |form: Form| {
        let text = untrack(|| content(form));
        clipboard::copy(&text, move |done| {
            copied.set(match done {
                Ok(()) => format!("Copied: {}.", form.name()),
                Err(()) => {
                    "The browser does not allow copying: select the text and copy it yourself."
                        .to_owned()
                }
            });
        });
    };
    let row = |form: Form| {
        let id = format!("form-{}", form.id());
        let field = el("textarea", "form-text")
            .attr("id", &id)
            .attr("readonly", "")
            .attr("rows", "1")
            .id(&id)
            .value(move || content(form));
        el("li", "form")
            .child(el("label", "").attr("for", &id).text(form.name()))
            .child(field)
            .child(
                button("text-button", "Copy", move || copy(form))
                    .attr("aria-label", &format!("Copy {}", form.name()))
                    .id(&format!("copy-{}", form.id())),
            )
    };
    let inside = html(
        r#"<div class="contents">
            <p>The link contains the whole experiment and your view of it. It is not stored on any server and does not expire.</p>
            <p data-testid="link-length"></p>
            <ul class="forms"></ul>
            <p role="status" class="quiet" data-testid="copied"></p>
        </div>"#,
    );
    inside.at("link-length").says(length);
    inside.find("ul").all(Form::ALL.map(row).to_vec());
    inside.at("copied").says(move || copied.get());
    inside
}
