//! `runstate token`: a token of the local issuer.

use super::{Failure, output};
use crate::auth::{LocalIssuer, TokenRequest};
use crate::config::{Settings, TokenOptions};
use crate::getting_started;

pub(super) fn run(settings: &Settings, options: TokenOptions) -> Result<(), Failure> {
    let issuer = LocalIssuer::open(&settings.data_dir)?;
    if options.for_twin {
        return output::line(issuer.twin_token(options.expires)?);
    }
    let mut scopes = options.scope;
    if scopes.is_empty() && !options.app {
        let all = getting_started::scopes(settings.profile());
        scopes.extend(all.into_iter().map(str::to_owned));
    }
    let token = issuer.token(&TokenRequest {
        tenant: options.tenant,
        user: options.user,
        scopes,
        roles: options.role,
        application: options.app,
        client: None,
        expires_in: options.expires,
    })?;
    output::line(token)
}
