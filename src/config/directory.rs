//! The commands that register applications and users of the local issuer, and what they accept.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use url::Url;
use uuid::Uuid;

use crate::loopback::is_loopback;

/// The most characters of a name that the sign-in pages show, as in Entra.
const MAX_DISPLAY_NAME: usize = 256;

/// Commands of applications.
#[derive(Debug, Subcommand)]
pub enum AppCommand {
    /// Register an application, and print its client id and its secret
    Add(NewAppOptions),
    /// Print a JSON object for each application
    List(OfTenant),
    /// Remove an application, its secrets and its refresh tokens
    Remove(AppOptions),
    /// Add a secret to an application and print it, or remove one
    Secret(SecretOptions),
}

/// Commands of users.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Register a user, and print the name and the password
    Add(NewUserOptions),
    /// Print a JSON object for each user
    List(OfTenant),
    /// Remove a user and what the user's sign-ins left
    Remove(UserOptions),
    /// Change a password, print it, and sign the user out everywhere
    Password(PasswordOptions),
}

/// The tenant of a command.
#[derive(Clone, Debug, Args)]
pub struct OfTenant {
    /// The tenant, by its id or one of its domains [default: the default tenant]
    #[arg(long, value_name = "TENANT")]
    pub tenant: Option<String>,
}

/// A new application.
#[derive(Debug, Args)]
pub struct NewAppOptions {
    /// The name of the application
    #[arg(value_parser = display_name)]
    pub name: String,
    #[command(flatten)]
    pub of: OfTenant,
    /// The client id [default: a new one]
    #[arg(long, value_name = "GUID")]
    pub id: Option<Uuid>,
    /// A public client: it has no secret, and signs users in without one
    #[arg(long)]
    pub public: bool,
    /// Where a user may be sent back to: web=URI for a web server, spa=URI for a web page,
    /// public=URI for a program; may be repeated [default: none]
    #[arg(long, value_name = "KIND=URI", value_parser = redirect)]
    pub redirect_uri: Vec<Redirect>,
    /// A grant that the application may use; may be repeated [default: for a public client all but
    /// client_credentials, else client_credentials, authorization_code and refresh_token]
    #[arg(long, value_name = "GRANT")]
    pub grant: Vec<Grant>,
    /// A permission of the application and of its users; may be repeated [default: all]
    #[arg(long, value_name = "PERMISSION", value_parser = word)]
    pub permission: Vec<String>,
    /// A file with a certificate in PEM, which the application signs its assertions with; may be
    /// repeated [default: none]
    #[arg(long, value_name = "FILE")]
    pub certificate: Vec<PathBuf>,
}

/// An application.
#[derive(Debug, Args)]
pub struct AppOptions {
    /// The client id
    pub id: Uuid,
    #[command(flatten)]
    pub of: OfTenant,
}

/// A change of an application's secrets.
#[derive(Debug, Args)]
pub struct SecretOptions {
    /// The client id
    pub id: Uuid,
    #[command(flatten)]
    pub of: OfTenant,
    /// Remove the secret with this id instead, as `runstate app list` prints it [default: none]
    #[arg(long, value_name = "GUID")]
    pub remove: Option<Uuid>,
}

/// A new user.
#[derive(Debug, Args)]
pub struct NewUserOptions {
    /// The user principal name, such as ada@contoso.example
    #[arg(value_parser = principal_name)]
    pub name: String,
    #[command(flatten)]
    pub of: OfTenant,
    /// The name to show [default: the user principal name]
    #[arg(long, value_name = "NAME", value_parser = display_name)]
    pub display_name: Option<String>,
    /// Read the password from standard input, instead of making one
    #[arg(long)]
    pub password_stdin: bool,
}

/// A user.
#[derive(Debug, Args)]
pub struct UserOptions {
    /// The user principal name
    pub name: String,
    #[command(flatten)]
    pub of: OfTenant,
}

/// A new password.
#[derive(Debug, Args)]
pub struct PasswordOptions {
    /// The user principal name
    pub name: String,
    #[command(flatten)]
    pub of: OfTenant,
    /// Read the password from standard input, instead of making one
    #[arg(long)]
    pub password_stdin: bool,
}

