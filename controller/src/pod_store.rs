//! The pods, in little memory: pods of one template share labels and spec.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hpa_core::api::{Labels, Selector};
use hpa_core::autoscaler::{PodRecord, PodShape};

use crate::api_objects::PodObject;
use crate::watch::Store;

/// The pods by namespace.
#[derive(Debug, Default)]
pub(crate) struct PodStore {
    namespaces: BTreeMap<Arc<str>, Namespace>,
    /// The number of the current list: when it ends, pods that only older lists named are gone.
    list: u32,
    #[cfg(test)]
    changes: u64,
}

/// The pods of one namespace, grouped by shape.
#[derive(Debug, Default)]
struct Namespace {
    groups: BTreeMap<u64, Group>,
    next: u64,
    /// The group of the previous pod: in a list, pods of one template follow each other.
    last: u64,
    places: BTreeMap<Arc<str>, Place>,
    /// The groups by each of their labels, so that a selector need not test all of them.
    by_pair: BTreeMap<(String, String), BTreeSet<u64>>,
}

/// Where a pod is stored.
#[derive(Clone, Copy, Debug)]
struct Place {
    group: u64,
    /// The last list that named it, or during which it changed.
    list: u32,
}

/// Pods of one shape.
#[derive(Debug)]
struct Group {
    shape: Arc<PodShape>,
    pods: BTreeMap<Arc<str>, PodRecord>,
}

impl PodStore {
    /// The number of changes so far.
    #[cfg(test)]
    pub(crate) const fn changes(&self) -> u64 {
        self.changes
    }

    /// Whether a pod of that name exists.
    pub(crate) fn contains(&self, namespace: &str, name: &str) -> bool {
        self.namespaces
            .get(namespace)
            .is_some_and(|namespace| namespace.places.contains_key(name))
    }

    /// The positions of those among the sorted `names` that are not pods. Both are walked in
    /// parallel: a lookup for each of thousands of names would cost more than decoding them.
    pub(crate) fn unknown_names<'a>(
        &self,
        namespace: &str,
        names: impl Iterator<Item = &'a str>,
    ) -> Vec<usize> {
        let known = self.namespaces.get(namespace);
        let mut known = known
            .into_iter()
            .flat_map(|pods| pods.places.keys())
            .peekable();
        let mut unknown = Vec::new();
        for (at, name) in names.enumerate() {
            while known.next_if(|pod| &***pod < name).is_some() {}
            if known.peek().is_none_or(|pod| &***pod != name) {
                unknown.push(at);
            }
        }
        unknown
    }

    /// The pods that match a selector, sorted by name.
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
            self.changes += 1;
        }
        let shape = pod.take_shape();
        let namespace = pod.metadata.namespace.as_str();
        if !self.namespaces.contains_key(namespace) {
            self.namespaces
                .insert(namespace.into(), Namespace::default());
        }
        if let Some(known) = self.namespaces.get_mut(namespace) {
            known.insert(&pod, shape, self.list);
        }
    }

    fn remove(&mut self, namespace: &str, name: &str) {
        #[cfg(test)]
        {
            self.changes += 1;
        }
        if let Some(known) = self.namespaces.get_mut(namespace) {
            known.remove(name);
            if known.places.is_empty() {
                self.namespaces.remove(namespace);
            }
        }
    }
}

impl Store<PodObject> for PodStore {
    fn begin_list(&mut self) {
        self.list = self.list.wrapping_add(1);
    }

    fn apply(&mut self, pod: PodObject) {
        self.insert(pod);
    }

    fn delete(&mut self, pod: &PodObject) {
        self.remove(&pod.metadata.namespace, &pod.metadata.name);
    }

    fn end_list(&mut self) {
        let list = self.list;
        let known = self.namespaces.iter().flat_map(|(namespace, pods)| {
            let gone = pods.places.iter().filter(|(_, place)| place.list != list);
            gone.map(|(name, _)| (Arc::clone(namespace), Arc::clone(name)))
        });
        let gone: Vec<(Arc<str>, Arc<str>)> = known.collect();
        for (namespace, name) in gone {
            self.remove(&namespace, &name);
        }
    }
}

impl Namespace {
    fn insert(&mut self, pod: &PodObject, shape: PodShape, list: u32) {
        let name = pod.metadata.name.as_str();
        let id = self.group(shape);
        self.last = id;
        if self.places.get(name).is_some_and(|known| known.group != id) {
            self.remove(name);
        }
        let Some(group) = self.groups.get_mut(&id) else {
            return;
        };
        let record = pod.record(Arc::clone(&group.shape));
        let place = Place { group: id, list };
        self.places.insert(Arc::clone(&record.name), place);
        group.pods.insert(Arc::clone(&record.name), record);
    }

    /// The group of that shape, created if it does not exist.
    fn group(&mut self, shape: PodShape) -> u64 {
        let same = |id: &u64| {
            self.groups.get(id).is_some_and(|group| {
                group.shape.labels == shape.labels && group.shape.spec == shape.spec
            })
        };
        if same(&self.last) {
            return self.last;
        }
        // Pods without labels are indexed under an empty pair.
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
        let Some(Place { group: id, .. }) = self.places.remove(name) else {
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

    /// The groups that match a selector.
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

/// The labels under which a group is indexed.
fn pairs(labels: &Labels) -> Vec<(String, String)> {
    if labels.is_empty() {
        return vec![(String::new(), String::new())];
    }
    labels
        .iter()
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}
