//! Which requests for versions are refused?

use reqwest::Method;
use serde_json::json;

use super::reported;
use crate::harness::{SCRIPTS, Server, send};

#[tokio::test]
async fn versions_cannot_be_written() {
    let server = Server::start().await;
    let client = server.client();
    let state = reported(&client, &[1]).await;
    for path in [format!("{state}/history"), format!("{state}/history/1")] {
        for method in [Method::POST, Method::PATCH, Method::PUT, Method::DELETE] {
            let request = client.request(method.clone(), &path);
            let reply = send(request.header("Content-Type", "application/json").body("{}")).await;
            assert_eq!(reply.status, 405, "{method} {path}");
            assert_eq!(reply.header("allow"), Some("GET, HEAD, OPTIONS"), "{method} {path}");
        }
    }
    let body = json!({ "history": [] });
    let refused = client.patch(&state, &body).await.refused(400, "ModelValidationFailure");
    assert_eq!(refused, "The navigation property 'history' is read-only.");
}

#[tokio::test]
async fn wrong_options_are_refused_by_name() {
    let server = Server::start().await;
    let client = server.client();
    let state = reported(&client, &[1]).await;
    let states = state.trim_end_matches("/one");
    for (path, message) in [
        (
            format!("{state}/history?$filter=gone eq true"),
            "Could not find a property named 'gone' on type 'runstate.runStateVersion', at column 1 of \
          $filter.",
        ),
        (
            format!("{state}/history?$at=2026-01-01&$from=2026-01-01"),
            "The query options '$at' and '$from' exclude each other.",
        ),
        (
            format!("{state}/history?$to=2026-01-01&$toInclusive=2026-01-01"),
            "The query options '$to' and '$toInclusive' exclude each other.",
        ),
        (
            format!("{state}/history?$at=yesterday"),
            "The value 'yesterday' of $at is neither a date-time such as 2026-01-31T12:00:00Z nor a \
          date.",
        ),
        (
            format!("{state}/history?$expand=managedDevice"),
            "The query option '$expand' is not supported on this request. Supported options here are \
          $select, $filter, $orderby, $top, $skip, $count, $skiptoken, $at, $from, $to, \
          $toInclusive, $format.",
        ),
        (
            format!("{state}?$at=2026-01-01&$expand=managedDevice"),
            "The query option '$expand' is not supported on this request. Supported options here are \
          $at, $select, $format.",
        ),
        (
            format!("{state}?$from=2026-01-01"),
            "The query option '$from' is not supported on this request. Supported options here are \
          $select, $expand, $at, $format.",
        ),
        (
            format!("{states}?$at=2026-01-01"),
            "The query option '$at' is not supported on this request. Supported options here are \
          $select, $filter, $orderby, $expand, $top, $skip, $count, $skiptoken, $format.",
        ),
        (
            format!("{SCRIPTS}?$expand=deviceRunStates($expand=history($at=2026-01-01))"),
            "The value of $expand is not valid at column 33: the option '$at' is not supported here. \
          Supported options are $select, $filter, $orderby, $top, $skip, $count, $expand.",
        ),
    ] {
        assert_eq!(client.get(&path).await.refused(400, "BadRequest"), message, "{path}");
    }
}

#[tokio::test]
async fn without_extensions_there_is_no_history() {
    let server = Server::without_extensions().await;
    let client = server.client();
    let state = reported(&client, &[1, 2]).await;
    let states = state.trim_end_matches("/one");
    let unknown = "Resource not found for the segment 'history'.";
    for path in [format!("{state}/history"), format!("{state}/history/1")] {
        assert_eq!(client.get(&path).await.refused(400, "BadRequest"), unknown, "{path}");
        let options = send(client.request(Method::OPTIONS, &path)).await;
        assert_eq!(options.status, 400, "{path}");
    }
    for options in ["$expand=history", "$filter=history/any()", "$at=2030-01-01", "$select=history"]
    {
        assert_eq!(client.get(&format!("{states}?{options}")).await.status, 400, "{options}");
    }
    let all = client.get(&format!("{state}?$expand=*")).await.ok();
    assert_eq!(all.get("history"), None);
    let accept = "application/json;odata.metadata=full";
    let full = send(client.request(Method::GET, &state).header("Accept", accept)).await.ok();
    assert_eq!(full.get("history@odata.navigationLink"), None);
    let of = "microsoft.graph.deviceManagementScriptDeviceState";
    let unknown = format!(
        "The property 'history' does not exist on type '{of}'. \
         Make sure to only use property names that are defined by the type."
    );
    for body in [json!({ "history": [] }), json!({ "history@odata.bind": [] })] {
        assert_eq!(
            client.patch(&state, &body).await.refused(400, "ModelValidationFailure"),
            unknown
        );
    }
    let mut messages = Vec::new();
    for name in ["runstate.runStateVersion", "runstate.nothing"] {
        let reply = client.patch(&state, &json!({ "@odata.type": format!("#{name}") })).await;
        messages.push(reply.refused(400, "ModelValidationFailure").replace(name, "runstate.…"));
    }
    assert_eq!(messages[0], messages[1], "the name of a hidden type is like any other");
}
