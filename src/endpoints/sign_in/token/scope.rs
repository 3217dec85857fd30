//! The parameter `scope`: which resource a token is for, and which permissions it asks for. The one
//! resource here is this API; it has several names.

use url::Url;

use crate::directory::Application;
use crate::error::{Result, SignInReason};
use crate::model::permission::{GRAPH, GRAPH_ID, is_permission};

const DEFAULT: &str = ".default";
/// Names that ask for no permission, by `OpenID` Connect.
const OPENID_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// What a client asks for.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::endpoints::sign_in) struct Scope {
    /// The words as the client wrote them.
    words: Vec<String>,
    /// The resource as the client wrote it, the claim `aud`.
    pub(in crate::endpoints::sign_in) audience: String,
    /// Whether the client asks for all permissions that the application has.
    pub(in crate::endpoints::sign_in) is_default: bool,
    /// The permissions by name.
    permissions: Vec<String>,
}

/// A word of a scope.
enum Word<'a> {
    OpenId,
    /// A resource, and a permission or `.default`.
    Permission(&'a str, &'a str),
}

impl Scope {
    /// Reads a scope. `base` is the address of this server.
    pub(in crate::endpoints::sign_in) fn parse(text: &str, base: &str) -> Result<Self> {
        let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        let mut audience: Option<&str> = None;
        let mut permissions = Vec::new();
        for word in &words {
            let Word::Permission(resource, permission) = parse_word(word, base)? else { continue };
            match audience {
                Some(other) if !is_same_resource(other, resource) => {
                    return Err(SignInReason::SeveralResources.into());
                }
                Some(_) => {}
                None => audience = Some(resource),
            }
            permissions.push(permission.to_owned());
        }
        let is_default = permissions.iter().any(|permission| permission == DEFAULT);
        if is_default && permissions.len() > 1 {
            return Err(SignInReason::ScopeInvalid { scope: text.into() }.into());
        }
        permissions.retain(|permission| permission != DEFAULT);
        let audience = audience.unwrap_or(GRAPH).to_owned();
        Ok(Self { words, audience, is_default, permissions })
    }

    /// Whether the client asks for this name of `OpenID` Connect.
    pub(in crate::endpoints::sign_in) fn has(&self, name: &str) -> bool {
        self.words.iter().any(|word| word == name)
    }

    /// The scopes of a user's token, claim `scp`. A permission of this API must be one that the
    /// application has. Other names are of no use here, and harmless.
    pub(in crate::endpoints::sign_in) fn granted(
        &self,
        application: &Application,
    ) -> Result<Vec<String>> {
        let lacks = |name: &&String| is_permission(name) && !application.permissions.contains(name);
        if let Some(permission) = self.permissions.iter().find(lacks) {
            let (application, permission) = (application.id.to_string(), permission.clone());
            return Err(SignInReason::ConsentMissing { application, permission }.into());
        }
        let mut granted = match self.is_default {
            true => application.permissions.clone(),
            false => self.permissions.clone(),
        };
        let openid = OPENID_SCOPES.into_iter().filter(|name| *name != "offline_access");
        granted.extend(openid.filter(|name| self.has(name)).map(str::to_owned));
        Ok(granted)
    }

    /// The scope of the reply: each word as it was asked for, since clients look for it; and what
    /// `.default` stands for.
    pub(in crate::endpoints::sign_in) fn of_reply(&self, granted: &[String]) -> String {
        let mut words = self.words.clone();
        if self.is_default {
            let resource = self.audience.trim_end_matches('/');
            let names = granted.iter().filter(|name| !OPENID_SCOPES.contains(&name.as_str()));
            words.extend(names.map(|name| format!("{resource}/{name}")));
        }
        words.join(" ")
    }
}

fn parse_word<'a>(word: &'a str, base: &str) -> Result<Word<'a>> {
    if OPENID_SCOPES.contains(&word) {
        return Ok(Word::OpenId);
    }
    if is_resource(word, base) {
        return Err(SignInReason::ScopeInvalid { scope: word.into() }.into());
    }
    match word.rsplit_once('/') {
        None => Ok(Word::Permission(GRAPH, word)),
        Some((_, "")) => Err(SignInReason::ScopeInvalid { scope: word.into() }.into()),
        Some((resource, permission)) if is_resource(resource, base) => {
            Ok(Word::Permission(resource, permission))
        }
        Some((resource, _)) => {
            Err(SignInReason::ResourceUnknown { resource: resource.into() }.into())
        }
    }
}

/// Whether a name means this API: Graph's names, and the address of this server with or without its
/// port, each with or without a slash.
fn is_resource(name: &str, base: &str) -> bool {
    is_graph(name) || is_own_address(name, base)
}

fn is_graph(name: &str) -> bool {
    let name = name.strip_suffix('/').unwrap_or(name);
    name.eq_ignore_ascii_case(GRAPH) || name.eq_ignore_ascii_case(GRAPH_ID)
}

fn is_own_address(name: &str, base: &str) -> bool {
    let (Ok(name), Ok(own)) = (Url::parse(name), Url::parse(base)) else { return false };
    let is_address = ["http", "https"].contains(&name.scheme())
        && name.path() == "/"
        && name.query().is_none()
        && name.username().is_empty();
    let has_port = name.port().is_none() || name.port() == own.port();
    is_address && has_port && name.host() == own.host()
}

fn is_same_resource(one: &str, other: &str) -> bool {
    let trim = |name: &str| name.trim_end_matches('/').to_ascii_lowercase();
    (is_graph(one) && is_graph(other)) || trim(one) == trim(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://localhost:8443";

    fn parse(text: &str) -> std::result::Result<(String, bool, Vec<String>), u32> {
        match Scope::parse(text, BASE) {
            Ok(scope) => Ok((scope.audience, scope.is_default, scope.permissions)),
            Err(crate::error::Error::SignIn(reason)) => Err(reason.code().1),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn the_api_has_several_names_each_the_audience_as_it_was_written() {
        for resource in [
            "https://graph.microsoft.com",
            "https://graph.microsoft.com/",
            "00000003-0000-0000-c000-000000000000",
            "https://localhost",
            "https://localhost:8443",
            "https://localhost:8443/",
        ] {
            let scope = format!("{resource}/.default");
            assert_eq!(parse(&scope), Ok((resource.to_owned(), true, vec![])), "{scope}");
        }
        for resource in ["https://localhost:1", "https://example.com", "api://x", "https:/"] {
            assert_eq!(parse(&format!("{resource}/.default")), Err(500_011), "{resource}");
        }
    }

    #[test]
    fn a_bare_name_is_graphs_and_openid_names_ask_for_nothing() {
        let expected = (GRAPH.to_owned(), false, vec!["User.Read".to_owned(), "A.Read.All".into()]);
        let scope = "openid User.Read https://graph.microsoft.com/A.Read.All offline_access";
        assert_eq!(parse(scope), Ok(expected));
        assert_eq!(parse("openid"), Ok((GRAPH.to_owned(), false, vec![])));
        assert_eq!(parse(".default"), Ok((GRAPH.to_owned(), true, vec![])));
    }

    #[test]
    fn scopes_of_two_resources_or_of_none_are_refused() {
        assert_eq!(parse("User.Read https://localhost/A"), Err(28_000));
        assert_eq!(parse("https://localhost/A https://localhost:8443/B"), Err(28_000));
        assert_eq!(parse("https://graph.microsoft.com"), Err(70_011));
        assert_eq!(parse("https://graph.microsoft.com/"), Err(70_011));
        assert_eq!(parse(".default User.Read"), Err(70_011));
    }
}
