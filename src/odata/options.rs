//! The query of a URL → its options. Each option is read or refused by name; none is passed over.

use super::decode;
use crate::error::{Error, Result};

/// The largest page that a client may ask for, and the page it gets without asking.
pub const MAX_TOP: u32 = 1000;

/// What is supported, as error messages list it.
const SUPPORTED: &str = "$select, $top, $skip, $count, $skiptoken, $format";

/// The query options of one request; the `$` before a name is optional, its case free.
#[derive(Debug, Default)]
pub struct Options {
    /// `$select`: the names, `*` among them perhaps.
    pub select: Option<Vec<String>>,
    /// `$top`: the page size, 1 to [`MAX_TOP`].
    pub top: Option<u32>,
    /// `$skip`: how many entities to leave out.
    pub skip: Option<u32>,
    /// `$count`: whether the total is wanted.
    pub count: Option<bool>,
    /// `$skiptoken`: where the next page starts, as the server once wrote it.
    pub skip_token: Option<String>,
    /// `$format`: instead of an `Accept` header.
    pub format: Option<String>,
}

impl Options {
    /// Reads what followed the `?`, still percent-encoded.
    pub fn parse(query: &str) -> Result<Self> {
        let mut options = Self::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name, "A query option's name")?.to_ascii_lowercase();
            let name = name.strip_prefix('$').unwrap_or(&name);
            let value = value.replace('+', " ");
            let value = decode(&value, &format!("The value of ${name}"))?;
            options.set(name, value.trim())?;
        }
        Ok(options)
    }

    /// The names of the options that were given.
    pub fn given(&self) -> impl Iterator<Item = &'static str> {
        let given = [
            ("$select", self.select.is_some()),
            ("$top", self.top.is_some()),
            ("$skip", self.skip.is_some()),
            ("$count", self.count.is_some()),
            ("$skiptoken", self.skip_token.is_some()),
            ("$format", self.format.is_some()),
        ];
        given.into_iter().filter(|(_, given)| *given).map(|(name, _)| name)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<()> {
        match name {
            "select" => once(&mut self.select, name, names(value)?),
            "top" => once(&mut self.top, name, whole_number(name, value, 1, MAX_TOP)?),
            "skip" => once(&mut self.skip, name, whole_number(name, value, 0, i32::MAX as u32)?),
            "count" => once(&mut self.count, name, boolean(name, value)?),
            "skiptoken" => once(&mut self.skip_token, name, value.to_owned()),
            "format" => once(&mut self.format, name, value.to_owned()),
            _ => Err(Error::BadRequest(format!(
                "The query option '${name}' is not supported. Supported are {SUPPORTED}."
            ))),
        }
    }
}

fn once<Value>(slot: &mut Option<Value>, name: &str, value: Value) -> Result<()> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => {
            Err(Error::BadRequest(format!("The query option '${name}' is given more than once.")))
        }
    }
}

fn names(value: &str) -> Result<Vec<String>> {
    let names: Vec<String> = value.split(',').map(|name| name.trim().to_owned()).collect();
    match names.iter().any(String::is_empty) {
        false => Ok(names),
        true => Err(Error::BadRequest(
            "The value of $select must be a list of property names with commas between them."
                .into(),
        )),
    }
}

fn whole_number(name: &str, value: &str, least: u32, most: u32) -> Result<u32> {
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let number = value.parse().ok().filter(|number| digits && (least..=most).contains(number));
    number.ok_or_else(|| {
        Error::BadRequest(format!(
            "The value '{value}' of ${name} is not a whole number from {least} to {most}."
        ))
    })
}

fn boolean(name: &str, value: &str) -> Result<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Error::BadRequest(format!(
            "The value '{value}' of ${name} is neither 'true' nor 'false'."
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dollar_and_the_case_are_free() {
        let options = Options::parse("%24top=5&SKIP=2&$Count=True&select=id,+runState").unwrap();
        assert_eq!((options.top, options.skip, options.count), (Some(5), Some(2), Some(true)));
        assert_eq!(options.select.unwrap(), ["id", "runState"]);
    }

    #[test]
    fn what_does_not_work_is_refused_by_name() {
        let cases = [
            ("$top=0", "$top"),
            ("$top=1001", "$top"),
            ("$top=+5", "$top"),
            ("$top=1&top=1", "$top"),
            ("$skip=-1", "$skip"),
            ("$count=yes", "$count"),
            ("$select=", "$select"),
            ("$search=x", "$search"),
            ("nonsense=1", "$nonsense"),
            ("$top=%", "$top"),
        ];
        for (query, name) in cases {
            let refused = Options::parse(query);
            if query == "$top=+5" {
                assert_eq!(refused.unwrap().top, Some(5)); // a plus is a space
                continue;
            }
            let (status, _, message) = refused.unwrap_err().describe();
            assert_eq!(status, 400);
            assert!(message.contains(name), "{query}: {message}");
        }
    }
}
