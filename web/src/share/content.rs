//! The content of the share dialog: the length of the link, and each format with a button that copies it.

use hpa_simulation::experiment::link;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::forms::Form;
use super::patch;
use crate::format::number;
use crate::session::{Session, address};
use crate::shell::clipboard;

/// Some chat apps truncate longer links [characters].
const SAFE: usize = 2_000;

/// What the share dialog shows.
#[component]
pub(super) fn ShareContent() -> impl IntoView {
    let session = expect_context::<Session>();
    let text = session.state.text;
    let link = Memo::new(move |_| format!("{}#{}", address(), link::encode(&session.content())));
    let title = Memo::new(move |_| session.title());
    let patch = Memo::new(move |_| {
        let origin = session.origin;
        origin.with(|origin| text.with(|text| patch::between(origin, text)))
    });
    let copied = RwSignal::new(String::new());
    let row = move |form: Form| {
        let written = Memo::new(move |_| {
            let (link, title, patch) = (link.get(), title.get(), patch.get());
            text.with(|text| form.write(&link, &title, text, &patch))
        });
        view! { <Format form written copied /> }
    };
    view! {
        <div class="contents">
            <p>
                "The link contains the whole experiment and your view of it. It is not stored on any server and does not expire."
            </p>
            <p data-testid="link-length">{move || link.with(|link| length_note(link))}</p>
            <ul class="forms">{Form::ALL.map(row).collect_view()}</ul>
            <p role="status" class="quiet" data-testid="copied">
                {copied}
            </p>
        </div>
    }
}

/// How long the link is, and what that means for it.
fn length_note(link: &str) -> String {
    let size = link.chars().count();
    #[expect(clippy::cast_precision_loss, reason = "a count of characters")]
    let mut text = format!("This link has {} characters", number(size as f64));
    if size > link::MAX_LINK {
        text.push_str(": too long to open. Save a file instead.");
    } else if size > SAFE {
        text.push_str(": some chat apps truncate links this long.");
    }
    text
}

/// The experiment in one format, with a button that copies it.
#[component]
fn Format(
    /// The format.
    form: Form,
    /// The experiment in it.
    written: Memo<String>,
    /// What the last copy came to.
    copied: RwSignal<String>,
) -> impl IntoView {
    let id = format!("form-{}", form.id());
    let copy = move |_| {
        spawn_local(async move {
            let text = written.get_untracked();
            let said = match clipboard::copy(&text).await {
                Ok(()) => format!("Copied: {}.", form.name()),
                Err(_) => {
                    "The browser does not allow copying: select the text and copy it yourself."
                        .to_owned()
                }
            };
            copied.try_set(said);
        });
    };
    view! {
        <li class="form">
            <label for=id.clone()>{form.name()}</label>
            <textarea
                class="form-text"
                id=id.clone()
                readonly
                rows="1"
                data-testid=id
                prop:value=written
            ></textarea>
            <button
                type="button"
                class="text-button"
                aria-label=format!("Copy {}", form.name())
                data-testid=format!("copy-{}", form.id())
                on:click=copy
            >
                "Copy"
            </button>
        </li>
    }
}
