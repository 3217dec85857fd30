//! A plan in one line, in the words of OData. Knows no SQL.

use runstate::headers::EntityTags;
use runstate::plan::{
    Act, Change, Complex, EntityAddress, EntityKey, Expansion, NewEntity, OrderKey, Page, Plan,
    Shape, Value, references,
};

use crate::condition_line::{condition_line, term_line};

/// The whole plan.
pub(crate) fn plan_line(plan: &Plan) -> String {
    let mut parts = vec![act(plan.act())];
    if matches!(
        plan.act(),
        Act::Get { .. }
            | Act::List { .. }
            | Act::Create { .. }
            | Act::Update { .. }
            | Act::Upsert { .. }
    ) {
        parts.push(shape(plan.shape()));
    }
    if plan.is_minimal() {
        parts.push("reply without the entity".into());
    }
    if let Some(key) = plan.idempotency_key() {
        parts.push(format!("once for the key {:?}", key.key));
    }
    for (entity_type, access) in plan.reads() {
        parts.push(format!("needs {access:?} of {}", entity_type.name));
    }
    parts.join("; ")
}

fn act(act: &Act) -> String {
    match act {
        Act::Get { entity, version, if_none_match } => {
            let version = version.as_ref();
            let version = version.map(|it| format!(" as of {}", condition_line(&it.condition)));
            let tags = tags("if none match", if_none_match.as_ref());
            format!("get {}{}{tags}", entity_path(entity), version.unwrap_or_default())
        }
        Act::GetProperty { entity, property, form, if_none_match } => {
            let tags = tags("if none match", if_none_match.as_ref());
            format!("get {}/{} as {form:?}{tags}", entity_path(entity), property.name)
        }
        Act::List { collection, page: of } => {
            format!("list {}{}", collection.canonical(), page(of))
        }
        Act::Count { collection, filter } => {
            let filter = filter.as_ref().map(|it| format!(" where {}", condition_line(it)));
            format!("count {}{}", collection.canonical(), filter.unwrap_or_default())
        }
        Act::Create { entity, contained } => {
            let new: Vec<String> =
                std::iter::once(entity).chain(contained).map(new_entity).collect();
            new.join("; then ")
        }
        Act::Update { entity, change, if_match } => {
            let tags = tags("if match", if_match.as_ref());
            format!("update {}{tags}{}", entity_path(entity), changes(change))
        }
        Act::Upsert { entity, change, new } => {
            let change = change
                .as_ref()
                .map(|it| format!("update {}{}; else ", entity_path(entity), changes(it)));
            format!("{}{}", change.unwrap_or_default(), new_entity(new))
        }
        Act::Delete { entity, if_match } => {
            format!("delete {}{}", entity_path(entity), tags("if match", if_match.as_ref()))
        }
        Act::Replace { entity: _, collection, entities } => {
            let new: Vec<String> = entities.iter().map(new_entity).collect();
            format!("replace all of {} by [{}]", collection.canonical(), new.join(", "))
        }
        Act::Query { steps, function, arguments, item } => {
            let keys = steps.iter().filter_map(|step| step.key.as_ref()?.text());
            let keys = keys.collect::<Vec<_>>().join(", ");
            format!("call {function}({keys}{arguments:?}), which returns {}", item.name)
        }
    }
}

/// The address of an entity; unlike in a reply, a key that no entity can have is shown.
fn entity_path(entity: &EntityAddress) -> String {
    match entity.last.key {
        Some(EntityKey::Impossible) => format!("{}(impossible)", entity.canonical()),
        _ => entity.canonical(),
    }
}

fn new_entity(new: &NewEntity) -> String {
    let values = new.values.iter().map(|(property, value)| assigned(property.name, value));
    let bound = references(new.collection.entity_type()).zip(&new.references);
    let bound = bound.map(|(navigation, key)| reference(navigation.name, key.as_ref()));
    let new_key = if new.is_key_new { "new " } else { "" };
    let key = key(Some(&new.key));
    let values: Vec<String> = values.chain(bound).collect();
    format!(
        "create {} with the {new_key}key {key} and {}",
        new.collection.canonical(),
        values.join(", ")
    )
}

