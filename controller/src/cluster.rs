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

/// The cluster's release, or the nearest one that is supported.
async fn version(client: &Client) -> Result<KubernetesVersion, Failure> {
    let discovery = Discovery::new(client.clone(), LIFETIMES);
    let text = discovery.server_version().await?;
    // Distributions add suffixes: v1.36.2+k3s1.
    let number = text.split(['+', '-']).next().unwrap_or_default();
    Ok(KubernetesVersion::parse(number).unwrap_or_else(|| {
        let minor = number
            .split('.')
            .nth(1)
            .and_then(|minor| minor.parse::<u32>().ok());
        let nearest = match minor {
            Some(minor) if minor > u32::from(KubernetesVersion::NEWEST.minor()) => {
                KubernetesVersion::NEWEST
            }
            Some(_) => KubernetesVersion::OLDEST,
            None => KubernetesVersion::PROVEN,
        };
        tracing::warn!(cluster = text, rules = %nearest, "unsupported release; using the nearest supported one");
        nearest
    }))
}
