//! What a check has found. Knows no check.

use serde::Serialize;

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Nothing has to be done.
    Ok,
    /// It could not be checked.
    Skip,
    /// Something should be done, and the server works.
    Warn,
    /// The server does not work, or loses something.
    Fail,
}

impl Status {
    /// The word in a report.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Skip => "skip",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// What a check has found. The texts of each call are in the documentation, so they are literals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub status: Status,
    /// One line.
    pub text: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

impl Finding {
    pub(super) fn ok(text: impl AsRef<str>) -> Self {
        Self::of(Status::Ok, text.as_ref(), None)
    }

    pub(super) fn skip(reason: impl AsRef<str>) -> Self {
        Self::of(Status::Skip, reason.as_ref(), None)
    }

    pub(super) fn warn(text: impl AsRef<str>, advice: impl Into<String>) -> Self {
        Self::of(Status::Warn, text.as_ref(), Some(advice.into()))
    }

    pub(super) fn fail(text: impl AsRef<str>, advice: impl Into<String>) -> Self {
        Self::of(Status::Fail, text.as_ref(), Some(advice.into()))
    }

    /// An error of another program may have several lines.
    fn of(status: Status, text: &str, advice: Option<String>) -> Self {
        let text = text.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        Self { status, text, advice }
    }
}
