//! The `Authorization` header, and the issuer in a token.

use chrono::Utc;
use runstate::auth::{CallerKind, IssuerConfig, Issuers, KeySource};
use runstate::error::Error;
use runstate::message::Headers;
use serde_json::json;

use crate::support::{
    AUDIENCE, ISSUER, Signer, TENANT, caller, claims, is_accepted, key_set, reason, trusting,
};

async fn with(issuers: &Issuers, values: &[String]) -> Result<(), Error> {
    let headers = values.iter().map(|value| ("Authorization", value.clone()));
    issuers.authenticate(&headers.collect(), Utc::now()).await.map(|_| ())
}

#[tokio::test]
async fn a_valid_token_yields_its_caller() {
    let signer = Signer::p256();
    let issuers = trusting(&[signer.jwk("k")]);
    let caller = caller(&issuers, &signer.token("ES256", "k")).await.unwrap();
    assert_eq!(caller.tenant().to_string(), TENANT);
    assert_eq!(caller.subject(), "object");
    assert_eq!(*caller.kind(), CallerKind::Delegated { scopes: vec!["A.Read.All".into()] });
    assert_eq!(caller.permissions(), ["A.Read.All"]);
    assert!(!caller.is_personal_account());
}

#[tokio::test]
async fn a_personal_account_is_recognized() {
    let signer = Signer::p256();
    let issuers = trusting(&[signer.jwk("k")]);
    let personal = claims(&json!({"tid": "9188040d-6c67-4c5b-b112-36a304b66dad"}));
    let token = signer.token_of("ES256", r#"{"alg":"ES256","kid":"k"}"#, &personal);
    assert!(caller(&issuers, &token).await.unwrap().is_personal_account());
}

#[tokio::test]
async fn the_scheme_is_bearer_in_any_case_with_any_number_of_spaces() {
    let signer = Signer::p256();
    let issuers = trusting(&[signer.jwk("k")]);
    let token = signer.token("ES256", "k");
    for scheme in ["Bearer ", "bearer ", "BEARER ", "Bearer    "] {
        assert!(with(&issuers, &[format!("{scheme}{token}")]).await.is_ok(), "{scheme}");
    }
}

#[tokio::test]
async fn a_missing_token_is_a_different_error_than_an_invalid_one() {
    let issuers = trusting(&[Signer::p256().jwk("k")]);
    assert!(matches!(
        issuers.authenticate(&Headers::default(), Utc::now()).await,
        Err(Error::TokenMissing)
    ));
    for empty in ["", "Bearer", "Bearer ", "bearer   "] {
        let outcome = with(&issuers, &[empty.into()]).await;
        assert!(matches!(outcome, Err(Error::TokenMissing)), "{empty:?}");
    }
}

#[tokio::test]
async fn anything_but_one_bearer_token_is_refused() {
    let signer = Signer::p256();
    let issuers = trusting(&[signer.jwk("k")]);
    let token = signer.token("ES256", "k");
    for values in [
        vec![format!("Bearer {token}"), format!("Bearer {token}")],
        vec![format!("Bearer {token}"), String::new()],
        vec![format!("Basic {token}")],
        vec![format!("Bearer{token}")],
        vec![format!("Bearer\t{token}")],
        vec![format!(" Bearer {token}")],
        vec![format!("Bearer {token} ")],
        vec![format!("Bearer {token},Bearer {token}")],
        vec![format!("Bearer Bearer {token}")],
        vec![format!("Bearer \"{token}\"")],
        vec![token.clone()],
        vec!["Bearer \u{fffd}\u{0}".into()],
    ] {
        let outcome = with(&issuers, &values).await;
        assert!(matches!(outcome, Err(Error::TokenRefused(_))), "{values:?}");
    }
}

#[tokio::test]
async fn an_oversized_token_is_refused_before_it_is_read() {
    let signer = Signer::p256();
    let issuers = trusting(&[signer.jwk("k")]);
    let sized = |filler: usize| {
        let claims = claims(&json!({"filler": "x".repeat(filler)}));
        signer.token_of("ES256", r#"{"alg":"ES256","kid":"k"}"#, &claims)
    };
    assert!(is_accepted(&issuers, &sized(11_000)).await);
    assert_eq!(reason(&issuers, &sized(13_000)).await, "the token is too long");
    assert_eq!(reason(&issuers, &sized(1_000_000)).await, "the token is too long");
}

#[tokio::test]
async fn the_issuer_must_match_a_trusted_one_exactly() {
    let signer = Signer::p256();
    let issuers = trusting(&[signer.jwk("k")]);
    for other in [json!(format!("{ISSUER}/")), json!("https://evil.example.org"), json!([ISSUER])] {
        let claims = claims(&json!({ "iss": other }));
        let token = signer.token_of("ES256", r#"{"alg":"ES256","kid":"k"}"#, &claims);
        assert!(reason(&issuers, &token).await.contains("iss"), "{other}");
    }
}

#[tokio::test]
async fn keys_of_one_issuer_do_not_verify_tokens_of_another() {
    let [ours, theirs] = [Signer::p256(), Signer::p256()];
    let entry = |name: &str, signer: &Signer| {
        let held = KeySource::Inline(key_set(&[signer.jwk("k")]));
        IssuerConfig::new(name, &[AUDIENCE], held)
    };
    let issuers = Issuers::new(vec![entry(ISSUER, &ours), entry("urn:theirs", &theirs)]).unwrap();
    assert!(is_accepted(&issuers, &ours.token("ES256", "k")).await);
    assert!(!is_accepted(&issuers, &theirs.token("ES256", "k")).await);
}

#[tokio::test]
async fn an_issuer_template_is_filled_only_with_the_tenant_of_the_token() {
    let signer = Signer::p256();
    let mut jwk = signer.jwk("k");
    jwk["issuer"] = json!("https://login/{tenantid}/v2.0");
    let own = Signer::p256();
    let mut of_one = own.jwk("one");
    of_one["issuer"] = json!(format!("https://login/{TENANT}/v2.0"));
    let of_all = Signer::p256();
    let held = KeySource::Inline(key_set(&[jwk, of_one, of_all.jwk("all")]));
    let template = IssuerConfig::new("https://login/{tenantid}/v2.0", &[AUDIENCE], held);
    let issuers = Issuers::new(vec![template]).unwrap();
    let token = |signer: &Signer, id: &str, issuer: &str, tenant: &str| {
        let claims = claims(&json!({"iss": issuer, "tid": tenant}));
        let header = json!({"alg": "ES256", "kid": id}).to_string();
        signer.token_of("ES256", &header, &claims)
    };
    let other = "99999999-2222-3333-4444-555555555555";
    let mine = format!("https://login/{TENANT}/v2.0");
    let others = format!("https://login/{other}/v2.0");
    assert!(is_accepted(&issuers, &token(&signer, "k", &mine, TENANT)).await);
    assert!(is_accepted(&issuers, &token(&signer, "k", &others, other)).await);
    assert!(!is_accepted(&issuers, &token(&signer, "k", &mine, other)).await);
    assert!(!is_accepted(&issuers, &token(&signer, "k", "https://login/x/v2.0", "x")).await);
    let literal = "https://login/{tenantid}/v2.0";
    assert!(is_accepted(&issuers, &token(&of_all, "all", &mine, TENANT)).await);
    assert!(!is_accepted(&issuers, &token(&of_all, "all", &mine, other)).await);
    assert!(!is_accepted(&issuers, &token(&of_all, "all", literal, TENANT)).await);
    assert!(!is_accepted(&issuers, &token(&of_all, "all", literal, "{tenantid}")).await);
    assert!(is_accepted(&issuers, &token(&own, "one", &mine, TENANT)).await);
    assert!(!is_accepted(&issuers, &token(&own, "one", &others, other)).await);
}
