//! Which permission allows which operation, and what does a refusal contain? `tests/auth` tests how a
//! token is verified.

use reqwest::Method;
use runstate::auth::TokenRequest;
use runstate::model::permission::Profile;
use serde_json::json;
use uuid::Uuid;

use crate::harness::{
    Client, READ_SCOPE, Reply, SCRIPTS, Server, WRITE_SCOPE, application, send, user,
};

const PERSONAL: Uuid = Uuid::from_u128(0x9188_040d_6c67_4c5b_b112_36a3_04b6_6dad);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Script,
    DeviceState,
    UserState,
}

const READS: [(Method, bool); 2] = [(Method::GET, true), (Method::GET, false)];
const WRITES: [(Method, bool); 3] =
    [(Method::POST, true), (Method::PATCH, false), (Method::DELETE, false)];

/// The path of a collection, or of an entity in it that does not exist.
fn path(kind: Kind, collection: bool) -> String {
    let script = format!("{SCRIPTS}/{}", Uuid::new_v4());
    let (path, key) = match kind {
        Kind::Script => (SCRIPTS.to_owned(), Uuid::new_v4().to_string()),
        Kind::DeviceState => (format!("{script}/deviceRunStates"), "a".into()),
        Kind::UserState => (format!("{script}/userRunStates"), "a".into()),
    };
    if collection { path } else { format!("{path}/{key}") }
}

async fn call(client: &Client, method: &Method, path: &str) -> Reply {
    let request = client.request(method.clone(), path);
    send(request.header("Content-Type", "application/json").body("{}")).await
}

/// Asserts which operations on a kind of entity a client may use. Any status but 403 means that it may.
async fn assert_passes(client: &Client, kind: Kind, list: bool, get: bool, write: bool) {
    let reads =
        READS.map(|(method, collection)| (method, collection, if collection { list } else { get }));
    let writes = WRITES.map(|(method, collection)| (method, collection, write));
    for (method, collection, passes) in reads.into_iter().chain(writes) {
        let reply = call(client, &method, &path(kind, collection)).await;
        assert_eq!(reply.status != 403, passes, "{method} {kind:?} {collection}: {reply:?}");
    }
}

const KINDS: [Kind; 3] = [Kind::Script, Kind::DeviceState, Kind::UserState];

#[tokio::test]
async fn the_default_permissions_are_two_delegated_scopes() {
    let server = Server::start().await;
    for kind in KINDS {
        assert_passes(&server.client_with_scopes(&[WRITE_SCOPE]), kind, true, true, true).await;
        assert_passes(&server.client_with_scopes(&[READ_SCOPE]), kind, true, true, false).await;
        for scope in [
            "User.Read",
            "DeviceManagementScripts.ReadWrite.All",
            "DeviceManagementManagedDevices.ReadWrite.All.More",
            "DeviceManagementManagedDevices.ReadWrite",
            "devicemanagementmanageddevices.readwrite.all",
        ] {
            assert_passes(&server.client_with_scopes(&[scope]), kind, false, false, false).await;
        }
        let several = server.client_with_scopes(&["openid", WRITE_SCOPE]);
        assert_passes(&several, kind, true, true, true).await;
    }
}

#[tokio::test]
async fn the_current_permissions_are_those_of_graphs_documentation() {
    let server = Server::with_profile(Profile::Current).await;
    let rows = [
        (
            "DeviceManagementScripts.Read.All",
            [(true, true, false), (true, false, false), (false, false, false)],
        ),
        (
            "DeviceManagementScripts.ReadWrite.All",
            [(true, true, true), (true, false, false), (false, false, false)],
        ),
        (
            "DeviceManagementConfiguration.Read.All",
            [(true, true, false), (false, true, false), (true, true, false)],
        ),
        (
            "DeviceManagementConfiguration.ReadWrite.All",
            [(true, true, true), (false, true, true), (true, true, true)],
        ),
        (READ_SCOPE, [(false, false, false), (false, true, false), (true, true, false)]),
        (WRITE_SCOPE, [(false, false, false), (false, true, true), (true, true, true)]),
    ];
    for (permission, columns) in rows {
        let delegated = server.client_with_scopes(&[permission]);
        let application = server.client_of(&application(server.tenant(), &[permission]));
        for client in [delegated, application] {
            for (kind, (list, get, write)) in KINDS.into_iter().zip(columns) {
                assert_passes(&client, kind, list, get, write).await;
            }
        }
    }
}

#[tokio::test]
async fn the_default_permissions_refuse_applications() {
    let server = Server::start().await;
    let client = server.client_of(&application(server.tenant(), &[WRITE_SCOPE]));
    for kind in KINDS {
        assert_passes(&client, kind, false, false, false).await;
    }
}

