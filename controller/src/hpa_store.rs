//! The autoscalers as last read or written, and the statuses written by others.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use hpa_core::api::{self, CrossVersionObjectReference};
use hpa_core::autoscaler::{Spec, Status};
use hpa_core::time::SignedDuration;

use crate::api_objects::{HpaObject, Key};
use crate::clock::Clock;
use crate::watch::Store;

/// The annotation that names the controller of an autoscaler.
pub(crate) const MANAGED_BY: &str = "hpa-playground/controller";
/// The number of own and of foreign writes that are remembered.
const REMEMBERED: usize = 8;

/// One autoscaler.
#[derive(Clone, Debug)]
pub(crate) struct Hpa {
    pub(crate) key: Key,
    pub(crate) uid: Arc<str>,
    pub(crate) resource_version: Arc<str>,
    /// The value of the annotation [`MANAGED_BY`].
    pub(crate) managed_by: Option<Arc<str>>,
    /// The scale target.
    pub(crate) target: CrossVersionObjectReference,
    /// The spec in the form that the algorithm reads.
    pub(crate) spec: Arc<Spec>,
    /// The spec as the API has it.
    pub(crate) manifest: Arc<api::HorizontalPodAutoscalerSpec>,
    /// The stored status.
    pub(crate) stored: Arc<Status>,
}

/// The autoscalers by key.
#[derive(Debug)]
pub(crate) struct HpaStore {
    known: BTreeMap<Key, Entry>,
    changed: BTreeMap<Key, Change>,
    listed: Option<BTreeSet<Key>>,
    /// The newest version that the watch has delivered, or after which it has listed.
    observed: u64,
    clock: Clock,
}

#[derive(Debug)]
struct Entry {
    hpa: Arc<Hpa>,
    /// Statuses that someone else wrote: their resource versions, and when they were seen.
    foreign_writes: VecDeque<(Arc<str>, SignedDuration)>,
    /// The resource versions of this controller's last writes.
    own_writes: VecDeque<Arc<str>>,
}

/// A change of an autoscaler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Change {
    /// Nothing that needs a sync.
    Other,
    /// Its generation changed.
    Edited,
    /// It is new, or was replaced by another of the same name.
    Added,
    /// It was deleted.
    Deleted,
}

impl HpaStore {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            known: BTreeMap::new(),
            changed: BTreeMap::new(),
            listed: None,
            observed: 0,
            clock,
        }
    }

    /// The autoscaler with that key.
    pub(crate) fn get(&self, key: &Key) -> Option<Arc<Hpa>> {
        self.known.get(key).map(|entry| Arc::clone(&entry.hpa))
    }

    /// Whether this autoscaler still exists, and was not replaced by another of the same name.
    pub(crate) fn exists(&self, hpa: &Hpa) -> bool {
        self.known
            .get(&hpa.key)
            .is_some_and(|entry| entry.hpa.uid == hpa.uid)
    }

    /// All keys.
    pub(crate) fn keys(&self) -> Vec<Key> {
        self.known.keys().cloned().collect()
    }

    /// The changes since the last call.
    pub(crate) fn take_changes(&mut self) -> BTreeMap<Key, Change> {
        std::mem::take(&mut self.changed)
    }

    /// Stores the response to our write of the status of `over`.
    pub(crate) fn status_written(&mut self, over: &Hpa, response: HpaObject) {
        let Some(entry) = self.known.get_mut(&over.key) else {
            return;
        };
        let version = response.metadata.resource_version.as_str();
        // The watch may have delivered our write before the response, and counted it as foreign.
        entry.foreign_writes.retain(|(seen, _)| &**seen != version);
        entry.own_writes.truncate(REMEMBERED - 1);
        entry.own_writes.push_front(version.into());
        if entry.hpa.resource_version == over.resource_version {
            entry.hpa = Arc::new(hpa(response, Some(&entry.hpa)));
        }
    }

    /// The newest version that the watch has delivered.
    pub(crate) const fn observed(&self) -> u64 {
        self.observed
    }

    /// The version of the last own write of a status.
    pub(crate) fn own_write(&self, key: &Key) -> Option<u64> {
        number(self.known.get(key)?.own_writes.front()?)
    }

    fn observe(&mut self, version: &str) {
        self.observed = self.observed.max(number(version).unwrap_or_default());
    }

    /// How many times someone else wrote the status within the last `period`.
    pub(crate) fn foreign_writes(&self, key: &Key, period: SignedDuration) -> usize {
        let now = self.now();
        self.known.get(key).map_or(0, |entry| {
            let recent = |seen: &&(Arc<str>, SignedDuration)| now.0 - seen.1.0 < period.0;
            entry.foreign_writes.iter().filter(recent).count()
        })
    }

    /// The monotonic time by which foreign writes are dated.
    pub(crate) fn now(&self) -> SignedDuration {
        self.clock.read().monotonic
    }

    /// Forgets the writes of others.
    pub(crate) fn forget_foreign_writes(&mut self, key: &Key) {
        if let Some(entry) = self.known.get_mut(key) {
            entry.foreign_writes.clear();
        }
    }

    fn change(&mut self, key: Key, change: Change) {
        let known = self.changed.entry(key).or_insert(change);
        *known = match (*known, change) {
            // Deleted and created again.
            (Change::Deleted, _) => Change::Added,
            (earlier, later) => earlier.max(later),
        };
    }

    fn remove(&mut self, key: &Key) {
        if self.known.remove(key).is_some() {
            self.change(key.clone(), Change::Deleted);
        }
    }
}

