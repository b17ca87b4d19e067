//! The mounted page, driven through the document as a person would.
#![cfg(target_arch = "wasm32")]

use leptos::prelude::document;
use leptos::wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, Event, EventInit, HtmlElement, HtmlInputElement, HtmlTextAreaElement};

wasm_bindgen_test_configure!(run_in_browser);

/// A page of its own for one test, taken away at its end.
struct Page {
    root: HtmlElement,
    _mounted: Box<dyn std::any::Any>,
}

impl Page {
    fn open() -> Self {
        Self::with(hpa_web::options::Options::default())
    }

    fn with(options: hpa_web::options::Options) -> Self {
        if let Ok(Some(storage)) = leptos::prelude::window().local_storage() {
            let _ = storage.clear();
        }
        let root: HtmlElement = document()
            .create_element("div")
            .expect("an element")
            .unchecked_into();
        document()
            .body()
            .expect("a body")
            .append_child(&root)
            .expect("a child");
        let mounted = leptos::mount::mount_to(root.clone(), move || {
            leptos::view! { <hpa_web::App options=options /> }
        });
        Self {
            root,
            _mounted: Box::new(mounted),
        }
    }

    fn all(&self, selector: &str) -> Vec<Element> {
        let found = self.root.query_selector_all(selector).expect("a selector");
        (0..found.length())
            .filter_map(|i| found.item(i))
            .map(JsCast::unchecked_into)
            .collect()
    }

    fn find(&self, name: &str) -> Element {
        let selector = format!("[data-testid={name}]");
        self.all(&selector)
            .pop()
            .unwrap_or_else(|| panic!("no {selector}"))
    }

    fn text(&self, name: &str) -> String {
        self.find(name).text_content().unwrap_or_default()
    }

    async fn click(&self, name: &str) {
        self.find(name).unchecked_into::<HtmlElement>().click();
        settle().await;
    }

    async fn type_text(&self, text: &str) {
        let area: HtmlTextAreaElement = self.find("manifests").unchecked_into();
        area.set_value(text);
        fire(&area, "input").await;
    }

    fn typed(&self) -> String {
        self.find("manifests")
            .unchecked_into::<HtmlTextAreaElement>()
            .value()
    }

    async fn slide(&self, name: &str, value: &str) {
        let slider: HtmlInputElement = self.find(name).unchecked_into();
        slider.set_value(value);
        fire(&slider, "input").await;
        fire(&slider, "change").await;
    }
}

/// The text that the page has saved in the browser.
fn kept() -> Option<String> {
    let storage = leptos::prelude::window().local_storage().ok().flatten();
    storage.and_then(|storage| storage.get_item("hpa-playground/v1/text").ok().flatten())
}

impl Drop for Page {
    fn drop(&mut self) {
        self.root.remove();
    }
}

async fn fire(element: &Element, name: &str) {
    let bubbling = EventInit::new();
    bubbling.set_bubbles(true);
    let event = Event::new_with_event_init_dict(name, &bubbling).expect("an event");
    element.dispatch_event(&event).expect("dispatched");
    settle().await;
}

/// Waits until everything that follows from a change has happened: the run of a text may take tasks of
/// its own, and the value of a field is set in a task after the effect that sets it.
async fn settle() {
    loop {
        leptos::task::tick().await;
        leptos::task::tick().await;
        let busy = document().query_selector("[aria-busy=true]");
        if busy.is_ok_and(|busy| busy.is_none()) {
            return;
        }
        gloo_timers::future::TimeoutFuture::new(0).await;
    }
}

#[wasm_bindgen_test]
async fn the_first_visit_shows_the_walkthrough_and_explains_its_first_step() {
    let page = Page::open();
    settle().await;
    assert_eq!(
        page.all("h1")[0].text_content().as_deref(),
        Some("HPA Playground")
    );
    assert_eq!(page.text("outcome"), "1 → 4 replicas");
    assert!(
        page.text("explanation").contains("305 %"),
        "{}",
        page.text("explanation")
    );
    let conditions = page.text("conditions");
    for word in [
        "AbleToScale",
        "SucceededRescale",
        "ScalingLimited",
        "ScaleUpLimit",
    ] {
        assert!(conditions.contains(word), "{conditions}");
    }
}

