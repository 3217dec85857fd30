//! What holds for every statement, whatever the request: texts of clients are binds, and requests of
//! one form share a prepared statement.

use std::iter;

use runstate::sql::{self, Statement};

use crate::request::{Request, SCRIPT, SCRIPTS, TENANT};

fn statements(request: &Request) -> Vec<Statement> {
    let query = request.query();
    let steps = iter::once(query.first).chain(query.others).map(|step| step.statement);
    steps.chain(sql::explanation(TENANT, &request.plan())).collect()
}

/// Requests that hold a text at each place where a client may write one.
fn requests_with(text: &str) -> Vec<Request> {
    let state = format!("{SCRIPT}/deviceRunStates/{text}");
    let body = |name: &str| format!(r#"{{"{name}": "{text}"}}"#);
    let target = format!(
        r##"{{"deviceManagementScriptAssignments": [{{"target": {{
            "@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": "{text}"}}}}]}}"##
    );
    let device =
        format!(r#"{{"managedDevice@odata.bind": "deviceManagement/managedDevices/{text}"}}"#);
    vec![
        Request::get(&state),
        Request::get(format!("{state}/managedDevice?$select=id")),
        Request::get(format!("{SCRIPT}/userRunStates/{text}/deviceRunStates/$count")),
        Request::get(format!("{SCRIPTS}?$filter=displayName eq '{text}'")),
        Request::get(format!("{SCRIPTS}?$filter=displayName in ('{text}','x')")),
        Request::get(format!("{SCRIPTS}?$filter=contains(displayName,'{text}')")),
        Request::get(format!("{SCRIPTS}?$filter=roleScopeTagIds/any(t:t eq '{text}')")),
        Request::get(format!("{SCRIPTS}?$orderby=concat(displayName,'{text}')")),
        Request::get(format!("{SCRIPTS}?$expand=deviceRunStates($filter=id eq '{text}')")),
        Request::post(SCRIPTS, &body("displayName")),
        Request::post(format!("{SCRIPT}/deviceRunStates"), &body("id")),
        Request::post(format!("{SCRIPT}/deviceRunStates"), &device),
        Request::post(format!("{SCRIPT}/assign"), &target),
        Request::post(
            format!("{SCRIPTS}/hasPayloadLinks"),
            &format!(r#"{{"payloadIds": ["{text}"]}}"#),
        ),
        Request::patch(&state, &body("resultMessage")),
        Request::patch(&state, &device),
        Request::delete(state),
    ]
}

#[test]
fn no_text_of_a_client_is_in_a_statement() {
    for request in requests_with("zqxj") {
        let Request { method, target, .. } = &request;
        for Statement { text, binds } in statements(&request) {
            assert!(!text.contains("zqxj"), "{method} {target}: {text}");
            let has_tenant = text.contains("$1::uuid AS tenant_id")
                || (text.contains("CASE WHEN set_config('runstate.tenants', $")
                    && text.contains("::text, true) IS NOT NULL THEN $1::uuid[] END"));
            assert!(has_tenant, "{method} {target} has no tenant: {text}");
            assert!(!binds.is_empty());
        }
        let binds = statements(&request).into_iter().flat_map(|statement| statement.binds);
        let is_bound = binds.into_iter().any(|cells| format!("{cells:?}").contains("zqxj"));
        assert!(is_bound, "{method} {target} does not bind the text");
    }
}

#[test]
fn requests_of_one_form_share_their_statements() {
    let texts = |text| {
        let requests = requests_with(text);
        requests.iter().flat_map(statements).map(|statement| statement.text).collect::<Vec<_>>()
    };
    assert_eq!(texts("one"), texts("another"));
}
