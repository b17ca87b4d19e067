//! Saving texts and images as files.

use gloo_timers::callback::Timeout;
use hpa_simulation::chart::{Svg, Theme};
use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, HtmlAnchorElement, HtmlImageElement, OffscreenCanvas,
    OffscreenCanvasRenderingContext2d, Url,
};

/// How long a file stays available after the click that saves it: some browsers begin to read it
/// only then [ms].
const AVAILABLE: u32 = 10_000;

/// How many pixels of an image there are for each pixel of its drawing.
const SCALE: f64 = 2.0;

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
    let parts = js_sys::Array::of1(&text.into());
    if let Ok(blob) = Blob::new_with_str_sequence_and_options(&parts, &options) {
        save_blob(name, &blob);
    }
}

/// Saves a file: a click on a link that is not in the page.
pub(super) fn save_blob(name: &str, blob: &Blob) {
    let Ok(url) = Url::create_object_url_with_blob(blob) else {
        return;
    };
    let link = document().create_element("a").ok();
    if let Some(link) = link.and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok()) {
        link.set_href(&url);
        link.set_download(name);
        link.click();
    }
    let forget = move || {
        let _ = Url::revoke_object_url(&url);
    };
    Timeout::new(AVAILABLE, forget).forget();
}

/// A drawing as a PNG image.
///
/// # Errors
/// Where the browser cannot draw it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "pixels"
)]
pub(super) async fn png(drawing: &Svg) -> Result<Blob, JsValue> {
    let image = HtmlImageElement::new()?;
    let text = String::from(js_sys::encode_uri_component(&drawing.text));
    image.set_src(&format!("data:image/svg+xml;charset=utf-8,{text}"));
    JsFuture::from(image.decode()).await?;
    let (width, height) = (drawing.size.0 * SCALE, drawing.size.1 * SCALE);
    let canvas = OffscreenCanvas::new(width as u32, height as u32)?;
    let context = canvas.get_context("2d")?.ok_or(JsValue::NULL)?;
    let context: OffscreenCanvasRenderingContext2d = context.unchecked_into();
    context.draw_image_with_html_image_element_and_dw_and_dh(&image, 0.0, 0.0, width, height)?;
    let blob = JsFuture::from(canvas.convert_to_blob()?).await?;
    Ok(blob.unchecked_into())
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
