//! An index of the autoscalers' pod selectors, to find those that select the same pods.
//!
//! Upstream: `horizontal.go`, `hpaSelectors`, `validateAndParseSelector`;
//! `pkg/controller/util/selectors`, `BiMultimap`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hpa_core::api::{Labels, Selector};
use hpa_core::autoscaler::{OtherAutoscaler, PodRecord};

use crate::api_objects::Key;

/// The selectors of all autoscalers, each as of its last sync.
#[derive(Debug, Default)]
pub(crate) struct SelectorIndex {
    namespaces: BTreeMap<Arc<str>, Namespace>,
}

#[derive(Debug, Default)]
struct Namespace {
    by_name: BTreeMap<Arc<str>, (Arc<str>, Selector)>,
    /// Names by the first label that their selector requires.
    by_pair: BTreeMap<(String, String), BTreeSet<Arc<str>>>,
    /// Names whose selector requires no particular label.
    unpaired: BTreeSet<Arc<str>>,
}

impl SelectorIndex {
    /// Stores the selector of an autoscaler; `text` is its unparsed form.
    pub(crate) fn insert(&mut self, key: &Key, text: &Arc<str>, selector: &Selector) {
        let namespace = self
            .namespaces
            .entry(Arc::clone(&key.namespace))
            .or_default();
        if namespace
            .by_name
            .get(&key.name)
            .is_some_and(|(known, _)| known == text)
        {
            return;
        }
        namespace.remove(&key.name);
        namespace.names_for(selector).insert(Arc::clone(&key.name));
        let stored = (Arc::clone(text), selector.clone());
        namespace.by_name.insert(Arc::clone(&key.name), stored);
    }

    /// Removes an autoscaler.
    pub(crate) fn remove(&mut self, key: &Key) {
        if let Some(namespace) = self.namespaces.get_mut(&key.namespace) {
            namespace.remove(&key.name);
            if namespace.by_name.is_empty() {
                self.namespaces.remove(&key.namespace);
            }
        }
    }

    /// The other autoscalers that select one of these pods.
    pub(crate) fn others(&self, key: &Key, pods: &[PodRecord]) -> Vec<OtherAutoscaler> {
        let Some(namespace) = self.namespaces.get(&key.namespace) else {
            return Vec::new();
        };
        let mut names = BTreeSet::new();
        let mut seen: Vec<*const Labels> = Vec::new();
        for pod in pods {
            let labels = &pod.shape.labels;
            // Pods of one template share their labels.
            if seen.last().is_some_and(|last| std::ptr::eq(*last, labels)) {
                continue;
            }
            seen.push(labels);
            namespace.collect_matching(labels, &mut names);
        }
        names.remove(&key.name);
        names
            .into_iter()
            .filter_map(|name| {
                let (_, selector) = namespace.by_name.get(&name)?;
                let key = format!("{}/{name}", key.namespace);
                Some(OtherAutoscaler::new(key, selector.clone()))
            })
            .collect()
    }
}

impl Namespace {
    /// The set of names in which a selector is indexed.
    fn names_for(&mut self, selector: &Selector) -> &mut BTreeSet<Arc<str>> {
        match selector.pairs().next() {
            Some((key, value)) => self
                .by_pair
                .entry((key.to_owned(), value.to_owned()))
                .or_default(),
            None => &mut self.unpaired,
        }
    }

    fn remove(&mut self, name: &Arc<str>) {
        let Some((_, selector)) = self.by_name.remove(name) else {
            return;
        };
        self.names_for(&selector).remove(name);
        self.by_pair.retain(|_, names| !names.is_empty());
    }

    /// Adds the autoscalers whose selector matches these labels.
    fn collect_matching(&self, labels: &Labels, names: &mut BTreeSet<Arc<str>>) {
        let paired = labels
            .iter()
            .filter_map(|(key, value)| self.by_pair.get(&(key.clone(), value.clone())))
            .flatten();
        for name in paired.chain(&self.unpaired) {
            let selects = self
                .by_name
                .get(name)
                .is_some_and(|(_, selector)| selector.matches(labels));
            if selects {
                names.insert(Arc::clone(name));
            }
        }
    }
}
