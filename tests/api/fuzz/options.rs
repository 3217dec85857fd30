//! Generates valid query options for an entity type.

use runstate::model::{ComplexType, Edm, EntityType, NavigationKind, Property};

use super::call::Call;
use super::dice::Dice;
use super::values::IDS;

const COMPARISONS: &[&str] = &["eq", "ne", "gt", "ge", "lt", "le"];
const LITERALS: &[&str] = &["'a'", "''", "'it''s'", "'ä%_'", "'\u{1f600}'"];
const INSTANTS: &[&str] =
    &["2017-01-01T00:02:58.4418045-08:00", "0001-01-01T00:00:00Z", "now()", "maxdatetime()"];
const OF_TEXT: &[&str] = &["contains", "startswith", "endswith"];
const OF_INSTANT: &[&str] = &["year", "month", "day", "hour", "minute", "second"];
const OF_NUMBER: &[&str] = &["add", "sub", "mul", "div", "mod"];
const NUMBERS: &[&str] =
    &["Edm.Byte", "Edm.SByte", "Edm.Int16", "Edm.Int32", "Edm.Int64", "Edm.Decimal", "Edm.Double"];

/// Adds random options for a collection.
pub(super) fn of_collection(dice: &mut Dice, of: &'static EntityType, call: &mut Call) {
    match dice.below(8) {
        0..=2 => call.option("$filter", &condition(dice, of, "", 3)),
        3 => {
            let condition = condition(dice, of, "", 2);
            call.option("$filter", &format!("({condition}) or id eq @a or length(id) gt @b"));
            call.option("@a", dice.pick(LITERALS));
            call.option("@b", &dice.below(300).to_string());
        }
        4 => call.option(dice.pick(&["$filter", "$orderby", "$select", "$expand"]), ""),
        _ => {}
    }
    if dice.one_in(3) {
        call.option("$orderby", &order(dice, of));
    }
    if dice.one_in(3) {
        call.option("$top", &dice.pick(&[0, 1, 2, 5, 100, 1000]).to_string());
    }
    if dice.one_in(8) {
        call.option("$skip", &dice.pick(&[0, 1, 50, i32::MAX]).to_string());
    }
    if dice.one_in(4) {
        call.option("$count", dice.pick(&["true", "false"]));
    }
    of_entity(dice, of, call);
}

/// Adds random options for an entity.
pub(super) fn of_entity(dice: &mut Dice, of: &'static EntityType, call: &mut Call) {
    if dice.one_in(4) {
        call.option("$select", &select(dice, of));
    }
    if !of.navigations.is_empty() && dice.one_in(3) {
        call.option("$expand", &expand(dice, of, 3));
    }
    if dice.one_in(12) {
        let full = "application/json;odata.metadata=full";
        call.option("$format", dice.pick(&["json", "application/json", full]));
    }
}

fn select(dice: &mut Dice, of: &EntityType) -> String {
    let names: Vec<&str> = of.properties.iter().map(|it| it.name).collect();
    let many = 1 + dice.below(3);
    let mut chosen: Vec<&str> = (0..many).map(|_| dice.pick(&names)).collect();
    chosen.dedup();
    chosen.join(",")
}

fn order(dice: &mut Dice, of: &EntityType) -> String {
    let names: Vec<&str> = sortable(of).map(|it| it.name).collect();
    let many = 1 + dice.below(2);
    let key =
        |dice: &mut Dice| format!("{}{}", dice.pick(&names), dice.pick(&["", " asc", " desc"]));
    (0..many).map(|_| key(dice)).collect::<Vec<_>>().join(",")
}

fn expand(dice: &mut Dice, of: &'static EntityType, depth: usize) -> String {
    if dice.one_in(8) {
        return "*".into();
    }
    let navigation = &of.navigations[dice.below(of.navigations.len())];
    let (target, mut inner) = (navigation.target, Vec::new());
    if navigation.kind == NavigationKind::Contained {
        inner.push(format!("$top={}", dice.below(5)));
        if dice.one_in(3) {
            inner.push(format!("$filter={}", condition(dice, target, "", 1)));
        }
        if dice.one_in(3) {
            inner.push(format!("$orderby={}", order(dice, target)));
        }
        if dice.one_in(4) {
            inner.push("$count=true".into());
        }
    }
    if dice.one_in(3) {
        inner.push(format!("$select={}", select(dice, target)));
    }
    if depth > 1 && !target.navigations.is_empty() && dice.one_in(2) {
        inner.push(format!("$expand={}", expand(dice, target, depth - 1)));
    }
    match inner.is_empty() {
        true => navigation.name.into(),
        false => format!("{}({})", navigation.name, inner.join(";")),
    }
}

fn sortable(of: &EntityType) -> impl Iterator<Item = &'static Property> + use<'_> {
    let no_order =
        |edm| matches!(edm, Edm::Binary | Edm::Strings | Edm::Complex(_) | Edm::Complexes(_));
    of.properties.iter().filter(move |it| !no_order(it.edm))
}

