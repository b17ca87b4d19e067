//! Saving texts and PNG images as files.

use std::time::Duration;

use hpa_simulation::chart::Theme;
use leptos::prelude::{document, set_timeout, window};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, HtmlCanvasElement, HtmlElement};

/// The page's current color theme.
#[must_use]
pub fn theme() -> Theme {
    let query = window().match_media("(prefers-color-scheme: dark)");
    let is_dark = query.ok().flatten().is_some_and(|query| query.matches());
    if is_dark { Theme::Dark } else { Theme::Light }
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
    // Some browsers start reading the file only after the click.
    let forget = move || {
        let _ = web_sys::Url::revoke_object_url(&url);
    };
    set_timeout(forget, Duration::from_secs(10));
}

/// Saves a drawing as PNG at twice its size.
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

#[cfg(test)]
mod tests {
    use hpa_simulation::chart::Color;

    use super::*;

    /// `#rrggbb` or `#rrggbbaa` as a color without alpha and an opacity.
    fn parted(color: &str) -> (&str, f64) {
        let (color, alpha) = color.split_at(7);
        let alpha = u8::from_str_radix(alpha, 16).unwrap_or(255);
        (color, f64::from(alpha) / 255.0)
    }

    #[test]
    fn files_have_the_colors_of_the_style_sheet() {
        let sheet = include_str!("../../style.css");
        for color in Color::ALL {
            let name = color.variable().trim_start_matches("var(");
            let name = name.trim_end_matches(')');
            let start = format!("  {name}: light-dark(");
            let line = sheet.lines().find_map(|line| line.strip_prefix(&start));
            let values = line.and_then(|line| line.strip_suffix(");"));
            let (light, dark) = values
                .and_then(|values| values.split_once(", "))
                .unwrap_or_else(|| panic!("no {name} in the style sheet"));
            for (theme, value) in [(Theme::Light, light), (Theme::Dark, dark)] {
                let ((drawn, opacity), (styled, alpha)) = (theme.color(color), parted(value));
                assert_eq!(drawn, styled, "{name}");
                assert!(
                    (opacity - alpha).abs() < 0.001,
                    "{name}: {opacity} is not {alpha}"
                );
            }
        }
    }
}
