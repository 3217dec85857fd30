//! Syntax × model → a plan, or an error that names the part which does not fit. Knows neither SQL
//! nor HTTP. A plan holds references into the model and typed values, and no name from a client.

mod address;
mod check;
mod expression;
mod make;
mod read;
mod resource;
mod write;

pub use address::{CollectionAddress, EntityAddress, EntityKey, Step};
pub use expression::{
    Condition, Function, Planner, Primitive, PropertyRead, Range, RangeOf, Row, Term, TermKind,
    Type,
};
pub use make::{Parameters, make};
pub use read::{
    Expansion, OrderKey, Page, Shape, ValidVersions, ValueForm, annotation, skip_token,
};
pub use resource::{Operation, Resource};
pub use write::{Complex, IdempotencyKey, MAX_ENTITIES, NewEntity, Reference, Value, references};

use crate::headers::EntityTags;
use crate::model::permission::Access;
use crate::model::{ComplexType, EntityType, Navigation, Property};

/// A request in the words of the model. Only [`make()`] makes one, and nothing changes it: what is
/// authorized is what runs.
#[derive(Debug)]
pub struct Plan {
    act: Act,
    shape: Shape,
    is_minimal: bool,
    creates_if_missing: bool,
    max_page_size: Option<u32>,
    idempotency_key: Option<IdempotencyKey>,
    root: String,
    operation: Operation,
    reads: Vec<(&'static EntityType, Access)>,
}

/// What a plan does, and to which resource.
#[derive(Debug)]
pub enum Act {
    /// Read an entity.
    Get {
        /// The entity.
        entity: EntityAddress,
        /// The version that is read instead of the current one.
        version: Option<ValidVersions>,
        /// The reply is 304 if the entity has one of these tags.
        if_none_match: Option<EntityTags>,
    },
    /// Read a property of an entity.
    GetProperty {
        /// The entity.
        entity: EntityAddress,
        /// The property.
        property: &'static Property,
        /// Its form in the reply.
        form: ValueForm,
        /// The reply is 304 if the entity has one of these tags.
        if_none_match: Option<EntityTags>,
    },
    /// Read a page of a collection.
    List {
        /// The collection.
        collection: CollectionAddress,
        /// The page.
        page: Page,
    },
    /// Count the entities of a collection that satisfy the filter.
    Count {
        /// The collection.
        collection: CollectionAddress,
        /// The filter.
        filter: Option<Condition>,
    },
    /// Create an entity, and after it those that its body contains, parents first.
    Create {
        /// The entity.
        entity: NewEntity,
        /// The entities that it contains.
        contained: Vec<NewEntity>,
    },
    /// Change an entity.
    Update {
        /// The entity.
        entity: EntityAddress,
        /// The changes.
        change: Change,
        /// The entity must have one of these tags.
        if_match: Option<EntityTags>,
    },
    /// Change an entity, or create it if it does not exist (an upsert).
    Upsert {
        /// The entity.
        entity: EntityAddress,
        /// The changes, if it exists; `None` if it must not exist.
        change: Option<Change>,
        /// The new entity, if it does not.
        new: NewEntity,
    },
    /// Delete an entity and everything that it contains.
    Delete {
        /// The entity.
        entity: EntityAddress,
        /// The entity must have one of these tags.
        if_match: Option<EntityTags>,
    },
    /// Delete the entities of a collection, and create others instead.
    Replace {
        /// The entity that contains the collection.
        entity: EntityAddress,
        /// The collection.
        collection: CollectionAddress,
        /// The entities, which may be in other collections that show the same rows.
        entities: Vec<NewEntity>,
    },
    /// Call a function of the database that reads only.
    Query {
        /// The steps of the path, whose keys are arguments.
        steps: Vec<Step>,
        /// The function's name.
        function: &'static str,
        /// An array of texts for each parameter.
        arguments: Vec<Vec<String>>,
        /// The type of the items that it returns.
        item: &'static ComplexType,
    },
}

/// The changes of an update.
#[derive(Clone, Debug)]
pub struct Change {
    /// Properties, each once, in the order of the type.
    pub values: Vec<(&'static Property, Value)>,
    /// References, each once, in the order of the type; `None` for no entity.
    pub references: Vec<(&'static Navigation, Option<EntityKey>)>,
}

impl Plan {
    /// What is to be done.
    #[must_use]
    pub fn act(&self) -> &Act {
        &self.act
    }

    /// How the reply shows entities.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Whether a write is answered without the entity.
    #[must_use]
    pub fn is_minimal(&self) -> bool {
        self.is_minimal
    }

    /// Whether the preference to create a missing entity is followed.
    #[must_use]
    pub fn creates_if_missing(&self) -> bool {
        self.creates_if_missing
    }

    /// The largest page that the client prefers.
    #[must_use]
    pub fn max_page_size(&self) -> Option<u32> {
        self.max_page_size
    }

    /// The key that identifies a retry of a write.
    #[must_use]
    pub fn idempotency_key(&self) -> Option<&IdempotencyKey> {
        self.idempotency_key.as_ref()
    }

    /// The root of the service as the client sees it, such as `http://localhost:8080/beta`.
    #[must_use]
    pub fn root(&self) -> &str {
        &self.root
    }

    /// The operation that the plan carries out.
    #[must_use]
    pub fn operation(&self) -> &Operation {
        &self.operation
    }

    /// The types that `$expand`, `$filter` or `$orderby` read besides the type of the operation, and
    /// the access that this needs.
    #[must_use]
    pub fn reads(&self) -> &[(&'static EntityType, Access)] {
        &self.reads
    }
}
