//! The styles of lines and areas, on the page and in SVG files.

/// A color by its meaning. The page's style sheet defines the variables of these names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Color {
    /// The background.
    Paper,
    /// Text, and the main line of a chart.
    Ink,
    /// Labels, and lines to compare with.
    Quiet,
    /// Grid lines.
    Rule,
    /// Borders of controls.
    Control,
    /// Desired replicas.
    Desired,
    /// Ready pods.
    Ready,
    /// The area under the ready pods.
    ReadyArea,
    /// Limits and rate limits.
    Limit,
    /// Replicas held by a stabilization window.
    Held,
    /// Losses.
    Error,
    /// The band within a metric's tolerance.
    BandArea,
    /// The area under the load.
    LoadArea,
}

impl Color {
    /// All colors.
    pub const ALL: [Self; 13] = [
        Self::Paper,
        Self::Ink,
        Self::Quiet,
        Self::Rule,
        Self::Control,
        Self::Desired,
        Self::Ready,
        Self::ReadyArea,
        Self::Limit,
        Self::Held,
        Self::Error,
        Self::BandArea,
        Self::LoadArea,
    ];

    /// The color as a value of CSS that names the variable of the page's style sheet.
    #[must_use]
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Paper => "var(--paper)",
            Self::Ink => "var(--ink)",
            Self::Quiet => "var(--quiet)",
            Self::Rule => "var(--rule)",
            Self::Control => "var(--control)",
            Self::Desired => "var(--desired)",
            Self::Ready => "var(--ready)",
            Self::ReadyArea => "var(--ready-area)",
            Self::Limit => "var(--limit)",
            Self::Held => "var(--held)",
            Self::Error => "var(--error)",
            Self::BandArea => "var(--band-area)",
            Self::LoadArea => "var(--load-area)",
        }
    }

    /// The color on a light background, on a dark one, and one that is legible on both, each as
    /// `#rrggbb` with an opacity.
    const fn palette(self) -> [(&'static str, f64); 3] {
        match self {
            Self::Paper => [("#ffffff", 1.0), ("#15181c", 1.0), ("none", 1.0)],
            Self::Ink => [("#1b1f24", 1.0), ("#e4e7ea", 1.0), ("#727981", 1.0)],
            Self::Quiet => [("#565e68", 1.0), ("#a2abb5", 1.0), ("#7b828b", 1.0)],
            Self::Rule => [("#dcdfe4", 1.0), ("#2e343b", 1.0), ("#7b828b", 0.3)],
            Self::Control => [("#858d97", 1.0), ("#79838e", 1.0), ("#7f8892", 1.0)],
            Self::Desired => [("#0060a8", 1.0), ("#62b4f4", 1.0), ("#2181cc", 1.0)],
            Self::Ready => [("#00775a", 1.0), ("#3cc79d", 1.0), ("#11906f", 1.0)],
            Self::ReadyArea => [("#00775a", 0.149), ("#3cc79d", 0.18), ("#11906f", 0.165)],
            Self::Limit => [("#a84a00", 1.0), ("#f0a04f", 1.0), ("#c06a1a", 1.0)],
            Self::Held => [("#8a3d8f", 1.0), ("#d79be0", 1.0), ("#a85fae", 1.0)],
            Self::Error => [("#b3261e", 1.0), ("#ff8a80", 1.0), ("#d8544b", 1.0)],
            Self::BandArea => [("#1b1f24", 0.078), ("#e4e7ea", 0.102), ("#727981", 0.15)],
            Self::LoadArea => [("#1b1f24", 0.071), ("#e4e7ea", 0.086), ("#727981", 0.13)],
        }
    }
}

/// The theme of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// The page, whose style sheet defines the colors.
    Page,
    /// A light background.
    Light,
    /// A dark background.
    Dark,
    /// Either: without a background, in colors with enough contrast on both.
    Neutral,
}

impl Theme {
    /// The value of CSS for a color, and its opacity.
    #[must_use]
    pub const fn color(self, color: Color) -> (&'static str, f64) {
        let [light, dark, neutral] = color.palette();
        match self {
            Self::Page => (color.variable(), 1.0),
            Self::Light => light,
            Self::Dark => dark,
            Self::Neutral => neutral,
        }
    }
}

/// The fill of an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// Nothing.
    None,
    /// A color.
    Color(Color),
    /// The pattern of [`HATCHES`] for replicas held by a stabilization window.
    HeldHatch,
    /// The pattern of [`HATCHES`] for replicas cut by a rate limit.
    RateHatch,
}

/// The patterns that areas are filled with, as elements of an SVG's `defs` in the page's colors.
pub const HATCHES: &str = r#"<pattern id="held-hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V5" stroke="var(--held)" stroke-width="1.5"/></pattern><pattern id="rate-hatch" width="4" height="4" patternUnits="userSpaceOnUse"><path d="M0 2H4" stroke="var(--limit)" stroke-width="1.5"/></pattern>"#;

/// The style of a path. Without a stroke, only its area is painted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style {
    fill: Fill,
    fill_opacity: f64,
    stroke: Option<Color>,
    /// In pixels.
    width: f64,
    /// Lengths of dashes and gaps \[px\]; empty for a continuous line.
    dashes: &'static str,
    round: bool,
    opacity: f64,
}

