//! Builds the page: markup stands in the program as text, and what in it follows the state is wired.
//!
//! Not by Leptos' `view!`, which compiles each element of each view by itself: with it the page was
//! twice as large. State, memos and effects are Leptos'; each way to wire is compiled once, for
//! boxed closures.

use std::borrow::Borrow;
use std::cell::RefCell;

use leptos::prelude::*;
use leptos::tachys::view::Mountable;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, EventTarget, HtmlElement};

type Reads<T> = Box<dyn Fn() -> T>;
type SetsText = Box<dyn Fn(&Element, &str)>;
type Switches = Box<dyn Fn(&Element, bool)>;

/// An element of the page. Copies are handles of the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct El(Element);

/// Mounts a view at the end of an element, as long as what it was made in is there.
pub fn mount_in(parent: &El, view: impl IntoView + 'static) {
    let mut state = view.into_any().build();
    state.mount(parent.node(), None);
    let _ = StoredValue::new_local(state);
}

/// Shows in a view what is made with this module.
#[component]
pub fn Old<F: FnOnce() -> El>(
    /// Makes the element.
    make: F,
) -> impl IntoView {
    let element = make();
    let host = NodeRef::<leptos::html::Div>::new();
    host.on_load(move |host| {
        let _ = host.append_child(element.node());
    });
    view! { <div class="contents" node_ref=host></div> }
}

/// An element with a class.
///
/// # Panics
/// Where the document cannot make elements, which every document can.
#[must_use]
pub fn el(tag: &str, class: &str) -> El {
    let element = document().create_element(tag).expect("a tag of HTML");
    element.set_class_name(class);
    El(element)
}

/// An element of a drawing.
///
/// # Panics
/// As [`el`].
#[must_use]
pub fn svg(tag: &str) -> El {
    let element = document().create_element_ns(Some("http://www.w3.org/2000/svg"), tag);
    El(element.expect("a tag of SVG"))
}

/// The element that `markup` describes: a constant of the program, so that nothing that a person
/// typed or a link brought ever becomes HTML.
///
/// # Panics
/// Where the markup has no element, as [`el`].
#[must_use]
pub fn html(markup: &'static str) -> El {
    let around = el("div", "").0;
    around.set_inner_html(markup);
    let element = around.first_element_child().expect("markup");
    element.remove();
    El(element)
}

/// A button that looks as `class` says.
#[must_use]
pub fn button(class: &str, text: &str, click: impl Fn() + 'static) -> El {
    el("button", class)
        .attr("type", "button")
        .text(text)
        .click(click)
}

/// Runs now and whenever what was read changes, as long as what it was made in is there.
pub fn follow(run: impl Fn() + 'static) {
    follow_boxed(Box::new(run));
}

fn follow_boxed(run: Box<dyn Fn()>) {
    let effect = RenderEffect::new(move |_| run());
    // What is kept goes away with its owner.
    let _ = StoredValue::new_local(effect);
}

/// Calls `heard` at each event of the window, as long as what it was made in is there.
pub fn on_window<E: JsCast>(name: &'static str, heard: impl Fn(E) + 'static) {
    listen(&window(), name, boxed(heard));
}

/// The same for events of the document.
pub fn on_document<E: JsCast>(name: &'static str, heard: impl Fn(E) + 'static) {
    listen(&document(), name, boxed(heard));
}

fn boxed<E: JsCast>(heard: impl Fn(E) + 'static) -> Box<dyn Fn(Event)> {
    Box::new(move |event| heard(event.unchecked_into()))
}

/// Something that listens, and stops when it goes away: an element that is taken out of the page
/// may still send events, such as the loss of the focus.
struct Listener {
    target: EventTarget,
    name: &'static str,
    closure: Closure<dyn Fn(Event)>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        let heard = self.closure.as_ref().unchecked_ref();
        let _ = self
            .target
            .remove_event_listener_with_callback(self.name, heard);
    }
}

fn listen(target: &EventTarget, name: &'static str, heard: Box<dyn Fn(Event)>) {
    let closure = Closure::wrap(heard);
    let heard = closure.as_ref().unchecked_ref();
    // A wheel that is listened to has to be able to refuse scrolling.
    let options = web_sys::AddEventListenerOptions::new();
    options.set_passive(false);
    let _ = target
        .add_event_listener_with_callback_and_add_event_listener_options(name, heard, &options);
    let _ = StoredValue::new_local(Listener {
        target: target.clone(),
        name,
        closure,
    });
}

#[expect(
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    reason = "what is wired is the element in the page, whether the handle is used or not"
)]
impl El {
    /// A handle of an element that is there.
    #[must_use]
    pub fn of(element: Element) -> Self {
        Self(element)
    }

    /// The element itself.
    #[must_use]
    pub fn node(&self) -> &Element {
        &self.0
    }

    /// The element as one that can be focused and clicked.
    #[must_use]
    pub fn focusable(&self) -> &HtmlElement {
        self.0.unchecked_ref()
    }

    /// The first element in this one that a selector of CSS finds.
    ///
    /// # Panics
    /// Where there is none: markup and program do not fit.
    #[must_use]
    pub fn find(&self, selector: &str) -> Self {
        let found = self.0.query_selector(selector).ok().flatten();
        Self(found.unwrap_or_else(|| panic!("no {selector} in the markup")))
    }

    /// The element in this one that has this `data-testid`.
    ///
    /// # Panics
    /// As [`Self::find`].
    #[must_use]
    pub fn at(&self, name: &str) -> Self {
        let mut selector = "[data-testid=".to_owned();
        selector.push_str(name);
        selector.push(']');
        self.find(&selector)
    }

