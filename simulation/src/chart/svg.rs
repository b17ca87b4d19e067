//! Writes charts as a self-contained SVG file.

use std::fmt::Write as _;

use super::axes::{Axes, TimeLabels};
use super::description::{describe, heading};
use super::descriptor::Chart;
use super::kinds::ChartId;
use super::metric_display::MetricDisplay;
use super::picture::{Picture, Subject, View, draw};
use super::series::series;
use super::stabilization::{MARKS, StabilizationHold};
use super::style::{Color, HATCHES, Style, Theme};
use super::time_range::{TimeRange, length};
use crate::cluster::Trace;

/// Options of an SVG file.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SvgOptions<'a> {
    /// Width and height of each chart \[px\], without heading and legend.
    pub size: (f64, f64),
    /// The part of the run that is shown; `None` shows all of it.
    pub range: Option<TimeRange>,
    /// The theme. [`Theme::Page`] leaves the colors to a style sheet.
    pub theme: Theme,
    /// A run to compare with.
    pub compared: Option<&'a Trace>,
    /// The hold to mark in charts that show comparisons.
    pub hold: Option<StabilizationHold>,
}

impl SvgOptions<'_> {
    /// The whole run without comparison, in charts of this width and height \[px\].
    #[must_use]
    pub const fn new(size: (f64, f64), theme: Theme) -> Self {
        Self {
            size,
            range: None,
            theme,
            compared: None,
            hold: None,
        }
    }
}

/// An SVG file.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Svg {
    /// Its text.
    pub text: String,
    /// Its width and height \[px\].
    pub size: (f64, f64),
}

/// Space at the sides of the heading \[px\].
const MARGIN: f64 = 8.0;
/// Height of a line of the heading \[px\].
const LINE: f64 = 18.0;
/// Space between an entry of the legend and the next \[px\].
const APART: f64 = 16.0;
/// Width of a sample of the legend with the space after it \[px\].
const SAMPLE: f64 = 24.0;
/// Typical width of a character at 12 pixels; text cannot be measured here.
const CHARACTER: f64 = 7.4;

/// Draws charts of a run, one below the other; the lowest one has the labels of the time axis.
#[must_use]
pub fn svg(trace: &Trace, charts: &[ChartId], options: &SvgOptions<'_>) -> Svg {
    let metrics = MetricDisplay::of_all(&trace.setup);
    let headings = charts.iter().map(|id| heading(*id, &metrics));
    let title = headings.collect::<Vec<_>>().join(", ");
    let mut writer = Writer {
        body: String::new(),
        description: String::new(),
        top: 0.0,
        options,
    };
    for (position, id) in charts.iter().enumerate() {
        let time_labels = if position + 1 == charts.len() {
            TimeLabels::Shown
        } else {
            TimeLabels::Hidden
        };
        writer.chart(trace, *id, &metrics, time_labels);
    }
    writer.finish(&title)
}

struct Writer<'a> {
    body: String,
    description: String,
    /// The top of the next line or chart \[px\].
    top: f64,
    options: &'a SvgOptions<'a>,
}