#[tokio::test]
async fn the_profile_either_permits_what_one_of_the_editions_permits() {
    let server = Server::with_profile(Profile::Either).await;
    let scripts = "DeviceManagementScripts.ReadWrite.All";
    // A user passes by the founding edition, or by today's.
    for kind in KINDS {
        assert_passes(&server.client_with_scopes(&[WRITE_SCOPE]), kind, true, true, true).await;
        assert_passes(&server.client_with_scopes(&[READ_SCOPE]), kind, true, true, false).await;
        assert_passes(&server.client_with_scopes(&["User.Read"]), kind, false, false, false).await;
    }
    let user = server.client_with_scopes(&[scripts]);
    assert_passes(&user, Kind::Script, true, true, true).await;
    assert_passes(&user, Kind::DeviceState, true, false, false).await;
    // An application passes by today's edition only.
    let of_today = server.client_of(&application(server.tenant(), &[scripts]));
    assert_passes(&of_today, Kind::Script, true, true, true).await;
    let of_founding = server.client_of(&application(server.tenant(), &[WRITE_SCOPE]));
    assert_passes(&of_founding, Kind::Script, false, false, false).await;
    assert_passes(&of_founding, Kind::DeviceState, false, true, true).await;
    let reply = of_founding.get(SCRIPTS).await;
    reply.refused(403, "Forbidden");
    let accepted = &reply.json()["error"]["innerError"]["acceptedPermissions"];
    let today = [
        "DeviceManagementScripts.Read.All",
        scripts,
        "DeviceManagementConfiguration.Read.All",
        "DeviceManagementConfiguration.ReadWrite.All",
    ];
    assert_eq!(*accepted, json!(today));
    let reply = server.client_with_scopes(&["User.Read"]).get(SCRIPTS).await;
    let accepted = &reply.json()["error"]["innerError"]["acceptedPermissions"];
    assert_eq!(*accepted, json!([&[READ_SCOPE, WRITE_SCOPE][..], &today].concat()));
}

#[tokio::test]
async fn the_roles_of_a_user_do_not_count_as_scopes() {
    let server = Server::start().await;
    let roles = vec![WRITE_SCOPE.to_owned()];
    let request = TokenRequest { roles, ..user(server.tenant(), &["User.Read"]) };
    server.client_of(&request).get(SCRIPTS).await.refused(403, "Forbidden");
}

#[tokio::test]
async fn a_personal_account_is_refused() {
    for profile in [Profile::Seed, Profile::Current, Profile::Either] {
        let server = Server::with_profile(profile).await;
        let client = server
            .client_of(&user(PERSONAL, &[WRITE_SCOPE, "DeviceManagementScripts.ReadWrite.All"]));
        let message = client.get(SCRIPTS).await.refused(403, "Forbidden");
        assert!(message.contains("Personal Microsoft accounts"), "{message}");
    }
}

#[tokio::test]
async fn a_403_lists_the_accepted_and_the_held_permissions() {
    let server = Server::start().await;
    let reply =
        server.client_with_scopes(&["User.Read", READ_SCOPE]).post(SCRIPTS, &json!({})).await;
    let message = reply.refused(403, "Forbidden");
    assert!(message.contains(&format!("one of the following scopes: {WRITE_SCOPE}")), "{message}");
    let inner = &reply.json()["error"]["innerError"];
    assert_eq!(inner["acceptedPermissions"], json!([WRITE_SCOPE]));
    assert_eq!(inner["heldPermissions"], json!(["User.Read", READ_SCOPE]));
}

#[tokio::test]
async fn a_401_gives_no_details() {
    let server = Server::start().await;
    for (token, message, challenge) in [
        (None, "Access token is empty.", "Bearer realm=\"\""),
        (
            Some("a.b.c".into()),
            "Access token validation failure.",
            "Bearer realm=\"\", error=\"invalid_token\"",
        ),
    ] {
        let reply = server.client_with_token(token).get(SCRIPTS).await;
        assert_eq!(reply.refused(401, "InvalidAuthenticationToken"), message);
        assert_eq!(reply.header("www-authenticate"), Some(challenge));
        let inner = reply.json()["error"]["innerError"].as_object().unwrap().clone();
        assert_eq!(inner.keys().collect::<Vec<_>>(), ["client-request-id", "date", "request-id"]);
    }
}

#[tokio::test]
async fn a_token_is_accepted_only_in_the_authorization_header() {
    let server = Server::start().await;
    let token = server.token(&user(server.tenant(), &[WRITE_SCOPE]));
    let nobody = server.client_with_token(None);
    let in_query = format!("{SCRIPTS}?access_token={token}");
    nobody.get(&in_query).await.refused(401, "InvalidAuthenticationToken");
    let form = nobody.request(Method::POST, SCRIPTS).body(format!("access_token={token}"));
    let form = form.header("Content-Type", "application/x-www-form-urlencoded");
    send(form).await.refused(401, "InvalidAuthenticationToken");
    for name in ["Cookie", "X-Access-Token", "Proxy-Authorization"] {
        let request = nobody.request(Method::GET, SCRIPTS).header(name, format!("Bearer {token}"));
        send(request).await.refused(401, "InvalidAuthenticationToken");
    }
    let reply = server.client().get(&in_query).await;
    assert!(!reply.refused(400, "BadRequest").contains(&token), "the message repeats the token");
}

#[tokio::test]
async fn authentication_and_permissions_are_checked_before_the_request() {
    let server = Server::start().await;
    let (nobody, reader) =
        (server.client_with_token(None), server.client_with_scopes(&[READ_SCOPE]));
    nobody.get("/beta/nonsense").await.refused(401, "InvalidAuthenticationToken");
    nobody.post_text(SCRIPTS, "not json").await.refused(401, "InvalidAuthenticationToken");
    reader.post_text(SCRIPTS, "not json").await.refused(403, "Forbidden");
}