    /// Sets an attribute.
    pub fn attr(self, name: &str, value: &str) -> Self {
        let _ = self.0.set_attribute(name, value);
        self
    }

    /// Names it for tests.
    pub fn id(self, name: &str) -> Self {
        self.attr("data-testid", name)
    }

    /// Puts text at its end.
    pub fn text(self, text: &str) -> Self {
        let _ = self.0.append_with_str_1(text);
        self
    }

    /// Puts an element at its end.
    pub fn child(self, child: impl Borrow<Self>) -> Self {
        let _ = self.0.append_child(&child.borrow().0);
        self
    }

    /// Puts elements at its end.
    pub fn all(self, children: Vec<Self>) -> Self {
        for child in children {
            let _ = self.0.append_child(&child.0);
        }
        self
    }

    /// Puts another element in the place of this one.
    pub fn become_(&self, other: &Self) {
        let _ = self.0.replace_with_with_node_1(&other.0);
    }

    /// An attribute that follows.
    pub fn live(self, name: &'static str, value: impl Fn() -> String + 'static) -> Self {
        self.bind(
            Box::new(value),
            Box::new(move |element, value| {
                let _ = element.set_attribute(name, value);
            }),
        );
        self
    }

    /// Text that follows, in the place of all that it has.
    pub fn says(self, text: impl Fn() -> String + 'static) -> Self {
        self.bind(
            Box::new(text),
            Box::new(|element, text| {
                element.set_text_content(Some(text));
            }),
        );
        self
    }

    /// What is entered in a field follows, and the caret stays where nothing changes.
    pub fn value(self, value: impl Fn() -> String + 'static) -> Self {
        self.bind(
            Box::new(value),
            Box::new(|element, value| {
                let name = JsValue::from_str("value");
                let value = JsValue::from_str(value);
                if js_sys::Reflect::get(element, &name).as_ref() != Ok(&value) {
                    let _ = js_sys::Reflect::set(element, &name, &value);
                }
            }),
        );
        self
    }

    /// A piece of its style that follows.
    pub fn style(self, name: &'static str, value: impl Fn() -> String + 'static) -> Self {
        self.bind(
            Box::new(value),
            Box::new(move |element, value| {
                let element: &HtmlElement = element.unchecked_ref();
                let _ = element.style().set_property(name, value);
            }),
        );
        self
    }

    fn bind(&self, value: Reads<String>, set: SetsText) {
        let element = self.0.clone();
        let before = RefCell::new(None::<String>);
        follow_boxed(Box::new(move || {
            let value = value();
            if before.borrow().as_ref() != Some(&value) {
                set(&element, &value);
                *before.borrow_mut() = Some(value);
            }
        }));
    }

    /// An attribute that is there or not, such as `disabled`.
    pub fn flag(self, name: &'static str, on: impl Fn() -> bool + 'static) -> Self {
        self.switch(
            Box::new(on),
            Box::new(move |element, on| {
                let _ = element.toggle_attribute_with_force(name, on);
            }),
        );
        self
    }

    /// A class that is there or not.
    pub fn class(self, name: &'static str, on: impl Fn() -> bool + 'static) -> Self {
        self.switch(
            Box::new(on),
            Box::new(move |element, on| {
                let _ = element.class_list().toggle_with_force(name, on);
            }),
        );
        self
    }

    /// Whether a box is checked.
    pub fn checked(self, on: impl Fn() -> bool + 'static) -> Self {
        self.switch(
            Box::new(on),
            Box::new(|element, on| {
                let element: &web_sys::HtmlInputElement = element.unchecked_ref();
                element.set_checked(on);
            }),
        );
        self
    }

    fn switch(&self, on: Reads<bool>, set: Switches) {
        let element = self.0.clone();
        follow_boxed(Box::new(move || set(&element, on())));
    }

    /// Calls `heard` at each event.
    pub fn on<E: JsCast>(self, name: &'static str, heard: impl Fn(E) + 'static) -> Self {
        listen(&self.0, name, boxed(heard));
        self
    }

    /// Calls `heard` at each click.
    pub fn click(self, heard: impl Fn() + 'static) -> Self {
        listen(&self.0, "click", Box::new(move |_| heard()));
        self
    }

    /// Calls `heard` with what is entered, at each event of this name.
    pub fn entered(self, name: &'static str, heard: impl Fn(String) + 'static) -> Self {
        let own = self.0.clone();
        listen(
            &self.0,
            name,
            Box::new(move |_| {
                let value = js_sys::Reflect::get(&own, &JsValue::from_str("value"));
                heard(
                    value
                        .ok()
                        .and_then(|value| value.as_string())
                        .unwrap_or_default(),
                );
            }),
        );
        self
    }

    /// Calls `heard` with a number that is entered, at each event of this name.
    pub fn number(self, name: &'static str, heard: impl Fn(f64) + 'static) -> Self {
        self.entered(name, move |value| {
            if let Ok(value) = value.parse() {
                heard(value);
            }
        })
    }

    /// Elements that follow, in the place of all that it has. They are made anew at each change of
    /// what `elements` reads, and what was made in them goes away before.
    pub fn region(self, elements: impl Fn() -> Vec<Self> + 'static) -> Self {
        self.region_boxed(Box::new(elements));
        self
    }

    /// The same for one element, or none.
    pub fn part(self, element: impl Fn() -> Option<Self> + 'static) -> Self {
        self.region_boxed(Box::new(move || element().into_iter().collect()));
        self
    }

    fn region_boxed(&self, elements: Reads<Vec<Self>>) {
        let own = self.0.clone();
        follow_boxed(Box::new(move || {
            let children = js_sys::Array::new();
            for element in elements() {
                children.push(&element.0);
            }
            own.replace_children_with_node(&children);
        }));
    }
}
