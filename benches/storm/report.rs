//! Tables in Markdown: what was measured, what it is compared with, and whether that is what is
//! aimed at. A missed target is a finding, not a failure.

use std::fmt::{self, Display, Formatter};

/// A table, printed as Markdown.
#[derive(Debug)]
pub(crate) struct Table {
    title: String,
    rows: Vec<Row>,
}

/// One figure.
#[derive(Debug)]
struct Row {
    what: String,
    measured: String,
    beside: String,
    ratio: Option<f64>,
    target: Target,
}

/// A value and what it is of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value {
    PerSecond(f64),
    Milliseconds(f64),
    Mebibytes(f64),
    Bytes(f64),
}

/// What a ratio is aimed at.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// None: the figure is for information.
    Open,
    AtLeast(f64),
    AtMost(f64),
}

impl Table {
    pub(crate) fn new(title: &str) -> Self {
        Self { title: title.into(), rows: Vec::new() }
    }

    /// Adds a figure that stands for itself.
    pub(crate) fn add(&mut self, what: &str, measured: Value) {
        let (what, measured) = (what.into(), measured.to_string());
        let row = Row { what, measured, beside: String::new(), ratio: None, target: Target::Open };
        self.rows.push(row);
    }

    /// Adds a figure beside another one, which has a name.
    pub(crate) fn compare(
        &mut self,
        what: &str,
        measured: Value,
        (name, other): (&str, Value),
        target: Target,
    ) {
        progress(&format!("{what}: {measured}, {name} {other}"));
        self.rows.push(Row {
            what: what.into(),
            measured: measured.to_string(),
            beside: format!("{name} {other}"),
            // To two digits, as it is shown: what is judged is what is read.
            ratio: Some((measured.number() / other.number() * 100.0).round() / 100.0),
            target,
        });
    }
}

impl Value {
    fn number(self) -> f64 {
        match self {
            Self::PerSecond(number)
            | Self::Milliseconds(number)
            | Self::Mebibytes(number)
            | Self::Bytes(number) => number,
        }
    }
}

impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::PerSecond(number) => write!(f, "{number:.0} /s"),
            Self::Milliseconds(number) => write!(f, "{number:.2} ms"),
            Self::Mebibytes(number) => write!(f, "{number:.1} MiB"),
            Self::Bytes(number) => write!(f, "{number:.1} bytes"),
        }
    }
}

impl Target {
    fn verdict(self, ratio: f64) -> String {
        let (sign, bound, met) = match self {
            Self::Open => return String::from(" | "),
            Self::AtLeast(bound) => ("≥", bound, ratio >= bound),
            Self::AtMost(bound) => ("≤", bound, ratio <= bound),
        };
        format!("{sign} {bound} | {}", if met { "met" } else { "**not met**" })
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n| {} | measured | beside | ratio | target | |", self.title)?;
        writeln!(f, "| --- | --- | --- | --- | --- | --- |")?;
        for Row { what, measured, beside, ratio, target } in &self.rows {
            let shown = ratio.map_or(String::new(), |ratio| format!("{ratio:.2}"));
            let verdict = target.verdict(ratio.unwrap_or(f64::NAN));
            writeln!(f, "| {what} | {measured} | {beside} | {shown} | {verdict} |")?;
        }
        Ok(())
    }
}

/// Tells whoever waits how far it is.
#[expect(clippy::print_stderr, reason = "stdout is for the tables")]
pub(crate) fn progress(text: &str) {
    eprintln!("storm: {text}");
}