/// A condition on entities of the type. `row` is the prefix of property names.
pub(super) fn condition(
    dice: &mut Dice,
    of: &'static EntityType,
    row: &str,
    depth: usize,
) -> String {
    if depth > 1 {
        let inner = |dice: &mut Dice| condition(dice, of, row, depth - 1);
        match dice.below(6) {
            0 => return format!("{} and {}", inner(dice), inner(dice)),
            1 => return format!("({} or {})", inner(dice), inner(dice)),
            2 => return format!("not ({})", inner(dice)),
            3 if !of.navigations.is_empty() => return through_navigation(dice, of, row, depth),
            _ => {}
        }
    }
    let property = &of.properties[dice.below(of.properties.len())];
    comparison(dice, property, &format!("{row}{}", property.name))
}

fn through_navigation(dice: &mut Dice, of: &'static EntityType, row: &str, depth: usize) -> String {
    let navigation = &of.navigations[dice.below(of.navigations.len())];
    let path = format!("{row}{}", navigation.name);
    if navigation.kind != NavigationKind::Contained {
        return condition(dice, navigation.target, &format!("{path}/"), 1);
    }
    match dice.below(5) {
        0 => format!("{path}/any()"),
        1 => format!("{path}/$count {} {}", dice.pick(COMPARISONS), dice.below(3)),
        2 => {
            let inner = condition(dice, navigation.target, "", depth - 1);
            let comparison = format!("{} {}", dice.pick(COMPARISONS), dice.below(3));
            format!("{path}/$count($filter={inner}) {comparison}")
        }
        _ => {
            let variable = format!("v{depth}");
            let row = format!("{variable}/");
            let inner = condition(dice, navigation.target, &row, depth - 1);
            format!("{path}/{}({variable}:{inner})", dice.pick(&["any", "all"]))
        }
    }
}

fn comparison(dice: &mut Dice, property: &Property, path: &str) -> String {
    let operator = dice.pick(COMPARISONS);
    let equality = dice.pick(&["eq", "ne"]);
    match property.edm {
        Edm::String => match dice.below(7) {
            6 => format!("cast({path},{}) {operator} {}", dice.pick(NUMBERS), dice.below(300)),
            0 => format!("{}({path},{})", dice.pick(OF_TEXT), dice.pick(LITERALS)),
            1 => format!("{path} in ({},{})", dice.pick(LITERALS), dice.pick(LITERALS)),
            2 => format!("length(trim({path})) {operator} {}", dice.below(9)),
            3 => format!("tolower(concat({path},'x')) {operator} {}", dice.pick(LITERALS)),
            4 => format!("substring({path},{}) {equality} ''", dice.below(4)),
            _ => format!("{path} {operator} '{}'", dice.pick(IDS).replace('\'', "''")),
        },
        Edm::Boolean => {
            let cast = format!("cast({path},Edm.String) {operator} 'true'");
            dice.pick(&[path, &format!("{path} eq true"), &format!("{path} ne null"), &cast]).into()
        }
        Edm::Int32 | Edm::Int64 | Edm::Double => match dice.below(4) {
            0 => format!("{path} {} 2 {operator} 3", dice.pick(OF_NUMBER)),
            3 => format!("cast({path} mul 1e9,{}) {operator} 3", dice.pick(NUMBERS)),
            1 => format!("-{path} {operator} {}", dice.pick(&[i32::MIN, 0, i32::MAX])),
            _ => format!("{path} {operator} {}", dice.pick(&["0", "1.5", "1e300", "INF", "NaN"])),
        },
        Edm::DateTimeOffset => match dice.below(5) {
            3 => format!("{path} {operator} 2020-02-29"),
            4 => format!("cast({path},Edm.String) {operator} '2'"),
            0 => format!("{}({path}) {operator} {}", dice.pick(OF_INSTANT), dice.below(2100)),
            1 => format!("date({path}) {operator} 2017-01-01"),
            _ => format!("{path} {operator} {}", dice.pick(INSTANTS)),
        },
        Edm::Duration => format!("{path} {operator} duration'{}'", dice.pick(&["PT1H", "-P9D"])),
        Edm::Enum(of) => {
            let member = dice.pick(of.members).0;
            let cast = format!("cast({path},Edm.String)");
            format!("{} {operator} '{member}'", dice.pick(&[path, &cast]))
        }
        Edm::Strings => format!("{path}/any(t:t eq {})", dice.pick(LITERALS)),
        Edm::Complex(of) => member(dice, of, path),
        Edm::Binary | Edm::Enums(_) | Edm::Complexes(_) => format!("{path} {equality} null"),
    }
}

fn member(dice: &mut Dice, of: &'static ComplexType, path: &str) -> String {
    let members: Vec<&Property> = of.all_properties();
    if members.is_empty() || dice.one_in(4) {
        return format!("{path} ne null");
    }
    let member = dice.pick(&members);
    comparison(dice, member, &format!("{path}/{}", member.name))
}
