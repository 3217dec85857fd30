//! An example of each reason about a query option, its syntax and its expression.

use runstate::error::{Error, ExpressionReason, LiteralForm, OptionReason, Place, SyntaxReason};

use super::examples::{Examples, of};

pub(super) fn examples() -> [Examples; 4] {
    [
        of(&option_reasons(), Error::from),
        of(&syntax_reasons(), |reason| {
            OptionReason::Syntax { name: "filter".into(), column: 7, reason }.into()
        }),
        of(&expression_reasons(), |reason| {
            OptionReason::Expression { place: place(), reason }.into()
        }),
        of(&literal_forms(), |form| {
            let (literal, of) = ("5".into(), "Edm.String".into());
            let reason = ExpressionReason::LiteralType { literal, of, form };
            OptionReason::Expression { place: place(), reason }.into()
        }),
    ]
}

fn place() -> Place {
    Place { option: "filter".into(), ..Place::at(7) }
}

fn option_reasons() -> Vec<OptionReason> {
    let name = || "nonsense".to_owned();
    let of = || "microsoft.graph.deviceManagementScript".to_owned();
    vec![
        OptionReason::Unsupported { name: name(), supported: &["$select", "$format"] },
        OptionReason::Unsupported { name: "$Search".into(), supported: &["$format"] },
        OptionReason::NotInExpand {
            name: "$top",
            navigation: "runSummary",
            supported: &["$select", "$expand"],
        },
        OptionReason::Repeated { name: "top".into() },
        OptionReason::TooLong { name: "filter".into(), limit: 32_768 },
        OptionReason::Repeated { name: "@p".into() },
        OptionReason::AliasUnused { name: "@p".into() },
        OptionReason::NotWholeNumber { name: "top".into(), value: "-1".into(), most: 1000 },
        OptionReason::NotInstant { name: "at".into(), value: "yesterday".into() },
        OptionReason::Exclusive { one: "$at", other: "$from" },
        OptionReason::NotBoolean { name: "count".into(), value: "yes".into() },
        OptionReason::NotNames,
        OptionReason::Syntax { name: "filter".into(), column: 7, reason: SyntaxReason::OpenString },
        OptionReason::Expression { place: place(), reason: ExpressionReason::Has },
        OptionReason::Expression {
            place: Place { alias: Some("@p".into()), ..place() },
            reason: ExpressionReason::NotCondition,
        },
        OptionReason::PropertyUnknown { name: name(), of: of(), place: place() },
        OptionReason::Cast { name: name(), of: of(), types: of(), place: place() },
        OptionReason::EntityCast { option: "select", name: name(), of: of() },
        OptionReason::NoProperties { name: name(), place: place() },
        OptionReason::PropertyOfCollection {
            collection: "assignments".into(),
            name: "id".into(),
            place: place(),
        },
        OptionReason::EntityAsValue { entity_type: "managedDevice", place: place() },
        OptionReason::SelectUnknown { name: name(), of: of(), properties: "id, fileName".into() },
        OptionReason::ExpandUnknown { name: name(), of: of(), navigations: "assignments".into() },
        OptionReason::ExpandRepeated { name: "assignments" },
        OptionReason::ExpandPath {
            first: "userRunStates".into(),
            second: "deviceRunStates".into(),
        },
        OptionReason::ExpandTooLarge { rows: 100_000, limit: 20_000 },
        OptionReason::SkipToken,
        OptionReason::InExpand {
            navigations: vec!["userRunStates".into(), "deviceRunStates".into()],
            reason: Box::new(OptionReason::Repeated { name: "top".into() }),
        },
    ]
}

fn syntax_reasons() -> Vec<SyntaxReason> {
    vec![
        SyntaxReason::Unexpected { found: "eqq".into(), expected: "an operator or the end" },
        SyntaxReason::Unexpected { found: String::new(), expected: "a literal" },
        SyntaxReason::Unsupported { found: "$it".into() },
        SyntaxReason::Case,
        SyntaxReason::OpenString,
        SyntaxReason::NotOpened,
        SyntaxReason::NotClosed,
        SyntaxReason::TooManyNodes { limit: 2000 },
        SyntaxReason::TooDeep { limit: 100 },
        SyntaxReason::ListTooLong { limit: 1000 },
        SyntaxReason::TooManyKeys { limit: 8 },
        SyntaxReason::ExpandTooDeep { limit: 3 },
        SyntaxReason::TooManyItems { limit: 20 },
        SyntaxReason::StarOptions,
        SyntaxReason::StarRepeated,
        SyntaxReason::ExpandOption { name: "$levels".into(), supported: "$select, $top".into() },
    ]
}

fn expression_reasons() -> Vec<ExpressionReason> {
    let (left, right) = (|| "Edm.String".to_owned(), || "Edm.Decimal".to_owned());
    vec![
        ExpressionReason::Has,
        ExpressionReason::NotCondition,
        ExpressionReason::NotSingle { collection: "deviceRunStates" },
        ExpressionReason::NotCollection,
        ExpressionReason::CollectionWithoutVariable,
        ExpressionReason::CountOfValue,
        ExpressionReason::FilterOfItems,
        ExpressionReason::InWithoutList,
        ExpressionReason::NotComparable { operator: "eq", left: left(), right: right() },
        ExpressionReason::NotCalculable { operator: "add", left: left(), right: right() },
        ExpressionReason::NotNegatable,
        ExpressionReason::NotSortable { of: "Edm.Binary".into() },
        ExpressionReason::TimeInComplex { property: "lastLogOnDateTime" },
        ExpressionReason::NowInOrder,
        ExpressionReason::TooManyConcat { limit: 8 },
        ExpressionReason::TooManyLambdas { limit: 16 },
        ExpressionReason::FunctionUnknown { name: "frobnicate".into(), supported: "year".into() },
        ExpressionReason::ArgumentCount { function: "contains", least: 2, most: 2, given: 1 },
        ExpressionReason::ArgumentCount { function: "substring", least: 2, most: 3, given: 1 },
        ExpressionReason::ArgumentCount { function: "length", least: 1, most: 1, given: 2 },
        ExpressionReason::ArgumentCount { function: "now", least: 0, most: 0, given: 1 },
        ExpressionReason::ArgumentType { function: "contains", of: right() },
        ExpressionReason::NegativeLength { function: "substring" },
        ExpressionReason::ArgumentCalculated { function: "year" },
        ExpressionReason::CastTarget,
        ExpressionReason::IsOf,
        ExpressionReason::CastType { name: "Edm.Guid".into(), supported: "Edm.String".into() },
        ExpressionReason::CastPair { from: left(), to: "Edm.Duration" },
        ExpressionReason::NullCharacter,
        ExpressionReason::LiteralUntyped { literal: "null".into() },
        ExpressionReason::LiteralType { literal: "5".into(), of: left(), form: LiteralForm::Text },
        ExpressionReason::MemberUnknown {
            literal: "'error'".into(),
            of: "microsoft.graph.runState".into(),
            members: "success, fail".into(),
        },
    ]
}

fn literal_forms() -> [LiteralForm; 8] {
    [
        LiteralForm::Text,
        LiteralForm::Instant,
        LiteralForm::Date,
        LiteralForm::TimeOfDay,
        LiteralForm::Duration,
        LiteralForm::Number,
        LiteralForm::Boolean,
        LiteralForm::Member,
    ]
}
