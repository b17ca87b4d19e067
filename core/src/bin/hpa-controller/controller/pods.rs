//! All pods that matter, in little memory: pods of one template share what they have in common.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hpa_core::api::{Labels, Selector};
use hpa_core::autoscaler::{PodRecord, PodShape};

use super::objects::{Key, PodObject, Watched as _};
use super::watch::Store;

/// The pods by namespace.
#[derive(Debug, Default)]
pub(crate) struct Pods {
    namespaces: BTreeMap<Arc<str>, Namespace>,
    /// What has been listed so far, while a list is under way.
    listed: Option<BTreeSet<Key>>,
    #[cfg(test)]
    events: u64,
}

/// The pods of one namespace, grouped by shape.
#[derive(Debug, Default)]
struct Namespace {
    groups: BTreeMap<u64, Group>,
    next: u64,
    group_of: BTreeMap<Arc<str>, u64>,
    /// The groups whose labels hold a pair, so that a selector need not look at all of them.
    by_pair: BTreeMap<(String, String), BTreeSet<u64>>,
}

/// Pods of one shape.
#[derive(Debug)]
struct Group {
    shape: Arc<PodShape>,
    pods: BTreeMap<Arc<str>, PodRecord>,
}

impl Pods {
    /// How many changes have been taken in; the tests wait for them.
    #[cfg(test)]
    #[allow(
        dead_code,
        reason = "tests/controller uses it, the program's own test build is empty"
    )]
    pub(crate) fn events(&self) -> u64 {
        self.events
    }

    /// Whether there is a pod of that name.
    pub(crate) fn contains(&self, namespace: &str, name: &str) -> bool {
        self.namespaces
            .get(namespace)
            .is_some_and(|namespace| namespace.group_of.contains_key(name))
    }

    /// The positions of those among `names`, which come in order, that no pod has. One walk along
    /// both: a search for each of thousands of names would cost more than to read them.
    pub(crate) fn strangers<'a>(
        &self,
        namespace: &str,
        names: impl Iterator<Item = &'a str>,
    ) -> Vec<usize> {
        let known = self.namespaces.get(namespace);
        let mut known = known
            .into_iter()
            .flat_map(|pods| pods.group_of.keys())
            .peekable();
        let mut strangers = Vec::new();
        for (at, name) in names.enumerate() {
            while known.next_if(|pod| &***pod < name).is_some() {}
            if known.peek().is_none_or(|pod| &***pod != name) {
                strangers.push(at);
            }
        }
        strangers
    }

    /// The pods that a selector selects, in the order of their names.
    pub(crate) fn select(&self, namespace: &str, selector: &Selector) -> Vec<PodRecord> {
        let Some(namespace) = self.namespaces.get(namespace) else {
            return Vec::new();
        };
        let groups: Vec<&Group> = namespace.select(selector).collect();
        let mut pods: Vec<PodRecord> = groups
            .iter()
            .flat_map(|group| group.pods.values().cloned())
            .collect();
        if groups.len() > 1 {
            pods.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        }
        pods
    }

    fn insert(&mut self, mut pod: PodObject) {
        #[cfg(test)]
        {
            self.events += 1;
        }
        let key = pod.metadata.key();
        if let Some(listed) = &mut self.listed {
            listed.insert(key.clone());
        }
        let shape = pod.take_shape();
        self.namespaces
            .entry(key.namespace)
            .or_default()
            .insert(&pod, shape);
    }

    fn remove(&mut self, key: &Key) {
        #[cfg(test)]
        {
            self.events += 1;
        }
        if let Some(namespace) = self.namespaces.get_mut(&key.namespace) {
            namespace.remove(&key.name);
            if namespace.group_of.is_empty() {
                self.namespaces.remove(&key.namespace);
            }
        }
    }
}

impl Store<PodObject> for Pods {
    fn begin_list(&mut self) {
        self.listed = Some(BTreeSet::new());
    }

    fn apply(&mut self, pod: PodObject) {
        self.insert(pod);
    }

    fn delete(&mut self, pod: &PodObject) {
        self.remove(&pod.meta().key());
    }

    fn end_list(&mut self) {
        let listed = self.listed.take().unwrap_or_default();
        let known = self.namespaces.iter().flat_map(|(namespace, pods)| {
            pods.group_of.keys().map(|name| Key {
                namespace: Arc::clone(namespace),
                name: Arc::clone(name),
            })
        });
        let gone: Vec<Key> = known.filter(|key| !listed.contains(key)).collect();
        for key in gone {
            self.remove(&key);
        }
    }
}

impl Namespace {
    fn insert(&mut self, pod: &PodObject, shape: PodShape) {
        let name = pod.metadata.name.as_str();
        let id = self.group(shape);
        if self.group_of.get(name).is_some_and(|known| *known != id) {
            self.remove(name);
        }
        let Some(group) = self.groups.get_mut(&id) else {
            return;
        };
        let record = pod.record(Arc::clone(&group.shape));
        self.group_of.insert(Arc::clone(&record.name), id);
        group.pods.insert(Arc::clone(&record.name), record);
    }

    /// The group of that shape, which is made if there is none.
    fn group(&mut self, shape: PodShape) -> u64 {
        let same = |id: &u64| {
            self.groups.get(id).is_some_and(|group| {
                group.shape.labels == shape.labels && group.shape.spec == shape.spec
            })
        };
        // Pods without labels share the group of the empty pair.
        let pairs = pairs(&shape.labels);
        let known = pairs
            .iter()
            .filter_map(|pair| self.by_pair.get(pair))
            .min_by_key(|ids| ids.len())
            .and_then(|ids| ids.iter().copied().find(same));
        if let Some(id) = known {
            return id;
        }
        let id = self.next;
        self.next += 1;
        for pair in pairs {
            self.by_pair.entry(pair).or_default().insert(id);
        }
        let group = Group {
            shape: Arc::new(shape),
            pods: BTreeMap::new(),
        };
        self.groups.insert(id, group);
        id
    }

    fn remove(&mut self, name: &str) {
        let Some(id) = self.group_of.remove(name) else {
            return;
        };
        let Some(group) = self.groups.get_mut(&id) else {
            return;
        };
        group.pods.remove(name);
        if !group.pods.is_empty() {
            return;
        }
        for pair in pairs(&group.shape.labels) {
            if let Some(ids) = self.by_pair.get_mut(&pair) {
                ids.remove(&id);
                if ids.is_empty() {
                    self.by_pair.remove(&pair);
                }
            }
        }
        self.groups.remove(&id);
    }

    /// The groups that a selector selects.
    fn select<'a>(&'a self, selector: &'a Selector) -> impl Iterator<Item = &'a Group> {
        let narrowed = selector
            .pairs()
            .map(|(key, value)| {
                self.by_pair
                    .get(&(key.to_owned(), value.to_owned()))
                    .map_or(&EMPTY, |ids| ids)
            })
            .min_by_key(|ids| ids.len());
        let candidates: Box<dyn Iterator<Item = &Group>> = match narrowed {
            Some(ids) => Box::new(ids.iter().filter_map(|id| self.groups.get(id))),
            None => Box::new(self.groups.values()),
        };
        candidates.filter(|group| selector.matches(&group.shape.labels))
    }
}

static EMPTY: BTreeSet<u64> = BTreeSet::new();

/// The pairs under which a group is found.
fn pairs(labels: &Labels) -> Vec<(String, String)> {
    if labels.is_empty() {
        return vec![(String::new(), String::new())];
    }
    labels
        .iter()
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}
