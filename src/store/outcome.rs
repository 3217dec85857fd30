//! The rows of a statement → the outcome of a plan. Knows no connection.

use sqlx::postgres::PgRow;
use sqlx::{Postgres, Row};

use crate::database::failure;
use crate::error::{Error, Result};
use crate::plan::{Reference, ValueForm, skip_token};
use crate::sql::Reading;

/// The outcome of a plan. Entities are JSON text, assembled by the database.
#[derive(Debug)]
pub enum Outcome {
    /// An entity that was read, created or changed.
    Entity {
        json: String,
        /// The entity tag.
        tag: String,
        /// Whether the plan created it.
        is_new: bool,
    },
    /// A property that was read.
    Value {
        form: ValueForm,
        /// The value in this form; `None` for null.
        value: Option<Vec<u8>>,
        /// The entity tag.
        tag: String,
    },
    /// The target of a navigation property is null.
    Nothing,
    Page {
        /// The entities in order, with commas between them.
        entities: String,
        /// The token of the next page, if there is one.
        next: Option<String>,
        /// The number of entities of the collection, if the request has `$count=true`.
        total: Option<i64>,
    },
    Count(i64),
    /// A delete or an action without a result.
    Done,
    /// The items that a function returned, as JSON.
    Items(Vec<String>),
}

impl Outcome {
    /// Signs the page tokens, which a reply needs.
    pub(super) fn signed(self, token_key: &[u8]) -> Self {
        match self {
            Self::Entity { json, tag, is_new } => {
                Self::Entity { json: skip_token::sign_marked(token_key, json), tag, is_new }
            }
            Self::Page { entities, next, total } => Self::Page {
                entities: skip_token::sign_marked(token_key, entities),
                next: next.map(|payload| skip_token::sign(token_key, &payload)),
                total,
            },
            Self::Value { .. } | Self::Nothing | Self::Count(_) | Self::Done | Self::Items(_) => {
                self
            }
        }
    }
}

/// Decodes the rows of a statement.
pub(super) fn read_outcome(rows: &[PgRow], reading: &Reading) -> Result<Outcome> {
    if let Reading::Nothing = reading {
        return Ok(Outcome::Done);
    }
    let row = rows.first().ok_or(Error::NotFound)?;
    match reading {
        Reading::Entity => Ok(match (read_column(row, 0)?, read_column(row, 1)?) {
            (Some(json), Some(tag)) => Outcome::Entity { json, tag, is_new: false },
            _ => Outcome::Nothing,
        }),
        Reading::Value(form) => {
            let (value, tag) = (read_column(row, 0)?, read_column(row, 1)?);
            Ok(Outcome::Value { form: *form, value, tag })
        }
        Reading::Page => {
            let entities = read_column::<Option<String>>(row, 0)?.unwrap_or_default();
            Ok(Outcome::Page { entities, total: read_column(row, 1)?, next: read_column(row, 2)? })
        }
        Reading::Count => read_column(row, 0).map(Outcome::Count),
        Reading::Items => {
            let items = rows.iter().map(|row| read_column::<Option<String>>(row, 0));
            let items: Vec<Option<String>> = items.collect::<Result<_>>()?;
            Ok(Outcome::Items(items.into_iter().flatten().collect()))
        }
        Reading::Changed(_) | Reading::Created(_) => read_written(row, reading),
        Reading::Existence | Reading::Nothing => Ok(Outcome::Done),
    }
}

/// Decodes the index of a write in its statement, from 1.
pub(super) fn read_index(row: &PgRow) -> Result<i64> {
    read_column(row, 0)
}

/// Decodes the row of a create or of an update.
pub(super) fn read_written(row: &PgRow, reading: &Reading) -> Result<Outcome> {
    if !read_column::<bool>(row, 1)? {
        let reference = match reading {
            Reading::Changed(reference) => reference.as_ref(),
            Reading::Created(new) => new.reference.as_ref(),
            _ => None,
        };
        return Err(reference.map_or(Error::ReferenceMissing, Reference::missing));
    }
    match (read_column(row, 2)?, read_column(row, 3)?, reading) {
        (Some(json), Some(tag), Reading::Created(_)) => {
            Ok(Outcome::Entity { json, tag, is_new: true })
        }
        (Some(json), Some(tag), _) => Ok(Outcome::Entity { json, tag, is_new: false }),
        (_, _, Reading::Created(new)) if !new.may_exist => {
            Err(Error::Conflict { entity_type: new.entity_type, id: new.id.clone() })
        }
        (_, _, Reading::Created(_)) => Ok(Outcome::Done),
        _ => Err(Error::NotFound),
    }
}

pub(super) fn read_column<'row, Value>(row: &'row PgRow, index: usize) -> Result<Value>
where
    Value: sqlx::Decode<'row, Postgres> + sqlx::Type<Postgres>,
{
    row.try_get(index).map_err(|error| failure::statement_error(&error))
}
