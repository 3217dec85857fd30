//! The file of trusted issuers, and the errors in it.

use runstate::auth::{IssuerConfig, Issuers, KeySource};
use serde_json::{Value, json};

use crate::support::{AUDIENCE, Folder, ISSUER, Signer, is_accepted, key_set};

fn error_of(folder: &Folder, content: &str) -> String {
    let path = folder.write("issuers.json", content);
    let read = IssuerConfig::from_file(&path).and_then(Issuers::new);
    read.err().map(|error| error.to_string()).unwrap_or_default()
}

#[tokio::test]
async fn a_relative_key_file_is_resolved_from_the_issuers_file() {
    let signer = Signer::p256();
    let folder = Folder::new();
    folder.write("keys.json", &key_set(&[signer.jwk("k")]));
    let list = json!([
        {"issuer": "urn:other", "audiences": ["a"], "jwks_uri": "https://example.org/keys"},
        {"issuer": ISSUER, "audiences": ["a", AUDIENCE], "jwks_file": "keys.json"},
    ]);
    let path = folder.write("issuers.json", &list.to_string());
    let issuers = Issuers::new(IssuerConfig::from_file(&path).unwrap()).unwrap();
    assert!(is_accepted(&issuers, &signer.token("ES256", "k")).await);
}

#[test]
fn an_error_names_file_entry_and_field() {
    let folder = Folder::new();
    folder.write("empty.json", r#"{"keys":[]}"#);
    let good = json!({"issuer": "i", "audiences": ["a"], "jwks_uri": "https://example.org/k"});
    let with = |name: &str, value: Value| {
        let mut entry = good.clone();
        entry[name] = value;
        entry
    };
    let without = |name: &str| {
        let mut entry = good.clone();
        entry.as_object_mut().unwrap().remove(name);
        entry
    };
    let mut file = without("jwks_uri");
    file["jwks_file"] = json!("empty.json");
    let mut missing = without("jwks_uri");
    missing["jwks_file"] = json!("missing.json");
    for (entry, field) in [
        (without("issuer"), "`issuer`"),
        (with("issuer", json!(7)), "`issuer`"),
        (with("issuer", json!("")), "`issuer`"),
        (with("issuer", json!("first")), "`issuer`"),
        (without("audiences"), "`audiences`"),
        (with("audiences", json!([])), "`audiences`"),
        (with("audiences", json!("a")), "`audiences`"),
        (with("audiences", json!(["a", ""])), "`audiences`"),
        (with("audience", json!("a")), "`audience`"),
        (without("jwks_uri"), "exactly one of `jwks_file`, `jwks_uri` and `discovery`"),
        (with("discovery", json!("https://example.org/d")), "exactly one"),
        (with("jwks_uri", json!("http://example.org/k")), "`jwks_uri`"),
        (with("jwks_uri", json!(null)), "`jwks_uri`"),
        (file, "empty.json"),
        (missing, "missing.json"),
    ] {
        let first = json!({"issuer": "first", "audiences": ["a"], "jwks_uri": "https://x.org/"});
        let text = error_of(&folder, &json!([first, entry]).to_string());
        assert!(text.contains("issuers.json, entry 2"), "{entry}: {text}");
        assert!(text.contains(field), "{entry}: {text}");
    }
}

#[test]
fn an_entry_says_how_the_console_signs_users_in_at_the_issuer() {
    let folder = Folder::new();
    let console = json!({"clientId": "c", "scopes": ["openid", "api://r/.default"]});
    let read = |issuer: &str, console: Value| {
        let entry = json!({"issuer": issuer, "audiences": ["a"],
            "jwks_uri": "https://example.org/k", "console": console});
        folder.write("issuers.json", &json!([entry]).to_string());
        IssuerConfig::from_file(&folder.0.join("issuers.json")).map_err(|error| error.to_string())
    };
    let read_issuer = |issuer: &str| {
        let found = read(issuer, console.clone()).unwrap().remove(0).console.unwrap();
        assert_eq!((found.client_id.as_str(), found.scopes.len()), ("c", 2));
        found.issuer
    };
    assert_eq!(read_issuer("https://example.org/realm"), "https://example.org/realm");
    // Users of every tenant sign in at one address.
    assert_eq!(read_issuer("https://e.org/{tenantid}/v2.0"), "https://e.org/organizations/v2.0");
    for (issuer, console, field) in [
        ("urn:example", console.clone(), "`issuer`"),
        ("https://example.org", json!("c"), "`console`"),
        ("https://example.org", json!(null), "`console`"),
        ("https://example.org", json!({"scopes": ["s"]}), "`clientId`"),
        ("https://example.org", json!({"clientId": "", "scopes": ["s"]}), "`clientId`"),
        ("https://example.org", json!({"clientId": 7, "scopes": ["s"]}), "`clientId`"),
        ("https://example.org", json!({"clientId": "c"}), "`scopes`"),
        ("https://example.org", json!({"clientId": "c", "scopes": []}), "`scopes`"),
        ("https://example.org", json!({"clientId": "c", "scopes": "s"}), "`scopes`"),
        ("https://example.org", json!({"clientId": "c", "scopes": ["s", ""]}), "`scopes`"),
        ("https://example.org", json!({"clientId": "c", "scopes": ["s"], "x": 1}), "`x`"),
    ] {
        let text = read(issuer, console.clone()).unwrap_err();
        assert!(text.contains("issuers.json, entry 1: "), "{console}: {text}");
        assert!(text.contains(field), "{console}: {text}");
    }
}

#[test]
fn an_issuers_file_that_is_not_a_list_is_named() {
    let folder = Folder::new();
    for content in ["", "{}", "[7]", r#"[{"issuer":"a","issuer":"b"}]"#, "[] []"] {
        let text = error_of(&folder, content);
        assert!(text.contains("issuers.json"), "{content}: {text}");
    }
    let text = IssuerConfig::from_file(&folder.0.join("none.json")).unwrap_err().to_string();
    assert!(text.contains("none.json"), "{text}");
}

#[test]
fn a_configured_key_set_must_have_a_usable_key() {
    let held = KeySource::Inline(r#"{"keys":[]}"#.into());
    let config = IssuerConfig::new(ISSUER, &[AUDIENCE], held);
    assert!(Issuers::new(vec![config]).err().unwrap().to_string().contains(ISSUER));
}
