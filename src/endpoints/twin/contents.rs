//! The contents of a tenant as Graph's JSON: an array of entities for each entity set, with what they
//! contain. Written all or nothing, through the same plans as requests of clients; `export` reads them.

use std::fmt;
use std::time::Duration;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{Call, export, reply, tokens};
use crate::auth::{self, Authorized, Caller, TokenRequest};
use crate::clock::Clock;
use crate::error::{BodyReason, Error, Result, TwinReason};
use crate::headers::{self, ReplyFormat, Wishes};
use crate::message::{Headers, Method, Response};
use crate::model::permission::{self, Profile};
use crate::model::{API_VERSION, Navigation, ROOT, Surface};
use crate::odata::Options;
use crate::plan::{self, CollectionAddress, Operation, Parameters};
use crate::twin::Tenant;

/// The entity sets of a body, each with its entities.
struct Contents(Vec<(String, Vec<Box<RawValue>>)>);

pub(super) async fn answer(call: &Call<'_>, id: &str) -> Result<Response> {
    call.without_query()?;
    let tenant = call.twin.tenant(id)?;
    if call.request.method == Method::Get {
        return reply::json(200, &export::contents(call, &tenant).await?);
    }
    let text = headers::json_charset(&call.request.headers)?.decode(&call.request.body)?;
    replace(call, &tenant, &text).await?;
    Ok(reply::empty())
}

/// The text of the member `seed` of a body.
pub(super) fn seed(call: &Call<'_>) -> Result<String> {
    #[derive(Deserialize)]
    struct Seeded {
        seed: Box<RawValue>,
    }
    let text = headers::json_charset(&call.request.headers)?.decode(&call.request.body)?;
    let seeded: Seeded = serde_json::from_str(&text).map_err(|error| unreadable(&error))?;
    Ok(seeded.seed.get().to_owned())
}

/// Replaces all contents of a tenant. A reset restores them from now on.
async fn replace(call: &Call<'_>, tenant: &Tenant, text: &str) -> Result<()> {
    let plans = plans(call, tenant, text).await?;
    call.twin.seed(&call.service.store, tenant, &plans).await
}

/// A caller of the tenant who may do everything.
pub(super) async fn caller(call: &Call<'_>, tenant: &Tenant) -> Result<Caller> {
    let now = tenant.now();
    let request = TokenRequest {
        tenant: tenant.id,
        user: None,
        scopes: permission::ALL.map(str::to_owned).to_vec(),
        roles: Vec::new(),
        application: false,
        client: None,
        // The token is used at this moment only.
        expires_in: Duration::ZERO,
    };
    let bearer = format!("Bearer {}", tokens::sign(call, &request, now, None)?);
    let headers = Headers::from_iter([("authorization", bearer)]);
    call.service.issuers.authenticate(&headers, now).await
}

/// The plans that create the entities of a text: first those that others refer to.
pub(super) async fn plans(call: &Call<'_>, tenant: &Tenant, text: &str) -> Result<Vec<Authorized>> {
    let caller = caller(call, tenant).await?;
    let writer = Writer { call, tenant, caller, clock: tenant.clock_of_contents() };
    let mut sets = Vec::new();
    for (name, entities) in Contents::read(text)?.0 {
        let writable = || ROOT.navigations.iter().filter(|navigation| navigation.is_writable());
        let Some(navigation) = writable().find(|navigation| navigation.name == name) else {
            let names: Vec<&str> = writable().map(|it| it.name).collect();
            return Err(TwinReason::MemberUnknown { name, members: names.join(", ") }.into());
        };
        if sets.iter().any(|(other, _): &(&'static Navigation, _)| *other == *navigation) {
            return Err(BodyReason::Repeated { name }.into());
        }
        sets.push((*navigation, entities));
    }
    sets.sort_by_key(|(navigation, _)| !navigation.target.navigations.is_empty());
    let mut plans = Vec::new();
    for (navigation, entities) in sets {
        for (index, entity) in entities.iter().enumerate() {
            let plan = writer.plan(navigation, entity.get());
            plans.push(plan.map_err(|error| within(navigation.name, index, error))?);
        }
    }
    Ok(plans)
}

/// Who writes the contents of a tenant.
struct Writer<'a> {
    call: &'a Call<'a>,
    tenant: &'a Tenant,
    caller: Caller,
    clock: Clock,
}

impl Writer<'_> {
    /// The plan that creates an entity.
    fn plan(&self, set: &'static Navigation, entity: &str) -> Result<Authorized> {
        let Self { call, tenant, caller, clock } = self;
        let operation =
            Operation::Create(CollectionAddress { ancestors: Vec::new(), navigation: set });
        let permitted = auth::permit(Profile::Either, caller, operation)?;
        let parameters = Parameters {
            options: Options::default(),
            wishes: Wishes::read(&Headers::default(), None, ReplyFormat::Json)?,
            body: entity.into(),
            root: format!("{}/{API_VERSION}", call.request.base),
            now: tenant.now(),
            clock,
            keeps_ids: true,
            token_key: &[],
            surface: Surface::Extended,
        };
        let plan = plan::make(permitted.operation(), parameters)?;
        permitted.authorize(plan, call.request)
    }
}

/// Names the entity that does not fit.
fn within(collection: &'static str, index: usize, error: Error) -> Error {
    match error {
        Error::Body(reason) => BodyReason::Item { collection, index, reason }.into(),
        other => other,
    }
}

impl Contents {
    fn read(text: &str) -> Result<Self> {
        let mut reader = serde_json::Deserializer::from_str(text);
        let read = reader.deserialize_map(Reader).and_then(|contents| {
            reader.end()?;
            Ok(contents)
        });
        read.map_err(|error| unreadable(&error))
    }
}

fn unreadable(error: &serde_json::Error) -> Error {
    TwinReason::ContentsUnreadable { reason: error.to_string() }.into()
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Contents;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object with an array for each entity set")
    }

    fn visit_map<Map: MapAccess<'de>>(
        self,
        mut map: Map,
    ) -> std::result::Result<Contents, Map::Error> {
        let mut sets = Vec::new();
        while let Some(set) = map.next_entry()? {
            sets.push(set);
        }
        Ok(Contents(sets))
    }
}
