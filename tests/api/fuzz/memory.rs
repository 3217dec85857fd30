//! Remembers keys, links and entity tags of replies, for later requests.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use serde_json::Value as Json;

use super::call::{Call, in_path};
use super::connection::Answer;
use super::dice::Dice;

/// The number of remembered links, and of remembered tags.
const RECENT: usize = 20;
/// The number of remembered ids of all tenants.
const IDS: usize = 500;

pub(super) struct Memory {
    /// The keys of created entities, by the path of their collection.
    known: HashMap<String, Vec<String>>,
    /// Links to next pages.
    pub(super) links: Vec<String>,
    /// Entity tags.
    pub(super) tags: Vec<String>,
    /// Generated ids of all tenants.
    of_all_tenants: Arc<Mutex<Vec<String>>>,
}

impl Memory {
    pub(super) fn new(of_all_tenants: Arc<Mutex<Vec<String>>>) -> Self {
        Self { known: HashMap::new(), links: Vec::new(), tags: Vec::new(), of_all_tenants }
    }

    /// The keys of a collection.
    pub(super) fn known(&self, collection: &str) -> &[String] {
        self.known.get(collection).map_or(&[], Vec::as_slice)
    }

    /// An id of any tenant.
    pub(super) fn any_id(&self, dice: &mut Dice) -> String {
        let ids = self.of_all_tenants.lock().unwrap();
        ids.get(dice.below(ids.len())).cloned().unwrap_or_else(|| uuid::Uuid::nil().to_string())
    }

    /// Remembers the contents of a reply.
    pub(super) fn learn(&mut self, call: &Call, answer: &Answer) {
        let path = call.path.split('?').next().unwrap_or_default();
        if answer.status == 204 && call.method == "DELETE" {
            let (collection, key) = path.rsplit_once('/').unwrap_or_default();
            if let Some(keys) = self.known.get_mut(collection) {
                keys.retain(|known| in_path(known) != key);
            }
        }
        if let Some(tag) = answer.header("etag") {
            remember(&mut self.tags, tag.into(), RECENT);
        }
        let Ok(body) = serde_json::from_slice::<Json>(&answer.body) else { return };
        let link = body["@odata.nextLink"].as_str().and_then(|link| link.split_once("/beta/"));
        if let Some((_, rest)) = link {
            remember(&mut self.links, format!("/beta/{rest}"), RECENT);
        }
        if let (201, Some(id)) = (answer.status, body["id"].as_str()) {
            self.known.entry(path.into()).or_default().push(id.into());
            if uuid::Uuid::try_parse(id).is_ok() {
                remember(&mut self.of_all_tenants.lock().unwrap(), id.into(), IDS);
            }
        }
    }
}

fn remember(list: &mut Vec<String>, item: String, most: usize) {
    list.push(item);
    if list.len() > most {
        list.remove(0);
    }
}