#[wasm_bindgen_test]
async fn bad_yaml_shows_its_line_and_the_last_good_run_stays() {
    let page = Page::open();
    settle().await;
    let good = page.typed();
    let line = 1 + good
        .lines()
        .position(|line| line.contains("maxReplicas: 10"))
        .expect("the field");
    page.type_text(&good.replace("maxReplicas: 10", "maxReplicas: ten"))
        .await;
    assert!(
        page.text("problems").contains(&format!("Line {line}")),
        "{}",
        page.text("problems")
    );
    assert_eq!(
        page.all(".line-error").len(),
        1,
        "the line is marked in the editor"
    );
    assert!(page.text("stale").contains("last run that worked"));
    assert_eq!(page.text("outcome"), "1 → 4 replicas");
    page.type_text(&good).await;
    assert!(page.all("[data-testid=stale]").is_empty());
    assert!(page.all(".line-error").is_empty());
}

#[wasm_bindgen_test]
async fn a_click_on_a_problem_selects_its_place() {
    let page = Page::open();
    settle().await;
    let text = page.typed().replace("maxReplicas: 10", "maxReplicas: -1");
    page.type_text(&text).await;
    let button: HtmlElement = page.all(".problem-error button").remove(0).unchecked_into();
    button.click();
    let area: HtmlTextAreaElement = page.find("manifests").unchecked_into();
    let start = area.selection_start().ok().flatten().expect("a selection") as usize;
    let rest: Vec<u16> = text.encode_utf16().skip(start).collect();
    let rest = String::from_utf16_lossy(&rest);
    assert!(
        rest.starts_with("maxReplicas") || rest.starts_with("-1"),
        "{rest}"
    );
    assert_eq!(
        document()
            .active_element()
            .map(|element| element.tag_name())
            .as_deref(),
        Some("TEXTAREA")
    );
}

#[wasm_bindgen_test]
async fn the_load_slider_changes_the_replicas_and_the_text() {
    let page = Page::open();
    settle().await;
    page.slide("scrubber", "300").await;
    assert_eq!(page.text("desired"), "7 pods");
    page.slide("load", "100").await;
    page.slide("scrubber", "600").await;
    assert_eq!(page.text("desired"), "10 pods");
    assert!(
        page.typed().contains("{at: 5m, rate: 100}"),
        "{}",
        page.typed()
    );
    assert!(
        page.typed().contains("{at: 11m, rate: 0}"),
        "what comes later stays"
    );
}

#[wasm_bindgen_test]
async fn stepping_moves_the_cursor_from_sync_to_sync() {
    let page = Page::open();
    settle().await;
    page.slide("scrubber", "0").await;
    assert_eq!(page.text("clock"), "0:00");
    page.click("step-forward").await;
    assert_eq!(page.text("clock"), "0:15");
    page.click("step-forward").await;
    page.click("step-forward").await;
    assert_eq!(page.text("clock"), "0:45");
    page.click("step-back").await;
    assert_eq!(page.text("clock"), "0:30");
}

#[wasm_bindgen_test]
async fn a_number_in_the_text_changes_the_run() {
    let page = Page::open();
    settle().await;
    page.slide("scrubber", "600").await;
    page.type_text(
        &page
            .typed()
            .replace("averageUtilization: 50", "averageUtilization: 100"),
    )
    .await;
    assert_eq!(page.text("desired"), "4 pods");
}

#[wasm_bindgen_test]
async fn undo_takes_a_stroke_back_and_redo_brings_it_again() {
    let page = Page::open();
    settle().await;
    let before = page.typed();
    let off = |page: &Page, name| page.find(name).get_attribute("aria-disabled");
    assert_eq!(off(&page, "undo").as_deref(), Some("true"));
    page.slide("load", "90").await;
    page.slide("load", "100").await;
    let after = page.typed();
    assert_eq!(off(&page, "undo").as_deref(), Some("false"));
    page.click("undo").await;
    assert_eq!(page.typed(), before);
    assert_eq!(off(&page, "undo").as_deref(), Some("true"));
    page.click("redo").await;
    assert_eq!(page.typed(), after);
}

#[wasm_bindgen_test]
async fn the_link_carries_the_text_and_the_cursor() {
    let page = Page::open();
    settle().await;
    let text = page.typed().replace("maxReplicas: 10", "maxReplicas: 6");
    page.type_text(&text).await;
    page.slide("scrubber", "300").await;
    page.click("open-share").await;
    let field: HtmlTextAreaElement = page.find("form-link").unchecked_into();
    let value = field.value();
    let (_, link) = value.split_once('#').expect("a fragment");
    let content = hpa_simulation::experiment::link::decode(link).expect("a link");
    assert_eq!(content.text, text);
    assert_eq!(content.cursor, Some(300_000));
}

