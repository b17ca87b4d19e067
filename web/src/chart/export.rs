//! Knows how a chart leaves the page: as text on the clipboard, as a file, as a picture.

use std::time::Duration;

use leptos::prelude::{document, set_timeout, window};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, Element, HtmlAnchorElement, HtmlCanvasElement, HtmlElement};

/// What decides on the look of an element in a picture that stands alone.
const STYLES: [&str; 11] = [
    "fill",
    "fill-opacity",
    "stroke",
    "stroke-width",
    "stroke-dasharray",
    "stroke-linecap",
    "opacity",
    "font-family",
    "font-size",
    "text-anchor",
    "display",
];

/// The drawing in `figure` as a file of its own, with its title and the colors that it has now.
#[must_use]
pub fn svg(figure: &Element, title: &str) -> Option<String> {
    standalone(figure, title).ok().flatten()
}

fn standalone(figure: &Element, title: &str) -> Result<Option<String>, JsValue> {
    let Some(drawing) = figure.query_selector(".plot svg")? else {
        return Ok(None);
    };
    let (width, height) = (drawing.client_width(), drawing.client_height());
    let copy: Element = drawing.clone_node_with_deep(true)?.unchecked_into();
    let (from, to) = (
        drawing.query_selector_all("*")?,
        copy.query_selector_all("*")?,
    );
    for position in 0..from.length() {
        if let (Some(from), Some(to)) = (from.item(position), to.item(position)) {
            dress(from.unchecked_ref(), to.unchecked_ref())?;
        }
    }
    if let Some(pointers) = copy.query_selector(".pointers")? {
        pointers.remove();
    }
    let patterns = document().query_selector(".patterns defs")?;
    if let Some(patterns) = patterns {
        let copied: Element = patterns.clone_node_with_deep(true)?.unchecked_into();
        let (from, to) = (
            patterns.query_selector_all("path")?,
            copied.query_selector_all("path")?,
        );
        for position in 0..from.length() {
            if let (Some(from), Some(to)) = (from.item(position), to.item(position)) {
                dress(from.unchecked_ref(), to.unchecked_ref())?;
            }
        }
        copy.insert_before(&copied, copy.first_child().as_ref())?;
    }
    let namespace = Some("http://www.w3.org/2000/svg");
    let background = document().create_element_ns(namespace, "rect")?;
    let color = window()
        .get_computed_style(
            &document()
                .document_element()
                .unwrap_or_else(|| figure.clone()),
        )?
        .and_then(|style| style.get_property_value("background-color").ok())
        .unwrap_or_default();
    for (name, value) in [("width", "100%"), ("height", "100%"), ("fill", &color)] {
        background.set_attribute(name, value)?;
    }
    copy.insert_before(&background, copy.first_child().as_ref())?;
    let named = document().create_element_ns(namespace, "title")?;
    named.set_text_content(Some(title));
    copy.insert_before(&named, copy.first_child().as_ref())?;
    copy.set_attribute("xmlns", "http://www.w3.org/2000/svg")?;
    copy.set_attribute("width", &width.to_string())?;
    copy.set_attribute("height", &height.to_string())?;
    copy.set_attribute("viewBox", &format!("0 0 {width} {height}"))?;
    web_sys::XmlSerializer::new()?
        .serialize_to_string(&copy)
        .map(Some)
}

/// Writes the look of an element into its copy, which has no style sheet.
fn dress(from: &Element, to: &Element) -> Result<(), JsValue> {
    if let Some(style) = window().get_computed_style(from)? {
        for name in STYLES {
            let mut value = style.get_property_value(name)?;
            // The page's address is no part of the picture.
            if let Some(at) = value.find("url(").filter(|_| value.contains('#')) {
                let id = value.split('#').nth(1).unwrap_or_default();
                let id = id.split(['"', ')']).next().unwrap_or_default();
                value = format!("{}url(#{id})", &value[..at]);
            }
            if !value.is_empty() && value != "normal" {
                to.set_attribute(name, &value)?;
            }
        }
    }
    to.remove_attribute("class")?;
    to.remove_attribute("data-testid")
}

/// Saves a text as a file.
pub fn save(name: &str, kind: &str, text: &str) {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let parts = web_sys::js_sys::Array::of1(&text.into());
    if let Ok(blob) = Blob::new_with_str_sequence_and_options(&parts, &options) {
        save_blob(name, &blob);
    }
}

fn save_blob(name: &str, blob: &Blob) {
    let Ok(url) = web_sys::Url::create_object_url_with_blob(blob) else {
        return;
    };
    if let Ok(link) = document().create_element("a") {
        let link: HtmlAnchorElement = link.unchecked_into();
        link.set_href(&url);
        link.set_download(name);
        link.unchecked_ref::<HtmlElement>().click();
    }
    // The browser has taken the file when the click is done with, but not every one at once.
    let forget = move || {
        let _ = web_sys::Url::revoke_object_url(&url);
    };
    set_timeout(forget, Duration::from_secs(10));
}

/// Saves a drawing as PNG, two pixels for each of the screen's.
pub fn save_png(name: String, svg: &str, (width, height): (f64, f64)) {
    let Ok(image) = web_sys::HtmlImageElement::new() else {
        return;
    };
    let drawn = image.clone();
    let loaded = Closure::once_into_js(move || {
        let _ = paint(&drawn, name, (width, height));
    });
    image.set_onload(Some(loaded.unchecked_ref()));
    let text = String::from(web_sys::js_sys::encode_uri_component(svg));
    image.set_src(&format!("data:image/svg+xml;charset=utf-8,{text}"));
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "pixels"
)]
fn paint(
    image: &web_sys::HtmlImageElement,
    name: String,
    (width, height): (f64, f64),
) -> Result<(), JsValue> {
    let canvas: HtmlCanvasElement = document().create_element("canvas")?.unchecked_into();
    canvas.set_width((width * 2.0) as u32);
    canvas.set_height((height * 2.0) as u32);
    if let Some(context) = canvas.get_context("2d")? {
        let context: web_sys::CanvasRenderingContext2d = context.unchecked_into();
        context.draw_image_with_html_image_element_and_dw_and_dh(
            image,
            0.0,
            0.0,
            width * 2.0,
            height * 2.0,
        )?;
    }
    let ready = Closure::once_into_js(move |blob: Option<Blob>| {
        if let Some(blob) = blob {
            save_blob(&name, &blob);
        }
    });
    canvas.to_blob(ready.unchecked_ref())
}
