//! Computes the arrivals of each step from the load profile.

use super::load::{Interpolation, LoadProfile, Shape, WaveShape};
use super::rng::Rng;
use hpa_core::time::SignedDuration;

/// Walks along a [`LoadProfile`]. Times are in seconds since the start.
#[derive(Clone, Debug)]
pub(super) struct Arrivals {
    parts: Vec<Part>,
    /// The sum of the parts that do not change before `next_break`.
    steady: f64,
    /// The time until which every part keeps its current piece.
    next_break: f64,
    /// Whether any part changes before `next_break`.
    varies: bool,
    /// The time and the rate at the end of the last step.
    last: (f64, f64),
}

/// One part with its current piece.
#[derive(Clone, Debug)]
struct Part {
    shape: Shape,
    piece: Piece,
    until: f64,
    noise: Noise,
}

/// A part's course until its next break.
#[derive(Clone, Copy, Debug)]
enum Piece {
    Constant(f64),
    Linear {
        at: f64,
        value: f64,
        slope: f64,
    },
    Sine {
        mean: f64,
        amplitude: f64,
        angular: f64,
        at: f64,
    },
    Decay {
        height: f64,
        at: f64,
        time: f64,
    },
}

/// The state of a noise: the current grid point and its value.
#[derive(Clone, Copy, Debug)]
struct Noise {
    rng: Rng,
    index: u64,
    value: f64,
}

const DAY: f64 = 86_400.0;

/// Seconds.
#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
pub(super) fn seconds(duration: SignedDuration) -> f64 {
    duration.0 as f64 / 1000.0
}

impl Arrivals {
    /// Starts at time zero; `concern` and the parts' names seed the noises.
    pub(super) fn new(profile: &LoadProfile, seed: u64, concern: &str) -> Self {
        let part = |(index, part): (usize, &super::LoadPart)| {
            let rng = Rng::new(seed, &format!("{concern}/{index}/{}", part.name));
            Part {
                shape: part.shape.clone(),
                piece: Piece::Constant(0.0),
                until: f64::NEG_INFINITY,
                noise: Noise {
                    rng,
                    index: 0,
                    value: rng.normal(0),
                },
            }
        };
        let mut arrivals = Self {
            parts: profile.parts.iter().enumerate().map(part).collect(),
            steady: 0.0,
            next_break: f64::NEG_INFINITY,
            varies: false,
            last: (0.0, 0.0),
        };
        arrivals.enter(0.0);
        arrivals
    }

    /// The number of parts.
    pub(super) const fn parts(&self) -> usize {
        self.parts.len()
    }

    /// The next break of the load; infinite if there is none.
    pub(super) const fn next_break(&self) -> f64 {
        self.next_break
    }

    /// Whether the load changes before the next break.
    pub(super) const fn varies(&self) -> bool {
        self.varies
    }

    /// The current time.
    pub(super) const fn time(&self) -> f64 {
        self.last.0
    }

    /// The current rate.
    pub(super) const fn rate(&self) -> f64 {
        self.last.1
    }

    /// Advances to `time`, which is not past the next break, and returns the mean rate on the way.
    pub(super) fn advance(&mut self, time: f64) -> f64 {
        let mean = if self.varies {
            let end = self.rate_at(time);
            f64::midpoint(self.last.1, end).max(0.0)
        } else {
            self.last.1
        };
        if time >= self.next_break {
            self.enter(time);
        } else if self.varies {
            self.last = (time, self.rate_at(time));
        } else {
            self.last.0 = time;
        }
        mean
    }

    fn rate_at(&self, time: f64) -> f64 {
        let moving = self.parts.iter().map(|part| match part.piece {
            Piece::Constant(_) => 0.0,
            Piece::Linear { at, value, slope } => value + slope * (time - at),
            Piece::Sine {
                mean,
                amplitude,
                angular,
                at,
            } => mean + amplitude * libm::sin(angular * (time - at)),
            Piece::Decay {
                height,
                at,
                time: tau,
            } => height * libm::exp((at - time) / tau),
        });
        (self.steady + moving.sum::<f64>()).max(0.0)
    }

    /// Finds the pieces at `time`.
    fn enter(&mut self, time: f64) {
        self.steady = 0.0;
        self.varies = false;
        self.next_break = f64::INFINITY;
        for part in &mut self.parts {
            if part.until <= time {
                (part.piece, part.until) = piece(&part.shape, &mut part.noise, time);
                // A break that rounding puts before the time would never be passed.
                if part.until <= time {
                    part.until = time + 0.001;
                }
            }
            self.next_break = self.next_break.min(part.until);
            match part.piece {
                Piece::Constant(rate) => self.steady += rate,
                Piece::Linear { .. } | Piece::Sine { .. } | Piece::Decay { .. } => {
                    self.varies = true;
                }
            }
        }
        self.last = (time, self.rate_at(time));
    }
}

