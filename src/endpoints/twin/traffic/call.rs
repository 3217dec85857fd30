//! A request of a client → the words in which rules and the record speak of it.

use bytes::Bytes;
use percent_encoding::percent_decode_str;

use crate::auth::{self, Caller, CallerKind};
use crate::error::Result;
use crate::message::{Headers, Method, Request};
use crate::model::{API_VERSION, Key, ROOT};
use crate::odata::Json;
use crate::plan::{EntityKey, Operation, Resource, Step};
use crate::route::{ProtectedTarget, Task};
use crate::twin::limits::MAX_RECORDED_BODY;
use crate::twin::{Call, ItemPlace, Sender, Verb};

/// A request of a sender; `batch` is the number of its batch if it is an item of one.
pub(super) fn call(
    sender: Sender,
    request: &Request,
    target: &Result<ProtectedTarget>,
    batch: Option<u64>,
) -> Call {
    let resource = match target {
        Ok(ProtectedTarget::Resource(resource)) => Some(resource),
        _ => None,
    };
    let task = target.as_ref().ok().and_then(|it| it.clone().with(request.method).ok());
    let operation = match &task {
        Some(Task::Operation(operation)) => Some(operation),
        _ => None,
    };
    let pairs = url::form_urlencoded::parse(request.query.as_bytes());
    let is_other = |(name, _): &(&str, &str)| *name != "authorization";
    let headers: Headers = request.headers.iter().filter(is_other).collect();
    Call {
        method: request.method,
        path: resource.map_or_else(|| decoded(&request.path), canonical_path),
        entity: operation.map(|operation| operation.entity_type().name),
        verb: operation.map(verb),
        sender,
        headers,
        query: pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect(),
        body: beginning(&request.body),
        body_length: request.body.len(),
        is_key_new: operation.is_some_and(|it| is_key_new(it, request)),
        place: request
            .item
            .as_ref()
            .zip(batch)
            .map(|(item, batch)| ItemPlace { batch, item: item.id.clone() }),
    }
}

/// The part of a body that is recorded. It is a copy: a slice would keep all of the body in memory, of which
/// the limits of the record count this part only.
fn beginning(body: &[u8]) -> Bytes {
    Bytes::copy_from_slice(&body[..body.len().min(MAX_RECORDED_BODY)])
}

/// Who a verified caller is.
pub(super) fn sender(caller: &Caller, request: &Request) -> Sender {
    let user = match caller.kind() {
        CallerKind::Delegated { .. } => Some(caller.subject().to_owned()),
        CallerKind::Application { .. } | CallerKind::Unknown => None,
    };
    let application = auth::unverified_application(&request.headers);
    Sender { user, application, permissions: caller.permissions().to_vec() }
}

fn verb(operation: &Operation) -> Verb {
    match operation {
        Operation::List(_) => Verb::List,
        Operation::Count(_) => Verb::Count,
        Operation::Create(_) => Verb::Create,
        Operation::Get(_) | Operation::GetProperty(..) | Operation::GetRawValue(..) => Verb::Get,
        Operation::Update(_) => Verb::Update,
        Operation::Delete(_) => Verb::Delete,
        Operation::CallOnCollection(..) | Operation::CallOnEntity(..) => Verb::Action,
    }
}

/// Whether a create leaves the choice of the key to the server.
fn is_key_new(operation: &Operation, request: &Request) -> bool {
    match operation.entity_type().key {
        _ if !matches!(operation, Operation::Create(_)) => false,
        Key::Server => true,
        Key::Client => match Json::parse(&String::from_utf8_lossy(&request.body)) {
            Ok(Json::Object(members)) => members.iter().all(|(name, _)| name != "id"),
            _ => false,
        },
        Key::Derived(_) | Key::Database => false,
    }
}

/// The path of a resource with the names of the model, and each key as a segment of its own.
fn canonical_path(resource: &Resource) -> String {
    let (steps, last): (Vec<&Step>, String) = match resource {
        Resource::Collection(it) => (it.ancestors.iter().collect(), it.navigation.name.into()),
        Resource::Count(it) => {
            (it.ancestors.iter().collect(), format!("{}/$count", it.navigation.name))
        }
        Resource::CollectionAction(it, action) => {
            (it.ancestors.iter().collect(), format!("{}/{}", it.navigation.name, action.name))
        }
        Resource::Entity(it) => (it.steps().collect(), String::new()),
        Resource::Property(it, property) => (it.steps().collect(), property.name.into()),
        Resource::RawValue(it, property) => {
            (it.steps().collect(), format!("{}/$value", property.name))
        }
        Resource::EntityAction(it, action) => (it.steps().collect(), action.name.into()),
    };
    let mut path = format!("/{API_VERSION}/{}", ROOT.name);
    for Step { navigation, key } in steps {
        path.push('/');
        path.push_str(navigation.name);
        if let Some(key) = key {
            path.push('/');
            // A key that no entity can have has no text.
            path.push_str(&EntityKey::text(key).unwrap_or_else(|| "-".into()));
        }
    }
    if !last.is_empty() {
        path.push('/');
        path.push_str(&last);
    }
    path
}

fn decoded(path: &str) -> String {
    percent_decode_str(path).decode_utf8_lossy().into_owned()
}

/// Whether a request is for more than one tenant's rows at once: a batch, whose items are throttled
/// and hit on their own.
pub(super) fn is_batch(request: &Request, target: &Result<ProtectedTarget>) -> bool {
    request.method == Method::Post && matches!(target, Ok(ProtectedTarget::Batch(_)))
}
