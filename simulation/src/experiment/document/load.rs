//! The load in the experiment document: named parts, each with one shape.

use super::value::Amount;
use hpa_core::time::Duration;

/// The shapes, of which a part of the load has exactly one.
pub const SHAPES: [&str; 8] = [
    "constant", "step", "ramp", "wave", "spike", "noise", "points", "series",
];
/// The texts, of which a series has exactly one.
pub const RECORDINGS: [&str; 3] = ["prometheus", "csv", "promtool"];

/// One part of the load; exactly one shape is set. Rates are in requests per second.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct PartDocument {
    /// A name, for legends and goals; default: the shape's.
    pub name: Option<String>,
    /// The same rate all the time.
    pub constant: Option<Amount>,
    /// A rate that begins at once and may end at once.
    pub step: Option<StepDocument>,
    /// From one rate to another in a straight line.
    pub ramp: Option<RampDocument>,
    /// Up and down, again and again.
    pub wave: Option<WaveDocument>,
    /// One peak.
    pub spike: Option<SpikeDocument>,
    /// Random ups and downs around zero.
    pub noise: Option<NoiseDocument>,
    /// Points in time with their rates.
    pub points: Option<PointsDocument>,
    /// A recorded series as another tool wrote it.
    pub series: Option<SeriesDocument>,
}

/// A rate that begins at once and may end at once.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct StepDocument {
    /// The rate.
    pub rate: Amount,
    /// When it begins; default 0s.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub from: Option<Duration>,
    /// When it ends; default never.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub until: Option<Duration>,
}

/// From one rate to another in a straight line; before it the first, after it the last.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct RampDocument {
    /// The rate before; default 0.
    pub start_rate: Amount,
    /// The rate after; default 0.
    pub end_rate: Amount,
    /// When it begins to change; default 0s.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub from: Option<Duration>,
    /// When it has changed; default: the end of the run.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub until: Option<Duration>,
}

/// Up and down, again and again.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct WaveDocument {
    /// The mean rate.
    pub mean: Amount,
    /// How far it goes above and below; default: half of the mean.
    pub amplitude: Option<Amount>,
    /// From crest to crest; default 10m, for day and week what they say.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub period: Option<Duration>,
    /// How much of the first period is over when time begins; default 0s.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub phase: Option<Duration>,
    /// The form of one period; default sine.
    pub form: FormDocument,
}

/// The form of one period of a wave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase"))]
pub enum FormDocument {
    /// A sine that starts at its mean and goes up.
    #[default]
    Sine,
    /// Linear from the lowest to the highest point and back.
    Triangle,
    /// Half of the period high, half of it low.
    Square,
    /// A working day, low at 04:00, high at 16:00.
    Day,
    /// Seven days, of which the last two have a third of the amplitude.
    Week,
}

/// One peak: a straight rise, a hold, an exponential decay.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct SpikeDocument {
    /// The rate at the peak.
    pub height: Amount,
    /// When the rise begins; default 0s.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub at: Option<Duration>,
    /// How long it rises; default 0s.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub rise: Option<Duration>,
    /// How long it holds; default 1m.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub hold: Option<Duration>,
    /// The time in which it decays to 1/e; default 0s: at once.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub decay: Option<Duration>,
}

/// Random ups and downs around zero.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct NoiseDocument {
    /// The standard deviation.
    pub deviation: Amount,
    /// The time after which a deviation has decayed to 1/e; default 30s.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub correlation: Option<Duration>,
}

/// Points in time with their rates.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct PointsDocument {
    /// The points in order of time.
    pub values: Vec<PointDocument>,
    /// What lies between two points; default linear.
    pub interpolation: InterpolationDocument,
    /// Start again after this time; default: the last rate stays.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub repeat: Option<Duration>,
}

/// A rate at a point in time.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct PointDocument {
    /// When; default 0s.
    #[cfg_attr(test, schemars(with = "super::schema::DurationText"))]
    pub at: Duration,
    /// The rate.
    pub rate: Amount,
}

/// What lies between two points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase"))]
pub enum InterpolationDocument {
    /// A straight line.
    #[default]
    Linear,
    /// The rate of the earlier point.
    Hold,
}

/// A recorded series as another tool wrote it; exactly one of the three texts is set.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "camelCase", default))]
pub struct SeriesDocument {
    /// The answer of Prometheus' query_range, JSON.
    pub prometheus: Option<String>,
    /// Two columns, or an export of Grafana.
    pub csv: Option<String>,
    /// promtool's notation, such as `0+10x60`.
    pub promtool: Option<String>,
    /// The time between two values in promtool's notation; default 1m.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub interval: Option<Duration>,
    /// Which series of several, counted from 0; default 0.
    pub column: Option<u32>,
    /// What the values are multiplied with, to make them requests per second; default 1.
    pub factor: Option<Amount>,
    /// What lies between two points; default linear.
    pub interpolation: InterpolationDocument,
    /// Start again after this time; default: the last rate stays.
    #[cfg_attr(test, schemars(with = "Option<super::schema::DurationText>"))]
    pub repeat: Option<Duration>,
}