impl Store<HpaObject> for HpaStore {
    fn begin_list(&mut self) {
        self.listed = Some(BTreeSet::new());
    }

    fn apply(&mut self, object: HpaObject) {
        let key = object.metadata.key();
        self.observe(&object.metadata.resource_version);
        if let Some(listed) = &mut self.listed {
            listed.insert(key.clone());
        }
        let now = self.now();
        let Some(entry) = self.known.get_mut(&key) else {
            let entry = Entry {
                hpa: Arc::new(hpa(object, None)),
                foreign_writes: VecDeque::new(),
                own_writes: VecDeque::new(),
            };
            self.known.insert(key.clone(), entry);
            self.change(key, Change::Added);
            return;
        };
        let version = object.metadata.resource_version.as_str();
        // After our own write, the watch still delivers older versions: skip them. A list may go
        // back, as after a restore of etcd.
        if *version == *entry.hpa.resource_version
            || (self.listed.is_none() && is_older(version, &entry.hpa.resource_version))
        {
            return;
        }
        let is_own = entry.own_writes.iter().any(|own| **own == *version);
        let next = hpa(object, Some(&entry.hpa));
        let replaced = next.uid != entry.hpa.uid;
        if !replaced && !is_own && !next.stored.is_same(&entry.hpa.stored) {
            entry.foreign_writes.truncate(REMEMBERED - 1);
            entry
                .foreign_writes
                .push_front((Arc::clone(&next.resource_version), now));
        }
        let change = if replaced {
            Change::Added
        } else if next.spec.generation == entry.hpa.spec.generation {
            Change::Other
        } else {
            Change::Edited
        };
        entry.hpa = Arc::new(next);
        self.change(key, change);
    }

    fn delete(&mut self, object: &HpaObject) {
        self.observe(&object.metadata.resource_version);
        self.remove(&object.metadata.key());
    }

    fn end_list(&mut self) {
        let listed = self.listed.take().unwrap_or_default();
        // What was written before the list is part of it, even if versions have gone back.
        let written = self.known.keys().filter_map(|key| self.own_write(key));
        self.observed = written.max().unwrap_or_default().max(self.observed);
        let gone: Vec<Key> = self
            .known
            .keys()
            .filter(|key| !listed.contains(key))
            .cloned()
            .collect();
        for key in gone {
            self.remove(&key);
        }
    }
}

/// A resource version, if it is one of etcd's numbers.
fn number(version: &str) -> Option<u64> {
    version.parse().ok()
}

/// Whether a resource version is older than another, if both are etcd's numbers.
fn is_older(version: &str, than: &str) -> bool {
    matches!((number(version), number(than)), (Some(version), Some(than)) if version < than)
}

/// Converts an object; parts that have not changed are shared with `before`.
fn hpa(object: HpaObject, before: Option<&Hpa>) -> Hpa {
    let HpaObject {
        metadata,
        spec: manifest,
        status,
    } = object;
    let same = before.filter(|before| {
        *before.manifest == manifest
            && before.spec.generation == metadata.generation
            && *before.uid == *metadata.uid
    });
    let (spec, manifest) = if let Some(before) = same {
        (Arc::clone(&before.spec), Arc::clone(&before.manifest))
    } else {
        let names = api::ObjectMeta::new(&*metadata.namespace, &*metadata.name);
        let mut whole = api::HorizontalPodAutoscaler::new(names, manifest);
        whole.metadata.generation = metadata.generation;
        (Arc::new(Spec::from_api(&whole)), Arc::new(whole.spec))
    };
    let annotations = metadata.annotations.as_ref();
    Hpa {
        key: metadata.key(),
        uid: metadata.uid.as_str().into(),
        resource_version: metadata.resource_version.as_str().into(),
        managed_by: annotations
            .and_then(|annotations| annotations.get(MANAGED_BY))
            .map(|name| name.as_str().into()),
        target: manifest.scale_target_ref.clone(),
        spec,
        manifest,
        stored: Arc::new(status.as_ref().map(Status::from_api).unwrap_or_default()),
    }
}
