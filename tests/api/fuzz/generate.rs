//! Generates valid requests from the model. Later requests use the entities of earlier ones.

use std::sync::{Arc, Mutex};

use serde_json::{Value as Json, json};

use runstate::model::{Action, Binding, EntityType, Key, NavigationKind, Parameter, ROOT};

use super::call::{Call, in_path};
use super::dice::Dice;
use super::memory::Memory;
use super::{options, values};

/// No entity is created in a collection that has so many.
const MAX_ENTITIES: usize = 40;

/// One tenant's client.
pub(super) struct Generator {
    pub(super) dice: Dice,
    /// Every text of this tenant starts with the marker.
    pub(super) marker: String,
    pub(super) memory: Memory,
}

/// A path, and the entity type at its end.
struct Place {
    path: String,
    entity: &'static EntityType,
    end: End,
}

enum End {
    Collection,
    Entity,
    One { can_change: bool },
}

impl Generator {
    pub(super) fn new(seed: u64, marker: String, of_all_tenants: Arc<Mutex<Vec<String>>>) -> Self {
        Self { dice: Dice::new(seed), marker, memory: Memory::new(of_all_tenants) }
    }

    /// A valid request. Its entity may have been deleted.
    pub(super) fn call(&mut self) -> Call {
        let (sure, mut call) = match self.dice.below(24) {
            0 => {
                let path = self.dice.pick(&["/beta", "/beta/$metadata", "/openapi.json"]);
                (true, Call::new("GET", path.into()))
            }
            1 => (true, self.batch()),
            2 if !self.memory.links.is_empty() => {
                let links = &self.memory.links;
                (true, Call::new("GET", links[self.dice.below(links.len())].clone()))
            }
            3 => (false, self.policy()),
            _ => (false, self.entity_call()),
        };
        if sure && self.dice.one_in(2) {
            call.succeeds = true;
        } else {
            self.add_headers(&mut call);
        }
        call
    }

    fn batch(&mut self) -> Call {
        let many = 1 + self.dice.below(6);
        let mut requests: Vec<Json> = Vec::new();
        for index in 0..many {
            let inner = self.entity_call();
            let id = index.to_string();
            let target = inner.target();
            let url = target.strip_prefix("/beta").unwrap_or(&target);
            let mut item = json!({ "id": id, "method": inner.method, "url": url });
            if let Ok(body) = serde_json::from_slice::<Json>(&inner.body) {
                item["body"] = body;
                item["headers"] = json!({ "Content-Type": "application/json" });
            }
            if index > 0 && self.dice.one_in(4) {
                item["dependsOn"] = json!([(index - 1).to_string()]);
            }
            requests.push(item);
        }
        Call::with_body("POST", "/beta/$batch".into(), &json!({ "requests": requests }))
    }

    fn entity_call(&mut self) -> Call {
        let Place { path, entity, end } = self.place();
        match end {
            End::Collection => self.on_collection(path, entity),
            End::Entity => self.on_entity(path, entity),
            End::One { can_change } if can_change && self.dice.one_in(3) => {
                self.update(path, entity)
            }
            End::One { .. } => self.get(path, entity),
        }
    }

    fn on_collection(&mut self, path: String, entity: &'static EntityType) -> Call {
        let full = self.memory.known(&path).len() >= MAX_ENTITIES;
        let action = entity.actions.iter().find(|it| it.binding == Binding::Collection);
        match self.dice.below(10) {
            0..=3 if !full => {
                let body = values::body(&mut self.dice, entity, &self.marker, true, 2);
                Call::with_body("POST", path, &body)
            }
            4 => {
                let mut call = Call::new("GET", format!("{path}/$count"));
                if self.dice.one_in(2) {
                    call.option("$filter", &options::condition(&mut self.dice, entity, "", 2));
                }
                call
            }
            5 if action.is_some() => self.action(&path, entity, Binding::Collection),
            _ => {
                let mut call = Call::new("GET", path);
                options::of_collection(&mut self.dice, entity, &mut call);
                call
            }
        }
    }

    fn on_entity(&mut self, path: String, entity: &'static EntityType) -> Call {
        let action = entity.actions.iter().find(|it| it.binding == Binding::Entity);
        match self.dice.below(10) {
            0 => Call::new("DELETE", path),
            1..=3 => self.update(path, entity),
            4 if action.is_some() => self.action(&path, entity, Binding::Entity),
            _ => self.get(path, entity),
        }
    }

