//! Tokens and permissions of a tenant.

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::world::{SCRIPTS, World};

#[tokio::test]
async fn each_spoilt_token_is_refused_as_its_kind_and_an_unspoilt_one_is_good() {
    let world = World::start().await;
    let tenant = world.tenant(json!({})).await;
    for (spoil, status) in [
        ("expired", 401),
        ("notYet", 401),
        ("audience", 401),
        ("issuer", 401),
        ("signature", 401),
        ("unknownKey", 401),
        ("noTenant", 401),
        ("personal", 403),
    ] {
        let made = world.post(&tenant.path("/tokens"), json!({ "spoil": spoil })).await.json(201);
        let token = made["token"].as_str().unwrap();
        let reply = world.send(Method::GET, SCRIPTS, token, Json::Null).await;
        assert_eq!(reply.status, status, "{spoil}: {reply:?}");
    }
    let wrong = world.post(&tenant.path("/tokens"), json!({ "spoil": "rotten" })).await;
    assert_eq!(
        wrong.error(400, "BadRequest"),
        "The member 'spoil' is 'rotten', and must be one of 'expired', 'notYet', 'audience', \
         'issuer', 'signature', 'unknownKey', 'noTenant', 'personal'."
    );
    let made = world.post(&tenant.path("/tokens"), json!({})).await.json(201);
    let token = made["token"].as_str().unwrap();
    assert_eq!(world.send(Method::GET, SCRIPTS, token, Json::Null).await.status, 200);
}

#[tokio::test]
async fn a_token_has_the_user_the_scopes_and_the_roles_that_were_asked_for() {
    let world = World::start().await;
    let tenant = world.tenant(json!({ "permissions": "current" })).await;
    let make = async |body: Json| {
        let made = world.post(&tenant.path("/tokens"), body).await.json(201);
        made["token"].as_str().unwrap().to_owned()
    };
    let read = make(json!({ "scopes": ["DeviceManagementScripts.Read.All"] })).await;
    assert_eq!(world.send(Method::GET, SCRIPTS, &read, Json::Null).await.status, 200);
    let write = world.send(Method::POST, SCRIPTS, &read, json!({})).await;
    write.error(403, "Forbidden");
    let roles = json!({ "roles": ["DeviceManagementScripts.ReadWrite.All"] });
    let application = make(roles).await;
    world.send(Method::POST, SCRIPTS, &application, json!({})).await.json(201);
    let nobody = make(json!({ "scopes": [] })).await;
    world.send(Method::GET, SCRIPTS, &nobody, Json::Null).await.error(403, "Forbidden");
}

#[tokio::test]
async fn the_permission_profile_of_a_tenant_changes_while_it_is_used() {
    let world = World::start().await;
    let tenant = world.tenant(json!({})).await;
    let status = async || {
        let token = tenant.token("application");
        world.send(Method::GET, SCRIPTS, token, Json::Null).await.status
    };
    assert_eq!(status().await, 403);
    let change = json!({ "permissions": "current", "name": "new", "ttl": "2h" });
    let changed = world.control(Method::PATCH, &tenant.path(""), change).await.json(200);
    assert_eq!((&changed["permissions"], &changed["name"]), (&json!("current"), &json!("new")));
    assert_ne!(changed["expires"], tenant.json["expires"]);
    assert_eq!(status().await, 200);
    let wrong = json!({ "permissions": "scripts" });
    let wrong = world.control(Method::PATCH, &tenant.path(""), wrong).await;
    assert_eq!(
        wrong.error(400, "BadRequest"),
        "The member 'permissions' is 'scripts', and must be one of 'seed', 'current', 'either'."
    );
    assert_eq!(status().await, 200);
}
