//! The gallery: the built-in experiments with a text search and a thumbnail for each.

pub mod fix_line;
mod presets;
mod thumbnail;

use std::collections::BTreeMap;

use hpa_simulation::chart::format::counted;
use hpa_simulation::experiment::link::Content;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_use_intersection_observer::use_intersection_observer;

pub use self::fix_line::FixLine;
use self::presets::{GROUPS, Preset, found};
use self::thumbnail::{HEIGHT, Thumbnail, WIDTH};
use crate::computation::compute;
use crate::lazy::{LazyView, lazy_part};
use crate::session::Session;
use crate::shell::dialog::Dialog;

/// The thumbnails drawn so far, by file.
type Pictures = StoredValue<BTreeMap<String, Thumbnail>>;

/// The dialog of the gallery.
#[component]
pub fn Gallery(
    /// Whether it is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    let pictures = Pictures::default();
    view! {
        <Dialog open id="gallery" title="Gallery">
            <LazyView part=move || cards(open, pictures) />
        </Dialog>
    }
}

lazy_part! {
    part = gallery, preload = preload;
    pub(crate) fn cards(open: RwSignal<bool>, pictures: Pictures) -> AnyView {
        view! { <Cards open pictures /> }.into_any()
    }
}

#[component]
fn Cards(open: RwSignal<bool>, pictures: Pictures) -> impl IntoView {
    let index = LocalResource::new(presets::index);
    let query = RwSignal::new(String::new());
    let shown = Memo::new(move |_| {
        query.with(|query| {
            index.with(|index| match index {
                Some(Ok(index)) => found(index, query),
                _ => Vec::new(),
            })
        })
    });
    let count = move || {
        let count = shown.with(Vec::len);
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        counted(count, "experiment", "experiments")
    };
    let failed = move || index.with(|index| index.as_ref().is_some_and(Result::is_err));
    let group = move |(prefix, name): (&'static str, &'static str)| {
        let presets = Memo::new(move |_| {
            let mut presets = shown.get();
            presets.retain(|preset| preset.file.starts_with(prefix));
            presets
        });
        view! {
            <Show when=move || !presets.with(Vec::is_empty)>
                <h3 class="card-group">{name}</h3>
                <ul class="cards" aria-label=name>
                    <For each=move || presets.get() key=|preset| preset.file.clone() let:preset>
                        <Card preset open pictures />
                    </For>
                </ul>
            </Show>
        }
    };
    view! {
        <div class="contents">
            <p class="search">
                <label for="gallery-search">"Search"</label>
                <input
                    type="search"
                    id="gallery-search"
                    data-testid="gallery-search"
                    autocomplete="off"
                    on:input:target=move |event| query.set(event.target().value())
                />
                <span role="status" class="quiet">
                    {count}
                </span>
            </p>
            <Show when=failed>
                <div role="alert">
                    <p>"The gallery could not be loaded. Are you offline?"</p>
                    <button type="button" class="text-button" on:click=move |_| index.refetch()>
                        "Try again"
                    </button>
                </div>
            </Show>
            <div class="contents" data-testid="cards">
                {GROUPS.map(group).collect_view()}
            </div>
        </div>
    }
}

#[component]
fn Card(preset: Preset, open: RwSignal<bool>, pictures: Pictures) -> impl IntoView {
    let session = expect_context::<Session>();
    let Preset {
        file,
        title,
        summary,
    } = preset.clone();
    let picture = RwSignal::new(pictures.with_value(|all| all.get(&file).cloned()));
    let place = NodeRef::<html::Div>::new();
    let id = format!("preset-{file}");
    // A picture costs a run: only what is seen is drawn.
    use_intersection_observer(place, move |entries, _| {
        let seen = entries
            .iter()
            .any(web_sys::IntersectionObserverEntry::is_intersecting);
        if seen && picture.with_untracked(Option::is_none) {
            spawn_local(draw(file.clone(), pictures, picture));
        }
    });
    view! {
        <li class="card">
            <button
                type="button"
                class="card-button"
                data-testid=id
                on:click=move |_| {
                    open.set(false);
                    spawn_local(open_preset(session, preset.clone()));
                }
            >
                <span class="card-title">{title}</span>
                <span class="quiet">{summary}</span>
            </button>
            <div class="card-picture" node_ref=place>
                {move || picture.get().map(|thumbnail| view! { <Picture thumbnail /> })}
            </div>
        </li>
    }
}

#[component]
fn Picture(thumbnail: Thumbnail) -> impl IntoView {
    view! {
        <svg
            class="thumbnail"
            role="img"
            aria-label=thumbnail.words
            viewBox=format!("0 0 {WIDTH} {HEIGHT}")
            preserveAspectRatio="none"
        >
            <path d=thumbnail.line></path>
        </svg>
    }
}

async fn open_preset(session: Session, preset: Preset) {
    let title = preset.title;
    match presets::text_of(&preset.file).await {
        Ok(text) => session.open(&Content::of(text), &format!("Opened \"{title}\".")),
        Err(_) => session.fail(format!("{title} could not be loaded. Are you offline?")),
    }
}

/// Runs an experiment and draws its thumbnail; none where it cannot be fetched or has errors.
async fn draw(file: String, pictures: Pictures, picture: RwSignal<Option<Thumbnail>>) {
    let Ok(text) = presets::text_of(&file).await else {
        return;
    };
    if let (_, Some(run)) = compute(&text).await {
        let thumbnail = thumbnail::draw(&run.trace);
        picture.try_set(Some(thumbnail.clone()));
        pictures.try_update_value(|all| all.insert(file, thumbnail));
    }
}
