//! Tenants: made, copied, reset, kept and removed.

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::world::{SCRIPTS, World};

#[tokio::test]
async fn a_new_tenant_is_empty_and_its_guid_says_that_it_is_of_the_twin() {
    let world = World::start().await;
    let tenant = world.tenant(json!({ "id": "t1", "name": "ci-1" })).await;
    assert!(tenant.guid().starts_with("7e570000-7714-8"), "{}", tenant.guid());
    assert_eq!((tenant.id(), &tenant.json["name"]), ("t1", &json!("ci-1")));
    assert_eq!(tenant.json["graph"], format!("{}/beta", world.base));
    assert_eq!(tenant.json["permissions"], "seed");
    assert!(tenant.scripts().await.is_empty());
    tenant.new_script("a").await;
    assert_eq!(tenant.scripts().await, ["a"]);
    let other = world.tenant(json!({})).await;
    assert_eq!(other.id(), other.guid());
    assert!(other.scripts().await.is_empty());
    let listed = world.get("/tenants?name=ci-1").await.json(200);
    assert_eq!(listed["value"].as_array().unwrap().len(), 1);
    assert_eq!(listed["value"][0]["tenant"], tenant.guid());
    assert_eq!(listed["value"][0].get("tokens"), None);
}

#[tokio::test]
async fn an_id_that_is_taken_makes_no_second_tenant() {
    let world = World::start().await;
    world.tenant(json!({ "id": "t1" })).await;
    let reply = world.post("/tenants", json!({ "id": "t1" })).await;
    assert_eq!(reply.error(409, "Conflict"), "A tenant 't1' exists already; nothing was changed.");
    assert_eq!(world.get("").await.json(200)["tenants"], 1);
}

#[tokio::test]
async fn the_guid_of_a_tenant_is_no_id_of_another_one() {
    let world = World::start().await;
    let tenant = world.tenant(json!({ "id": "t1" })).await;
    let guid = tenant.guid();
    for id in [guid.to_owned(), guid.to_uppercase(), format!("{{{guid}}}")] {
        world.post("/tenants", json!({ "id": id })).await.error(409, "Conflict");
    }
    assert_eq!(world.get(&format!("/tenants/{guid}")).await.json(200)["id"], "t1");
    world.tenant(json!({ "id": "7e570000-7714-8000-8000-000000000001" })).await;
}

#[tokio::test]
async fn a_name_that_no_path_can_have_is_refused_where_paths_have_it() {
    let world = World::start().await;
    let tenant = world.tenant(json!({ "name": ".." })).await;
    for name in [".", "..", "a/b", ""] {
        for (path, body) in [
            ("/tenants", json!({ "id": name })),
            (&*tenant.path("/fork"), json!({ "id": name })),
            (&*tenant.path("/snapshots"), json!({ "name": name })),
        ] {
            let member = body.as_object().unwrap().keys().next().unwrap().clone();
            assert_eq!(
                world.post(path, body).await.error(400, "BadRequest"),
                format!(
                    "The member '{member}' is '{name}', and must be 1 to 100 characters without '/' and \
                     control characters, and not begin with 'fixture:', and not be '.' or '..'."
                )
            );
        }
        let rule = json!({ "id": name, "then": { "refuse": "reset" } });
        assert_eq!(
            world.post(&tenant.path("/rules"), rule).await.error(400, "BadRequest"),
            format!(
                "The member 'id' is '{name}', and must be 1 to 100 letters, digits, '-', '_' or '.', and \
                 not be '.' or '..'."
            )
        );
    }
    assert_eq!(world.get("").await.json(200)["tenants"], 1);
    for name in ["...", "..a"] {
        let made = world.tenant(json!({ "id": name })).await;
        assert_eq!(world.get(&made.path("")).await.json(200)["id"], name);
    }
}

#[tokio::test]
async fn a_tenant_that_the_twin_did_not_make_is_not_found() {
    let world = World::start().await;
    for id in ["7e570000-0000-4000-8000-000000000001", "7e570000-7714-8000-8000-000000000001"] {
        for path in ["", "/reset", "/fork", "/snapshots"] {
            let method = if path.is_empty() { Method::DELETE } else { Method::POST };
            let reply = world.control(method, &format!("/tenants/{id}{path}"), json!({})).await;
            assert_eq!(reply.error(404, "ResourceNotFound"), format!("There is no tenant '{id}'."));
        }
        let reply = world.post("/tenants", json!({ "from": id })).await;
        reply.error(404, "ResourceNotFound");
    }
}