fn changes(change: &Change) -> String {
    let values = change.values.iter().map(|(property, value)| assigned(property.name, value));
    let bound = change.references.iter();
    let bound = bound.map(|(navigation, key)| reference(navigation.name, key.as_ref()));
    let changes: Vec<String> = values.chain(bound).collect();
    format!(" with {}", changes.join(", "))
}

fn assigned(name: &str, assigned: &Value) -> String {
    format!("{name} = {}", value(assigned))
}

fn reference(name: &str, bound: Option<&EntityKey>) -> String {
    format!("{name} -> {}", key(bound))
}

fn key(key: Option<&EntityKey>) -> String {
    match key {
        None => "none".into(),
        Some(key) => key.text().unwrap_or_else(|| "impossible".into()),
    }
}

fn value(of: &Value) -> String {
    let complex = |of: &Complex| {
        let values = of.values.iter().map(|(property, value)| assigned(property.name, value));
        format!("{} {{ {} }}", of.of.name, values.collect::<Vec<_>>().join(", "))
    };
    match of {
        Value::Null => "null".into(),
        Value::Text(text) => format!("{text:?}"),
        Value::Boolean(truth) => truth.to_string(),
        Value::Int32(number) => number.to_string(),
        Value::Int64(number) => number.to_string(),
        Value::Double(number) => number.to_string(),
        Value::DateTimeOffset(instant) => instant.to_string(),
        Value::Duration(duration) => duration.to_string(),
        Value::Binary(bytes) => format!("{} bytes", bytes.len()),
        Value::Texts(texts) => format!("{texts:?}"),
        Value::Member(member) => (*member).into(),
        Value::Members(members) => format!("[{}]", members.join(", ")),
        Value::Complex(of) => complex(of),
        Value::Complexes(items) => {
            format!("[{}]", items.iter().map(complex).collect::<Vec<_>>().join(", "))
        }
    }
}

fn tags(word: &str, tags: Option<&EntityTags>) -> String {
    match tags {
        None => String::new(),
        Some(EntityTags::Any) => format!(" {word} *"),
        Some(EntityTags::These(tags)) => format!(" {word} {}", tags.join(", ")),
    }
}

fn shape(of: &Shape) -> String {
    let names: Vec<&str> = of.properties.iter().map(|property| property.name).collect();
    let shown = if of.selected { names.join(", ") } else { "all properties".into() };
    let expansions: String = of.expansions.iter().map(expansion).collect();
    format!("show {shown} with {:?} annotations{expansions}", of.level)
}

fn expansion(of: &Expansion) -> String {
    let page = if of.navigation.is_collection() { page(&of.page) } else { String::new() };
    format!(", expand {}{page} ({})", of.navigation.name, shape(&of.shape))
}

fn page(of: &Page) -> String {
    let filter = of.filter.as_ref().map(|it| format!(" where {}", condition_line(it)));
    let order: Vec<String> = of.order.iter().map(order_key).collect();
    let skip = if of.skip > 0 { format!(", skip {}", of.skip) } else { String::new() };
    let count = if of.count { ", count all" } else { "" };
    let sorted = if of.sorted_by_key { ", each page sorted by key" } else { "" };
    let after = of.after.as_ref().map(|place| format!(", after {place:?}"));
    format!(
        "{} by {}{sorted}, at most {}{skip}{}{count}",
        filter.unwrap_or_default(),
        order.join(", "),
        of.size,
        after.unwrap_or_default()
    )
}

fn order_key(key: &OrderKey) -> String {
    format!("{}{}", term_line(&key.term), if key.descending { " desc" } else { "" })
}
