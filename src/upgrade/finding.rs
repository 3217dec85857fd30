//! One line of a report: what was found, and how good it is.

use std::fmt;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub status: Status,
    /// Sentences; each line after the first is a detail.
    pub text: String,
}

/// How good it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Ok,
    /// Something to think of.
    Warn,
    /// Something that stands against it.
    Fail,
}

impl Finding {
    pub(super) fn ok(text: impl Into<String>) -> Self {
        Self { status: Status::Ok, text: text.into() }
    }

    pub(super) fn warn(text: impl Into<String>) -> Self {
        Self { status: Status::Warn, text: text.into() }
    }

    pub(super) fn fail(text: impl Into<String>) -> Self {
        Self { status: Status::Fail, text: text.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = match self.status {
            Status::Ok => "ok",
            Status::Warn => "warn",
            Status::Fail => "fail",
        };
        let text = self.text.replace('\n', "\n        ");
        write!(formatter, "{status:<4}  {text}")
    }
}
