//! Reads the contents of a tenant as a client would, page by page, for `contents`. Follows the model: an
//! entity with what it contains, and a reference as its `@odata.bind`.

use std::collections::HashSet;

use bytes::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{Call, contents};
use crate::auth::Caller;
use crate::endpoints;
use crate::error::{Error, Result};
use crate::message::{Body, Headers, Method, NO_ADDRESS, Request};
use crate::model::{API_VERSION, Edm, EntityType, Navigation, NavigationKind, ROOT};
use crate::twin::Tenant;

/// A client of one tenant inside of the server.
struct Client<'a> {
    call: &'a Call<'a>,
    tenant: &'a Tenant,
    /// Known for all reads: a fast clock leaves its token behind.
    caller: Caller,
}

/// The contents, an array for each entity set that has entities.
pub(super) async fn contents(call: &Call<'_>, tenant: &Tenant) -> Result<Json> {
    let client = Client { call, tenant, caller: contents::caller(call, tenant).await? };
    let root = format!("/{API_VERSION}/{}", ROOT.name);
    let mut all = Map::new();
    for navigation in ROOT.navigations.iter().filter(|navigation| navigation.is_writable()) {
        let entities = client.collection(&root, navigation).await?;
        if !entities.is_empty() {
            all.insert(navigation.name.into(), entities.into());
        }
    }
    Ok(all.into())
}

impl Client<'_> {
    /// The entities of a collection, each with what it contains.
    async fn collection(&self, parent: &str, navigation: &Navigation) -> Result<Vec<Json>> {
        let path = format!("{parent}/{}", navigation.name);
        let mut entities = Vec::new();
        for listed in self.pages(&path, &references(navigation.target)).await? {
            let entity = Box::pin(self.entity(&path, navigation.target, listed)).await?;
            entities.push(entity);
        }
        Ok(entities)
    }

    async fn entity(&self, path: &str, of: &EntityType, listed: Json) -> Result<Json> {
        let id = listed["id"].as_str().unwrap_or_default().to_owned();
        let path = format!("{path}('{}')", encoded(&id));
        // A list leaves some values out.
        let whole = match of.properties.iter().any(|property| property.by_key_only) {
            true => self.get(&path, &references(of)).await?,
            false => listed,
        };
        let Json::Object(mut entity) = whole else { return Ok(whole) };
        let is_counted = |name: &String| counts(of).any(|own| own == name);
        entity.retain(|name, _| !name.contains('@') && !is_counted(name));
        let mut tables = HashSet::new();
        for navigation in of.navigations {
            match navigation.kind {
                // Two types may show the same rows.
                NavigationKind::Contained if tables.insert(navigation.target.table) => {
                    let contained = self.collection(&path, navigation).await?;
                    if !contained.is_empty() {
                        entity.insert(navigation.name.into(), contained.into());
                    }
                }
                NavigationKind::Referenced(set) => {
                    let key = entity.remove(navigation.name);
                    if let Some(key) = key.as_ref().and_then(|it| it["id"].as_str()) {
                        let url = format!("{}/{}('{}')", ROOT.name, set.name, encoded(key));
                        entity.insert(format!("{}@odata.bind", navigation.name), url.into());
                    }
                }
                NavigationKind::Contained
                | NavigationKind::Attached
                | NavigationKind::Versions(_) => {}
            }
        }
        without_repeated(of, &mut entity);
        Ok(entity.into())
    }

    /// The entities of all pages.
    async fn pages(&self, path: &str, query: &str) -> Result<Vec<Json>> {
        let (mut entities, mut query) = (Vec::new(), query.to_owned());
        loop {
            let mut page = self.get(path, &query).await?;
            if let Json::Array(items) = page["value"].take() {
                entities.extend(items);
            }
            match page["@odata.nextLink"].as_str().and_then(|link| link.split_once('?')) {
                Some((_, next)) => query = next.to_owned(),
                None => return Ok(entities),
            }
        }
    }

    async fn get(&self, path: &str, query: &str) -> Result<Json> {
        let id = Uuid::new_v4();
        let request = Request {
            id,
            client_id: id.to_string(),
            method: Method::Get,
            path: path.into(),
            query: query.into(),
            headers: Headers::from_iter([("accept", "application/json;odata.metadata=minimal")]),
            body: Bytes::new(),
            base: self.call.request.base.clone(),
            address: NO_ADDRESS,
            item: None,
            clock: self.tenant.own_clock(),
        };
        let Call { service, .. } = self.call;
        let response = endpoints::answer_own(service, self.tenant, &self.caller, &request).await;
        let response = response.map_err(|error| match error {
            // The caller is known, so the tenant was removed meanwhile.
            Error::TokenRefused(_) => self.tenant.unknown(),
            error => error,
        })?;
        match (&response.body, response.status) {
            (Body::Whole(body), 200) => {
                serde_json::from_slice(body).map_err(|error| Error::Internal(error.to_string()))
            }
            (_, status) => Err(Error::Internal(format!("contents: {path} answered {status}"))),
        }
    }
}

/// The option with which a read has the keys of what an entity refers to; empty if it refers to nothing.
fn references(of: &EntityType) -> String {
    let is_reference = |navigation: &&&Navigation| navigation.is_reference();
    let names = of.navigations.iter().filter(is_reference);
    let expanded: Vec<String> = names.map(|it| format!("{}($select=id)", it.name)).collect();
    match expanded.is_empty() {
        true => String::new(),
        false => format!("$expand={}", expanded.join(",")),
    }
}

/// The numbers that count what an entity contains. They are counted again when that is created.
fn counts(of: &EntityType) -> impl Iterator<Item = &'static str> {
    let is_counting = of
        .navigations
        .iter()
        .any(|navigation| navigation.counter.is_some_and(|counter| counter.table == of.table));
    let numbers = of.properties.iter().filter(|property| matches!(property.edm, Edm::Int32));
    numbers.filter(move |_| is_counting).map(|property| property.name)
}

/// Leaves out what is shown below one of the entity's children as well.
fn without_repeated(of: &EntityType, entity: &mut Map<String, Json>) {
    let mut below = HashSet::new();
    for child in of.navigations {
        let Some(Json::Array(children)) = entity.get(child.name) else { continue };
        for grandchild in child.target.navigations {
            for item in children.iter().filter_map(|it| it[grandchild.name].as_array()).flatten() {
                let id = item["id"].as_str().unwrap_or_default().to_owned();
                below.insert((grandchild.target.table, id));
            }
        }
    }
    for child in of.navigations {
        let Some(Json::Array(children)) = entity.get_mut(child.name) else { continue };
        let table = child.target.table;
        children.retain(|it| {
            !below.contains(&(table, it["id"].as_str().unwrap_or_default().to_owned()))
        });
        if children.is_empty() {
            entity.remove(child.name);
        }
    }
}

fn encoded(key: &str) -> String {
    utf8_percent_encode(&key.replace('\'', "''"), NON_ALPHANUMERIC).to_string()
}