#[tokio::test]
async fn a_removed_tenant_refuses_its_tokens_and_writes_nothing() {
    let world = World::start().await;
    let tenant = world.tenant(json!({ "id": "t1" })).await;
    tenant.new_script("a").await;
    assert_eq!(world.delete("/tenants/t1").await.status, 204);
    let reply = tenant.send(Method::POST, SCRIPTS, json!({ "displayName": "b" })).await;
    reply.error(401, "InvalidAuthenticationToken");
    world.get("/tenants/t1").await.error(404, "ResourceNotFound");
}

#[tokio::test]
async fn a_reset_restores_the_contents_of_the_start_and_a_fork_those_of_now() {
    let world = World::start().await;
    let tenant = world.tenant(json!({ "id": "t1" })).await;
    tenant.new_script("a").await;
    let fork = world.post("/tenants/t1/fork", json!({ "id": "t2" })).await.json(201);
    assert_eq!(fork["id"], "t2");
    let fork = world.tenant(json!({ "from": "t1" })).await;
    tenant.new_script("b").await;
    assert_eq!(tenant.scripts().await, ["a", "b"]);
    assert_eq!(fork.scripts().await, ["a"]);
    fork.new_script("c").await;
    assert_eq!(world.post(&fork.path("/reset"), Json::Null).await.status, 200);
    assert_eq!(fork.scripts().await, ["a"]);
    assert_eq!(world.post("/tenants/t1/reset", Json::Null).await.status, 200);
    assert!(tenant.scripts().await.is_empty());
}

#[tokio::test]
async fn a_snapshot_keeps_contents_until_it_is_removed_and_no_token_reads_it() {
    let world = World::start().await;
    let tenant = world.tenant(json!({ "id": "t1" })).await;
    tenant.new_script("a").await;
    let made = world.post("/tenants/t1/snapshots", json!({ "name": "base" })).await;
    assert_eq!(made.json(201), json!({ "name": "base" }));
    world.post("/tenants/t1/snapshots", json!({ "name": "base" })).await.error(409, "Conflict");
    assert_eq!(world.get("/snapshots").await.json(200), json!({ "value": [{ "name": "base" }] }));
    let copy = world.tenant(json!({ "from": "base" })).await;
    copy.new_script("b").await;
    assert_eq!(world.delete("/snapshots/base").await.status, 204);
    world.delete("/snapshots/base").await.error(404, "ResourceNotFound");
    world.post("/tenants", json!({ "from": "base" })).await.error(404, "ResourceNotFound");
    // The copy began with it.
    assert_eq!(world.post(&copy.path("/reset"), Json::Null).await.status, 200);
    assert_eq!(copy.scripts().await, ["a"]);
}

#[tokio::test]
async fn tenants_are_removed_by_a_prefix_of_their_names_or_all_at_once() {
    let world = World::start().await;
    for name in ["ci-1-a", "ci-1-b", "ci-2"] {
        world.tenant(json!({ "name": name })).await;
    }
    world.delete("/tenants").await.error(400, "BadRequest");
    assert_eq!(world.delete("/tenants?prefix=ci-1-").await.status, 204);
    let left = world.get("/tenants").await.json(200);
    assert_eq!(left["value"].as_array().unwrap().len(), 1);
    assert_eq!(left["value"][0]["name"], "ci-2");
    assert_eq!(world.post("/reset", Json::Null).await.status, 204);
    assert_eq!(world.get("").await.json(200)["tenants"], 0);
}

#[tokio::test]
async fn the_openapi_document_has_the_members_of_a_tenant() {
    let world = World::start().await;
    let tenant = world.tenant(json!({ "name": "a" })).await;
    let document = world.get("/openapi.json").await.json(200);
    let schema = &document["components"]["schemas"]["tenant"];
    let validator = jsonschema::validator_for(&json!({
        "$ref": "#/components/schemas/tenant", "components": document["components"]
    }));
    validator.unwrap().validate(&tenant.json).unwrap();
    let (described, shown) = (schema["properties"].as_object(), tenant.json.as_object());
    assert_eq!(described.unwrap().len(), shown.unwrap().len());
}
