//! Complex values: JSON × complex type → a value for each property. `@odata.type` chooses the type
//! among the declared type and the types derived from it.

use super::body::{is_type_annotation, type_name};
use super::primitive::Read;
use super::value::{Complex, Value};
use crate::error::{BodyReason, ValueReason};
use crate::model::{ComplexType, NAMESPACE, Property};
use crate::odata::Json;

/// A value of the type with the default value of each property.
pub(super) fn absent(of: &'static ComplexType) -> Complex {
    let values =
        of.all_properties().into_iter().map(|property| (property, Value::absent(property)));
    Complex { declared: of, of, values: values.collect() }
}

/// Reads one value.
pub(super) fn read(declared: &'static ComplexType, json: Json) -> Read<Complex> {
    let Json::Object(members) = json else {
        return Err(ValueReason::NotObject { found: json.kind() });
    };
    let of = concrete(declared, &members)?;
    let mut complex = Complex { declared, ..absent(of) };
    let mut set: Vec<&str> = Vec::new();
    for (name, json) in members {
        if name.contains('@') || name.starts_with('#') {
            continue;
        }
        let slot = complex.values.iter_mut().find(|(it, _)| it.name.eq_ignore_ascii_case(&name));
        let (property, value) = slot.ok_or_else(|| unknown(of, &name))?;
        if set.contains(&property.name) {
            return Err(BodyReason::Repeated { name }.into());
        }
        set.push(property.name);
        *value = Value::read(property, json)?;
    }
    Ok(complex)
}

impl Complex {
    /// The value of a member, where the type has it.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Value> {
        let is_it = |(property, _): &&(&'static Property, Value)| property.name == name;
        self.values.iter().find(is_it).map(|(_, value)| value)
    }
}

fn concrete(
    declared: &'static ComplexType,
    members: &[(String, Json)],
) -> Read<&'static ComplexType> {
    let mut named = members.iter().filter(|(name, _)| is_type_annotation(name));
    let Some((_, json)) = named.next() else {
        return match declared.is_abstract {
            false => Ok(declared),
            true => Err(ValueReason::Abstract {
                of: declared.qualified_name(),
                choices: choices(declared),
            }),
        };
    };
    if let Some((name, _)) = named.next() {
        return Err(BodyReason::Repeated { name: name.clone() }.into());
    }
    let name = type_name(json)?;
    declared.narrowed(&name).filter(|it| !it.is_abstract).ok_or_else(|| {
        ValueReason::NotAssignable {
            found: name.to_string(),
            expected: declared.qualified_name(),
            choices: choices(declared),
        }
    })
}

fn choices(declared: &ComplexType) -> String {
    let names: Vec<String> =
        declared.derived.iter().map(|it| format!("#{NAMESPACE}.{}", it.name)).collect();
    if names.is_empty() { format!("#{}", declared.qualified_name()) } else { names.join(", ") }
}

fn unknown(of: &ComplexType, name: &str) -> BodyReason {
    BodyReason::PropertyUnknown { name: name.to_owned(), of: of.qualified_name() }
}