impl Writer<'_> {
    fn chart(
        &mut self,
        trace: &Trace,
        id: ChartId,
        metrics: &[MetricDisplay],
        time_labels: TimeLabels,
    ) {
        let chart = id.kind.chart();
        let own = series(trace, id, metrics);
        let compared = self.options.compared.filter(|_| chart.compares);
        let compared = compared.map_or_else(Vec::new, |trace| series(trace, id, metrics));
        let subject = Subject {
            trace,
            series: &own,
            compared: &compared,
            metric: metrics.get(id.metric).filter(|_| chart.per_metric),
        };
        let view = View {
            size: self.options.size,
            range: self.options.range.unwrap_or((0.0, length(trace))),
            time_labels,
        };
        let heading = heading(id, metrics);
        if !self.description.is_empty() {
            self.description.push('\n');
        }
        self.description += &describe(&heading, &own, view.range);
        let unit = (chart.unit)(subject.metric);
        self.legend(&format!("{heading} [{}]", unit.name()), chart, trace);
        self.plot(chart, &draw(id, &subject, &view));
    }

    /// The heading, and beside it the legend in as many lines as needed.
    fn legend(&mut self, heading: &str, chart: &Chart, trace: &Trace) {
        self.top += LINE;
        let mut left = MARGIN;
        self.text(left, heading, " font-weight=\"600\"");
        left += (width(heading) * 1.1 + APART).round();
        let series = chart.series.iter();
        let entries = series.map(|one| (one.style, one.name.to_owned()));
        let notes = chart.notes.iter();
        let notes = notes.map(|note| (note.style, format!("{} {}", note.name, (note.text)(trace))));
        for (style, name) in entries.chain(notes) {
            let needed = (SAMPLE + width(&name)).round();
            if left + needed > self.options.size.0 - MARGIN {
                left = MARGIN;
                self.top += LINE;
            }
            let line = self.top - 4.0;
            let shape = if style.has_area() {
                format!("M{left} {}h18v10h-18z", line - 5.0)
            } else {
                format!("M{left} {line}h18")
            };
            self.path(&shape, &style);
            self.text(left + SAMPLE, &name, "");
            left += needed + APART;
        }
        self.top += 6.0;
    }

    fn plot(&mut self, chart: &Chart, picture: &Picture) {
        let (width, height) = self.options.size;
        // Anything outside the axes, such as a limit far above, is clipped.
        let _ = write!(
            self.body,
            r#"<svg y="{}" width="{width}" height="{height}">"#,
            self.top
        );
        self.axes(&picture.axes);
        for (layer, path) in chart.layers.iter().zip(&picture.paths) {
            if !path.is_empty() {
                self.path(path, &layer.style);
            }
        }
        let hold = self.options.hold.as_ref().filter(|_| chart.compares);
        if let Some(hold) = hold {
            for ((_, style), path) in MARKS.iter().zip(hold.marks(&picture.axes)) {
                self.path(&path, style);
            }
        }
        self.body += "</svg>\n";
        self.top += height;
    }

    fn axes(&mut self, axes: &Axes) {
        let grid = Style::line(Color::Rule, 1.0);
        for line in axes.grid() {
            self.path(&line, &grid);
        }
        let (color, _) = self.options.theme.color(Color::Quiet);
        let _ = write!(self.body, r#"<g fill="{color}" font-size="11">"#);
        for label in axes.labels() {
            let _ = write!(
                self.body,
                r#"<text x="{:.1}" y="{:.1}" dy="{}" text-anchor="{}">{}</text>"#,
                label.x,
                label.y,
                label.dy,
                label.anchor,
                escaped(label.text)
            );
        }
        self.body += "</g>";
    }

    fn path(&mut self, path: &str, style: &Style) {
        let _ = write!(self.body, r#"<path d="{path}""#);
        style.attributes(self.options.theme, |name, value| {
            let _ = write!(self.body, r#" {name}="{value}""#);
        });
        self.body += "/>";
    }

    fn text(&mut self, x: f64, text: &str, attributes: &str) {
        let (color, _) = self.options.theme.color(Color::Ink);
        let _ = write!(
            self.body,
            r#"<text x="{x:.1}" y="{}" fill="{color}" font-size="12"{attributes}>{}</text>"#,
            self.top,
            escaped(text)
        );
    }

    fn finish(self, title: &str) -> Svg {
        let theme = self.options.theme;
        let (width, height) = (self.options.size.0, self.top);
        let mut hatches = HATCHES.to_owned();
        for color in Color::ALL {
            hatches = hatches.replace(color.variable(), theme.color(color).0);
        }
        let (paper, _) = theme.color(Color::Paper);
        let text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" fill=\"none\" font-family=\"system-ui, sans-serif\">\n\
             <title>{}</title>\n<desc>{}</desc>\n<defs>{hatches}</defs>\n\
             <rect width=\"100%\" height=\"100%\" fill=\"{paper}\"/>\n{}</svg>\n",
            escaped(title),
            escaped(&self.description),
            self.body,
        );
        Svg {
            text,
            size: (width, height),
        }
    }
}

/// The approximate width of a text at 12 pixels \[px\].
fn width(text: &str) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a few characters")]
    let characters = text.chars().count() as f64;
    characters * CHARACTER
}

/// Escapes text for XML, and replaces characters that XML forbids.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\n' | '\t' => escaped.push(character),
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::ChartKind;
    use crate::chart::testing::{first, hold_at, walkthrough};

    #[test]
    fn user_text_is_escaped() {
        assert_eq!(
            escaped("a<b> & \"c\"\u{1}"),
            "a&lt;b&gt; &amp; &quot;c&quot;\u{fffd}"
        );
    }

    #[test]
    fn a_file_has_the_paths_that_the_page_draws() {
        let (trace, id) = (walkthrough(), first(ChartKind::Pods));
        let options = SvgOptions::new((640.0, 160.0), Theme::Light);
        let drawn = svg(&trace, &[id], &options).text;
        let picture = crate::chart::testing::picture(ChartKind::Pods, (0.0, 1800.0));
        for path in picture.paths.iter().filter(|path| !path.is_empty()) {
            assert!(drawn.contains(&format!("d=\"{path}\"")), "{path}");
        }
    }

    #[test]
    fn a_comparison_and_a_hold_are_drawn_where_they_are_given() {
        let (trace, id) = (walkthrough(), first(ChartKind::Replicas));
        let mut options = SvgOptions::new((640.0, 160.0), Theme::Dark);
        let plain = svg(&trace, &[id], &options).text;
        options.compared = Some(&trace);
        options.hold = hold_at(900);
        let marked = svg(&trace, &[id], &options).text;
        let dashed = |text: &str| text.matches("stroke-dasharray=\"7 3\"").count();
        assert_eq!((dashed(&plain), dashed(&marked)), (0, 2));
        assert!(marked.contains("a4 4 0 1 0 8 0") && !plain.contains("a4 4 0 1 0 8 0"));
    }
}