#[wasm_bindgen_test]
async fn a_page_begins_with_the_link_of_its_options() {
    use hpa_simulation::experiment::link::{Content, decode, encode};
    use hpa_web::lazy::PartMissing;
    use hpa_web::options::Options;
    use hpa_web::session::link::LinkFailure;
    let text = hpa_web::model::PHP_APACHE.replace("maxReplicas: 10", "maxReplicas: 6");
    let content = Content::of(text.clone()).with_cursor(Some(300_000));
    let link = decode(&encode(&content)).map_err(LinkFailure::Undecodable);
    let page = Page::with(Options {
        link: Some(link),
        ..Options::default()
    });
    settle().await;
    assert_eq!(page.typed(), text);
    assert_eq!(page.text("clock"), "5:00");
    let page = Page::with(Options {
        link: Some(Err(LinkFailure::PartMissing(PartMissing))),
        ..Options::default()
    });
    settle().await;
    assert_eq!(page.typed(), hpa_web::model::PHP_APACHE);
    assert!(
        page.text("notice")
            .contains("The link was not opened: a part")
    );
}

#[wasm_bindgen_test]
async fn a_page_that_embeds_it_chooses_what_is_shown_and_may_lock_it() {
    use hpa_web::options::{Access, Options, Theme};
    let text = hpa_web::model::PHP_APACHE.replace("maxReplicas: 10", "maxReplicas: 3");
    let page = Page::with(Options {
        access: Access::ReadOnly,
        panels: vec![hpa_web::state::Panel::Charts],
        theme: Theme::Dark,
        start: Some(text.clone()),
        ..Options::default()
    });
    settle().await;
    assert_eq!(page.typed(), text);
    assert!(page.find("manifests").has_attribute("readonly"));
    assert!(page.find("load").has_attribute("disabled"));
    assert!(page.all("[data-testid=chart-load] .handle").is_empty());
    assert_eq!(page.all(".panel[hidden]").len(), 2);
    assert!(page.all("[data-testid=tour]").is_empty());
    assert!(
        page.all("[data-testid=open-files], [data-testid=open-gallery]")
            .is_empty()
    );
    assert_eq!(kept(), None);
    page.slide("scrubber", "600").await;
    assert_eq!(page.text("desired"), "3 pods");
}

#[wasm_bindgen_test]
async fn a_wave_becomes_points_when_it_is_drawn_and_a_wave_again() {
    let page = Page::open();
    settle().await;
    let handles = |page: &Page| page.all("[data-testid=chart-load] .handle").len();
    let step = "  step: {rate: 61, from: 1m, until: 11m}\n";
    let wave = page.typed().replace(step, "  wave: {mean: 30}\n");
    page.type_text(&wave).await;
    assert_eq!(handles(&page), 0);
    page.click("draw").await;
    assert!(handles(&page) > 10, "{}", handles(&page));
    assert!(page.typed().contains("interpolation: linear"));
    assert!(page.text("notice").contains("points joined by lines"));
    assert!(page.find("draw").has_attribute("hidden"));
    page.click("notice-undo").await;
    assert_eq!(page.typed(), wave);
}

#[wasm_bindgen_test]
async fn a_page_built_in_turn_is_busy_until_it_is_whole() {
    use gloo_timers::future::TimeoutFuture;
    use hpa_web::options::{Options, Pace};
    let options = Options {
        pace: Pace::InTurn,
        ..Options::default()
    };
    // One that is taken away before it is whole.
    drop(Page::with(options.clone()));
    let page = Page::with(options);
    let main = page.all("main").remove(0);
    assert_eq!(main.get_attribute("aria-busy").as_deref(), Some("true"));
    assert!(page.all("[data-testid=scrubber]").is_empty());
    for _ in 0..100 {
        if !main.has_attribute("aria-busy") {
            break;
        }
        TimeoutFuture::new(10).await;
    }
    assert!(!main.has_attribute("aria-busy"), "it becomes whole");
    settle().await;
    assert_eq!(page.text("outcome"), "1 → 4 replicas");
    assert!(!page.find("scrubber").has_attribute("disabled"));
}

#[wasm_bindgen_test]
async fn a_page_that_is_taken_away_saves_nothing_more() {
    let page = Page::open();
    settle().await;
    page.type_text("seed: 2\n").await;
    drop(page);
    gloo_timers::future::TimeoutFuture::new(500).await;
    assert_eq!(kept(), None);
}