/// The kind of a redirect URI, which decides how a code is redeemed there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectKind {
    Web,
    Spa,
    Public,
}

/// A redirect URI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    pub kind: RedirectKind,
    pub uri: String,
}

/// The grants by their names on the command line, which are those of OAuth 2.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Grant {
    ClientCredentials,
    AuthorizationCode,
    DeviceCode,
    Password,
    RefreshToken,
}

/// A domain: at least two labels, in lower case.
pub(super) fn domain(text: &str) -> Result<String, String> {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
    };
    match text.contains('.') && text.split('.').all(is_label) {
        true => Ok(text.to_ascii_lowercase()),
        false => Err("must be a domain such as contoso.example".into()),
    }
}

fn principal_name(text: &str) -> Result<String, String> {
    let expected = "must be a name such as ada@contoso.example, of ASCII characters without spaces";
    let (name, of) = text.split_once('@').ok_or(expected)?;
    match !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => domain(of).map(|_| text.to_owned()).map_err(|_| expected.into()),
        false => Err(expected.into()),
    }
}

/// A name that the sign-in pages show.
fn display_name(text: &str) -> Result<String, String> {
    let is_short = (1..=MAX_DISPLAY_NAME).contains(&text.chars().count());
    match is_short && !text.contains(char::is_control) {
        true => Ok(text.to_owned()),
        false => {
            Err(format!("must have 1 to {MAX_DISPLAY_NAME} characters, and no control characters"))
        }
    }
}

/// A name without spaces, since scopes are separated by them.
fn word(text: &str) -> Result<String, String> {
    match !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(text.to_owned()),
        false => Err("must be of ASCII characters without spaces".into()),
    }
}

/// `KIND=URI`. A web server or page needs https, unless it is on this machine.
fn redirect(text: &str) -> Result<Redirect, String> {
    let expected =
        "must be web=URI, spa=URI or public=URI, with an absolute URI without a fragment";
    let (kind, uri) = text.split_once('=').ok_or(expected)?;
    let kind = match kind {
        "web" => RedirectKind::Web,
        "spa" => RedirectKind::Spa,
        "public" => RedirectKind::Public,
        _ => return Err(expected.into()),
    };
    let url = Url::parse(uri).map_err(|_| expected)?;
    let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    match kind {
        _ if url.fragment().is_some() || url.scheme() == "javascript" => Err(expected.into()),
        RedirectKind::Web | RedirectKind::Spa if !is_safe => {
            Err("must be https, or http to localhost".into())
        }
        _ => Ok(Redirect { kind, uri: uri.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        assert_eq!(domain("Contoso.example"), Ok("contoso.example".into()));
        assert_eq!(principal_name("Ada@contoso.example"), Ok("Ada@contoso.example".into()));
        for wrong in ["contoso", "common", ".example", "a b.example", "a..b"] {
            assert!(domain(wrong).is_err() && principal_name(wrong).is_err(), "{wrong}");
        }
        for wrong in ["@contoso.example", "a da@contoso.example", "ä@contoso.example", "ada@x"] {
            assert!(principal_name(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_redirect_has_a_kind_and_a_safe_address() {
        for (text, kind) in [
            ("web=https://contoso.example/signin", RedirectKind::Web),
            ("spa=http://localhost:3000/", RedirectKind::Spa),
            ("public=http://localhost", RedirectKind::Public),
            ("public=msal72756e73://auth", RedirectKind::Public),
        ] {
            let uri = text.split_once('=').unwrap().1.to_owned();
            assert_eq!(redirect(text), Ok(Redirect { kind, uri }));
        }
        for wrong in [
            "https://contoso.example/",
            "web=/signin",
            "web=http://contoso.example/",
            "spa=https://contoso.example/#a",
            "public=javascript:alert(1)",
            "other=https://contoso.example/",
        ] {
            assert!(redirect(wrong).is_err(), "{wrong}");
        }
    }
}
