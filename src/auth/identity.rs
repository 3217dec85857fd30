//! The names that a token has for its user and its application. They are for records of what happened;
//! no permission follows from them.

use super::verify::VerifiedClaims;
use super::verify::claims::printable;

/// The user and the application of a token, as far as the token names them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The claim `oid`, if the caller is a user.
    pub user: Option<String>,
    /// The claim `upn`, else `preferred_username` or `unique_name`.
    pub user_name: Option<String>,
    /// The claim `appid`, else `azp` or `client_id`.
    pub application: Option<String>,
    /// The claim `app_displayname`.
    pub application_name: Option<String>,
}

impl Identity {
    /// Reads the claims of a user's token, or of an application's own.
    pub(super) fn of(claims: &VerifiedClaims, is_application: bool) -> Self {
        let claim = |names: &[&str]| {
            let mut texts = names.iter().filter_map(|name| claims.get(name)?.as_str());
            texts.find(|text| !text.is_empty()).map(|text| printable(Some(text)))
        };
        let of_user = |names: &[&str]| if is_application { None } else { claim(names) };
        Self {
            user: of_user(&["oid"]),
            user_name: of_user(&["upn", "preferred_username", "unique_name"]),
            application: claim(&["appid", "azp", "client_id"]),
            application_name: claim(&["app_displayname"]),
        }
    }
}
