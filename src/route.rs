//! The path of a request → its target. One table has the methods of every target; OPTIONS and 405
//! follow from it. Knows no caller and no endpoint.

use crate::error::{Error, Result, UrlReason};
use crate::message::Method;
use crate::model::{API_VERSION, NavigationKind, Surface};
use crate::odata::{Path, Segment};
use crate::plan::{EntityAddress, Operation, Resource};
use crate::retention::Address;

/// The versions that a path may begin with. The second one is Graph's, and has no resources here.
const VERSIONS: [&str; 2] = [API_VERSION, "v1.0"];

/// The target of a request.
#[derive(Debug)]
pub enum Target {
    /// A target that anyone may use, without a token.
    Public(PublicTarget),
    /// A target that needs a token. An unknown path is among them: a caller without a token does
    /// not learn which paths exist.
    Protected(Result<ProtectedTarget>),
}

/// A target that needs no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublicTarget {
    /// `*`, the server as a whole.
    Server,
    /// A check of the server's health.
    Health(HealthCheck),
    /// A description of the API.
    Description(Description),
}

/// A check of the server's health.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HealthCheck {
    /// `/health`: whether requests are answered.
    Serving,
    /// `/health/live`: whether the process answers at all.
    Live,
    /// `/health/ready`: whether every request can succeed, writes included.
    Ready,
}

/// A description of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Description {
    /// `/beta`
    ServiceDocument,
    /// `/beta/$metadata`
    Metadata,
    /// `/openapi.json`
    OpenApi,
}

/// A target that needs a token.
#[derive(Clone, Debug)]
pub enum ProtectedTarget {
    /// `$batch` below this version.
    Batch(&'static str),
    /// A policy of retention.
    Policy(Address),
    /// A resource of the API.
    Resource(Resource),
}

/// What a request asks of a target that needs a token.
#[derive(Clone, Debug)]
pub enum Task {
    /// To answer a batch below this version.
    Batch(&'static str),
    /// To read or change a policy of retention.
    Policy(Address),
    /// To run an operation on a resource.
    Operation(Operation),
}

impl Target {
    /// The target of a path as it came, still percent-encoded.
    #[must_use]
    pub fn of(path: &str) -> Self {
        if path == "*" {
            return Self::Public(PublicTarget::Server);
        }
        let path = match Path::parse(path) {
            Ok(path) => path,
            Err(error) => return Self::Protected(Err(error)),
        };
        let texts: Vec<&str> = path.segments.iter().map(|segment| &*segment.text).collect();
        let is = |text: &str, name: &str| text.eq_ignore_ascii_case(name);
        let description = |description| Self::Public(PublicTarget::Description(description));
        let health = |check| Self::Public(PublicTarget::Health(check));
        match texts[..] {
            ["health"] => health(HealthCheck::Serving),
            ["health", "live"] => health(HealthCheck::Live),
            ["health", "ready"] => health(HealthCheck::Ready),
            [one] if is(one, "openapi.json") => description(Description::OpenApi),
            [one] if is(one, API_VERSION) => description(Description::ServiceDocument),
            [one, two] if is(one, API_VERSION) && is(two, "$metadata") => {
                description(Description::Metadata)
            }
            _ => Self::Protected(protected(&path.segments)),
        }
    }

    /// The kind of the target in one word, for the metrics.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Public(PublicTarget::Server) => "server",
            Self::Public(PublicTarget::Health(_)) => "health",
            Self::Public(PublicTarget::Description(_)) => "description",
            Self::Protected(Ok(ProtectedTarget::Batch(_))) => "batch",
            Self::Protected(Ok(ProtectedTarget::Policy(_))) => "policy",
            Self::Protected(Ok(ProtectedTarget::Resource(resource))) => match resource {
                Resource::Collection(_) => "collection",
                Resource::Count(_) => "count",
                Resource::Entity(_) => "entity",
                Resource::Property(..) => "property",
                Resource::RawValue(..) => "value",
                Resource::CollectionAction(..) | Resource::EntityAction(..) => "action",
            },
            Self::Protected(Err(_)) => "unknown",
        }
    }

    /// The same target, if the server shows it. One that it hides is answered as an unknown one.
    #[must_use]
    pub fn within(self, surface: Surface) -> Self {
        let hidden = match &self {
            Self::Protected(Ok(ProtectedTarget::Resource(resource))) => {
                let hidden = resource.navigations().find(|navigation| !surface.has(navigation));
                hidden.map(|navigation| Error::SegmentUnknown(navigation.name.into()))
            }
            Self::Protected(
                Ok(ProtectedTarget::Policy(_)) | Err(Error::Url(UrlReason::PolicyPath { .. })),
            ) if surface == Surface::Graph => Some(unknown_version(Address::ROOT)),
            _ => None,
        };
        match hidden {
            Some(error) => Self::Protected(Err(error)),
            None => self,
        }
    }

