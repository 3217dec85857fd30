//! How a failure looks: its code as a number, and its text in the form of the shell.

use std::fmt::Write;

use serde::de::{Deserialize, Deserializer, Error};

use super::Cause;

/// Where the agent keeps a script on the device.
const FILE: &str = "C:\\Program Files (x86)\\Microsoft Intune Management Extension\\Policies\\Scripts\\{guid}_{guid}.ps1";

/// Reads a number in decimal or hexadecimal digits. Numbers above the range of `Edm.Int32` are negative
/// in it, as `HRESULT`s are.
pub(super) fn code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i32, D::Error> {
    let text = String::deserialize(deserializer)?;
    let number = match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => text.parse(),
    };
    let number = number.map_err(|_| D::Error::custom(format!("{text} is not a code")))?;
    Ok(number.cast_signed())
}

/// The text of a cause, and for PowerShell the rest of its error record.
pub(super) fn record(cause: &Cause, body: &str) -> String {
    let mut text = cause.text.clone();
    let Some(error) = &cause.error else { return text };
    if let Some(line) = &cause.line {
        let start = line.trim_end_matches(" ...");
        let mut lines = body.lines();
        let number = lines.position(|of_body| of_body.trim_start().starts_with(start));
        let number = 1 + number.unwrap_or_default();
        let marks = "~".repeat(line.chars().count());
        // Writing to a string does not fail.
        let _ = write!(text, "\nAt {FILE}:{number} char:1\n+ {line}\n+ {marks}");
    }
    let category = match error.split(',').next().unwrap_or_default() {
        "ParserError" | "UnexpectedToken" => "ParserError: (:) [], ParseException",
        "ScriptRequiresUnmatchedPSVersion" => {
            "ResourceUnavailable: (:String) [], ScriptRequiresException"
        }
        _ => "NotSpecified: (:) [], Exception",
    };
    text + "\n    + CategoryInfo          : "
        + category
        + "\n    + FullyQualifiedErrorId : "
        + error
}
