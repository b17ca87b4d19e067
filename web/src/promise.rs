//! Callbacks for JavaScript promises. Not `async`: each spawned future would add a kilobyte to the page.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

type Done = Box<dyn FnOnce(Option<JsValue>)>;

/// Calls `done` once with the value of the promise, or with `None` if it is rejected.
pub fn settled(promise: &JsValue, done: impl FnOnce(Option<JsValue>) + 'static) {
    settled_boxed(promise, Box::new(done));
}

fn settled_boxed(promise: &JsValue, done: Done) {
    let done = Rc::new(Cell::new(Some(done)));
    let failed = Rc::clone(&done);
    let heard = Closure::once_into_js(move |value: JsValue| tell(&done, Some(value)));
    let failed = Closure::once_into_js(move |_: JsValue| tell(&failed, None));
    if let Ok(then) = js_sys::Reflect::get(promise, &"then".into()) {
        let then: js_sys::Function = then.unchecked_into();
        let _ = then.call2(promise, &heard, &failed);
    }
}

fn tell(done: &Cell<Option<Done>>, value: Option<JsValue>) {
    if let Some(done) = done.take() {
        done(value);
    }
}
