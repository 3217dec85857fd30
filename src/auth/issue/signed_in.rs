//! The tokens of a sign-in: access tokens for the API, and id tokens for clients. The key is in
//! `local_issuer`.
//!
//! The two cannot be confused: an access token has the local issuer's constant `iss`, which the API
//! trusts; an id token has the address of its tenant as `iss`, which no issuer of the API has, and the
//! client as `aud`.

use aws_lc_rs::error::Unspecified;
use serde_json::{Value, json};
use uuid::Uuid;

use super::local_issuer::{LOCAL_ISSUER, LocalIssuer};
use super::local_token::pairwise_subject;

/// How long an access token and an id token are valid, in seconds.
pub const TOKEN_LIFETIME: i64 = 3600;

/// The parameters of an access token.
#[derive(Debug)]
pub struct AccessToken<'a> {
    /// The claim `aud`: the resource as the client wrote it.
    pub audience: &'a str,
    /// The claim `tid`.
    pub tenant: Uuid,
    pub client: TokenClient<'a>,
    pub subject: TokenSubject<'a>,
}

/// The application that gets a token.
#[derive(Clone, Copy, Debug)]
pub struct TokenClient<'a> {
    pub id: Uuid,
    pub name: &'a str,
    /// How it authenticated, claim `azpacr`: 0 not at all, 1 with a secret, 2 with a certificate.
    pub authentication: &'static str,
}

/// On whose behalf the application acts.
#[derive(Clone, Copy, Debug)]
pub enum TokenSubject<'a> {
    /// Its own.
    Application { object_id: Uuid, roles: &'a [String] },
    /// A user's, with these scopes.
    User(TokenUser<'a>, &'a [String]),
}

/// A user who signed in.
#[derive(Clone, Copy, Debug)]
pub struct TokenUser<'a> {
    pub id: Uuid,
    pub user_principal_name: &'a str,
    pub display_name: &'a str,
}

/// The parameters of an id token.
#[derive(Debug)]
pub struct IdToken<'a> {
    /// The claim `iss`: the `issuer` of the tenant's discovery document.
    pub issuer: &'a str,
    /// The claim `tid`.
    pub tenant: Uuid,
    /// The claim `aud`.
    pub client: Uuid,
    pub user: TokenUser<'a>,
    /// Only if the client sent one.
    pub nonce: Option<&'a str>,
    /// When the user typed the password, in seconds since 1970; only if the client sent `max_age`.
    pub auth_time: Option<i64>,
}

impl LocalIssuer {
    /// Signs an access token. `now` is in seconds since 1970.
    ///
    /// # Errors
    /// If the key cannot sign.
    pub fn access_token(&self, token: &AccessToken<'_>, now: i64) -> Result<String, Unspecified> {
        self.sign(&access_claims(token, now))
    }

    /// Signs an id token. `now` is in seconds since 1970.
    ///
    /// # Errors
    /// If the key cannot sign.
    pub fn id_token(&self, token: &IdToken<'_>, now: i64) -> Result<String, Unspecified> {
        self.sign(&id_claims(token, now))
    }
}

/// The claim `sub` of a user in the tokens of a client; userinfo has the same.
#[must_use]
pub fn user_subject(user: Uuid, client: Uuid) -> Uuid {
    pairwise_subject(user, &client.to_string())
}

fn access_claims(token: &AccessToken<'_>, now: i64) -> Value {
    let client = &token.client;
    let mut claims = json!({
        "aud": token.audience,
        "iss": LOCAL_ISSUER,
        "iat": now,
        "nbf": now,
        "exp": now + TOKEN_LIFETIME,
        "app_displayname": client.name,
        "appid": client.id,
        "azp": client.id,
        "appidacr": client.authentication,
        "azpacr": client.authentication,
        "tid": token.tenant,
        "uti": Uuid::new_v4(),
        "ver": "2.0",
    });
    match token.subject {
        TokenSubject::Application { object_id, roles } => {
            claims["idtyp"] = "app".into();
            claims["oid"] = json!(object_id);
            claims["sub"] = json!(object_id);
            claims["roles"] = json!(roles);
        }
        TokenSubject::User(user, scopes) => {
            claims["idtyp"] = "user".into();
            claims["oid"] = json!(user.id);
            claims["sub"] = json!(user_subject(user.id, client.id));
            claims["scp"] = scopes.join(" ").into();
            claims["name"] = user.display_name.into();
            for name in ["upn", "unique_name", "preferred_username"] {
                claims[name] = user.user_principal_name.into();
            }
        }
    }
    claims
}

