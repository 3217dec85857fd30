//! Is a create with an id from the client executed only once?

use serde_json::json;

use super::count;
use crate::harness::{DEVICES, Server};

#[tokio::test]
async fn a_repeated_id_is_409_on_every_route_and_the_first_entity_stays() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let user = client.new_user_state(&script, "adele").await;
    for (id, collection) in [
        ("a", format!("{script}/userRunStates")),
        ("b", format!("{script}/deviceRunStates")),
        ("c", format!("{user}/deviceRunStates")),
        ("d", DEVICES.to_owned()),
    ] {
        let body = json!({ "id": id });
        let first = client.post(&collection, &body).await;
        first.created();
        let before = count(&client, &collection).await;
        let again = client.post(&collection, &body).await.refused(409, "Conflict");
        assert!(again.contains(&format!("'{id}'")), "{again}");
        assert_eq!(count(&client, &collection).await, before);
        let found = client.get(&format!("{collection}/{id}")).await;
        assert_eq!(found.header("etag"), first.header("etag"));
    }
    let users = format!("{script}/userRunStates");
    let deep = json!({ "id": "deep", "deviceRunStates": [{ "id": "e" }, { "id": "b" }] });
    client.post(&users, &deep).await.refused(409, "Conflict");
    for path in [format!("{users}/deep"), format!("{script}/deviceRunStates/e")] {
        client.get(&path).await.refused(404, "ResourceNotFound");
    }
}

#[tokio::test]
async fn a_repeated_group_assignment_is_409_on_both_routes() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let target = json!({ "@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": "g" });
    let (all, of_groups) = (format!("{script}/assignments"), format!("{script}/groupAssignments"));
    client.post(&all, &json!({ "target": target })).await.created();
    client.post(&all, &json!({ "target": target })).await.refused(409, "Conflict");
    client.post(&of_groups, &json!({ "targetGroupId": "g" })).await.refused(409, "Conflict");
    assert_eq!(count(&client, &all).await, "1");
}
