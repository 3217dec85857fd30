//! `Content-Type`, `Accept` and `$format`: what a body is written in, and what the reply should be.

use crate::error::{Error, FormatReason, Result};
use crate::message::Headers;
use crate::odata::{Charset, MetadataLevel};

/// The format that a reply must have: `$format` wins over `Accept`; silence means minimal JSON.
pub fn accepted_format(headers: &Headers, format: Option<&str>) -> Result<MetadataLevel> {
    if let Some(format) = format {
        return match format.eq_ignore_ascii_case("json") {
            true => Ok(MetadataLevel::Minimal),
            false => level_of(format).ok_or_else(|| not_acceptable(format)),
        };
    }
    let Some(accept) = accept(headers) else { return Ok(MetadataLevel::Minimal) };
    let mut ranges: Vec<(f32, &str)> =
        accept.split(',').map(|range| (quality(range), range)).collect();
    ranges.sort_by(|left, right| right.0.total_cmp(&left.0));
    ranges
        .into_iter()
        .filter(|(quality, _)| *quality > 0.0)
        .find_map(|(_, range)| level_of(range))
        .ok_or_else(|| not_acceptable(&accept))
}

/// The one of the `offered` media types that the client likes best; the first where it likes all
/// the same, or says nothing.
pub fn preferred_type<'a>(headers: &Headers, offered: &[&'a str]) -> Result<&'a str> {
    let accept = accept(headers).unwrap_or_else(|| "*/*".into());
    let mut best = (0.0, None);
    for media_type in offered {
        let range = accept.split(',').filter(|range| includes(range, media_type));
        // The narrowest range that includes a type says how much it is wanted.
        let narrowest = range.max_by_key(|range| parts(range).0.replace('*', "").len());
        let quality = narrowest.map_or(0.0, quality);
        if quality > best.0 {
            best = (quality, Some(*media_type));
        }
    }
    best.1.ok_or_else(|| {
        let supported = offered.join(" or ");
        FormatReason::MediaType { asked: accept, supported }.into()
    })
}

/// The charset of a body, which must be declared to be JSON and must not be compressed.
///
/// # Errors
/// 415 in every case.
pub fn json_charset(headers: &Headers) -> Result<Charset> {
    if headers.all("content-encoding").any(|coding| !coding.eq_ignore_ascii_case("identity")) {
        return Err(Error::ContentCoded);
    }
    let mut values = headers.all("content-type");
    let value = values.next().ok_or(Error::MediaTypeMissing)?;
    if values.next().is_some() {
        return Err(Error::MediaTypeRepeated);
    }
    let (media_type, parameters) = parts(value);
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(Error::MediaTypeUnsupported(value.to_owned()));
    }
    let Some(name) = parameter(parameters, "charset") else { return Ok(Charset::Utf8) };
    Charset::named(name).ok_or_else(|| Error::CharsetUnsupported(name.to_owned()))
}

/// All media ranges of `Accept`; `None` if there are none, also where the header is empty.
fn accept(headers: &Headers) -> Option<String> {
    let values: Vec<&str> =
        headers.all("accept").filter(|value| !value.trim().is_empty()).collect();
    (!values.is_empty()).then(|| values.join(","))
}

/// The level that a media range asks for; `None` where it does not include JSON.
fn level_of(range: &str) -> Option<MetadataLevel> {
    let (media_type, parameters) = parts(range);
    let json = ["application/json", "application/*", "*/*"];
    if !json.iter().any(|known| media_type.eq_ignore_ascii_case(known)) {
        return None;
    }
    let level = parameter(parameters, "odata.metadata").or(parameter(parameters, "metadata"));
    match level.map(str::to_ascii_lowercase).as_deref() {
        None | Some("minimal") => Some(MetadataLevel::Minimal),
        Some("none") => Some(MetadataLevel::None),
        Some("full") => Some(MetadataLevel::Full),
        Some(_) => None,
    }
}

