//! Creates that become one statement: which can, and what its rows say to each of them. Knows no
//! queue.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use std::{iter, ptr};

use sqlx::postgres::PgRow;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::auth::Permitted;
use crate::database::Connections;
use crate::error::{Error, Log, Result};
use crate::plan::{Act, NewEntity, Plan, Value};
use crate::sql;
use crate::store::{Outcome, column};

/// How long a statement and its connection may take: longer than the database lets it run, shorter
/// than the requests that wait for it may take.
const LIMIT: Duration = Duration::from_millis(13_500);

/// A create that has not been answered.
#[derive(Debug)]
pub(in crate::store) struct Waiting {
    pub(in crate::store) plan: Arc<Permitted<Plan>>,
    pub(in crate::store) answer: oneshot::Sender<Result<Outcome>>,
}

/// Creates that have been one statement, and what came of it.
pub(in crate::store) struct Written {
    creates: Vec<Waiting>,
    rows: Result<Vec<PgRow>>,
}

/// Takes those of the form of one, of which no two have the same key: the second finds the first one
/// there. They come in the order of their keys, so that servers which write the same ones at the same
/// time do not wait for each other.
pub(in crate::store) fn alike(form: &Plan, waiting: &mut Vec<Waiting>) -> Vec<Waiting> {
    let is_alike = |create: &mut Waiting| are_of_one_form(form, create.plan.what());
    let mut alike: Vec<Waiting> = waiting.extract_if(.., is_alike).collect();
    alike.sort_by(|one, other| place(one).cmp(place(other)));
    let mut distinct: Vec<Waiting> = Vec::with_capacity(alike.len());
    for create in alike {
        match distinct.last() {
            Some(last) if place(last).eq(place(&create)) => waiting.push(create),
            _ => distinct.push(create),
        }
    }
    distinct
}

/// Writes creates of one form.
pub(in crate::store) async fn write(connections: &Connections, creates: Vec<Waiting>) -> Written {
    let new: Vec<_> = creates.iter().filter_map(|it| entity(&it.plan)).collect();
    let plan = creates.first().map(|it| it.plan.what());
    let statement = plan.and_then(|plan| sql::create(&new, &plan.shape, &plan.root));
    let written = Box::pin(async {
        let statement = statement.ok_or(Error::NotFound)?;
        connections.session_of_several().await?.rows(statement).await
    });
    let rows = connections.limited(LIMIT, written).await;
    Written { creates, rows }
}

impl Written {
    /// Gives each its own answer; where the statement has failed, it has failed for all of them and
    /// for nobody else.
    pub(in crate::store) fn answer(self) {
        let new: Vec<_> = self.creates.iter().filter_map(|it| entity(&it.plan)).collect();
        let answers: Vec<Result<Outcome>> = match &self.rows {
            Err(error) => {
                if let Some(Log { cause, .. }) = error.row().log.filter(Log::is_new) {
                    tracing::warn!(requests = new.len(), cause, "creates failed together");
                }
                new.iter().map(|_| Err(error.shared())).collect()
            }
            Ok(rows) => {
                let by_place = by_place(rows);
                let places = (1..).map(|place| by_place.get(&place).copied());
                new.iter().zip(places).map(|((_, new), row)| outcome(row, new)).collect()
            }
        };
        for (waiting, answer) in self.creates.into_iter().zip(answers) {
            // A client that has gone does not matter to the others.
            waiting.answer.send(answer).ok();
        }
    }
}

/// What the row of a create says.
pub(in crate::store) fn outcome(row: Option<&PgRow>, new: &NewEntity) -> Result<Outcome> {
    let row = row.ok_or(Error::NotFound)?;
    if !column::<bool>(row, 1)? {
        return Err(Error::ReferenceMissing);
    }
    match (column(row, 2)?, column(row, 3)?) {
        (Some(entity), Some(tag)) => Ok(Outcome::Entity(entity, tag)),
        _ => Err(conflict(new)),
    }
}

/// Whether two creates differ in nothing but keys and values.
fn are_of_one_form(one: &Plan, other: &Plan) -> bool {
    let is_key_new = |plan| new_entity(plan).map(|new| new.is_key_new);
    let mut steps = one.address.steps.iter().zip(&other.address.steps);
    is_key_new(one) == is_key_new(other)
        && (one.shape.level, &one.root) == (other.shape.level, &other.root)
        && one.address.steps.len() == other.address.steps.len()
        && steps.all(|(one, other)| ptr::eq(one.navigation, other.navigation))
}

/// The keys on the way to a new entity, and its own, behind its tenant.
fn place(waiting: &Waiting) -> impl Iterator<Item = (Option<Uuid>, Option<&str>)> {
    let new = new_entity(waiting.plan.what());
    let steps = new.into_iter().flat_map(|new| &new.address.steps);
    let keys = steps.filter_map(|step| step.key.as_ref()).chain(new.map(NewEntity::key));
    let keys = keys.map(|key| match key {
        Value::Guid(guid) => (Some(*guid), None),
        Value::Text(text) => (None, Some(&**text)),
        _ => (None, None),
    });
    iter::once((Some(waiting.plan.tenant()), None)).chain(keys)
}

fn entity(plan: &Permitted<Plan>) -> Option<(Uuid, &NewEntity)> {
    new_entity(plan.what()).map(|new| (plan.tenant(), new))
}

fn new_entity(plan: &Plan) -> Option<&NewEntity> {
    match &plan.act {
        Act::Create(entities) => entities.first(),
        _ => None,
    }
}

/// The rows by the place of their create, from 1; some may be absent.
fn by_place(rows: &[PgRow]) -> HashMap<i64, &PgRow> {
    rows.iter().filter_map(|row| Some((column(row, 0).ok()?, row))).collect()
}

fn conflict(new: &NewEntity) -> Error {
    let id = new.key().key_text().unwrap_or_default();
    let name = new.address.target().name;
    Error::Conflict(format!("A {name} with the id '{id}' exists already; nothing was changed."))
}
