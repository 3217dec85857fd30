//! Markdown tables: each figure, the figure that it is compared with, and whether their ratio meets
//! the target. A missed target is reported and is not an error.

use std::fmt::{self, Display, Formatter};

/// A table that prints as Markdown.
#[derive(Debug)]
pub(crate) struct Table {
    title: String,
    rows: Vec<Row>,
}

/// One figure.
#[derive(Debug)]
struct Row {
    label: String,
    measured: String,
    other: String,
    ratio: Option<f64>,
    target: Target,
}

/// A number with its unit.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value {
    PerSecond(f64),
    Milliseconds(f64),
    Mebibytes(f64),
    Bytes(f64),
    Count(f64),
}

/// The target of a ratio.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// The figure is for information.
    None,
    AtLeast(f64),
    AtMost(f64),
}

impl Table {
    pub(crate) fn new(title: &str) -> Self {
        Self { title: title.into(), rows: Vec::new() }
    }

    /// Adds a figure that is not compared.
    pub(crate) fn add(&mut self, label: &str, measured: Value) {
        let (label, measured) = (label.into(), measured.to_string());
        let row = Row { label, measured, other: String::new(), ratio: None, target: Target::None };
        self.rows.push(row);
    }

    /// Adds a figure and the one that it is compared with.
    pub(crate) fn compare(
        &mut self,
        label: &str,
        measured: Value,
        (name, other): (&str, Value),
        target: Target,
    ) {
        progress(&format!("{label}: {measured}, {name} {other}"));
        self.rows.push(Row {
            label: label.into(),
            measured: measured.to_string(),
            other: format!("{name} {other}"),
            // Rounded as it is printed, so that the verdict agrees with the printed ratio.
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
            | Self::Bytes(number)
            | Self::Count(number) => number,
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
            Self::Count(number) => write!(f, "{number:.0}"),
        }
    }
}

impl Target {
    fn verdict(self, ratio: f64) -> String {
        let (sign, bound, met) = match self {
            Self::None => return String::from(" | "),
            Self::AtLeast(bound) => ("≥", bound, ratio >= bound),
            Self::AtMost(bound) => ("≤", bound, ratio <= bound),
        };
        format!("{sign} {bound} | {}", if met { "met" } else { "**not met**" })
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n| {} | measured | compared with | ratio | target | |", self.title)?;
        writeln!(f, "| --- | --- | --- | --- | --- | --- |")?;
        for Row { label, measured, other, ratio, target } in &self.rows {
            let shown = ratio.map_or(String::new(), |ratio| format!("{ratio:.2}"));
            let verdict = target.verdict(ratio.unwrap_or(f64::NAN));
            writeln!(f, "| {label} | {measured} | {other} | {shown} | {verdict} |")?;
        }
        Ok(())
    }
}

/// Prints progress to stderr.
#[expect(clippy::print_stderr, reason = "stdout is for the tables")]
pub(crate) fn progress(text: &str) {
    eprintln!("storm: {text}");
}
