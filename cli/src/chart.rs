//! A small chart of load and replicas, drawn with braille dots.

use std::fmt::Write as _;

use hpa_core::time::SignedDuration;
use hpa_simulation::cluster::Trace;

use crate::style::{Accent, Style};

const WIDTH: usize = 68;
const HEIGHT: usize = 4;

/// Load and replicas over time, at most 80 columns wide.
pub(crate) fn render(trace: &Trace, style: Style) -> String {
    let steps = &trace.steps;
    let end = f64::from(i32::try_from(trace.setup.duration.as_secs()).unwrap_or(i32::MAX)).max(1.0);
    let load: Vec<f64> = steps.load.iter().map(|value| f64::from(*value)).collect();
    let replicas: Vec<f64> = steps
        .spec_replicas
        .iter()
        .map(|value| f64::from(*value))
        .collect();
    let ready: Vec<f64> = steps.ready.iter().map(|value| f64::from(*value)).collect();
    let mut chart = String::new();
    for (name, column, accent) in [
        ("load [1/s]", &load, Accent::Blue),
        ("replicas asked for", &replicas, Accent::Green),
        ("replicas ready", &ready, Accent::Green),
    ] {
        let _ = writeln!(chart, "{:>11}{}", "", style.paint(Accent::Bold, name));
        let columns = spread(&steps.time, column, end);
        let top = columns.iter().copied().fold(0.0, f64::max).max(1e-9);
        for (row, line) in dots(&columns, top).iter().enumerate() {
            let label = match row {
                0 => format!("{:>9}", short(top)),
                _ if row + 1 == HEIGHT => format!("{:>9}", 0),
                _ => " ".repeat(9),
            };
            let _ = writeln!(
                chart,
                "{label} {}{}",
                style.paint(Accent::Dim, "│"),
                style.paint(accent, line)
            );
        }
    }
    let last = trace.setup.duration.to_string();
    let middle = SignedDuration(trace.setup.duration.0 / 2).to_string();
    let _ = writeln!(
        chart,
        "{:>10}0{middle:>half$}{last:>half$}",
        "",
        half = WIDTH / 2
    );
    chart
}

fn short(value: f64) -> String {
    if value >= 100.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.1}").trim_end_matches(".0").to_owned()
    }
}

/// The maximum in each of twice [`WIDTH`] equal time intervals.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "positions within a line of characters"
)]
fn spread(times: &[f64], values: &[f64], end: f64) -> Vec<f64> {
    let parts = WIDTH * 2;
    let mut columns = vec![0.0_f64; parts];
    for (index, value) in values.iter().enumerate() {
        let until = times.get(index + 1).copied().unwrap_or(end);
        let first = (times[index] / end * parts as f64) as usize;
        let last = (until / end * parts as f64).ceil() as usize;
        for column in columns.iter_mut().take(last).skip(first) {
            *column = column.max(*value);
        }
    }
    columns
}

/// Lines of braille characters: two columns and four rows of dots in each.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "positions within a line of characters"
)]
fn dots(columns: &[f64], top: f64) -> Vec<String> {
    const LEFT: [u32; 4] = [0x40, 0x04, 0x02, 0x01];
    const RIGHT: [u32; 4] = [0x80, 0x20, 0x10, 0x08];
    let height = |value: f64| (value / top * (HEIGHT * 4) as f64).round() as usize;
    (0..HEIGHT)
        .rev()
        .map(|row| {
            columns
                .chunks(2)
                .map(|pair| {
                    let lit = |value: f64, dots: [u32; 4]| -> u32 {
                        let filled = height(value).saturating_sub(row * 4).min(4);
                        dots[..filled].iter().sum()
                    };
                    let bits =
                        lit(pair[0], LEFT) + pair.get(1).map_or(0, |value| lit(*value, RIGHT));
                    char::from_u32(0x2800 + bits).unwrap_or(' ')
                })
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_fill_from_below() {
        assert_eq!(dots(&[0.0, 0.0], 1.0), ["⠀"; 4]);
        assert_eq!(dots(&[1.0, 1.0], 1.0), ["⣿"; 4]);
        assert_eq!(dots(&[0.25, 0.5], 1.0), ["⠀", "⠀", "⢸", "⣿"]);
    }

    #[test]
    fn the_chart_fits_a_terminal() {
        let trace = hpa_simulation::cluster::run(&hpa_simulation::cluster::Setup::default()).trace;
        let chart = render(&trace, Style::Plain);
        assert!(
            chart.lines().all(|line| line.chars().count() <= 80),
            "{chart}"
        );
    }
}
