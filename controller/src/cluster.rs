//! Connects to the cluster: kubeconfig, credentials, and the cluster's release.

use std::sync::Arc;

use hpa_core::autoscaler::KubernetesVersion;
use kube::config::{InferConfigError, KubeConfigOptions, Kubeconfig, KubeconfigError};

use crate::args::Args;
use crate::client::{Client, Failure};
use crate::clock::std_duration;
use crate::discovery::{Discovery, LIFETIMES};
use crate::telemetry::Telemetry;

/// Why there is no connection to a cluster.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClusterError {
    #[error(transparent)]
    Kubeconfig(#[from] KubeconfigError),
    #[error(transparent)]
    NoConfig(#[from] InferConfigError),
    /// TLS or authentication cannot be set up.
    #[error(transparent)]
    Client(#[from] kube::Error),
    /// The API server did not answer.
    #[error("{0}")]
    Unreachable(Failure),
}

/// A connection to a cluster.
#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) client: Client,
    pub(crate) telemetry: Arc<Telemetry>,
    /// The namespace of the kubeconfig's context or of the pod.
    pub(crate) default_namespace: String,
    /// The release whose rules apply.
    pub(crate) version: KubernetesVersion,
}

impl Cluster {
    /// Connects to the cluster that the arguments name.
    ///
    /// # Errors
    /// If the configuration is invalid or the API server unreachable.
    pub(crate) async fn connect(args: &Args) -> Result<Self, ClusterError> {
        let config = kube_config(args).await?;
        let default_namespace = config.default_namespace.clone();
        let telemetry = Arc::new(Telemetry::default());
        let timeout = std_duration(args.request_timeout);
        let client = Client::new(config, timeout, Arc::clone(&telemetry))?;
        let version = match args.kubernetes_version {
            Some(version) => version,
            None => version(&client).await.map_err(ClusterError::Unreachable)?,
        };
        Ok(Self {
            client,
            telemetry,
            default_namespace,
            version,
        })
    }
}

async fn kube_config(args: &Args) -> Result<kube::Config, ClusterError> {
    let options = KubeConfigOptions {
        context: args.context.clone(),
        ..Default::default()
    };
    Ok(match &args.kubeconfig {
        Some(path) => {
            let file = Kubeconfig::read_from(path)?;
            kube::Config::from_custom_kubeconfig(file, &options).await?
        }
        None if args.context.is_some() => kube::Config::from_kubeconfig(&options).await?,
        None => kube::Config::infer().await?,
    })
}

/// The release whose rules apply to the cluster; if it is not modelled, a warning says so.
async fn version(client: &Client) -> Result<KubernetesVersion, Failure> {
    let discovery = Discovery::new(client.clone(), LIFETIMES);
    let text = discovery.server_version().await?;
    let (rules, warning) = rules_of(&text);
    if let Some(warning) = warning {
        tracing::warn!(cluster = text, %rules, "{warning}; --kubernetes-version sets another");
    }
    Ok(rules)
}

/// The release whose rules apply to a server of that version, and what is to be said about it.
pub(crate) fn rules_of(version: &str) -> (KubernetesVersion, Option<&'static str>) {
    // Distributions add suffixes: v1.36.2+k3s1.
    let number = version.split(['+', '-']).next().unwrap_or_default();
    if let Some(release) = KubernetesVersion::parse(number) {
        return (release, None);
    }
    let mut parts = number.strip_prefix('v').unwrap_or(number).split('.');
    let mut part = || parts.next()?.parse::<u32>().ok();
    match (part(), part()) {
        (Some(1), Some(minor)) if minor < u32::from(KubernetesVersion::OLDEST.minor()) => (
            KubernetesVersion::OLDEST,
            Some("this release is older than any that is modelled; the oldest rules apply"),
        ),
        (Some(1..), Some(_)) => (
            KubernetesVersion::NEWEST,
            Some("this release is newer than any that is modelled; the newest rules apply"),
        ),
        // A server built without version information says v0.0.0-master+$Format:%H$.
        _ => (
            KubernetesVersion::NEWEST,
            Some("the server does not say which release it is; the newest rules apply"),
        ),
    }
}