/// The piece of `shape` at `time`, and its end.
fn piece(shape: &Shape, noise: &mut Noise, time: f64) -> (Piece, f64) {
    let forever = f64::INFINITY;
    match shape {
        Shape::Constant { rate } => (Piece::Constant(*rate), forever),
        Shape::Step { rate, from, until } => {
            let from = seconds(*from);
            let until = until.map_or(forever, seconds);
            if time < from {
                (Piece::Constant(0.0), from)
            } else if time < until {
                (Piece::Constant(*rate), until)
            } else {
                (Piece::Constant(0.0), forever)
            }
        }
        Shape::Ramp {
            start_rate,
            end_rate,
            from,
            until,
        } => {
            let (from, until) = (seconds(*from), seconds(*until));
            if time < from {
                (Piece::Constant(*start_rate), from)
            } else if time < until {
                (line((from, *start_rate), (until, *end_rate)), until)
            } else {
                (Piece::Constant(*end_rate), forever)
            }
        }
        Shape::Wave {
            mean,
            amplitude,
            period,
            phase,
            form,
        } => {
            let period = seconds(form.period(*period));
            let given = Wave {
                mean: *mean,
                amplitude: *amplitude,
                period,
                phase: seconds(*phase),
                form: *form,
            };
            wave(&given, time)
        }
        Shape::Spike {
            height,
            at,
            rise,
            hold,
            decay,
        } => {
            let top = seconds(*at) + seconds(*rise);
            let falls = top + seconds(*hold);
            let tau = seconds(*decay);
            let end = falls + 10.0 * tau;
            if time < seconds(*at) {
                (Piece::Constant(0.0), seconds(*at))
            } else if time < top {
                (line((seconds(*at), 0.0), (top, *height)), top)
            } else if time < falls {
                (Piece::Constant(*height), falls)
            } else if time < end {
                (
                    Piece::Decay {
                        height: *height,
                        at: falls,
                        time: tau,
                    },
                    end,
                )
            } else {
                (Piece::Constant(0.0), forever)
            }
        }
        Shape::Noise {
            deviation,
            correlation,
        } => noise_piece(*deviation, seconds(*correlation), noise, time),
        Shape::Points {
            points,
            interpolation,
            repeat,
        } => points_piece(points, *interpolation, repeat.map(seconds), time),
    }
}

fn line(from: (f64, f64), to: (f64, f64)) -> Piece {
    Piece::Linear {
        at: from.0,
        value: from.1,
        slope: (to.1 - from.1) / (to.0 - from.0),
    }
}

/// A wave with its times in seconds.
struct Wave {
    mean: f64,
    amplitude: f64,
    period: f64,
    phase: f64,
    form: WaveShape,
}

fn wave(wave: &Wave, time: f64) -> (Piece, f64) {
    let Wave {
        mean,
        amplitude,
        period,
        phase,
        form,
    } = *wave;
    // Look a millisecond ahead, so that rounding cannot return the same break again.
    let turns = ((time + phase + 0.001) / period).floor();
    let origin = turns * period - phase;
    let into = (time + 0.001 - origin) / period;
    let at = |part: f64| origin + part * period;
    let sine = |amplitude: f64, length: f64, at: f64| Piece::Sine {
        mean,
        amplitude,
        angular: std::f64::consts::TAU / length,
        at,
    };
    match form {
        WaveShape::Sine => (sine(amplitude, period, origin), f64::INFINITY),
        // The wave crosses its mean upward at 10:00.
        WaveShape::Day => (
            sine(amplitude, DAY, origin + DAY * 10.0 / 24.0),
            f64::INFINITY,
        ),
        WaveShape::Week => {
            // The weekend lasts from Friday to Sunday at 22:00, where both forms meet.
            let (begin, end) = ((4.0 + 22.0 / 24.0) / 7.0, (6.0 + 22.0 / 24.0) / 7.0);
            let (amplitude, until) = if into < begin {
                (amplitude, at(begin))
            } else if into < end {
                (amplitude / 3.0, at(end))
            } else {
                (amplitude, at(1.0 + begin))
            };
            (sine(amplitude, DAY, origin + DAY * 10.0 / 24.0), until)
        }
        WaveShape::Triangle => {
            let (low, high) = (mean - amplitude, mean + amplitude);
            if into < 0.5 {
                (line((origin, low), (at(0.5), high)), at(0.5))
            } else {
                (line((at(0.5), high), (at(1.0), low)), at(1.0))
            }
        }
        WaveShape::Square => {
            if into < 0.5 {
                (Piece::Constant(mean + amplitude), at(0.5))
            } else {
                (Piece::Constant(mean - amplitude), at(1.0))
            }
        }
    }
}

/// Linear interpolation between grid points; the grid spacing is half the correlation time.
fn noise_piece(deviation: f64, correlation: f64, noise: &mut Noise, time: f64) -> (Piece, f64) {
    let grid = (correlation / 2.0).max(1.0);
    let keep = libm::exp(-grid / correlation.max(1e-3));
    let fresh = (1.0 - keep * keep).sqrt();
    let start = (time, noise.value * deviation);
    noise.index += 1;
    noise.value = keep * noise.value + fresh * noise.rng.normal(noise.index);
    let until = time + grid;
    (line(start, (until, noise.value * deviation)), until)
}

fn points_piece(
    points: &[(SignedDuration, f64)],
    interpolation: Interpolation,
    repeat: Option<f64>,
    time: f64,
) -> (Piece, f64) {
    let (origin, wrap) = match repeat {
        Some(length) if length > 0.0 => {
            let origin = ((time + 0.001) / length).floor() * length;
            (origin, origin + length)
        }
        _ => (0.0, f64::INFINITY),
    };
    let next = points.partition_point(|(at, _)| origin + seconds(*at) <= time);
    let at = |index: usize| (origin + seconds(points[index].0), points[index].1);
    let until = if next < points.len() {
        at(next).0.min(wrap)
    } else {
        wrap
    };
    let piece = match (next.checked_sub(1), next < points.len()) {
        (None, false) => Piece::Constant(0.0),
        (None, true) => Piece::Constant(points[0].1),
        (Some(last), false) => Piece::Constant(points[last].1),
        (Some(last), true) => match interpolation {
            Interpolation::Hold => Piece::Constant(points[last].1),
            Interpolation::Linear => line(at(last), at(next)),
        },
    };
    (piece, until)
}
