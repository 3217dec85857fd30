//! Who may read and write policies?

use reqwest::Method;
use runstate::model::permission::Profile;

use super::{TENANT, policy_of};
use crate::harness::{Client, READ_SCOPE, Server, WRITE_SCOPE, application, send};

/// Whether a client may read, and whether it may write: any status but 403.
async fn may(client: &Client, script: &str) -> (bool, bool) {
    let (mut reads, mut writes) = (Vec::new(), Vec::new());
    for (method, path) in [
        (Method::GET, TENANT),
        (Method::GET, script),
        (Method::PATCH, TENANT),
        (Method::PUT, script),
        (Method::DELETE, script),
        (Method::DELETE, TENANT),
    ] {
        let request = client.request(method.clone(), path);
        let reply = send(request.header("Content-Type", "application/json").body("{}")).await;
        let may = reply.status != 403;
        assert!(!may || [200, 204].contains(&reply.status), "{reply:?}");
        if method == Method::GET { reads.push(may) } else { writes.push(may) }
    }
    assert!(reads.iter().all(|may| *may == reads[0]), "{reads:?}");
    assert!(writes.iter().all(|may| *may == writes[0]), "{writes:?}");
    (reads[0], writes[0])
}

#[tokio::test]
async fn who_may_read_scripts_reads_policies_and_who_may_write_scripts_writes_them() {
    let server = Server::start().await;
    let script = policy_of(&server.client().new_script().await);
    let delegated = |scope: &str| server.client_with_scopes(&[scope]);
    assert_eq!(may(&delegated(WRITE_SCOPE), &script).await, (true, true));
    assert_eq!(may(&delegated(READ_SCOPE), &script).await, (true, false));
    assert_eq!(
        may(&delegated("DeviceManagementScripts.ReadWrite.All"), &script).await,
        (false, false)
    );
    let of_application = application(server.tenant(), &[WRITE_SCOPE]);
    assert_eq!(may(&server.client_of(&of_application), &script).await, (false, false));
}

#[tokio::test]
async fn todays_permissions_are_those_of_scripts_as_well() {
    let server = Server::with_profile(Profile::Current).await;
    let scripts = server.client_with_scopes(&["DeviceManagementConfiguration.ReadWrite.All"]);
    let script = policy_of(&scripts.new_script().await);
    for (permission, expected) in [
        ("DeviceManagementScripts.Read.All", (true, false)),
        ("DeviceManagementScripts.ReadWrite.All", (true, true)),
        ("DeviceManagementConfiguration.Read.All", (true, false)),
        ("DeviceManagementConfiguration.ReadWrite.All", (true, true)),
        (READ_SCOPE, (false, false)),
        (WRITE_SCOPE, (false, false)),
    ] {
        let delegated = server.client_with_scopes(&[permission]);
        assert_eq!(may(&delegated, &script).await, expected, "{permission}");
        let of_application = application(server.tenant(), &[permission]);
        let of_application = server.client_of(&of_application);
        assert_eq!(may(&of_application, &script).await, expected, "{permission} as a role");
    }
}

#[tokio::test]
async fn a_caller_learns_nothing_before_the_token_and_the_permission_are_checked() {
    let server = Server::start().await;
    let nobody = server.client_with_token(None);
    for path in [TENANT, "/runstate/v1/retention/scripts/x", "/runstate/v1/nonsense"] {
        nobody.get(path).await.refused(401, "InvalidAuthenticationToken");
    }
    let reader = server.client_with_scopes(&[READ_SCOPE]);
    let wrong = reader.request(Method::PATCH, TENANT).header("Content-Type", "text/plain");
    let refused = send(wrong.body("nonsense")).await;
    let message = refused.refused(403, "Forbidden");
    assert!(message.ends_with(WRITE_SCOPE), "{message}");
}