fn id_claims(token: &IdToken<'_>, now: i64) -> Value {
    let user = &token.user;
    let mut claims = json!({
        "aud": token.client,
        "iss": token.issuer,
        "iat": now,
        "nbf": now,
        "exp": now + TOKEN_LIFETIME,
        "name": user.display_name,
        "oid": user.id,
        "preferred_username": user.user_principal_name,
        "sub": user_subject(user.id, token.client),
        "tid": token.tenant,
        "uti": Uuid::new_v4(),
        "ver": "2.0",
    });
    if let Some(nonce) = token.nonce {
        claims["nonce"] = nonce.into();
    }
    if let Some(time) = token.auth_time {
        claims["auth_time"] = time.into();
    }
    claims
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000;
    const CLIENT: TokenClient<'_> =
        TokenClient { id: Uuid::from_u128(1), name: "App", authentication: "1" };
    const USER: TokenUser<'_> = TokenUser {
        id: Uuid::from_u128(2),
        user_principal_name: "ada@example.org",
        display_name: "Ada",
    };

    fn access(subject: TokenSubject<'_>) -> Value {
        let (audience, tenant) = ("https://graph.microsoft.com", Uuid::from_u128(3));
        access_claims(&AccessToken { audience, tenant, client: CLIENT, subject }, NOW)
    }

    #[test]
    fn an_applications_token_has_roles_and_no_scopes() {
        let roles = ["A.Read.All".to_owned()];
        let object_id = Uuid::from_u128(4);
        let claims = access(TokenSubject::Application { object_id, roles: &roles });
        let names: Vec<&String> = claims.as_object().unwrap().keys().collect();
        let expected = "app_displayname appid appidacr aud azp azpacr exp iat idtyp iss nbf oid \
                        roles sub tid uti ver";
        assert_eq!(names, expected.split(' ').collect::<Vec<_>>());
        assert_eq!((&claims["oid"], &claims["idtyp"]), (&claims["sub"], &"app".into()));
        assert_eq!((&claims["roles"], &claims["exp"]), (&json!(roles), &(NOW + 3600).into()));
    }

    #[test]
    fn a_users_token_has_scopes_and_the_name_and_no_roles() {
        let scopes = ["A.Read.All".to_owned(), "B".to_owned()];
        let claims = access(TokenSubject::User(USER, &scopes));
        assert_eq!((&claims["scp"], &claims["idtyp"]), (&"A.Read.All B".into(), &"user".into()));
        assert_eq!((&claims["upn"], &claims["name"]), (&"ada@example.org".into(), &"Ada".into()));
        assert_eq!(claims["oid"], USER.id.to_string());
        assert_ne!(claims["sub"], claims["oid"]);
        assert!(claims.get("roles").is_none());
    }

    #[test]
    fn an_id_token_belongs_to_its_client_and_has_only_what_was_asked_for() {
        let issuer = "https://localhost:8443/tenant/v2.0";
        let (tenant, client, user) = (Uuid::from_u128(3), CLIENT.id, USER);
        let token = IdToken { issuer, tenant, client, user, nonce: None, auth_time: None };
        let claims = id_claims(&token, NOW);
        assert_eq!((&claims["aud"], &claims["iss"]), (&json!(CLIENT.id), &issuer.into()));
        assert_eq!(claims["sub"], json!(user_subject(USER.id, CLIENT.id)));
        for absent in ["nonce", "auth_time", "scp", "roles", "appid"] {
            assert!(claims.get(absent).is_none(), "{absent}");
        }
        let token = IdToken { nonce: Some("n"), auth_time: Some(5), ..token };
        let claims = id_claims(&token, NOW);
        assert_eq!((&claims["nonce"], &claims["auth_time"]), (&"n".into(), &5.into()));
    }
}