fn includes(range: &str, media_type: &str) -> bool {
    let wanted = parts(range).0;
    let kind = media_type.split('/').next().unwrap_or_default();
    wanted == "*/*"
        || wanted.eq_ignore_ascii_case(media_type)
        || wanted.strip_suffix("/*").is_some_and(|wanted| wanted.eq_ignore_ascii_case(kind))
}

fn quality(range: &str) -> f32 {
    let quality = parameter(parts(range).1, "q");
    quality.map_or(1.0, |value| value.parse().unwrap_or(0.0))
}

fn parts(value: &str) -> (&str, &str) {
    let (media_type, parameters) = value.split_once(';').unwrap_or((value, ""));
    (media_type.trim(), parameters)
}

fn parameter<'a>(parameters: &'a str, name: &str) -> Option<&'a str> {
    parameters.split(';').find_map(|parameter| {
        let (own, value) = parameter.split_once('=')?;
        let same = own.trim().eq_ignore_ascii_case(name);
        same.then(|| value.trim().trim_matches('"'))
    })
}

fn not_acceptable(wanted: &str) -> Error {
    FormatReason::NotJson { asked: wanted.to_owned() }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::odata::ByteOrder;

    fn level(accept: &str) -> Option<MetadataLevel> {
        let headers = Headers::from_iter([("Accept", accept)]);
        accepted_format(&headers, None).ok()
    }

    #[test]
    fn a_client_chooses_the_level() {
        assert_eq!(level(""), Some(MetadataLevel::Minimal));
        assert_eq!(level("application/json"), Some(MetadataLevel::Minimal));
        assert_eq!(level("text/html, */*;q=0.8"), Some(MetadataLevel::Minimal));
        assert_eq!(level("application/json;odata.metadata=none"), Some(MetadataLevel::None));
        assert_eq!(level("application/json; Metadata=\"None\""), Some(MetadataLevel::None));
        assert_eq!(level("*/*;q=0.1, application/json;metadata=none"), Some(MetadataLevel::None));
    }

    #[test]
    fn what_is_not_json_is_not_acceptable() {
        for accept in [
            "text/html",
            "application/xml",
            "application/json;q=0",
            "application/json;odata.metadata=lots",
        ] {
            assert_eq!(level(accept), None, "{accept}");
        }
        assert!(accepted_format(&Headers::default(), Some("xml")).is_err());
        assert!(accepted_format(&Headers::default(), Some("json")).is_ok());
    }

    #[test]
    fn a_client_chooses_among_media_types() {
        let chosen = |accept| {
            let headers = Headers::from_iter([("Accept", accept)]);
            preferred_type(&headers, &["application/xml", "application/json"]).ok()
        };
        assert_eq!(chosen("*/*"), Some("application/xml"));
        assert_eq!(chosen(" "), Some("application/xml"));
        assert_eq!(chosen("application/json, */*;q=0.1"), Some("application/json"));
        assert_eq!(chosen("application/*, application/xml;q=0"), Some("application/json"));
        assert_eq!(chosen("text/html"), None);
    }

    #[test]
    fn a_body_is_json_in_a_known_charset() {
        let charset = |value: &str| json_charset(&Headers::from_iter([("Content-type", value)]));
        for (value, expected) in [
            ("application/json", Charset::Utf8),
            ("Application/JSON; charset=UTF-8; odata.metadata=minimal", Charset::Utf8),
            ("application/json;charset=us-ascii", Charset::Utf8),
            ("application/json; Charset=\"utf-16\"", Charset::Utf16(None)),
            ("application/json; charset=UTF-32LE", Charset::Utf32(Some(ByteOrder::Little))),
        ] {
            assert_eq!(charset(value).ok(), Some(expected), "{value}");
        }
        for name in ["latin1", "utf-7", "utf-16x", "utf 8", ""] {
            let message = charset(&format!("application/json; charset={name}")).unwrap_err();
            assert!(message.to_string().starts_with(&format!("The charset '{name}' is not ")));
        }
        assert!(charset("text/plain; charset=utf-16").is_err());
        assert!(json_charset(&Headers::default()).is_err());
    }
}
