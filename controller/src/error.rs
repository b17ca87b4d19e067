//! Startup errors, and the exit status of the program.

use std::process::ExitCode;

use crate::args::GateRefused;
use crate::cluster::ClusterError;
use crate::file_problems::FileProblems;
use crate::http_server::BindError;
use crate::otlp_exporter::ExporterError;
use crate::recording::RecorderError;

/// Why the controller cannot start: an invalid argument or file, or an unreachable cluster.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(#[from] ErrorKind);

#[derive(Debug, thiserror::Error)]
pub(crate) enum ErrorKind {
    #[error("--leader-elect-renew-deadline must be less than --leader-elect-lease-duration")]
    RenewDeadline,
    #[error(transparent)]
    Gates(#[from] GateRefused),
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    #[error("invalid manifests for --what-if\n\n{0}")]
    WhatIf(#[from] FileProblems),
    #[error(transparent)]
    Recorder(#[from] RecorderError),
    #[error(transparent)]
    Bind(#[from] BindError),
    #[error(transparent)]
    Tracing(#[from] ExporterError),
    #[error("autoscalers and pods could not be listed within {0:?}")]
    NotListed(std::time::Duration),
}

/// The exit status of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitStatus {
    /// Success.
    Success = 0,
    /// `--once` found something that needs attention.
    NeedsAttention = 1,
    /// An argument or file is invalid, or the cluster cannot be reached.
    InvalidInput = 2,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status as u8)
    }
}
