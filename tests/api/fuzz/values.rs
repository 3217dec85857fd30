//! Generates valid values for properties, and bodies.

use serde_json::{Map, Value as Json, json};

use runstate::model::{ComplexType, Edm, EntityType, Key, NavigationKind, Property, Source};

use super::dice::Dice;

/// Ids that several tenants and several parents share.
pub(super) const IDS: &[&str] = &["a", "b", "c", "it's", "ä ö", "x:y", "100%", "(1)"];
const TEXTS: &[&str] = &[
    "",
    "plain",
    "it's",
    "\"quoted\"",
    "a\\b",
    "line\nbreak\ttab",
    "e\u{301}",
    "\u{1f600}",
    "\u{feff}bom",
    "\u{202e}right",
    "%_%",
    "ß",
    "İi",
    "\u{10ffff}",
    "<b>&amp;",
];
const INSTANTS: &[&str] = &[
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.9999999Z",
    "2017-01-01T00:02:58.4418045-08:00",
    "1970-01-01T00:00:00Z",
    "2024-02-29T12:00:00+14:00",
];
const DURATIONS: &[&str] = &["PT0S", "P1D", "-PT1H", "PT0.0000001S", "P10DT2H30M"];
const BINARIES: &[&str] = &["", "aGk=", "AAAA", "/+8="];

/// A valid value. A text starts with the tenant's `marker`.
pub(super) fn value(dice: &mut Dice, property: &Property, marker: &str) -> Json {
    if property.nullable && dice.one_in(8) {
        return Json::Null;
    }
    let text = |dice: &mut Dice| match dice.one_in(60) {
        true => json!(format!("{marker}{}", "x".repeat(dice.below(20_000)))),
        false => json!(format!("{marker}{}", dice.pick(TEXTS))),
    };
    match property.edm {
        Edm::String => text(dice),
        Edm::Boolean => {
            let value = json!(dice.one_in(2));
            in_string(dice, value)
        }
        Edm::Int32 => {
            let value = json!(dice.pick(&[0, 1, -1, 7, i32::MAX, i32::MIN]));
            in_string(dice, value)
        }
        Edm::Int64 => {
            let value = json!(dice.pick(&[0, 1, -1, i64::MAX, i64::MIN]));
            in_string(dice, value)
        }
        Edm::Double => json!(dice.pick(&[0.0, 1.5, -2.25, 1e308, 5e-324])),
        Edm::DateTimeOffset => json!(dice.pick(INSTANTS)),
        Edm::Duration => json!(dice.pick(DURATIONS)),
        Edm::Binary => json!(dice.pick(BINARIES)),
        Edm::Strings => (0..dice.below(3)).map(|_| text(dice)).collect(),
        Edm::Enum(of) if dice.one_in(6) => json!(dice.pick(of.members).0.to_uppercase()),
        Edm::Enum(of) => json!(dice.pick(of.members).0),
        Edm::Enums(of) => (0..dice.below(3)).map(|_| json!(dice.pick(of.members).0)).collect(),
        Edm::Complex(of) => complex(dice, of, marker),
        Edm::Complexes(of) => (0..dice.below(3)).map(|_| complex(dice, of, marker)).collect(),
    }
}

/// A boolean or a number, sometimes as a string.
fn in_string(dice: &mut Dice, value: Json) -> Json {
    if dice.one_in(6) { Json::String(value.to_string()) } else { value }
}

fn complex(dice: &mut Dice, declared: &'static ComplexType, marker: &str) -> Json {
    let of = match declared.derived {
        [] => declared,
        derived => dice.pick(derived),
    };
    let mut members = Map::new();
    if of.base.is_some() {
        members.insert("@odata.type".into(), json!(format!("#{}", of.qualified_name())));
    }
    for property in of.all_properties() {
        let value = match property.name.ends_with("Id") {
            // These ids become parts of keys, which must not contain a slash.
            true => json!(dice.pick(IDS).replace('/', "")),
            false if dice.one_in(3) => continue,
            false => value(dice, property, marker),
        };
        members.insert(property.name.into(), value);
    }
    Json::Object(members)
}

/// The body of a create or an update, with contained entities down to a depth.
pub(super) fn body(
    dice: &mut Dice,
    of: &'static EntityType,
    marker: &str,
    is_new: bool,
    depth: usize,
) -> Json {
    let mut members = Map::new();
    if dice.one_in(3) {
        members.insert("@odata.type".into(), json!(format!("#{}", of.qualified_name())));
    }
    for property in of.properties {
        let computed = matches!(property.source, Source::Created | Source::Modified);
        let needed = matches!(of.key, Key::Derived(it) if it.property == property.name);
        if property.name == "id" {
            if is_new && of.key == Key::Client && !dice.one_in(3) {
                members.insert("id".into(), json!(dice.pick(IDS)));
            }
        } else if needed && !matches!(property.edm, Edm::Complex(_)) {
            members.insert(property.name.into(), json!(dice.pick(IDS)));
        } else if !computed && (needed || dice.one_in(2)) {
            members.insert(property.name.into(), value(dice, property, marker));
        }
    }
    let contained = of.navigations.iter().filter(|it| it.kind == NavigationKind::Contained);
    for navigation in contained.filter(|_| is_new && depth > 0) {
        if dice.one_in(6) {
            let many = dice.below(3);
            let items = (0..many).map(|_| body(dice, navigation.target, marker, true, depth - 1));
            members.insert(navigation.name.into(), items.collect());
        }
    }
    Json::Object(members)
}
