//! `OData-Version` and `OData-MaxVersion`: the version of OData in which a request is written, and
//! the newest version that its client reads.

use crate::error::{HeaderReason, Result};
use crate::message::Headers;

/// The versions in which a request may be written.
const REQUEST_VERSIONS: &[&str] = &["4.0", "4.01"];
/// The first number of the version in which replies are written.
const REPLY_MAJOR_VERSION: u32 = 4;

/// Refuses a request in a version that the service does not read, and a request whose client does
/// not read OData 4.0, the version of all replies.
pub fn check_odata_version(headers: &Headers) -> Result<()> {
    if let Some(found) = value(headers, "odata-version")
        && !REQUEST_VERSIONS.contains(&&*found)
    {
        return Err(HeaderReason::ODataVersion { found }.into());
    }
    match value(headers, "odata-maxversion") {
        Some(found) if !includes_reply_version(&found) => {
            Err(HeaderReason::ODataMaxVersion { found }.into())
        }
        _ => Ok(()),
    }
}

/// The value of a header; a repeated header has its values one after the other, as HTTP joins them.
fn value(headers: &Headers, name: &str) -> Option<String> {
    let values: Vec<&str> = headers.all(name).map(|it| it.trim_matches([' ', '\t'])).collect();
    if values.is_empty() { None } else { Some(values.join(", ")) }
}

/// Whether a maximum is a version, and not below the version of replies.
fn includes_reply_version(maximum: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|it| it.is_ascii_digit());
    let Some((major, minor)) = maximum.split_once('.') else { return false };
    let major = Some(major).filter(|it| is_number(it) && is_number(minor));
    major.and_then(|it| it.parse::<u32>().ok()).is_some_and(|it| it >= REPLY_MAJOR_VERSION)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, values: &[&str]) -> std::result::Result<(), String> {
        let headers = values.iter().map(|value| (name, *value)).collect();
        check_odata_version(&headers).map_err(|error| error.to_string())
    }

    #[test]
    fn a_request_is_written_in_version_4_0_or_4_01() {
        for values in [&[][..], &["4.0"], &["4.01"], &[" 4.0\t"]] {
            assert_eq!(check("OData-Version", values), Ok(()), "{values:?}");
        }
        for values in [
            &["4"][..],
            &["4.1"],
            &["4.00"],
            &["4.0;"],
            &["v4.0"],
            &["3.0"],
            &["5.0"],
            &[""],
            &["4.0", "4.0"],
            &["4.0, 4.01"],
        ] {
            let message = check("OData-Version", values).unwrap_err();
            assert!(message.contains("header OData-Version"), "{values:?}: {message}");
        }
    }

    #[test]
    fn a_client_must_read_version_4_0() {
        for value in ["4.0", "4.01", "4.1", "5.0", "10.0", " 4.0 "] {
            assert_eq!(check("OData-MaxVersion", &[value]), Ok(()), "{value}");
        }
        for values in [
            &["3.0"][..],
            &["3.99"],
            &["0.4"],
            &["4"],
            &["4."],
            &[".4"],
            &["+4.0"],
            &["4.0.1"],
            &["abc"],
            &[""],
            &["4.0", "4.01"],
        ] {
            let message = check("OData-MaxVersion", values).unwrap_err();
            assert!(message.contains("header OData-MaxVersion"), "{values:?}: {message}");
        }
    }
}
