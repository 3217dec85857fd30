//! The body and the query of a request to the control API → typed values.

use std::borrow::Cow;

use super::Call;
use crate::error::{Result, TwinReason};
use crate::headers;
use crate::odata::Json;
use crate::twin::members::Members;

impl Call<'_> {
    /// The members of the body; none if there is no body.
    pub(super) fn members(&self) -> Result<Members> {
        if self.request.body.is_empty() {
            return Members::of_body(Json::Object(Vec::new()));
        }
        let text: Cow<'_, str> =
            headers::json_charset(&self.request.headers)?.decode(&self.request.body)?;
        Members::of_body(Json::parse(&text)?)
    }

    /// The values of query options, in the order of `names`. `allowed` completes the error about another
    /// option.
    pub(super) fn query<const COUNT: usize>(
        &self,
        names: [&str; COUNT],
        allowed: &'static str,
    ) -> Result<[Option<String>; COUNT]> {
        let mut values = [const { None }; COUNT];
        for (name, value) in url::form_urlencoded::parse(self.request.query.as_bytes()) {
            match names.iter().position(|own| *own == name) {
                Some(index) if values[index].is_none() => values[index] = Some(value.into_owned()),
                found => {
                    let name = name.into_owned();
                    return Err(match found {
                        Some(_) => TwinReason::QueryRepeated { name },
                        None => TwinReason::QueryUnknown { name, allowed },
                    }
                    .into());
                }
            }
        }
        Ok(values)
    }

    /// Refuses every query option.
    pub(super) fn without_query(&self) -> Result<()> {
        self.query([], "This path has none.").map(drop)
    }
}
