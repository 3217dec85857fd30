//! Single creates that share one statement: which creates can, and the answer of each. Knows no
//! queue.

use std::collections::HashMap;
use std::iter;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgRow;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::auth::Authorized;
use crate::database::Connections;
use crate::error::{Error, Log, Result};
use crate::plan::{Act, EntityKey, NewEntity};
use crate::sql::{self, Create, Created};
use crate::store::Outcome;
use crate::store::outcome::{created, place};

/// How long a statement and its connection may take: longer than the database lets the statement
/// run, shorter than the requests that wait for it may take.
const LIMIT: Duration = Duration::from_millis(13_500);

/// A plan that creates one entity and nothing else.
#[derive(Clone, Debug)]
pub(in crate::store) struct SingleCreate(Arc<Authorized>);

/// A create that has not been answered.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) create: SingleCreate,
    pub(super) answer: oneshot::Sender<Result<Outcome>>,
}

/// Creates that shared one statement, and its rows.
pub(super) struct Written {
    creates: Vec<Waiting>,
    rows: Result<Vec<PgRow>>,
}

impl SingleCreate {
    /// The plan, if it creates one entity and nothing else.
    pub(in crate::store) fn of(authorized: &Arc<Authorized>) -> Option<Self> {
        match authorized.plan().act() {
            Act::Create { contained, .. } if contained.is_empty() => {
                Some(Self(Arc::clone(authorized)))
            }
            _ => None,
        }
    }

    fn entity(&self) -> &NewEntity {
        match self.0.plan().act() {
            Act::Create { entity, .. } => entity,
            _ => unreachable!("`of` has looked at the plan"),
        }
    }

    fn create(&self) -> Create<'_> {
        (self.0.tenant(), self.entity())
    }

    /// Whether two creates differ only in keys and values.
    fn has_form_of(&self, other: &Self) -> bool {
        let (one, two) = (self.entity(), other.entity());
        let (own, others) = (self.0.plan(), other.0.plan());
        let (ancestors, theirs) = (&one.collection.ancestors, &two.collection.ancestors);
        let mut steps = ancestors.iter().zip(theirs);
        one.is_key_new == two.is_key_new
            && (own.shape().level, own.root()) == (others.shape().level, others.root())
            && one.collection.navigation == two.collection.navigation
            && ancestors.len() == theirs.len()
            && steps.all(|(one, two)| one.navigation == two.navigation)
    }

    /// The tenant, the keys of the ancestors and the key: the order in which rows are locked.
    fn place(&self) -> impl Iterator<Item = (Option<Uuid>, Option<&str>)> {
        let new = self.entity();
        let keys = new.collection.ancestors.iter().filter_map(|step| step.key.as_ref());
        let keys = keys.chain([&new.key]).map(|key| match key {
            EntityKey::Guid(guid) => (Some(*guid), None),
            EntityKey::Text(text) => (None, Some(&**text)),
            EntityKey::Impossible => (None, None),
        });
        iter::once((Some(self.0.tenant()), None)).chain(keys)
    }
}

/// Takes the creates of the form of `first`, of which no two have the same key: the second would not
/// find the first one's row. They come in the order of their keys, so that servers which write the
/// same ones at the same time do not deadlock.
pub(super) fn take_alike(first: &SingleCreate, waiting: &mut Vec<Waiting>) -> Vec<Waiting> {
    let is_alike = |other: &mut Waiting| first.has_form_of(&other.create);
    let mut alike: Vec<Waiting> = waiting.extract_if(.., is_alike).collect();
    alike.sort_by(|one, other| one.create.place().cmp(other.create.place()));
    let mut distinct: Vec<Waiting> = Vec::with_capacity(alike.len());
    for new in alike {
        match distinct.last() {
            Some(last) if last.create.place().eq(new.create.place()) => waiting.push(new),
            _ => distinct.push(new),
        }
    }
    distinct
}

/// Writes creates of one form, of which there is at least one.
pub(super) async fn write(connections: &Connections, creates: Vec<Waiting>) -> Written {
    let statement = {
        let all: Vec<Create<'_>> = creates.iter().map(|it| it.create.create()).collect();
        creates.first().zip(all.split_first()).map(|(waiting, (first, others))| {
            let plan = waiting.create.0.plan();
            sql::create_together(*first, others, plan.shape(), plan.root())
        })
    };
    let written = Box::pin(async {
        let Some(statement) = statement else { return Ok(Vec::new()) };
        connections.session_of_several().await?.rows(statement).await
    });
    let rows = connections.limited(LIMIT, written).await;
    Written { creates, rows }
}

impl Written {
    /// Gives each create its own answer. If the statement has failed, it has failed for all of them
    /// and for no other create.
    pub(super) fn answer(self) {
        let answers: Vec<Result<Outcome>> = match &self.rows {
            Err(error) => {
                if let Some(Log { cause, .. }) = error.row().log.filter(Log::is_new) {
                    tracing::warn!(requests = self.creates.len(), cause, "creates failed together");
                }
                self.creates.iter().map(|_| Err(error.shared())).collect()
            }
            Ok(rows) => {
                let by_place = by_place(rows);
                let rows = (1..).map(|place| by_place.get(&place).copied());
                self.creates.iter().zip(rows).map(|(it, row)| outcome(&it.create, row)).collect()
            }
        };
        for (waiting, answer) in self.creates.into_iter().zip(answers) {
            // A client that has gone does not matter to the others.
            waiting.answer.send(answer).ok();
        }
    }
}

/// The outcome of a create; without a row its parent does not exist.
fn outcome(create: &SingleCreate, row: Option<&PgRow>) -> Result<Outcome> {
    created(row.ok_or(Error::NotFound)?, &Created::new(create.entity()))
}

/// The rows by the place of their create, from 1 on; some may be absent.
fn by_place(rows: &[PgRow]) -> HashMap<i64, &PgRow> {
    rows.iter().filter_map(|row| Some((place(row).ok()?, row))).collect()
}
