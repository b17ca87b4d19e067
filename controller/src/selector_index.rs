//! Which autoscaler selects which pods, to find those that select the same.
//!
//! Upstream: `horizontal.go`, `hpaSelectors`, `validateAndParseSelector`;
//! `pkg/controller/util/selectors`, `BiMultimap`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hpa_core::api::{Labels, Selector};
use hpa_core::autoscaler::{OtherAutoscaler, PodRecord};

use super::api_objects::Key;

/// The selectors of all autoscalers, each as of its last sync.
#[derive(Debug, Default)]
pub(crate) struct Selectors {
    namespaces: BTreeMap<Arc<str>, Namespace>,
}

#[derive(Debug, Default)]
struct Namespace {
    by_name: BTreeMap<Arc<str>, (Arc<str>, Selector)>,
    /// Under the first pair that a selector asks for.
    by_pair: BTreeMap<(String, String), BTreeSet<Arc<str>>>,
    /// Selectors that ask for no pair.
    unpaired: BTreeSet<Arc<str>>,
}

impl Selectors {
    /// Notes the selector of an autoscaler, `text` being its form as read.
    pub(crate) fn note(&mut self, key: &Key, text: &Arc<str>, selector: &Selector) {
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
        namespace.place(selector).insert(Arc::clone(&key.name));
        let noted = (Arc::clone(text), selector.clone());
        namespace.by_name.insert(Arc::clone(&key.name), noted);
    }

    /// Forgets an autoscaler.
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
            namespace.selecting(labels, &mut names);
        }
        names.remove(&key.name);
        names
            .into_iter()
            .filter_map(|name| {
                let (_, selector) = namespace.by_name.get(&name)?;
                Some(OtherAutoscaler {
                    key: format!("{}/{name}", key.namespace).into(),
                    selector: selector.clone(),
                })
            })
            .collect()
    }
}

impl Namespace {
    /// Where an autoscaler with this selector is kept.
    fn place(&mut self, selector: &Selector) -> &mut BTreeSet<Arc<str>> {
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
        self.place(&selector).remove(name);
        self.by_pair.retain(|_, names| !names.is_empty());
    }

    /// Adds the autoscalers that select an object with these labels.
    fn selecting(&self, labels: &Labels, names: &mut BTreeSet<Arc<str>>) {
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
