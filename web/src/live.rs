//! Signals and memos whose machinery is compiled once, whatever they hold.
//!
//! Leptos compiles its signals and memos anew for each type, some kilobytes each. These are Leptos'
//! own for one type, a shared value of any kind, with a typed face.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use leptos::prelude::*;

/// A value of any kind; two are equal when they are the same one.
#[derive(Clone)]
struct Erased(Arc<dyn Any + Send + Sync>);

impl Erased {
    fn new<T: Send + Sync + 'static>(value: T) -> Self {
        Self(Arc::new(value))
    }

    fn as_ref<T: 'static>(&self) -> &T {
        self.0.downcast_ref().expect("the type it was made of")
    }
}

/// What both have: copies that are handles of the same value, and reading.
macro_rules! readable {
    ($(#[$about:meta])* $name:ident) => {
        $(#[$about])*
        pub struct $name<T> {
            inner: leptos::prelude::$name<Erased>,
            kind: PhantomData<fn() -> T>,
        }

        impl<T> Clone for $name<T> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<T> Copy for $name<T> {}

        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }

        impl<T: Send + Sync + 'static> $name<T> {
            /// Reads the value.
            pub fn with<R>(&self, read: impl FnOnce(&T) -> R) -> R {
                read(self.inner.get().as_ref())
            }

            /// Reads the value without following it.
            pub fn with_untracked<R>(&self, read: impl FnOnce(&T) -> R) -> R {
                read(self.inner.get_untracked().as_ref())
            }

            /// Follows the value.
            pub fn track(&self) {
                self.inner.track();
            }
        }

        impl<T: Clone + Send + Sync + 'static> $name<T> {
            /// The value.
            #[must_use]
            pub fn get(&self) -> T {
                self.with(T::clone)
            }

            /// The value, without following it.
            #[must_use]
            pub fn get_untracked(&self) -> T {
                self.with_untracked(T::clone)
            }
        }
    };
}

readable! {
    /// A value that can be set; who reads it follows it. Copies are handles of the same value.
    RwSignal
}

readable! {
    /// A value that follows from others, computed when somebody reads it. Copies are handles of
    /// the same value.
    Memo
}

impl<T: Send + Sync + 'static> RwSignal<T> {
    /// A signal that begins with `value`.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self {
            inner: leptos::prelude::RwSignal::new(Erased::new(value)),
            kind: PhantomData,
        }
    }

    /// Sets the value; without effect where the signal is gone.
    pub fn set(&self, value: T) {
        let _ = self.inner.try_set(Erased::new(value));
    }
}

impl<T: Clone + Send + Sync + 'static> RwSignal<T> {
    /// The value without following it; `None` where the signal is gone.
    #[must_use]
    pub fn try_get_untracked(&self) -> Option<T> {
        let value = self.inner.try_get_untracked()?;
        Some(value.as_ref::<T>().clone())
    }

    /// Changes the value.
    pub fn update(&self, change: impl FnOnce(&mut T)) {
        let mut value = self.get_untracked();
        change(&mut value);
        self.set(value);
    }
}

type Compute = Box<dyn Fn(Option<Erased>) -> (Erased, bool) + Send + Sync>;

fn erased(compute: Compute) -> leptos::prelude::Memo<Erased> {
    leptos::prelude::Memo::new_owning(compute)
}

impl<T: PartialEq + Send + Sync + 'static> Memo<T> {
    /// What `compute` makes of the value before; who reads it follows only where it differs.
    #[must_use]
    pub fn new(compute: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Self {
        let compute: Compute = Box::new(move |before| {
            let old = before.as_ref().map(Erased::as_ref);
            let new = compute(old);
            let same = old == Some(&new);
            match before {
                Some(before) if same => (before, false),
                _ => (Erased::new(new), true),
            }
        });
        Self {
            inner: erased(compute),
            kind: PhantomData,
        }
    }
}

impl<T: Send + Sync + 'static> Memo<T> {
    /// What `compute` makes out of the value before, which it is given, and whether it differs.
    #[must_use]
    pub fn new_owning(compute: impl Fn(Option<T>) -> (T, bool) + Send + Sync + 'static) -> Self {
        let compute: Compute = Box::new(move |before| {
            let before = before.and_then(|before| before.0.downcast().ok());
            let (new, differs) = compute(before.and_then(Arc::into_inner));
            (Erased::new(new), differs)
        });
        Self {
            inner: erased(compute),
            kind: PhantomData,
        }
    }
}
