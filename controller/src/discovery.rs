//! API discovery: the resources of a kind, and the served versions of an API group.
//!
//! Upstream: client-go, `restmapper`; `k8s.io/metrics`, `custom_metrics/discovery.go`.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use crate::client::{Call, Client, Failure, encode};
use crate::response_cache::{Lifetimes, ResponseCache};

/// How long discovery responses are cached. Upstream resets its mapper every 30 s.
pub(crate) const LIFETIMES: Lifetimes = Lifetimes {
    success: Duration::from_secs(30),
    error: Duration::from_secs(1),
};

/// What the API server serves, requested when it is needed.
#[derive(Debug)]
pub(crate) struct Discovery {
    client: Client,
    mappings: ResponseCache<Arc<[Mapping]>>,
    versions: ResponseCache<Arc<[String]>>,
}

/// A resource of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mapping {
    /// The path of the group and version, such as `/apis/apps/v1`.
    pub(crate) root: String,
    /// The resource's name, such as `deployments`.
    pub(crate) resource: String,
    /// The name with its group, as in messages and the custom metrics API: `deployments.apps`.
    pub(crate) qualified: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Group {
    /// Names in the core group, objects in the others.
    versions: Vec<serde_json::Value>,
    preferred_version: Preferred,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Preferred {
    version: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Resources {
    resources: Vec<Resource>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Resource {
    name: String,
    kind: String,
}

impl Discovery {
    pub(crate) fn new(client: Client, lifetimes: Lifetimes) -> Self {
        Self {
            client,
            mappings: ResponseCache::new(lifetimes),
            // A group that is not served may be served soon, when its aggregated server starts.
            versions: ResponseCache::new(lifetimes)
                .with_provisional(|versions| versions.is_empty()),
        }
    }

    /// The resources of a kind, those of the preferred version first; at least one.
    ///
    /// # Errors
    /// Upstream's message if there is none, or why the request failed.
    pub(crate) async fn mappings(
        &self,
        group: &str,
        kind: &str,
    ) -> Result<Arc<[Mapping]>, Arc<str>> {
        let key = format!("{kind}.{group}");
        self.mappings
            .get_or_fetch(&key, async {
                let mut found = Vec::new();
                for version in self.versions(group).await?.iter() {
                    let root = root(group, version);
                    let call = Call::get(root.clone(), "", "");
                    let listed: Resources = match self.client.call(call).await {
                        Ok(listed) => listed,
                        // No longer served; another version may be.
                        Err(failure) if failure.is_not_found() => continue,
                        Err(failure) => return Err(failure.text()),
                    };
                    found.extend(
                        listed
                            .resources
                            .into_iter()
                            .filter(|resource| {
                                resource.kind == kind && !resource.name.contains('/')
                            })
                            .map(|resource| Mapping {
                                root: root.clone(),
                                qualified: qualified(&resource.name, group),
                                resource: resource.name,
                            }),
                    );
                }
                if found.is_empty() {
                    let text = format!("no matches for kind \"{kind}\" in group \"{group}\"");
                    return Err(text.into());
                }
                Ok(found.into())
            })
            .await
    }

    /// The served versions of a group, the preferred one first; empty if the group is not served.
    ///
    /// # Errors
    /// Why the request failed.
    pub(crate) async fn versions(&self, group: &str) -> Result<Arc<[String]>, Arc<str>> {
        self.versions
            .get_or_fetch(group, async {
                let path = if group.is_empty() {
                    String::from("/api")
                } else {
                    format!("/apis/{}", encode(group))
                };
                match self.client.call::<Group>(Call::get(path, "", "")).await {
                    Ok(group) => Ok(group.versions().into()),
                    Err(failure) if failure.is_not_found() => Ok(Arc::from([])),
                    Err(failure) => Err(failure.text()),
                }
            })
            .await
    }

    /// Drops cached responses that are no longer fresh.
    pub(crate) fn evict_stale(&self) {
        self.mappings.evict_stale();
        self.versions.evict_stale();
    }

    /// The server's own version, such as `v1.36.2`.
    pub(crate) async fn server_version(&self) -> Result<String, Failure> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Version {
            git_version: String,
        }
        let call = Call::get(String::from("/version"), "", "");
        let version: Version = self.client.call(call).await?;
        Ok(version.git_version)
    }
}

impl Group {
    /// The names of the versions, the preferred one first.
    fn versions(self) -> Vec<String> {
        let preferred = self.preferred_version.version;
        let mut versions: Vec<String> = self
            .versions
            .iter()
            .filter_map(|version| version.as_str().or_else(|| version["version"].as_str()))
            .map(str::to_owned)
            .collect();
        // A stable sort keeps the others in the server's order.
        versions.sort_by_key(|version| *version != preferred);
        versions
    }
}

fn root(group: &str, version: &str) -> String {
    if group.is_empty() {
        format!("/api/{}", encode(version))
    } else {
        format!("/apis/{}/{}", encode(group), encode(version))
    }
}

fn qualified(resource: &str, group: &str) -> String {
    if group.is_empty() {
        resource.to_owned()
    } else {
        format!("{resource}.{group}")
    }
}

/// The group of an `apiVersion`. Upstream: `schema.ParseGroupVersion`.
pub(crate) fn group_of(api_version: &str) -> Result<&str, Arc<str>> {
    match api_version.split_once('/') {
        None => Ok(""),
        Some((group, version)) if !version.contains('/') => Ok(group),
        Some(_) => Err(format!("unexpected GroupVersion string: {api_version}").into()),
    }
}
