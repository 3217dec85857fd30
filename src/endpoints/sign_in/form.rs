//! The parameters of a request to sign in: of the form in the body of a POST, else of the query. Knows
//! no parameter by name.

use url::form_urlencoded;

use crate::error::{Result, SignInReason};
use crate::message::{Method, Request};

const MEDIA_TYPE: &str = "application/x-www-form-urlencoded";

/// Names and values, in the order of the request.
#[derive(Debug, Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads the form of a POST, whose query does not count: an address is logged, and a secret in it
    /// would be logged with it. Of all other requests, reads the query.
    pub(super) fn read(request: &Request) -> Result<Self> {
        if request.method != Method::Post {
            return Ok(Self::parse(request.query.as_bytes()));
        }
        let media_type = request.headers.get("content-type").unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        match media_type.eq_ignore_ascii_case(MEDIA_TYPE) {
            true => Ok(Self::parse(&request.body)),
            false => Err(SignInReason::NotForm.into()),
        }
    }

    /// The value of a parameter. One without a value counts as missing (RFC 6749, section 3.2).
    ///
    /// # Errors
    /// If it is given more than once, or has the character U+0000, which the database cannot store.
    pub(super) fn get(&self, name: &'static str) -> Result<Option<&str>> {
        let mut values = self.0.iter().filter(|(own, _)| own == name);
        let value = values.next().map(|(_, value)| value.as_str()).filter(|it| !it.is_empty());
        match (value, values.next()) {
            (_, Some(_)) => Err(SignInReason::ParameterRepeated { name }.into()),
            (Some(value), None) if value.contains('\0') => {
                let expected = "it must not have the character U+0000";
                Err(SignInReason::ParameterInvalid { name, expected }.into())
            }
            (value, None) => Ok(value),
        }
    }

    /// The value of a parameter that must be there.
    ///
    /// # Errors
    /// If it is missing, or given more than once.
    pub(super) fn require(&self, name: &'static str) -> Result<&str> {
        self.get(name)?.ok_or_else(|| SignInReason::ParameterMissing { name }.into())
    }

    fn parse(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }
}
