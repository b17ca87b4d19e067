//! All autoscalers as last read or written, and who else writes their statuses.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use hpa_core::api::{self, CrossVersionObjectReference};
use hpa_core::autoscaler::{Spec, Status};
use hpa_core::time::Duration;

use super::api_objects::{HpaObject, Key};
use super::clock::Clock;
use super::watch::Store;

/// The annotation that hands an autoscaler to a controller of that name.
pub(crate) const MANAGED_BY: &str = "hpa-playground/controller";
/// How many statuses of others are remembered.
const REMEMBERED: usize = 8;

/// One autoscaler.
#[derive(Clone, Debug)]
pub(crate) struct Hpa {
    pub(crate) key: Key,
    pub(crate) uid: Arc<str>,
    pub(crate) resource_version: Arc<str>,
    /// The value of the annotation [`MANAGED_BY`].
    pub(crate) managed_by: Option<Arc<str>>,
    /// What it scales.
    pub(crate) target: CrossVersionObjectReference,
    /// The specification as the algorithm reads it.
    pub(crate) spec: Arc<Spec>,
    /// The specification as the API has it.
    pub(crate) manifest: Arc<api::HorizontalPodAutoscalerSpec>,
    /// The status as stored.
    pub(crate) stored: Arc<Status>,
}

/// The autoscalers by key.
#[derive(Debug)]
pub(crate) struct Hpas {
    known: BTreeMap<Key, Entry>,
    changed: BTreeMap<Key, Change>,
    listed: Option<BTreeSet<Key>>,
    clock: Clock,
}

#[derive(Debug)]
struct Entry {
    hpa: Arc<Hpa>,
    /// Statuses that someone else wrote: version, and when they were seen.
    foreign: VecDeque<(Arc<str>, Duration)>,
    /// Versions that this controller's last writes made.
    own: VecDeque<Arc<str>>,
}

/// What happened to an autoscaler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Change {
    /// Something that needs no sync.
    Touched,
    /// It is new, or asks for something else.
    Respecified,
    /// It is gone.
    Deleted,
}

impl Hpas {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            known: BTreeMap::new(),
            changed: BTreeMap::new(),
            listed: None,
            clock,
        }
    }

    /// The autoscaler of that key.
    pub(crate) fn find(&self, key: &Key) -> Option<Arc<Hpa>> {
        self.known.get(key).map(|entry| Arc::clone(&entry.hpa))
    }

    /// Whether this very autoscaler still exists; one of the same name may have taken its place.
    pub(crate) fn exists(&self, hpa: &Hpa) -> bool {
        self.known
            .get(&hpa.key)
            .is_some_and(|entry| entry.hpa.uid == hpa.uid)
    }

    /// All keys.
    pub(crate) fn keys(&self) -> Vec<Key> {
        self.known.keys().cloned().collect()
    }

    /// What has changed since this was last asked.
    pub(crate) fn take_changes(&mut self) -> BTreeMap<Key, Change> {
        std::mem::take(&mut self.changed)
    }

    /// Takes in the answer to a write of the status that was made over `over`.
    pub(crate) fn wrote(&mut self, over: &Hpa, answer: HpaObject) {
        let Some(entry) = self.known.get_mut(&over.key) else {
            return;
        };
        let version = answer.metadata.resource_version.as_str();
        // The watch may have been quicker than the answer and could not know whose write it saw.
        entry.foreign.retain(|(seen, _)| &**seen != version);
        entry.own.truncate(REMEMBERED - 1);
        entry.own.push_front(version.into());
        if entry.hpa.resource_version == over.resource_version {
            entry.hpa = Arc::new(hpa(answer, Some(&entry.hpa)));
        }
    }

    /// How many statuses someone else wrote within the last `period`.
    pub(crate) fn foreign_writes(&self, key: &Key, period: Duration) -> usize {
        let now = self.clock.read().monotonic;
        self.known.get(key).map_or(0, |entry| {
            let recent = |seen: &&(Arc<str>, Duration)| now.0 - seen.1.0 < period.0;
            entry.foreign.iter().filter(recent).count()
        })
    }

    /// Forgets who wrote what: when this controller begins to act.
    pub(crate) fn forget_writers(&mut self, key: &Key) {
        if let Some(entry) = self.known.get_mut(key) {
            entry.foreign.clear();
        }
    }

    fn change(&mut self, key: Key, change: Change) {
        let known = self.changed.entry(key).or_insert(change);
        *known = match (*known, change) {
            // Deleted and made again.
            (Change::Deleted, later) => later,
            (earlier, later) => earlier.max(later),
        };
    }

    fn remove(&mut self, key: &Key) {
        if self.known.remove(key).is_some() {
            self.change(key.clone(), Change::Deleted);
        }
    }
}

impl Store<HpaObject> for Hpas {
    fn begin_list(&mut self) {
        self.listed = Some(BTreeSet::new());
    }

    fn apply(&mut self, object: HpaObject) {
        let key = object.metadata.key();
        if let Some(listed) = &mut self.listed {
            listed.insert(key.clone());
        }
        let now = self.clock.read().monotonic;
        let Some(entry) = self.known.get_mut(&key) else {
            let entry = Entry {
                hpa: Arc::new(hpa(object, None)),
                foreign: VecDeque::new(),
                own: VecDeque::new(),
            };
            self.known.insert(key.clone(), entry);
            self.change(key, Change::Respecified);
            return;
        };
        let version = object.metadata.resource_version.as_str();
        // The answer to a write is quicker than the watch, which then tells what was before it. A
        // list is taken as it is: after a restore of its backup the server counts from there.
        if *version == *entry.hpa.resource_version
            || (self.listed.is_none() && is_older(version, &entry.hpa.resource_version))
        {
            return;
        }
        let is_own = entry.own.iter().any(|own| **own == *version);
        let next = hpa(object, Some(&entry.hpa));
        let replaced = next.uid != entry.hpa.uid;
        if !replaced && !is_own && !next.stored.is_same(&entry.hpa.stored) {
            entry.foreign.truncate(REMEMBERED - 1);
            entry
                .foreign
                .push_front((Arc::clone(&next.resource_version), now));
        }
        let respecified = replaced || !Arc::ptr_eq(&next.spec, &entry.hpa.spec);
        entry.hpa = Arc::new(next);
        let change = if respecified {
            Change::Respecified
        } else {
            Change::Touched
        };
        self.change(key, change);
    }

    fn delete(&mut self, object: &HpaObject) {
        self.remove(&object.metadata.key());
    }

    fn end_list(&mut self) {
        let listed = self.listed.take().unwrap_or_default();
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

/// Whether a version comes before another, where both are the numbers that etcd gives.
fn is_older(version: &str, than: &str) -> bool {
    let number = |text: &str| text.parse::<u64>().ok();
    matches!((number(version), number(than)), (Some(version), Some(than)) if version < than)
}

/// The autoscaler that an object is; what has not changed is shared with the one before.
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
        let whole = api::HorizontalPodAutoscaler {
            metadata: api::ObjectMeta {
                name: metadata.name.clone(),
                namespace: metadata.namespace.clone(),
                generation: metadata.generation,
                ..Default::default()
            },
            spec: manifest,
            status: None,
        };
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
