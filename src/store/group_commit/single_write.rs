//! A write of one row: the create or the update of one entity. Decides which of them can share one
//! statement, and makes it. Knows no queue.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::auth::Authorized;
use crate::error::{Error, Result};
use crate::plan::{Act, EntityKey, Plan};
use crate::sql::{self, Create, Created, Reading, Statement, Update};
use crate::store::Outcome;
use crate::store::outcome::read_written;

/// One row that a plan writes.
#[derive(Clone, Debug)]
pub(in crate::store) struct SingleWrite {
    authorized: Arc<Authorized>,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Create,
    Update,
}

/// The row as `sql` takes it.
#[derive(Clone, Copy)]
enum Row<'a> {
    Create(Create<'a>),
    Update(Update<'a>),
}

impl SingleWrite {
    /// The entity that the plan creates, if it creates no other.
    pub(in crate::store) fn create(authorized: &Arc<Authorized>) -> Option<Self> {
        Self::new(authorized, Kind::Create)
    }

    /// The entity that the plan changes, if it is one of those that devices report: the client chooses
    /// their keys. Updates of other entities are rare, and a statement that waits for the lock of a
    /// script would delay all reports.
    pub(in crate::store) fn update(authorized: &Arc<Authorized>) -> Option<Self> {
        Self::new(authorized, Kind::Update)
    }

    fn new(authorized: &Arc<Authorized>, kind: Kind) -> Option<Self> {
        let write = Self { authorized: Arc::clone(authorized), kind };
        // A recorded change needs a transaction of its own, which names its actor.
        (write.row().is_some() && authorized.actor().is_none()).then_some(write)
    }

    /// The statement of writes that can share it, no two of the same entity.
    pub(super) fn statement(writes: &[&Self]) -> Result<Statement> {
        const NO_BATCH: Error = Error::Bug("a batch has no writes, or writes of different kinds");
        let first = writes.first().ok_or(NO_BATCH)?;
        let (shape, root) = (first.plan().shape(), first.plan().root());
        let rows = writes.iter().map(|it| it.row());
        match first.kind {
            Kind::Create => {
                let creates: Option<Vec<Create<'_>>> = rows.map(|it| it?.create()).collect();
                let creates = creates.ok_or(NO_BATCH)?;
                let (first, others) = creates.split_first().ok_or(NO_BATCH)?;
                Ok(sql::create_together(*first, others, shape, root))
            }
            Kind::Update => {
                let updates: Option<Vec<Update<'_>>> = rows.map(|it| it?.update()).collect();
                let updates = updates.ok_or(NO_BATCH)?;
                let (first, others) = updates.split_first().ok_or(NO_BATCH)?;
                Ok(sql::update_together(*first, others, shape, root))
            }
        }
    }

    /// The outcome of a row of the statement. There is no row if the entity to be changed does not
    /// exist or has another tag, or if the parent of the new entity does not exist.
    pub(super) fn outcome(&self, row: Option<&PgRow>) -> Result<Outcome> {
        let row = row.ok_or(Error::NotFound)?;
        let reading = match self.row() {
            Some(Row::Create((_, new))) => Reading::Created(Created::new(new)),
            Some(Row::Update(update)) => Reading::Changed(update.change.reference()),
            None => return Err(Error::Bug("a write has no row")),
        };
        read_written(row, &reading)
    }

    /// Whether two writes differ only in keys, values and tags.
    pub(super) fn can_share_statement_with<'a>(&'a self, other: &'a Self) -> bool {
        let (Some(row), Some(others_row)) = (self.row(), other.row()) else { return false };
        let of_reply = |plan: &'a Plan| (plan.root(), plan.shape().level, plan.is_minimal());
        row.has_form_of(&others_row) && of_reply(self.plan()) == of_reply(other.plan())
    }

    /// The tenant whose row it is.
    pub(super) fn tenant(&self) -> Uuid {
        self.authorized.tenant()
    }

    /// The tenant, the keys of the ancestors and the key. Rows are locked in this order.
    pub(super) fn lock_order(&self) -> impl Iterator<Item = (Option<Uuid>, Option<&str>)> {
        let tenant = std::iter::once((Some(self.tenant()), None));
        let keys = self.row().into_iter().flat_map(Row::keys);
        tenant.chain(keys.map(|key| match key {
            EntityKey::Guid(guid) => (Some(*guid), None),
            EntityKey::Text(text) => (None, Some(&**text)),
            EntityKey::Impossible => (None, None),
        }))
    }

    /// A number that writes of the same entity have in common, and hardly any others.
    pub(in crate::store) fn hash_of_entity(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.lock_order().for_each(|key| key.hash(&mut hasher));
        hasher.finish()
    }

    fn plan(&self) -> &Plan {
        self.authorized.plan()
    }

    fn row(&self) -> Option<Row<'_>> {
        let tenant = self.tenant();
        match (self.kind, self.plan().act()) {
            (Kind::Create, Act::Create { entity, contained }) if contained.is_empty() => {
                Some(Row::Create((tenant, entity)))
            }
            (Kind::Create, Act::Upsert { new, .. }) => Some(Row::Create((tenant, new))),
            (Kind::Update, Act::Update { entity, change, if_match })
                if entity.is_keyed_by_client() =>
            {
                let if_match = if_match.as_ref();
                Some(Row::Update(Update { tenant, entity, change, if_match }))
            }
            (Kind::Update, Act::Upsert { entity, change: Some(change), .. }) => {
                Some(Row::Update(Update { tenant, entity, change, if_match: None }))
            }
            _ => None,
        }
    }
}

impl<'a> Row<'a> {
    fn create(self) -> Option<Create<'a>> {
        match self {
            Self::Create(create) => Some(create),
            Self::Update(_) => None,
        }
    }

    fn update(self) -> Option<Update<'a>> {
        match self {
            Self::Update(update) => Some(update),
            Self::Create(_) => None,
        }
    }

    /// Whether two rows differ only in keys, values and tags.
    fn has_form_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Create((_, own)), Self::Create((_, other))) => {
                own.is_key_new == other.is_key_new && own.collection.has_form_of(&other.collection)
            }
            (Self::Update(own), Self::Update(other)) => own.has_form_of(other),
            (Self::Create(_), Self::Update(_)) | (Self::Update(_), Self::Create(_)) => false,
        }
    }

    /// The keys of the ancestors, and the key.
    fn keys(self) -> impl Iterator<Item = &'a EntityKey> {
        let (ancestors, key) = match self {
            Self::Create((_, new)) => (&new.collection.ancestors, Some(&new.key)),
            Self::Update(Update { entity, .. }) => (&entity.ancestors, entity.last.key.as_ref()),
        };
        ancestors.iter().filter_map(|step| step.key.as_ref()).chain(key)
    }
}