    /// The methods of the target, as an `Allow` header lists them.
    ///
    /// # Errors
    /// If the path leads nowhere.
    pub fn allow(self) -> Result<String> {
        let mut methods: Vec<&str> = match self {
            // OPTIONS may ask for the server; no other method reaches it.
            Self::Public(PublicTarget::Server) => Method::ALL.iter().map(|it| it.names()).collect(),
            Self::Public(PublicTarget::Health(_) | PublicTarget::Description(_)) => {
                vec![Method::Get.names()]
            }
            Self::Protected(target) => {
                let target = target?;
                let has = |method: &&Method| target.has(**method);
                Method::ALL.iter().filter(has).map(|it| it.names()).collect()
            }
        };
        methods.push(Method::Options.names());
        Ok(methods.join(", "))
    }
}

impl PublicTarget {
    /// The target, if it has the method.
    ///
    /// # Errors
    /// [`Error::MethodNotAllowed`].
    pub fn with(self, method: Method) -> Result<Self> {
        match (self, method) {
            (Self::Health(_) | Self::Description(_), Method::Get) => Ok(self),
            _ => Err(Error::MethodNotAllowed { allow: Target::Public(self).allow()? }),
        }
    }
}

impl ProtectedTarget {
    /// What a method asks of the target.
    ///
    /// # Errors
    /// [`Error::MethodNotAllowed`].
    pub fn with(self, method: Method) -> Result<Task> {
        self.task(method).map_err(not_allowed)
    }

    /// What a method asks of the target. The target itself if it does not have the method.
    fn task(self, method: Method) -> std::result::Result<Task, Self> {
        match self {
            Self::Batch(version) if method == Method::Post => Ok(Task::Batch(version)),
            Self::Policy(address) if address.methods().contains(&method) => {
                Ok(Task::Policy(address))
            }
            Self::Resource(resource) => {
                operation(resource, method).map(Task::Operation).map_err(Self::Resource)
            }
            Self::Batch(_) | Self::Policy(_) => Err(self),
        }
    }

    fn has(&self, method: Method) -> bool {
        self.clone().task(method).is_ok()
    }
}

/// The version that a segment names.
#[must_use]
pub fn version(text: &str) -> Option<&'static str> {
    VERSIONS.into_iter().find(|version| text.eq_ignore_ascii_case(version))
}

fn not_allowed(target: ProtectedTarget) -> Error {
    match Target::Protected(Ok(target)).allow() {
        Ok(allow) => Error::MethodNotAllowed { allow },
        Err(error) => error,
    }
}

fn unknown_version(found: &str) -> Error {
    UrlReason::Version { found: found.to_owned(), expected: API_VERSION }.into()
}

fn protected(segments: &[Segment]) -> Result<ProtectedTarget> {
    let (first, rest) = match segments {
        [] | [_] => return Err(UrlReason::NoRoute.into()),
        [first, rest @ ..] => (&first.text, rest),
    };
    if let Some(address) = Address::find(segments)? {
        return Ok(ProtectedTarget::Policy(address));
    }
    let Some(version) = version(first) else {
        return Err(match first.eq_ignore_ascii_case(Address::ROOT) {
            true => UrlReason::PolicyPath { root: Address::ROOT, paths: Address::PATHS }.into(),
            false => unknown_version(first),
        });
    };
    if let [last] = rest
        && last.text.eq_ignore_ascii_case("$batch")
    {
        return Ok(ProtectedTarget::Batch(version));
    }
    let resource = Resource::find(rest)?;
    match version == API_VERSION {
        true => Ok(ProtectedTarget::Resource(resource)),
        false => Err(Error::SegmentUnknown(rest.get(1).map_or("", |it| &it.text).into())),
    }
}

/// The table of resources: the operation that a method asks of one. The resource itself if it does not
/// have the method.
fn operation(resource: Resource, method: Method) -> std::result::Result<Operation, Resource> {
    Ok(match (resource, method) {
        (Resource::Collection(it), Method::Get) => Operation::List(it),
        (Resource::Collection(it), Method::Post) if it.navigation.is_writable() => {
            Operation::Create(it)
        }
        (Resource::Count(it), Method::Get) => Operation::Count(it),
        (Resource::Entity(it), Method::Get) => Operation::Get(it),
        (Resource::Property(it, property), Method::Get) => Operation::GetProperty(it, property),
        (Resource::RawValue(it, property), Method::Get) => Operation::GetRawValue(it, property),
        (Resource::Entity(it), Method::Patch) if may_update(&it) => Operation::Update(it),
        (Resource::Entity(it), Method::Delete) if it.last.navigation.is_writable() => {
            Operation::Delete(it)
        }
        (Resource::CollectionAction(it, action), Method::Post) => {
            Operation::CallOnCollection(it, action)
        }
        (Resource::EntityAction(it, action), Method::Post) => Operation::CallOnEntity(it, action),
        (resource, _) => return Err(resource),
    })
}

/// An entity of another collection is updated on its own path.
fn may_update(address: &EntityAddress) -> bool {
    let is_own = match address.last.navigation.kind {
        NavigationKind::Contained | NavigationKind::Attached => true,
        NavigationKind::Referenced(_) | NavigationKind::Versions(_) => false,
    };
    is_own && address.entity_type().is_writable()
}
