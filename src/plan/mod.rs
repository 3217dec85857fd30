//! What the client meant: syntax × model → a plan, or an error that says what does not fit.
//! After this room no text of the client's is a name; every name is the model's own.

mod address;
mod body;
mod read;
mod skip_token;
mod value;

pub use address::{Address, Addressed, Step, Verb, address};
pub use read::{Page, Shape};
pub use skip_token::skip_token;
pub use value::Value;

use chrono::{DateTime, Utc};

use crate::error::{Error, Result};
use crate::message::Request;
use crate::model::Property;
use crate::odata::{self, Options};

/// What is to be done, in the model's words.
#[derive(Debug)]
pub struct Plan {
    /// To which collection or entity.
    pub address: Address,
    /// How the reply shows entities.
    pub shape: Shape,
    /// What.
    pub act: Act,
}

/// What is to be done to an address.
#[derive(Debug)]
pub enum Act {
    /// Read the entity.
    Get,
    /// Read a page of the collection.
    List(Page),
    /// Count the collection.
    Count,
    /// Create an entity in the collection: its values, in the order of the type's properties.
    Create(Vec<Value>),
    /// Give some properties of the entity new values, each once.
    Update(Vec<(&'static Property, Value)>),
    /// Remove the entity and what it contains.
    Delete,
}

/// Makes the plan of a request whose address is known; `now` is the time of what the server sets.
///
/// # Errors
/// Where an option, a header or the body does not fit; the text names it.
pub fn make(addressed: Addressed, request: &Request, now: DateTime<Utc>) -> Result<Plan> {
    let options = Options::parse(&request.query)?;
    let level = odata::accepted_format(&request.headers, options.format.as_deref())?;
    let Addressed { address, verb } = addressed;
    only_options(&options, verb)?;
    let target = address.target();
    let shape = Shape::new(target, options.select.as_deref(), level, verb != Verb::List)?;
    let act = match verb {
        Verb::Get => Act::Get,
        Verb::List => Act::List(Page::new(&address, &options)?),
        Verb::Count => Act::Count,
        Verb::Create => Act::Create(body::new_entity(target, request, now)?),
        Verb::Update => Act::Update(body::changes(target, request, now)?),
        Verb::Delete => Act::Delete,
    };
    Ok(Plan { address, shape, act })
}

/// Refuses the options that the verb gives no meaning to.
fn only_options(options: &Options, verb: Verb) -> Result<()> {
    let supported: &[&str] = match verb {
        Verb::List => &["$select", "$top", "$skip", "$count", "$skiptoken", "$format"],
        Verb::Get => &["$select", "$format"],
        Verb::Count | Verb::Create | Verb::Update | Verb::Delete => &["$format"],
    };
    match options.given().find(|name| !supported.contains(name)) {
        None => Ok(()),
        Some(name) => Err(Error::BadRequest(format!(
            "The query option '{name}' is not supported on this request. Supported here are {}.",
            supported.join(", ")
        ))),
    }
}
