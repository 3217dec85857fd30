//! How does a body refer to an entity of another collection?

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::harness::{Client, DEVICES, SCRIPTS, Server, send};

/// A client, the path of a run state, and the devices `dv1` and `dv2`.
async fn state_and_devices(server: &Server) -> (Client, String) {
    let client = server.client();
    for id in ["dv1", "dv2"] {
        client.post(DEVICES, &json!({ "id": id })).await.created();
    }
    let states = format!("{}/deviceRunStates", client.new_script().await);
    client.post(&states, &json!({ "id": "s" })).await.created();
    (client, format!("{states}/s"))
}

/// The id of the device that a run state refers to, or null.
async fn device_of(client: &Client, state: &str) -> Json {
    let state = client.get(&format!("{state}?$expand=managedDevice")).await.ok();
    state["managedDevice"].get("id").cloned().unwrap_or_default()
}

#[tokio::test]
async fn bind_is_read_in_any_case() {
    let server = Server::start().await;
    let (client, state) = state_and_devices(&server).await;
    for name in [
        "managedDevice@odata.bind",
        "managedDevice@Odata.bind",
        "managedDevice@OData.Bind",
        "MANAGEDDEVICE@ODATA.BIND",
        "managedDevice@Bind",
    ] {
        let bind = |url: Json| json!({ name: url });
        client.patch(&state, &bind(json!("deviceManagement/managedDevices('dv1')"))).await.ok();
        assert_eq!(device_of(&client, &state).await, "dv1", "{name}");
        let target = name.split_once('@').unwrap().0;
        let nonesuch = bind(json!("deviceManagement/managedDevices('nonesuch')"));
        client.patch(&state, &nonesuch).await.refused(400, "BadRequest");
        assert_eq!(
            client.patch(&state, &bind(json!(1))).await.refused(400, "ModelValidationFailure"),
            format!("'{target}@odata.bind' must be a URL in a string, not a number.")
        );
        assert_eq!(device_of(&client, &state).await, "dv1", "{name}");
        client.patch(&state, &bind(Json::Null)).await.ok();
        assert_eq!(device_of(&client, &state).await, Json::Null, "{name}");
    }
    let twice = json!({
        "managedDevice@OData.Bind": "deviceManagement/managedDevices('dv1')",
        "managedDevice@odata.bind": "deviceManagement/managedDevices('dv2')",
    });
    assert_eq!(
        client.patch(&state, &twice).await.refused(400, "ModelValidationFailure"),
        "The property 'managedDevice' is given more than once."
    );
    assert_eq!(device_of(&client, &state).await, Json::Null);
}

#[tokio::test]
async fn a_reference_is_a_path_or_an_http_url_of_any_host() {
    let server = Server::start().await;
    let (client, state) = state_and_devices(&server).await;
    let bind = |url: &str| json!({ "managedDevice@odata.bind": url });
    for url in [
        "deviceManagement/managedDevices('dv1')",
        "deviceManagement/managedDevices/dv1",
        "/beta/deviceManagement/managedDevices/dv1",
        "https://graph.microsoft.com/beta/deviceManagement/managedDevices('dv1')",
        "HTTP://localhost:8080/beta/deviceManagement/managedDevices/dv1",
        "https://proxy.example.com/deviceManagement/managedDevices('dv1')",
    ] {
        client.patch(&state, &bind(url)).await.ok();
        assert_eq!(device_of(&client, &state).await, "dv1", "{url}");
        client.patch(&state, &json!({ "managedDevice@odata.bind": null })).await.ok();
    }
    for url in [
        "ftp://example.com/beta/deviceManagement/managedDevices/dv1",
        "file:///beta/deviceManagement/managedDevices/dv1",
        "://example.com/beta/deviceManagement/managedDevices/dv1",
        "http:///beta/deviceManagement/managedDevices/dv1",
        "//example.com/beta/deviceManagement/managedDevices/dv1",
        "http:/beta/deviceManagement/managedDevices/dv1",
        "https://example.com",
        "https://example.com/v1.0/deviceManagement/managedDevices/dv1",
        "deviceManagement/deviceManagementScripts/dv1",
        "deviceManagement/managedDevices",
        "",
    ] {
        assert_eq!(
            client.patch(&state, &bind(url)).await.refused(400, "BadRequest"),
            format!(
                "'managedDevice@odata.bind' names no managedDevice of this service: '{url}'. Send \
                 the path deviceManagement/managedDevices('{{id}}'), or an http or https URL with \
                 this path."
            )
        );
        assert_eq!(device_of(&client, &state).await, Json::Null, "{url}");
    }
}

