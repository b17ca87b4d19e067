//! Parts of the program that are fetched when they are first needed.
//!
//! With the feature `split` each function that `lazy_part!` defines is a seam, at which
//! `cargo xtask build` cuts the wasm: what only it needs travels as a file of its own. Without the
//! feature it is a plain async function, so that tests and a plain `trunk build` need no splitter.

use std::fmt;

use leptos::__reexports::send_wrapper::SendWrapper;
use leptos::prelude::*;

/// A part of the program could not be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartMissing;

impl fmt::Display for PartMissing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a part of HPA Playground could not be fetched. Is the connection gone?")
    }
}

impl std::error::Error for PartMissing {}

impl From<leptos::wasm_split::SplitLoaderError> for PartMissing {
    fn from(_: leptos::wasm_split::SplitLoaderError) -> Self {
        Self
    }
}

/// Defines an async function whose code is a part of its own, and one that only fetches the part.
///
/// Functions that name the same part travel together; only one of them names the function that
/// fetches it. The body may not use `?` or `return`.
macro_rules! lazy_part {
    (
        part = $part:ident $(, preload = $preload:ident)?;
        $(#[$meta:meta])*
        $vis:vis fn $name:ident($($argument:ident: $kind:ty),* $(,)?) -> $output:ty $body:block
    ) => {
        #[cfg(feature = "split")]
        #[::leptos::wasm_split::wasm_split(
            $part,
            wasm_split_path = ::leptos::wasm_split,
            fallible
            $(, preload($preload))?
        )]
        $(#[$meta])*
        $vis fn $name($($argument: $kind),*) -> Result<$output, $crate::lazy::PartMissing> {
            Ok($body)
        }

        $(#[$meta])*
        #[cfg(not(feature = "split"))]
        #[allow(clippy::unused_async, reason = "with the feature split it waits for its part")]
        $vis async fn $name($($argument: $kind),*) -> Result<$output, $crate::lazy::PartMissing> {
            Ok($body)
        }

        $(
            #[cfg(not(feature = "split"))]
            #[allow(clippy::unused_async, reason = "with the feature split it waits for its part")]
            $vis async fn $preload() -> Result<(), $crate::lazy::PartMissing> {
                Ok(())
            }
        )?
    };
}

pub(crate) use lazy_part;

/// Shows what a part makes once the part is there. Where it cannot be fetched, says so and offers
/// to try again.
#[component]
pub fn LazyView<F, V>(
    /// Calls the part.
    part: F,
) -> impl IntoView
where
    F: Fn() -> V + Send + Sync + 'static,
    V: Future<Output = Result<AnyView, PartMissing>> + 'static,
{
    let attempts = RwSignal::new(0_u32);
    let waiting = || view! { <p class="quiet" role="status">"Loading …"</p> };
    let arrived = move || {
        attempts.track();
        let part = part();
        Suspend::new(SendWrapper::new(async move {
            part.await
                .unwrap_or_else(|missing| view! { <Missing missing attempts /> }.into_any())
        }))
    };
    view! { <Suspense fallback=waiting>{arrived}</Suspense> }
}

#[component]
fn Missing(missing: PartMissing, attempts: RwSignal<u32>) -> impl IntoView {
    view! {
        <div role="alert" data-testid="part-missing">
            <p>{format!("This cannot be shown: {missing}")}</p>
            <button
                type="button"
                class="text-button"
                on:click=move |_| attempts.update(|count| *count += 1)
            >
                "Try again"
            </button>
        </div>
    }
}
