//! What can go wrong on the way to the fake API server and back.

use std::time::Duration;

/// A fault: which requests it hits, how often, and what becomes of them.
#[derive(Clone, Debug)]
pub struct Fault {
    pub method: &'static str,
    /// A part of the path.
    pub path: String,
    /// How many requests are hit; then it is over.
    pub times: usize,
    pub answer: Answer,
}

/// What becomes of a request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// An error of the API.
    Status(u16, &'static str, String),
    /// An error that is no object of the API, as a proxy gives it.
    Plain(u16, &'static str),
    /// An error with `Retry-After` in seconds.
    RetryAfter(u16, u64),
    /// The connection is cut after half the answer.
    Half,
    /// The connection is cut without an answer, after the request has been carried out.
    Lost,
    /// Other bytes than the answer.
    Garbage(&'static str),
    /// The answer, late.
    Late(Duration),
    /// No answer at all.
    Never,
}

impl Fault {
    /// A fault that hits every such request.
    pub fn always(method: &'static str, path: &str, answer: Answer) -> Self {
        Self {
            method,
            path: path.to_owned(),
            times: usize::MAX,
            answer,
        }
    }

    /// A fault that hits the next `times` requests.
    pub fn times(times: usize, method: &'static str, path: &str, answer: Answer) -> Self {
        Self {
            times,
            ..Self::always(method, path, answer)
        }
    }

    pub fn hits(&self, method: &str, path: &str) -> bool {
        self.times > 0 && self.method == method && path.contains(&self.path)
    }
}
