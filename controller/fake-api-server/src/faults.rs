//! Faults of the fake API server and of the connection to it.

use std::time::Duration;

/// A fault: which requests it affects, how many of them, and how.
#[derive(Clone, Debug)]
pub struct Fault {
    pub method: &'static str,
    /// A part of the path of the affected requests.
    pub path: String,
    /// How many more requests are affected.
    pub times: usize,
    pub answer: Answer,
}

/// What happens to an affected request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// An error of the API.
    Status(u16, &'static str, String),
    /// An error without a Status object, as a proxy sends it.
    Plain(u16, &'static str),
    /// An error with `Retry-After` in seconds.
    RetryAfter(u16, u64),
    /// The connection is cut in the middle of the response.
    Half,
    /// The request is carried out, and the connection cut before the response.
    Lost,
    /// This body instead of the response's.
    Garbage(&'static str),
    /// The response, after a delay.
    Late(Duration),
    /// No response at all.
    Never,
}

impl Fault {
    /// A fault that affects every such request.
    pub fn always(method: &'static str, path: &str, answer: Answer) -> Self {
        Self {
            method,
            path: path.to_owned(),
            times: usize::MAX,
            answer,
        }
    }

    /// A fault that affects the next `times` such requests.
    pub fn times(times: usize, method: &'static str, path: &str, answer: Answer) -> Self {
        Self {
            times,
            ..Self::always(method, path, answer)
        }
    }

    /// Whether a request is affected.
    pub fn hits(&self, method: &str, path: &str) -> bool {
        self.times > 0 && self.method == method && path.contains(&self.path)
    }
}
