//! Redirect URIs: a requested one must be equal to a registered one. Only the port of a loopback address
//! may differ, because a desktop application listens on any free port (RFC 8252, section 7.3).

use url::Url;

use crate::loopback::is_loopback;
use crate::message::Request;

/// Schemes that lead to a script or a local file instead of a client.
const FORBIDDEN_SCHEMES: [&str; 6] = ["about", "blob", "data", "file", "javascript", "vbscript"];

/// A requested redirect URI that is registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RedirectUri {
    /// As the client wrote it.
    pub(super) text: String,
    url: Url,
}

impl RedirectUri {
    /// The requested redirect URI, if it is registered.
    pub(super) fn find<'a>(
        requested: &str,
        registered: impl IntoIterator<Item = &'a String>,
    ) -> Option<Self> {
        let url = Url::parse(requested).ok()?;
        let is_safe = url.fragment().is_none() && !FORBIDDEN_SCHEMES.contains(&url.scheme());
        let is_registered =
            registered.into_iter().any(|own| own == requested || is_same_loopback(own, &url));
        (is_safe && is_registered).then(|| Self { text: requested.to_owned(), url })
    }

    /// The address of the console, as the browser reached this server.
    pub(super) fn of_console(request: &Request) -> String {
        format!("{}/console/", request.base)
    }

    /// The address with parameters appended to its query.
    pub(super) fn with_query(&self, parameters: &[(&str, String)]) -> String {
        let mut url = self.url.clone();
        if !parameters.is_empty() {
            url.query_pairs_mut().extend_pairs(parameters);
        }
        url.into()
    }

    /// The address with parameters in its fragment.
    pub(super) fn with_fragment(&self, parameters: &[(&str, String)]) -> String {
        let mut fragment = url::form_urlencoded::Serializer::new(String::new());
        fragment.extend_pairs(parameters);
        let mut url = self.url.clone();
        url.set_fragment(Some(&fragment.finish()));
        url.into()
    }

    /// The source for `form-action` in a Content-Security-Policy: an origin, or the scheme of an
    /// application.
    pub(super) fn source(&self) -> String {
        match self.url.scheme() {
            "http" | "https" => self.url.origin().ascii_serialization(),
            scheme => format!("{scheme}:"),
        }
    }
}

/// Whether both are loopback addresses with the same host and path. A registered address without a path
/// permits every path.
fn is_same_loopback(registered: &str, requested: &Url) -> bool {
    let Ok(registered) = Url::parse(registered) else { return false };
    let is_plain = requested.username().is_empty() && requested.password().is_none();
    is_plain
        && is_loopback(&registered)
        && [&registered, requested].map(Url::scheme) == ["http", "http"]
        && requested.host() == registered.host()
        && match (registered.path(), registered.query()) {
            ("/", None) => true,
            path => path == (requested.path(), requested.query()),
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(requested: &str, registered: &[&str]) -> Option<RedirectUri> {
        let registered: Vec<String> = registered.iter().map(|uri| (*uri).to_owned()).collect();
        RedirectUri::find(requested, &registered)
    }

    #[test]
    fn an_address_is_the_registered_one_letter_by_letter() {
        let registered = "https://app.example/signin";
        assert!(find(registered, &[registered]).is_some());
        for other in [
            "https://app.example/signin/",
            "https://app.example/signin?x=1",
            "https://app.example/signin#",
            "https://app.example/Signin",
            "https://app.example/signin/../signin",
            "https://app.example/signin%2f",
            "https://app.example:443/signin",
            "https://app.example.evil.example/signin",
            "https://evil.example/https://app.example/signin",
            "https://user@app.example/signin",
            "https://app.example@evil.example/signin",
            "https://app.example\\@evil.example/signin",
            "http://app.example/signin",
            "//app.example/signin",
            "/signin",
            "",
        ] {
            assert_eq!(find(other, &[registered]), None, "{other}");
        }
    }

    #[test]
    fn a_loopback_address_is_good_on_any_port_of_the_same_host() {
        let registered = ["http://localhost", "http://127.0.0.1/signed-in"];
        for good in [
            "http://localhost",
            "http://localhost:8400",
            "http://localhost:8400/",
            "http://localhost:1/any/path?query=1",
            "http://127.0.0.1:9/signed-in",
        ] {
            assert!(find(good, &registered).is_some(), "{good}");
        }
        for bad in [
            "https://localhost:8400",
            "http://localhost.example:8400",
            "http://localhost@evil.example",
            "http://localhost:80@evil.example/",
            "http://user@localhost:8400",
            "http://127.0.0.2/signed-in",
            "http://127.0.0.1:9/",
            "http://127.0.0.1:9/signed-in?x",
            "http://[::1]:9/",
            "http://localhost:8400/#x",
        ] {
            assert_eq!(find(bad, &registered), None, "{bad}");
        }
    }

    #[test]
    fn line_breaks_of_an_address_do_not_reach_a_header() {
        let uri = find("http://localhost:1/a\r\nSet-Cookie: x=1", &["http://localhost"]).unwrap();
        assert_eq!(uri.with_query(&[]), "http://localhost:1/aSet-Cookie:%20x=1");
    }

    #[test]
    fn what_a_browser_would_run_is_never_an_address() {
        for uri in ["javascript:alert(1)", "data:text/html,x", "JavaScript:alert(1)"] {
            assert_eq!(find(uri, &[uri]), None, "{uri}");
        }
    }

    #[test]
    fn parameters_are_encoded_in_the_query_or_the_fragment() {
        let parameters = [("code", "a b".to_owned()), ("state", "x&y=#1\r\n<\"'".to_owned())];
        let encoded = "code=a+b&state=x%26y%3D%231%0D%0A%3C%22%27";
        let uri = find("https://a.example/?own=1", &["https://a.example/?own=1"]).unwrap();
        assert_eq!(uri.with_query(&parameters), format!("https://a.example/?own=1&{encoded}"));
        assert_eq!(uri.with_query(&[]), "https://a.example/?own=1");
        assert_eq!(uri.with_fragment(&parameters), format!("https://a.example/?own=1#{encoded}"));
        let app = find("myapp:/auth", &["myapp:/auth"]).unwrap();
        assert_eq!(app.with_query(&parameters), format!("myapp:/auth?{encoded}"));
        assert_eq!((uri.source(), app.source()), ("https://a.example".into(), "myapp:".into()));
    }
}
