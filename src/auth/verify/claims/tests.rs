//! Claims and their callers, at a fixed time.

use serde_json::{Value, json};

use super::*;
use crate::error::Error;

const NOW: i64 = 1_700_000_000;
const TENANT: &str = "11111111-2222-3333-4444-555555555555";

fn read(changes: &Value) -> Result<Caller> {
    let mut claims = json!({
        "iss": "urn:test", "aud": "urn:here", "tid": TENANT, "oid": "o", "sub": "s",
        "exp": NOW + 10, "scp": "A B",
    });
    for (name, value) in changes.as_object().unwrap() {
        // A test removes a claim by setting it to this.
        if value == "-" {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    let names = vec!["urn:here".into(), "urn:also".into()];
    let audiences = Audiences { names, accepts_addresses: false };
    let claims = VerifiedClaims::of(&claims);
    check_audience(&claims, &audiences)?;
    check_lifetime(&claims, NOW)?;
    to_caller(claims)
}

fn is_refused(changes: &Value) -> bool {
    matches!(read(changes), Err(Error::TokenRefused(_)))
}

fn kind_of(changes: &Value) -> CallerKind {
    read(changes).unwrap().kind
}

fn delegated(scopes: &[&str]) -> CallerKind {
    CallerKind::Delegated { scopes: scopes.iter().map(ToString::to_string).collect() }
}

fn application(roles: &[&str]) -> CallerKind {
    CallerKind::Application { roles: roles.iter().map(ToString::to_string).collect() }
}

#[test]
fn an_expired_token_is_good_for_five_minutes_more() {
    assert!(read(&json!({"exp": NOW - 299})).is_ok());
    assert!(is_refused(&json!({"exp": NOW - 300})));
    assert!(is_refused(&json!({"exp": NOW - 301})));
}

#[test]
fn a_token_is_good_five_minutes_before_its_time() {
    assert!(read(&json!({"nbf": NOW + 299})).is_ok());
    assert!(read(&json!({"nbf": NOW + 300})).is_ok());
    assert!(is_refused(&json!({"nbf": NOW + 301})));
}

#[test]
fn dates_are_numbers_with_or_without_a_fraction() {
    assert!(read(&json!({"exp": 1.7e9, "nbf": 1.699_999_999_5e9})).is_ok());
    for absurd in [json!(-1), json!(253_402_300_800_i64), json!(1e300), json!(u64::MAX)] {
        assert!(is_refused(&json!({"exp": absurd})), "exp {absurd}");
        assert!(is_refused(&json!({"nbf": absurd})), "nbf {absurd}");
    }
    for wrong in [json!("1700000100"), json!(null), json!(true), json!([NOW + 10])] {
        assert!(is_refused(&json!({"exp": wrong})), "exp {wrong}");
        assert!(is_refused(&json!({"nbf": wrong})), "nbf {wrong}");
    }
    assert!(is_refused(&json!({"exp": "-"})), "exp is missing");
    assert!(read(&json!({"exp": 253_402_300_799_i64})).is_ok());
}

#[test]
fn one_of_the_audiences_must_be_ours_exactly() {
    for ours in [json!("urn:here"), json!("urn:also"), json!(["urn:else", "urn:also"])] {
        assert!(read(&json!({"aud": ours})).is_ok(), "{ours}");
    }
    for other in [
        json!("urn:here/"),
        json!("URN:HERE"),
        json!("urn:here urn:also"),
        json!([]),
        json!(["urn:here", 1]),
        json!({"urn:here": 1}),
        json!(null),
        json!("-"),
    ] {
        assert!(is_refused(&json!({"aud": other})), "{other}");
    }
}

#[test]
fn the_tenant_is_a_hyphenated_guid() {
    assert_eq!(read(&json!({})).unwrap().tenant.to_string(), TENANT);
    for wrong in [
        json!("-"),
        json!(""),
        json!(null),
        json!(7),
        json!("contoso.example.org"),
        json!("11111111222233334444555555555555"),
        json!("{11111111-2222-3333-4444-555555555555}"),
        json!("urn:uuid:11111111-2222-3333-4444-555555555555"),
    ] {
        assert!(is_refused(&json!({"tid": wrong})), "{wrong}");
    }
}

#[test]
fn a_delegated_token_has_scopes_as_text_or_as_list_under_either_name() {
    assert_eq!(kind_of(&json!({})), delegated(&["A", "B"]));
    assert_eq!(kind_of(&json!({"scp": "  A   B "})), delegated(&["A", "B"]));
    assert_eq!(kind_of(&json!({"scp": ["A", "B"]})), delegated(&["A", "B"]));
    assert_eq!(kind_of(&json!({"scp": "-", "scope": "C D"})), delegated(&["C", "D"]));
    assert_eq!(kind_of(&json!({"scp": "-", "scope": ["C"]})), delegated(&["C"]));
    assert_eq!(kind_of(&json!({"scope": "C D"})), delegated(&["A", "B"]), "scp goes first");
    assert_eq!(kind_of(&json!({"roles": ["R"]})), delegated(&["A", "B"]), "roles of the user");
}

#[test]
fn an_application_says_so_or_has_roles_as_its_own_subject() {
    let own = json!({"scp": "-", "oid": "s", "roles": ["R", "S"]});
    assert_eq!(kind_of(&own), application(&["R", "S"]));
    assert_eq!(kind_of(&json!({"scp": "-", "oid": "-", "roles": "R"})), application(&["R"]));
    assert_eq!(kind_of(&json!({"idtyp": "app", "roles": ["R"]})), application(&["R"]));
    assert_eq!(kind_of(&json!({"idtyp": "app"})), application(&[]));
}

#[test]
fn a_token_without_permissions_holds_nothing() {
    for changes in [
        json!({"scp": "-"}),
        json!({"scp": " "}),
        json!({"scp": []}),
        json!({"scp": "", "scope": "C"}),
        json!({"scp": "-", "oid": "s", "roles": []}),
        json!({"scp": "-", "roles": ["R"]}),
        json!({"scp": "-", "oid": "s", "idtyp": "user", "roles": ["R"]}),
    ] {
        assert_eq!(kind_of(&changes), CallerKind::Unknown, "{changes}");
        assert!(read(&changes).unwrap().permissions().is_empty());
    }
}

#[test]
fn a_claim_of_a_wrong_type_refuses_the_token() {
    for name in ["oid", "sub", "idtyp", "scp", "roles"] {
        for wrong in [json!(1), json!(null), json!({}), json!([1]), json!(true)] {
            assert!(is_refused(&json!({name: wrong})), "{name}: {wrong}");
        }
    }
}

#[test]
fn the_subject_is_fit_for_a_line_of_the_log() {
    let subject = |changes: &Value| read(changes).unwrap().subject;
    assert_eq!(subject(&json!({})), "o");
    assert_eq!(subject(&json!({"oid": "-"})), "s");
    assert_eq!(subject(&json!({"oid": "-", "sub": "-"})), "-");
    assert_eq!(subject(&json!({"oid": "a\nb\u{1b}"})), "ab");
    assert_eq!(subject(&json!({"oid": "x".repeat(1000)})).len(), MAX_SUBJECT_LENGTH);
}

#[test]
fn an_address_is_an_audience_only_for_an_issuer_that_accepts_addresses() {
    let [ours, others] =
        [true, false].map(|accepts_addresses| Audiences { names: vec![], accepts_addresses });
    for address in ["https://localhost:8443", "http://127.0.0.1:8080/", "https://LOCALHOST"] {
        assert!(ours.accept(address) && !others.accept(address), "{address}");
    }
    for other in [
        "72756e73-7461-4e65-8000-000000000001",
        "urn:runstate",
        "https://localhost/path",
        "https://localhost//",
        "https://user@localhost",
        "ftp://localhost",
        "",
    ] {
        assert!(!ours.accept(other), "{other}");
    }
}
