//! Signing in on a device without a browser: the device shows the user a code, and the user types it on
//! a page in any browser. The device polls the token endpoint until the user has decided.

mod page;
mod user_code;

use serde_json::json;

use super::form::Form;
use super::opaque::Opaque;
use super::target::Target;
use super::token::{GrantType, Scope, find_application};
use super::{find_tenant, reply};
use crate::directory::NewDeviceCode;
use crate::error::{Error, Result, SignInReason};
use crate::message::{Request, Response};
use crate::service::SignIn;

pub(super) use page::answer as answer_page;

/// The lifetime of a device code, in seconds.
const DEVICE_CODE_LIFETIME: i64 = 900;
/// The polling interval, in seconds. Faster polling is not refused, because several clients end the
/// sign-in when they get `slow_down`.
const POLL_SECONDS: u32 = 1;
/// The number of attempts to find a user code that is not in use. There are 25,600,000,000 codes.
const MAX_TRIES: usize = 5;

/// Answers a device that asks for a code.
pub(super) async fn answer(
    sign_in: &SignIn,
    request: &Request,
    target: &Target,
    form: &Form,
) -> Result<Response> {
    let tenant = find_tenant(sign_in, target).await?;
    let application = find_application(sign_in, tenant, form.require("client_id")?).await?;
    let grant = GrantType::DeviceCode.stored_name();
    if !application.grant_types.iter().any(|own| own == grant) {
        let application = application.id.to_string();
        return Err(SignInReason::GrantNotAllowed { application, grant }.into());
    }
    let scope = form.require("scope")?;
    Scope::parse(scope, &request.base)?.granted(&application)?;
    let code = Opaque::new()?;
    for _ in 0..MAX_TRIES {
        let user_code = user_code::new()?;
        let new = NewDeviceCode {
            id: &code.id,
            tid: tenant.id,
            user_code: &user_code,
            application: application.id,
            scope,
            lifetime: DEVICE_CODE_LIFETIME,
        };
        if !sign_in.directory.add_device_code(tenant, &new).await? {
            continue;
        }
        let page = format!("{}/{}/devicelogin", request.base, target.tenant.to_ascii_lowercase());
        let shown = user_code::shown(&user_code);
        return Ok(reply::json(&json!({
            "user_code": shown,
            "device_code": code.value,
            "verification_uri": page,
            "expires_in": DEVICE_CODE_LIFETIME,
            "interval": POLL_SECONDS,
            "message": format!(
                "To sign in, use a web browser to open the page {page} and enter the code {shown} to \
                 authenticate."
            ),
        })));
    }
    Err(Error::Internal("each user code that was tried is taken".into()))
}
