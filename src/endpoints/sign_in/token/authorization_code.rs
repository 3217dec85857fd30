//! The grant `authorization_code`: a client exchanges the code that it got at its redirect URI.
//!
//! A code is bound to its client, tenant, redirect URI and PKCE challenge, and gives tokens once. These
//! are checked first. So an attacker who has only the code can neither use it up nor revoke the tokens of
//! its client.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value as Json;

use super::super::opaque::Opaque;
use super::TokenRequest;
use super::refresh_token::FirstRefreshToken;
use super::scope::Scope;
use super::user_tokens::{SignedIn, user_tokens};
use crate::directory::Code;
use crate::error::{Result, SignInReason};

/// The reply to a client that has a code.
pub(super) async fn tokens(request: &TokenRequest<'_>) -> Result<Json> {
    let TokenRequest { sign_in, form, client, .. } = request;
    let tenant = request.tenant;
    let id = Opaque::id_of(form.require("code")?);
    let code = sign_in.directory.code(tenant, &id).await?;
    let is_own = |code: &Code| code.application == client.application.id && code.tid == tenant.id;
    let unknown = || SignInReason::GrantInvalid { name: "code" };
    let code = code.filter(is_own).ok_or_else(unknown)?;
    check_redirect(request, &code)?;
    check_verifier(request, &code)?;
    if code.is_used {
        sign_in.directory.revoke_family(tenant, code.family).await?;
        return Err(SignInReason::CodeUsed.into());
    }
    if code.is_expired {
        return Err(SignInReason::CodeExpired.into());
    }
    let text = form.get("scope")?.unwrap_or(&code.scope);
    let scope = Scope::parse(text, &request.request.base)?;
    let user = sign_in.directory.user(tenant, code.user).await?.ok_or_else(unknown)?;
    let auth_time = code.has_max_age.then_some(code.auth_time);
    let nonce = code.nonce.as_deref();
    let signed_in = SignedIn { user: &user, scope: &scope, nonce, auth_time };
    let mut tokens = user_tokens(request, &signed_in)?;
    let refresh_token = FirstRefreshToken::new(request, &scope)?;
    if !sign_in.directory.redeem_code(tenant, &id, &refresh_token.stored(text)).await? {
        // Another request with the same code was faster.
        sign_in.directory.revoke_family(tenant, code.family).await?;
        return Err(SignInReason::CodeUsed.into());
    }
    refresh_token.add_to(&mut tokens);
    Ok(tokens)
}

fn check_redirect(request: &TokenRequest<'_>, code: &Code) -> Result<()> {
    let given = request.form.require("redirect_uri")?;
    match given == code.redirect_uri {
        true => Ok(()),
        false => Err(SignInReason::RedirectMismatch { redirect: given.to_owned() }.into()),
    }
}

/// A verifier without a challenge is refused too: an attacker may have removed the challenge from the
/// request to authorize (RFC 9700, section 4.8.2).
fn check_verifier(request: &TokenRequest<'_>, code: &Code) -> Result<()> {
    let verifier = request.form.get("code_verifier")?;
    let Some(challenge) = &code.code_challenge else {
        return match verifier {
            Some(_) => Err(SignInReason::VerifierWrong.into()),
            None if request.client.is_confidential() => Ok(()),
            None => Err(SignInReason::ChallengeMissing.into()),
        };
    };
    let hash = digest(&SHA256, verifier.unwrap_or_default().as_bytes());
    let hash = URL_SAFE_NO_PAD.encode(hash);
    let is_equal = verify_slices_are_equal(hash.as_bytes(), challenge.as_bytes()).is_ok();
    if is_equal { Ok(()) } else { Err(SignInReason::VerifierWrong.into()) }
}
