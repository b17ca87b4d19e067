//! Which resources stand for a kind, and which versions of an API group are served.
//!
//! Upstream: client-go, `restmapper`; `k8s.io/metrics`, `custom_metrics/discovery.go`.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use super::client::{Call, Client, Failure, encode};
use super::response_cache::{Lifetimes, Shared};

/// How long what the server offers is taken for granted. Upstream resets its mapper every 30 s.
pub(crate) const LIFETIMES: Lifetimes = Lifetimes {
    good: Duration::from_secs(30),
    bad: Duration::from_secs(1),
};

/// What the API server offers, asked for when it is needed.
#[derive(Debug)]
pub(crate) struct Discovery {
    client: Client,
    mappings: Shared<Arc<[Mapping]>>,
    versions: Shared<Arc<[String]>>,
}

/// A resource that stands for a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mapping {
    /// The path of the group and version, such as `/apis/apps/v1`.
    pub(crate) root: String,
    /// The resource's name, such as `deployments`.
    pub(crate) resource: String,
    /// With its group, as messages and the custom metrics API name it: `deployments.apps`.
    pub(crate) qualified: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Group {
    /// Of a named group.
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
            mappings: Shared::new(lifetimes),
            // A group that is not served may be in a moment: its own server is starting.
            versions: Shared::new(lifetimes).unless(|versions| versions.is_empty()),
        }
    }

    /// The resources of a kind, those of the preferred version first; never none.
    ///
    /// # Errors
    /// Upstream's text where there is none, or why the server could not be asked.
    pub(crate) async fn mappings(
        &self,
        group: &str,
        kind: &str,
    ) -> Result<Arc<[Mapping]>, Arc<str>> {
        let key = format!("{kind}.{group}");
        self.mappings
            .fetch(&key, async {
                let mut found = Vec::new();
                for version in self.versions(group).await?.iter() {
                    let root = root(group, version);
                    let call = Call::get(root.clone(), "", "");
                    let listed: Resources = match self.client.call(call).await {
                        Ok(listed) => listed,
                        // Not served any more: another version may be.
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

    /// The served versions of a group, the preferred one first; none if there is no such group.
    ///
    /// # Errors
    /// Why the server could not be asked.
    pub(crate) async fn versions(&self, group: &str) -> Result<Arc<[String]>, Arc<str>> {
        self.versions
            .fetch(group, async {
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

    /// Drops what is no longer fresh.
    pub(crate) fn sweep(&self) {
        self.mappings.sweep();
        self.versions.sweep();
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
    /// The core group lists names, the others objects.
    fn versions(self) -> Vec<String> {
        let preferred = self.preferred_version.version;
        let mut versions: Vec<String> = self
            .versions
            .iter()
            .filter_map(|version| version.as_str().or_else(|| version["version"].as_str()))
            .map(str::to_owned)
            .collect();
        // Stable: the others stay in the server's order.
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
