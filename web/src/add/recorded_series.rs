//! Recorded series: recognizing them, and writing them as a part of the load.

use std::fmt::Write as _;

use hpa_core::time::SignedDuration;
use hpa_simulation::experiment::import::{self, Import, ImportError};

use crate::format::{clock, counted};
use crate::model;

/// Evenly spaced series with at least this many points are written as values only: a tenth of the
/// text, since the editor is slow with one line per point.
const LONG: usize = 1000;
/// The number of values on a line then.
const PER_LINE: i64 = 100;

/// A series and its notation.
#[derive(Clone, Debug)]
pub struct Series {
    /// The field of the experiment that takes this notation.
    format: &'static str,
    /// Its points, or why it cannot be read.
    pub import: Result<Import, ImportError>,
}

/// Parses a series in any of the notations; `None` if the text is empty.
#[must_use]
pub fn read(text: &str) -> Option<Series> {
    let text = text.trim();
    let first = text.chars().next()?;
    let promtool = !text.contains(['\n', ',', ';', '\t']) && text.contains('x');
    let (format, import) = if first == '{' || first == '[' {
        ("prometheus", import::prometheus(text, 0))
    } else if promtool {
        (
            "promtool",
            import::promtool(text, SignedDuration::from_secs(60)),
        )
    } else {
        ("csv", import::csv(text, 0))
    };
    Some(Series { format, import })
}

/// A description of a text that is a series and nothing else: `121 points over 2:00:00`.
#[must_use]
pub fn recognized(text: &str) -> Option<String> {
    let points = read(text)?.import.ok()?.points;
    let (last, _) = points.last().filter(|_| points.len() > 1)?;
    let count = i64::try_from(points.len()).unwrap_or(i64::MAX);
    let length = clock(model::seconds(hpa_core::time::Timestamp(last.0)));
    Some(format!(
        "{} over {length}",
        counted(count, "point", "points")
    ))
}

impl Series {
    /// The series as a part of the load with a name: the text as given, or only its values if it is
    /// long and evenly spaced.
    #[must_use]
    pub fn part(&self, name: &str, text: &str) -> String {
        let even = self.import.as_ref().ok().and_then(even);
        let (format, interval, text) = match &even {
            Some((interval, values)) => ("promtool", Some(interval), &**values),
            None => (self.format, None, text.trim()),
        };
        let mut part = format!("name: {name}\nseries:\n");
        if let Some(interval) = interval {
            let _ = writeln!(part, "  interval: {interval}");
        }
        let _ = writeln!(part, "  {format}: |-");
        for line in text.lines() {
            let _ = writeln!(part, "    {line}");
        }
        part
    }
}

/// A long series with all times at multiples of one interval, as that interval and its values; `None`
/// for any other.
fn even(import: &Import) -> Option<(SignedDuration, String)> {
    let points = &import.points;
    let apart = points.windows(2).map(|pair| pair[1].0.0 - pair[0].0.0);
    let interval = apart.clone().min().filter(|_| points.len() >= LONG)?;
    let places = points.last()?.0.0 / interval;
    let few = usize::try_from(places).is_ok_and(|places| places < 2 * points.len());
    if !few || apart.into_iter().any(|apart| apart % interval != 0) {
        return None;
    }
    let mut text = String::new();
    let mut next = 0;
    for (time, value) in points {
        let missing = time.0 / interval - next;
        if missing > 0 {
            let _ = write!(text, "_x{missing} ");
        }
        next += missing + 1;
        let _ = write!(
            text,
            "{value}{}",
            if next % PER_LINE == 0 { '\n' } else { ' ' }
        );
    }
    Some((SignedDuration(interval), text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::edits;
    use crate::model::PHP_APACHE;

    /// The load of the walkthrough with a series in addition.
    #[track_caller]
    fn added(text: &str) -> hpa_simulation::cluster::LoadPart {
        let part = read(text).expect("a series").part("imported", text);
        let changed = edits::add_part(PHP_APACHE, &model::read(PHP_APACHE), &part);
        let read = model::read(&changed.expect("a place"));
        let experiment = read.experiment.as_ref().expect("accepted");
        experiment.setup.load.parts[1].clone()
    }

    #[test]
    fn a_series_keeps_its_notation() {
        #[track_caller]
        fn check(text: &str, format: &str, points: usize) {
            let series = read(text).expect("a series");
            assert_eq!(series.format, format);
            assert_eq!(series.import.expect("readable").points.len(), points);
            added(text);
        }
        check("0,5\n60,7\n120,9\n", "csv", 3);
        check("0+10x6", "promtool", 7);
        let answer =
            r#"{"status": "success", "data": {"result": [{"values": [[0, "5"], [60, "7"]]}]}}"#;
        check(answer, "prometheus", 2);
        assert!(read(" ").is_none());
    }

    #[test]
    fn a_long_evenly_spaced_series_keeps_its_points_in_less_text() {
        let csv = |uneven: u32| {
            let row = |at: u32| {
                let late = u32::from(at == uneven);
                format!("{},{}\n", 6 * at + late, f64::from(at % 70) / 4.0)
            };
            let rows = (0..5000).filter(|at| !(3000..3030).contains(at));
            rows.map(row).collect::<String>()
        };
        let even = csv(u32::MAX);
        let part = read(&even).expect("a series").part("imported", &even);
        assert!(part.starts_with("name: imported\nseries:\n  interval: 6s\n  promtool: |-\n"));
        assert!(part.lines().count() < 60, "{}", part.lines().count());
        let points = read(&even)
            .and_then(|series| series.import.ok())
            .expect("readable")
            .points;
        let hpa_simulation::cluster::Shape::Points { points: kept, .. } = added(&even).shape else {
            panic!("points");
        };
        assert_eq!(kept, points);
        let uneven = csv(77);
        assert!(
            read(&uneven)
                .expect("a series")
                .part("imported", &uneven)
                .contains("csv: |-")
        );
    }

    #[test]
    fn a_manifest_is_not_a_series() {
        #[track_caller]
        fn check(text: &str, expected: Option<&str>) {
            assert_eq!(recognized(text).as_deref(), expected);
        }
        check(
            "time,rps\n0,5\n60,7\n7200,9\n",
            Some("3 points over 2:00:00"),
        );
        check("0+10x60", Some("61 points over 1:00:00"));
        check(
            r#"{"data":{"result":[{"values":[[0,"5"],[60,"7"]]}]}}"#,
            Some("2 points over 1:00"),
        );
        check(PHP_APACHE, None);
        check("spec:\n  maxReplicas: 5\n", None);
        check("nginx", None);
        check("5", None);
        check("", None);
        check(r#"{"apiVersion": "v1", "kind": "List", "items": []}"#, None);
    }
}
