//! The path of a policy → whose policy it is, and which methods it has.

use uuid::Uuid;

use crate::error::Result;
use crate::message::Method;
use crate::odata::Segment;

/// Whose policy a path names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// `/runstate/v1/retention`: that of the caller's tenant.
    Tenant,
    /// `/runstate/v1/retention/scripts/{id}`: that of a script; `None` if the text cannot be the id of
    /// one.
    Script(Option<Uuid>),
}

impl Address {
    /// The first segment of all paths of policies.
    pub const ROOT: &str = "runstate";

    /// The paths of policies, for a client that asks for another one below the root.
    pub const PATHS: &str = "/runstate/v1/retention, /runstate/v1/retention/scripts/{id}";

    /// The policy that a path names; `None` if it is the path of something else.
    ///
    /// # Errors
    /// If the key of a script is not well-formed.
    pub fn find(segments: &[Segment]) -> Result<Option<Self>> {
        let is = |text: &str, name: &str| text.eq_ignore_ascii_case(name);
        let [first, version, retention, below @ ..] = segments else { return Ok(None) };
        if !(is(&first.text, Self::ROOT)
            && is(&version.text, "v1")
            && is(&retention.text, "retention"))
        {
            return Ok(None);
        }
        Ok(match below {
            [] => Some(Self::Tenant),
            [scripts, id] if is(&scripts.text, "scripts") => Some(Self::of_script(&id.text)),
            [scripts] => match scripts.name_and_key()? {
                (name, Some(id)) if is(name, "scripts") => Some(Self::of_script(&id)),
                _ => None,
            },
            _ => None,
        })
    }

    /// The methods, in the order of an `Allow` header.
    #[must_use]
    pub fn methods(&self) -> &'static [Method] {
        match self {
            Self::Tenant => &[Method::Get, Method::Patch, Method::Delete],
            Self::Script(_) => &[Method::Get, Method::Put, Method::Delete],
        }
    }

    /// Only the spelling that the server uses is an id, as on the paths of scripts.
    fn of_script(text: &str) -> Self {
        Self::Script(Uuid::try_parse(text).ok().filter(|id| id.to_string() == text))
    }
}