impl Style {
    /// A continuous line of `width` pixels.
    #[must_use]
    pub const fn line(color: Color, width: f64) -> Self {
        Self {
            fill: Fill::None,
            fill_opacity: 1.0,
            stroke: Some(color),
            width,
            dashes: "",
            round: false,
            opacity: 1.0,
        }
    }

    /// An area without an outline.
    #[must_use]
    pub const fn area(fill: Fill) -> Self {
        Self {
            stroke: None,
            ..Self::line(Color::Ink, 1.0)
        }
        .filled(fill, 1.0)
    }

    /// Dots of `size` pixels: zero-length lines.
    #[must_use]
    pub const fn dots(color: Color, size: f64) -> Self {
        Self {
            round: true,
            ..Self::line(color, size)
        }
    }

    /// Adds an area.
    #[must_use]
    pub const fn filled(self, fill: Fill, opacity: f64) -> Self {
        Self {
            fill,
            fill_opacity: opacity,
            ..self
        }
    }

    /// Makes the line dashed.
    #[must_use]
    pub const fn dashed(self, dashes: &'static str) -> Self {
        Self { dashes, ..self }
    }

    /// Makes the path translucent.
    #[must_use]
    pub const fn translucent(self, opacity: f64) -> Self {
        Self { opacity, ..self }
    }

    /// Whether it paints an area.
    pub(super) fn has_area(&self) -> bool {
        self.fill != Fill::None
    }

    /// Calls `write` with each attribute of SVG that differs from its default; `fill` is expected to
    /// be `none` by default.
    pub fn attributes(&self, theme: Theme, mut write: impl FnMut(&'static str, &str)) {
        let fill_color = match self.fill {
            Fill::None => None,
            Fill::Color(color) => Some(theme.color(color)),
            Fill::HeldHatch => Some(("url(#held-hatch)", 1.0)),
            Fill::RateHatch => Some(("url(#rate-hatch)", 1.0)),
        };
        if let Some((fill, opacity)) = fill_color {
            write("fill", fill);
            number("fill-opacity", opacity * self.fill_opacity, &mut write);
        }
        if let Some((stroke, opacity)) = self.stroke.map(|color| theme.color(color)) {
            write("stroke", stroke);
            number("stroke-opacity", opacity, &mut write);
            number("stroke-width", self.width, &mut write);
            if !self.dashes.is_empty() {
                write("stroke-dasharray", self.dashes);
            }
            if self.round {
                write("stroke-linecap", "round");
            }
        }
        number("opacity", self.opacity, &mut write);
    }
}

/// All of these attributes are 1 by default.
fn number(name: &'static str, value: f64, write: &mut impl FnMut(&'static str, &str)) {
    if value.to_bits() != 1.0_f64.to_bits() {
        let rounded = (value * 1000.0).round() / 1000.0;
        write(name, &rounded.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_support::check_each;

    fn written(style: Style, theme: Theme) -> String {
        let mut text = String::new();
        style.attributes(theme, |name, value| text += &format!("{name}={value} "));
        text
    }

    #[test]
    fn a_style_names_only_what_differs_from_the_default() {
        assert_eq!(
            written(Style::line(Color::Ink, 1.0), Theme::Page),
            "stroke=var(--ink) "
        );
        assert_eq!(
            written(Style::area(Fill::Color(Color::ReadyArea)), Theme::Light),
            "fill=#00775a fill-opacity=0.149 "
        );
        assert_eq!(
            written(Style::dots(Color::Held, 3.0).translucent(0.5), Theme::Dark),
            "stroke=#d79be0 stroke-width=3 stroke-linecap=round opacity=0.5 "
        );
        let area = Style::line(Color::Error, 1.0).filled(Fill::Color(Color::Error), 0.3);
        assert_eq!(
            written(area, Theme::Page),
            "fill=var(--error) fill-opacity=0.3 stroke=var(--error) "
        );
    }

    /// Upstream: the contrast ratio of WCAG 2.
    fn contrast(a: &str, b: &str) -> f64 {
        let luminance = |color: &str| {
            let channel = |at: usize| {
                let value = u8::from_str_radix(&color[at..at + 2], 16).expect("hexadecimal");
                let share = f64::from(value) / 255.0;
                if share <= 0.04045 {
                    share / 12.92
                } else {
                    libm::pow((share + 0.055) / 1.055, 2.4)
                }
            };
            0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn neutral_colors_have_contrast_on_light_and_dark_backgrounds() {
        check_each(Color::ALL, |color| {
            let (value, opacity) = Theme::Neutral.color(color);
            if color == Color::Paper || opacity < 1.0 {
                return;
            }
            let least = if matches!(color, Color::Ink | Color::Quiet) {
                3.8 // Text.
            } else {
                3.0
            };
            check_each(["#ffffff", "#15181c"], |paper| {
                let contrast = contrast(value, paper);
                assert!(contrast >= least, "{color:?} on {paper}: {contrast:.2}");
            });
        });
    }
}
