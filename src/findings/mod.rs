//! What `runstate doctor` and `runstate upgrade-check` have found, as lines of a report, and how such lines
//! write sizes and times. Knows no check.

mod units;

use serde::Serialize;

pub(crate) use units::{seconds, size, time};

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
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Skip => "skip",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// What a check has found. `tests/documents` reads the texts of those of `doctor` in the source, so each is a
/// literal there.
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
    pub(crate) fn ok(text: impl AsRef<str>) -> Self {
        Self::of(Status::Ok, text.as_ref(), None)
    }

    pub(crate) fn skip(reason: impl AsRef<str>) -> Self {
        Self::of(Status::Skip, reason.as_ref(), None)
    }

    pub(crate) fn warn(text: impl AsRef<str>, advice: impl Into<String>) -> Self {
        Self::of(Status::Warn, text.as_ref(), Some(advice.into()))
    }

    pub(crate) fn fail(text: impl AsRef<str>, advice: impl Into<String>) -> Self {
        Self::of(Status::Fail, text.as_ref(), Some(advice.into()))
    }

    /// The finding as text: the status, `before` and the text in one line, and the advice below the text.
    pub(crate) fn lines(&self, before: &str) -> String {
        let line = format!("{:4}  {before}", self.status.word());
        let advice = self.advice.iter().map(|advice| format!("{:1$}-> {advice}\n", "", line.len()));
        format!("{line}{}\n{}", self.text, advice.collect::<String>())
    }

    /// An error of another program may have several lines.
    fn of(status: Status, text: &str, advice: Option<String>) -> Self {
        let text = text.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        Self { status, text, advice }
    }
}
