//! The path of a request to the control API → its target, and the methods of each target.

use percent_encoding::percent_decode_str;

use crate::message::Method;

/// The first two segments of all paths of the control API.
const ROOT: [&str; 2] = ["twin", "v1"];

/// The target of a request below `/twin/v1`. A text is the `id` of a tenant or the name of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::endpoints) enum Target {
    /// The twin as a whole.
    Twin,
    /// The description of the control API.
    OpenApi,
    Tenants,
    Tenant(String),
    Fork(String),
    Reset(String),
    /// All tenants and snapshots at once.
    ResetAll,
    SnapshotsOf(String),
    Contents(String),
    Clock(String),
    Advance(String),
    Tokens(String),
    Rules(String),
    Rule(String, String),
    Throttle(String),
    Requests(String),
    Verify(String),
    Snapshots,
    Snapshot(String),
    Unknown,
}

impl Target {
    /// The target of a path as it came, still percent-encoded. `None` for the paths of other endpoints.
    pub(in crate::endpoints) fn of(path: &str) -> Option<Self> {
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        let is_root =
            ROOT.iter().all(|own| segments.next().is_some_and(|it| it.eq_ignore_ascii_case(own)));
        if !is_root {
            return None;
        }
        let decoded = |segment| percent_decode_str(segment).decode_utf8_lossy().into_owned();
        let segments: Vec<String> = segments.map(decoded).collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        Some(match segments[..] {
            [] => Self::Twin,
            ["openapi.json"] => Self::OpenApi,
            ["tenants"] => Self::Tenants,
            ["reset"] => Self::ResetAll,
            ["snapshots"] => Self::Snapshots,
            ["snapshots", name] => Self::Snapshot(name.into()),
            ["tenants", id] => Self::Tenant(id.into()),
            ["tenants", id, "fork"] => Self::Fork(id.into()),
            ["tenants", id, "reset"] => Self::Reset(id.into()),
            ["tenants", id, "snapshots"] => Self::SnapshotsOf(id.into()),
            ["tenants", id, "contents"] => Self::Contents(id.into()),
            ["tenants", id, "clock"] => Self::Clock(id.into()),
            ["tenants", id, "clock", "advance"] => Self::Advance(id.into()),
            ["tenants", id, "tokens"] => Self::Tokens(id.into()),
            ["tenants", id, "rules"] => Self::Rules(id.into()),
            ["tenants", id, "rules", rule] => Self::Rule(id.into(), rule.into()),
            ["tenants", id, "throttle"] => Self::Throttle(id.into()),
            ["tenants", id, "requests"] => Self::Requests(id.into()),
            ["tenants", id, "requests", "verify"] => Self::Verify(id.into()),
            _ => Self::Unknown,
        })
    }

    /// The methods of the target, besides OPTIONS.
    pub(super) fn methods(&self) -> &'static [Method] {
        match self {
            Self::Twin | Self::OpenApi | Self::Snapshots => &[Method::Get],
            Self::Tenants => &[Method::Get, Method::Post, Method::Delete],
            Self::Tenant(_) => &[Method::Get, Method::Patch, Method::Delete],
            Self::Contents(_) | Self::Clock(_) => &[Method::Get, Method::Put],
            Self::Fork(_)
            | Self::Reset(_)
            | Self::ResetAll
            | Self::SnapshotsOf(_)
            | Self::Advance(_)
            | Self::Tokens(_)
            | Self::Verify(_) => &[Method::Post],
            Self::Rules(_) => &[Method::Get, Method::Post, Method::Delete],
            Self::Rule(..) | Self::Requests(_) => &[Method::Get, Method::Delete],
            Self::Throttle(_) => &[Method::Get, Method::Put],
            Self::Snapshot(_) => &[Method::Delete],
            Self::Unknown => &[],
        }
    }

    /// The methods as an `Allow` header lists them.
    pub(super) fn allow(&self) -> String {
        let methods = self.methods().iter().chain([&Method::Options]);
        methods.map(|method| method.names()).collect::<Vec<_>>().join(", ")
    }
}
