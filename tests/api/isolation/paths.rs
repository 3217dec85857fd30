//! Does an id in a path reach an entity of another tenant or parent? It must be answered like an id
//! that never existed.

use reqwest::Method;
use serde_json::json;

use crate::harness::{SCRIPTS, Server, send};

#[tokio::test]
async fn ids_of_another_tenant_are_answered_like_unknown_ids() {
    let server = Server::start().await;
    let (owner, other_tenant) = (server.client(), server.other_tenant());
    let script = owner.new_script().await;
    let user = owner.new_user_state(&script, "adele").await;
    let states = format!("{user}/deviceRunStates");
    owner.post(&states, &json!({ "id": "a" })).await.created();
    let never = format!("{SCRIPTS}/{}", uuid::Uuid::now_v7());
    let none = other_tenant.get(&never).await.refused(404, "ResourceNotFound");

    let script_state = format!("{script}/deviceRunStates/a");
    let entities = [script.clone(), user.clone(), script_state, format!("{states}/a")];
    for path in &entities {
        for method in [Method::GET, Method::PATCH, Method::DELETE] {
            let request = other_tenant.request(method, path);
            let reply = send(request.header("Content-Type", "application/json").body("{}")).await;
            assert_eq!(reply.refused(404, "ResourceNotFound"), none, "{path}");
        }
    }
    let script_states = format!("{script}/deviceRunStates");
    for path in [script_states, format!("{script}/userRunStates"), states] {
        assert_eq!(other_tenant.get(&path).await.refused(404, "ResourceNotFound"), none);
        let posted = other_tenant.post(&path, &json!({ "id": "a" })).await;
        assert_eq!(posted.refused(404, "ResourceNotFound"), none);
    }
    assert_eq!(other_tenant.get(SCRIPTS).await.ok()["value"], json!([]));
    for path in entities {
        assert_eq!(owner.get(&path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn an_entity_is_found_only_below_its_own_parents() {
    let server = Server::start().await;
    let client = server.client();
    let (script, other) = (client.new_script().await, client.new_script().await);
    let adele = client.new_user_state(&script, "adele").await;
    client.new_user_state(&script, "bert").await;
    client.post(&format!("{adele}/deviceRunStates"), &json!({ "id": "a" })).await.created();
    for path in [
        format!("{other}/userRunStates/adele"),
        format!("{other}/deviceRunStates/a"),
        format!("{other}/userRunStates/adele/deviceRunStates/a"),
        format!("{script}/userRunStates/bert/deviceRunStates/a"),
    ] {
        client.get(&path).await.refused(404, "ResourceNotFound");
        client.delete(&path).await.refused(404, "ResourceNotFound");
        client.patch(&path, &json!({})).await.refused(404, "ResourceNotFound");
    }
    assert_eq!(client.get(&format!("{adele}/deviceRunStates/a")).await.status, 200);
}

#[tokio::test]
async fn two_tenants_may_use_the_same_id() {
    let server = Server::start().await;
    for client in [server.client(), server.other_tenant()] {
        let script = client.new_script().await;
        client.new_user_state(&script, "adele").await;
        assert_eq!(client.get(SCRIPTS).await.ok()["value"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn the_database_refuses_a_reference_to_another_tenant() {
    let server = Server::start().await;
    let script = server.client().new_script().await;
    let script_id = uuid::Uuid::parse_str(script.rsplit('/').next().unwrap()).unwrap();
    let insert = "INSERT INTO user_state VALUES ($1, $2, 'x', 0, 0, NULL)";
    let mut database = server.database().await;
    let foreign = sqlx::query(insert).bind(uuid::Uuid::new_v4()).bind(script_id);
    let error = foreign.execute(&mut database).await.unwrap_err();
    assert_eq!(error.as_database_error().unwrap().constraint(), Some("user_state_script"));
    let own = sqlx::query(insert).bind(server.tenant()).bind(script_id);
    own.execute(&mut database).await.unwrap();
}
