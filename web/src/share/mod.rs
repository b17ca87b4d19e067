//! Sharing: the link and the other forms in which the experiment can be copied.

pub mod forms;
pub mod patch;

use hpa_core::experiment::link;
use leptos::prelude::*;

use self::forms::Form;
use crate::clipboard;
use crate::dialog::Dialog;
use crate::format::number;
use crate::session::{Session, address};

/// Links beyond this are cut by some programs that people chat with [characters].
const SAFE: usize = 2_000;

/// The dialog for copying.
#[component]
pub fn Share(
    /// The visit.
    session: Session,
    /// Whether it is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <Dialog open=open id="share" title="Share">
            <Forms session=session />
        </Dialog>
    }
}

#[component]
fn Forms(session: Session) -> impl IntoView {
    let state = session.state;
    let link = Memo::new(move |_| format!("{}#{}", address(), link::encode(&session.content())));
    let title = Memo::new(move |_| session.title());
    let patch = Memo::new(move |_| {
        session
            .origin
            .with(|origin| state.text.with(|text| patch::between(origin, text)))
    });
    let copied = RwSignal::new(String::new());
    let size = move || link.with(|link| link.chars().count());
    let length = move || {
        #[expect(clippy::cast_precision_loss, reason = "a count of characters")]
        let text = format!("{} characters", number(size() as f64));
        if size() > link::MAX_LINK {
            format!("{text}: too long to be opened again. Save a file instead.")
        } else if size() > SAFE {
            format!("{text}: some chat programs cut links this long.")
        } else {
            text
        }
    };
    let content = move |form: Form| {
        state
            .text
            .with(|text| form.write(&link.get(), &title.get(), text, &patch.get()))
    };
    let copy = move |form: Form| {
        let text = untrack(|| content(form));
        clipboard::copy(&text, move |done| {
            copied.set(match done {
                Ok(()) => format!("Copied: {}.", form.name()),
                Err(()) => {
                    "The browser does not let the page copy: select the text and copy it by hand."
                        .to_owned()
                }
            });
        });
    };
    let rows = Form::ALL.map(|form| {
        let id = format!("form-{}", form.id());
        view! {
            <li class="form">
                <label for=id.clone()>{form.name()}</label>
                <textarea id=id.clone() class="form-text" readonly=true rows="1" data-testid=id.clone()
                    prop:value=move || content(form) />
                <button type="button" class="text-button" data-testid=format!("copy-{}", form.id())
                    aria-label=format!("Copy {}", form.name())
                    on:click=move |_| copy(form)>"Copy"</button>
            </li>
        }
    });
    view! {
        <p>"A link carries everything: the texts, where you look and how. It reaches no server, and opens for ever."</p>
        <p data-testid="link-length">"The link has "{length}</p>
        <ul class="forms">{rows.collect_view()}</ul>
        <p role="status" class="quiet" data-testid="copied">{copied}</p>
    }
}