    fn get(&mut self, path: String, entity: &'static EntityType) -> Call {
        let method = if self.dice.one_in(10) { "HEAD" } else { "GET" };
        if self.dice.one_in(5) {
            let property = &entity.properties[self.dice.below(entity.properties.len())];
            let raw = property.edm.is_primitive() && self.dice.one_in(2);
            let value = if raw { "/$value" } else { "" };
            return Call::new(method, format!("{path}/{}{value}", property.name));
        }
        let mut call = Call::new(method, path);
        options::of_entity(&mut self.dice, entity, &mut call);
        call
    }

    fn update(&mut self, path: String, entity: &'static EntityType) -> Call {
        let mut body = values::body(&mut self.dice, entity, &self.marker, false, 0);
        let mut navigations = entity.navigations.iter();
        if let Some(navigation) = navigations.find(|it| it.is_reference())
            && let NavigationKind::Referenced(set) = navigation.kind
            && self.dice.one_in(3)
        {
            let collection = format!("/beta/{}/{}", ROOT.name, set.name);
            let key = in_path(&self.key(&collection, set.target));
            body[format!("{}@odata.bind", navigation.name)] = json!(format!("{collection}/{key}"));
        }
        Call::with_body("PATCH", path, &body)
    }

    fn action(&mut self, path: &str, entity: &'static EntityType, binding: Binding) -> Call {
        let bound: Vec<&Action> =
            entity.actions.iter().filter(|it| it.binding == binding).collect();
        let action = self.dice.pick(&bound);
        let parameter = &action.parameters[self.dice.below(action.parameters.len())];
        let many = self.dice.below(4);
        let items: Vec<Json> = match parameter {
            Parameter::Strings { .. } => (0..many).map(|_| json!(self.key(path, entity))).collect(),
            Parameter::Entities { navigation, .. } => {
                let target = navigation.target;
                let body = |_| values::body(&mut self.dice, target, &self.marker, true, 0);
                (0..many).map(body).collect()
            }
        };
        let body = json!({ parameter.name(): items });
        Call::with_body("POST", format!("{path}/{}", action.name), &body)
    }

    /// A path of the model. Most of its keys exist.
    fn place(&mut self) -> Place {
        let mut path = format!("/beta/{}", ROOT.name);
        let mut navigations = ROOT.navigations;
        loop {
            let navigation = navigations[self.dice.below(navigations.len())];
            let entity = navigation.target;
            path = format!("{path}/{}", navigation.name);
            if !navigation.is_collection() {
                let can_change = navigation.kind == NavigationKind::Attached;
                return Place { path, entity, end: End::One { can_change } };
            }
            if self.dice.one_in(3) {
                return Place { path, entity, end: End::Collection };
            }
            let key = in_path(&self.key(&path, entity));
            path = match self.dice.one_in(8) {
                true => format!("{path}('{}')", key.replace("%27", "%27%27")),
                false => format!("{path}/{key}"),
            };
            if entity.navigations.is_empty() || self.dice.one_in(3) {
                return Place { path, entity, end: End::Entity };
            }
            navigations = entity.navigations;
        }
    }

    fn key(&mut self, collection: &str, entity: &EntityType) -> String {
        let known = self.memory.known(collection);
        if !known.is_empty() && !self.dice.one_in(10) {
            return known[self.dice.below(known.len())].clone();
        }
        match entity.key {
            Key::Client => self.dice.pick(values::IDS).into(),
            _ => self.memory.any_id(&mut self.dice),
        }
    }

    fn add_headers(&mut self, call: &mut Call) {
        let tags = &self.memory.tags;
        let tag = match tags.is_empty() {
            true => "W/\"none\"".to_owned(),
            false => tags[self.dice.below(tags.len())].clone(),
        };
        let full = "application/json;odata.metadata=full";
        // Rarely repeated.
        let key = format!("key-{}", self.dice.below(500));
        for (name, value) in [
            ("Accept", dice_of(&mut self.dice, &["*/*", "application/json", full])),
            ("Prefer", dice_of(&mut self.dice, &["return=minimal", "odata.maxpagesize=2"])),
            ("If-Match", dice_of(&mut self.dice, &["*", &tag])),
            ("If-None-Match", dice_of(&mut self.dice, &[&tag])),
            ("OData-Version", dice_of(&mut self.dice, &["4.0"])),
            ("OData-MaxVersion", dice_of(&mut self.dice, &["4.0", "4.01"])),
            ("client-request-id", dice_of(&mut self.dice, &["me", "two words"])),
            ("Idempotency-Key", dice_of(&mut self.dice, &[&key])),
            ("ConsistencyLevel", dice_of(&mut self.dice, &["eventual"])),
        ] {
            if let Some(value) = value
                && (call.path != "/beta/$metadata" || name != "Accept")
            {
                call.header(name, &value);
            }
        }
    }
}

fn dice_of(dice: &mut Dice, values: &[&str]) -> Option<String> {
    dice.one_in(7).then(|| dice.pick(values).to_owned())
}