#[tokio::test]
async fn only_a_reference_can_be_bound() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let before = client.get(&script).await.ok();
    for name in ["deviceRunStates", "RunSummary", "displayName"] {
        let body = json!({ format!("{name}@odata.bind"): ["x"] });
        assert_eq!(
            client.patch(&script, &body).await.refused(400, "ModelValidationFailure"),
            format!(
                "'{name}@odata.bind' is not supported: '{name}' does not refer to an entity of \
                 another collection."
            )
        );
    }
    let body = json!({ "nonsense@odata.bind": "x" });
    assert_eq!(
        client.patch(&script, &body).await.refused(400, "ModelValidationFailure"),
        "The property 'nonsense' does not exist on type 'microsoft.graph.deviceManagementScript'. \
         Make sure to only use property names that are defined by the type."
    );
    assert_eq!(client.get(&script).await.ok(), before);
}

#[tokio::test]
async fn the_type_of_a_complex_value_is_read_in_any_case_but_once() {
    let server = Server::start().await;
    let client = server.client();
    let assignments = format!("{}/assignments", client.new_script().await);
    let all = "#microsoft.graph.allDevicesAssignmentTarget";
    let text = format!("{{\"target\":{{\"@OData.Type\":\"{all}\"}}}}");
    let created = client.post_text(&assignments, &text).await.created();
    assert_eq!(created["target"]["@odata.type"], all);
    let text = format!("{{\"target\":{{\"@odata.type\":\"{all}\",\"@type\":\"{all}\"}}}}");
    assert_eq!(
        client.post_text(&assignments, &text).await.refused(400, "ModelValidationFailure"),
        "The property 'target' cannot be read: The property '@type' is given more than once."
    );
    let reply = client.post(&assignments, &json!({ "@Odata.Type": 1 })).await;
    assert_eq!(
        reply.refused(400, "ModelValidationFailure"),
        "The annotation '@odata.type' is not a string."
    );
    assert_eq!(client.get(&assignments).await.ok()["value"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_missing_entity_is_named_with_its_property_and_its_place() {
    let server = Server::start().await;
    let (client, state) = state_and_devices(&server).await;
    server.other_tenant().post(DEVICES, &json!({ "id": "theirs" })).await.created();
    let states = state.strip_suffix("/s").unwrap();
    let script = states.strip_suffix("/deviceRunStates").unwrap();
    let words = |id: &str| {
        format!("'managedDevice@odata.bind' names a managedDevice that does not exist: '{id}'.")
    };
    for id in ["nonesuch", "theirs"] {
        let path = format!("deviceManagement/managedDevices('{id}')");
        let bind = json!({ "managedDevice@odata.bind": path });
        let new = json!({ "id": "new", "managedDevice@odata.bind": path });
        let upsert = client.request(Method::PATCH, &format!("{states}/new"));
        let upsert = upsert.header("Prefer", "create-if-missing").json(&bind);
        for refused in [
            client.post(states, &new).await,
            client.post(states, &bind).await,
            client.patch(&state, &bind).await,
            send(upsert).await,
        ] {
            assert_eq!(refused.refused(400, "BadRequest"), words(id));
        }
        let good = "deviceManagement/managedDevices('dv1')";
        let nested = json!([{ "managedDevice@odata.bind": good }, { "id": "b" }, bind]);
        let body = json!({ "deviceRunStates": nested });
        let message = client.post(SCRIPTS, &body).await.refused(400, "BadRequest");
        assert_eq!(message, format!("In deviceRunStates[2]: {}", words(id)));
        let body = json!({ "userRunStates": [{}, { "deviceRunStates": nested }] });
        let message = client.post(SCRIPTS, &body).await.refused(400, "BadRequest");
        let place = "In userRunStates[1]: In deviceRunStates[2]";
        assert_eq!(message, format!("{place}: {}", words(id)));
        let user = json!({ "id": "u", "deviceRunStates": nested });
        let users = format!("{script}/userRunStates");
        let message = client.post(&users, &user).await.refused(400, "BadRequest");
        assert_eq!(message, format!("In deviceRunStates[2]: {}", words(id)));
    }
    assert_eq!(client.ids(states).await, ["s"]);
    assert_eq!(client.get(&format!("{SCRIPTS}/$count")).await.body, "1");
    assert_eq!(device_of(&client, &state).await, Json::Null);
}
