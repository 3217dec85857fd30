//! The rows of a statement → the outcome of a plan. Knows no connection.

use sqlx::postgres::PgRow;
use sqlx::{Postgres, Row};

use crate::database::failure;
use crate::error::{Error, Result};
use crate::sql::{Created, Reading};

/// The outcome of a plan. Entities are JSON, as the database assembled them.
#[derive(Debug)]
pub enum Outcome {
    /// An entity as it is, or as the write left it.
    Entity {
        /// The entity.
        json: String,
        /// Its tag.
        tag: String,
    },
    /// A navigation leads to no entity.
    Nothing,
    /// A page of a collection.
    Page {
        /// The entities, in order, with commas between them.
        entities: String,
        /// The token of the next page, if more follow.
        next: Option<String>,
        /// How many the collection has, if that was asked.
        total: Option<i64>,
    },
    /// How many entities the collection has.
    Count(i64),
    /// The entity is deleted, or the action is done.
    Done,
    /// The items that a function returned, as JSON.
    Items(Vec<String>),
}

/// Reads the rows of a statement.
pub(super) fn outcome(rows: &[PgRow], reading: &Reading) -> Result<Outcome> {
    if let Reading::Nothing = reading {
        return Ok(Outcome::Done);
    }
    let row = rows.first().ok_or(Error::NotFound)?;
    match reading {
        Reading::Entity => Ok(match (column(row, 0)?, column(row, 1)?) {
            (Some(json), Some(tag)) => Outcome::Entity { json, tag },
            _ => Outcome::Nothing,
        }),
        Reading::Page => {
            let entities = column::<Option<String>>(row, 0)?.unwrap_or_default();
            Ok(Outcome::Page { entities, total: column(row, 1)?, next: column(row, 2)? })
        }
        Reading::Count => column(row, 0).map(Outcome::Count),
        Reading::Items => {
            let items = rows.iter().map(|row| column::<Option<String>>(row, 0));
            let items: Vec<Option<String>> = items.collect::<Result<_>>()?;
            Ok(Outcome::Items(items.into_iter().flatten().collect()))
        }
        Reading::Created(new) => created(row, new),
        Reading::Existence | Reading::Nothing => Ok(Outcome::Done),
    }
}

/// The place of a create in its statement, from 1 on.
pub(super) fn place(row: &PgRow) -> Result<i64> {
    column(row, 0)
}

/// Reads the row of a create.
pub(super) fn created(row: &PgRow, new: &Created) -> Result<Outcome> {
    if !column::<bool>(row, 1)? {
        return Err(Error::ReferenceMissing);
    }
    match (column(row, 2)?, column(row, 3)?) {
        (Some(json), Some(tag)) => Ok(Outcome::Entity { json, tag }),
        _ if new.may_exist => Ok(Outcome::Done),
        _ => Err(Error::Conflict { entity_type: new.entity_type, id: new.id.clone() }),
    }
}

/// The value of a column.
pub(super) fn column<'row, Value>(row: &'row PgRow, index: usize) -> Result<Value>
where
    Value: sqlx::Decode<'row, Postgres> + sqlx::Type<Postgres>,
{
    row.try_get(index).map_err(|error| failure::of_statement(&error))
}
