//! The userinfo endpoint of `OpenID` Connect: the user of an access token. As with Microsoft, it belongs
//! to the API and not to a tenant's path, and its errors have Graph's form.

use serde_json::json;

use super::reply;
use crate::auth::Issuers;
use crate::error::{Error, Result};
use crate::message::{Request, Response};
use crate::service::SignIn;

/// Answers a client that has an access token of a user from the local issuer.
pub(super) async fn answer(
    sign_in: &SignIn,
    issuers: &Issuers,
    request: &Request,
) -> Result<Response> {
    let signed_in = issuers.authenticate_user(&request.headers, request.clock.now()).await?;
    let tenant = sign_in.directory.tenant(&signed_in.tenant.to_string()).await?;
    let user = match tenant {
        Some(tenant) => sign_in.directory.user(tenant, signed_in.id).await?,
        None => None,
    };
    let user = user.ok_or_else(|| Error::TokenRefused("the user of the token is gone".into()))?;
    Ok(reply::json(&json!({
        "sub": signed_in.subject,
        "name": user.display_name,
        "preferred_username": user.user_principal_name,
    })))
}
