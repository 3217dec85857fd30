//! Does the database have the columns and types that the model names?

use std::collections::BTreeMap;

use runstate::model::{
    ENTITY_TYPES, Edm, Key, Link, Navigation, NavigationKind, Property, ROOT, Rows, Source,
};
use sqlx::PgConnection;

use crate::harness::Server;

/// A column, as the catalog describes it.
struct Column {
    type_name: String,
    /// Whether it is never null; not known of a view. In a shared table, a CHECK constraint does the
    /// work of NOT NULL for the rows of one entity type.
    is_filled: Option<bool>,
    collation: Option<String>,
}

impl Column {
    fn may_be(&self, property: &Property) -> bool {
        self.is_filled.is_none_or(|is_filled| is_filled != property.nullable)
    }
}

/// The columns of the database by table and name.
struct Columns(BTreeMap<(String, String), Column>);

impl Columns {
    async fn read(database: &mut PgConnection) -> Self {
        type Row = (String, String, String, Option<bool>, Option<String>);
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT class.relname::text, attname::text, type.typname::text, \
                 CASE relkind WHEN 'r' THEN attnotnull OR EXISTS ( \
                     SELECT FROM pg_constraint WHERE conrelid = class.oid AND contype = 'c' \
                     AND strpos(pg_get_constraintdef(oid), attname || ' IS NOT NULL') > 0) END, \
                 (SELECT collname::text FROM pg_collation WHERE oid = attcollation) \
             FROM pg_attribute JOIN pg_class class ON class.oid = attrelid \
             JOIN pg_type type ON type.oid = atttypid \
             WHERE relkind IN ('r', 'v') AND relnamespace = 'public'::regnamespace AND attnum > 0 \
             AND NOT attisdropped",
        )
        .fetch_all(database)
        .await
        .unwrap();
        let columns = rows.into_iter().map(|(table, name, type_name, is_filled, collation)| {
            ((table, name), Column { type_name, is_filled, collation })
        });
        Self(columns.collect())
    }

    fn of(&self, table: &str, name: &str) -> &Column {
        let column = self.0.get(&(table.to_owned(), name.to_owned()));
        column.unwrap_or_else(|| panic!("no migration makes the column {table}.{name}"))
    }
}

#[tokio::test]
async fn the_model_matches_the_columns_and_enums_of_the_database() {
    let server = Server::start().await;
    let mut database = server.database().await;
    let columns = Columns::read(&mut database).await;
    for entity in ENTITY_TYPES {
        for property in entity.properties {
            assert_column(&columns, entity.table, entity.key, property);
        }
        match entity.rows {
            Rows::All => {}
            Rows::With { column, .. } | Rows::Having { column } => {
                columns.of(entity.table, column);
            }
        }
    }
    let labels: Vec<(String, Vec<String>)> = sqlx::query_as(
        "SELECT typname::text, array_agg(enumlabel::text ORDER BY enumsortorder) \
         FROM pg_enum JOIN pg_type ON pg_type.oid = enumtypid GROUP BY typname",
    )
    .fetch_all(&mut database)
    .await
    .unwrap();
    let labels: BTreeMap<String, Vec<String>> = labels.into_iter().collect();
    for property in ENTITY_TYPES.iter().flat_map(|entity| entity.properties) {
        if let Edm::Enum(enumeration) = property.edm {
            let names: Vec<&str> = enumeration.names().collect();
            let labels = labels.get(enumeration.column_type);
            let labels = labels.unwrap_or_else(|| panic!("no type {}", enumeration.column_type));
            assert_eq!(labels, &names, "the members of {}", enumeration.name);
        }
    }
}

fn assert_column(columns: &Columns, table: &str, key: Key, property: &Property) {
    let name = property.column;
    let column = columns.of(table, name);
    assert_eq!(column.type_name, column_type(property, key), "the type of {table}.{name}");
    let null = if property.nullable { "must allow null" } else { "must be NOT NULL" };
    assert!(column.may_be(property), "{table}.{name} {null}, as in the model");
    if column.type_name.trim_start_matches('_') == "text" {
        assert_eq!(column.collation.as_deref(), Some("C"), "the collation of {table}.{name}");
    }
    if matches!(property.edm, Edm::DateTimeOffset) {
        let offset = columns.of(table, &format!("{name}_offset"));
        assert_eq!(offset.type_name, "int2", "the type of {table}.{name}_offset");
        assert!(offset.may_be(property), "{table}.{name}_offset {null}");
    }
}

fn column_type(property: &Property, key: Key) -> &'static str {
    match property.edm {
        Edm::String if property.source == Source::Key && key == Key::Server => "uuid",
        Edm::String => "text",
        Edm::Boolean => "bool",
        Edm::Int32 => "int4",
        Edm::Int64 => "int8",
        Edm::Double => "float8",
        Edm::DateTimeOffset | Edm::Duration => "int8",
        Edm::Binary => "bytea",
        Edm::Strings => "_text",
        Edm::Enum(enumeration) => enumeration.column_type,
        // No entity has a property of this type yet.
        Edm::Enums(enumeration) => panic!("the array of {}", enumeration.column_type),
        Edm::Complex(_) | Edm::Complexes(_) => "json",
    }
}

#[tokio::test]
async fn every_link_and_counter_of_the_model_names_columns_of_the_same_type() {
    let server = Server::start().await;
    let mut database = server.database().await;
    let columns = Columns::read(&mut database).await;
    for entity in ENTITY_TYPES {
        for navigation in entity.navigations {
            assert_links(&columns, navigation, entity.table);
            if let NavigationKind::Versions(versions) = navigation.kind {
                for property in entity.properties {
                    assert_column(&columns, versions.table, entity.key, property);
                }
            }
        }
    }
    assert!(ROOT.navigations.iter().all(|set| set.links.is_empty() && set.counter.is_none()));
}

fn assert_links(columns: &Columns, navigation: &Navigation, source: &str) {
    let same_type = |table: &str, link: &Link| {
        let (target, source) = (columns.of(table, link.target), columns.of(source, link.source));
        let (name, column) = (navigation.name, link.target);
        assert_eq!(target.type_name, source.type_name, "{name}: the link to {table}.{column}");
    };
    assert!(!navigation.links.is_empty(), "{} has no link", navigation.name);
    navigation.links.iter().for_each(|link| same_type(navigation.target.table, link));
    if let Some(counter) = navigation.counter {
        columns.of(counter.table, counter.column);
        for by_value in counter.by_value.iter().flat_map(|it| it.counters) {
            columns.of(counter.table, by_value.column);
            by_value.less.map(|column| columns.of(counter.table, column));
        }
        counter.links.iter().for_each(|link| same_type(counter.table, link));
    }
}
