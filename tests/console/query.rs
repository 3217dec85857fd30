//! Requests that a user writes in Query.

use serde_json::json;
use uuid::Uuid;

use crate::fleet::Api;
use crate::views::MANAGEMENT;
use crate::world::browse;

#[test]
fn a_query_may_write_and_a_delete_is_confirmed() {
    browse(async |page| {
        let token = page.world.token(Uuid::new_v4());
        let base = page.world.server.http.clone();
        let api = Api::new(&base, &token);
        let script = api.script("deviceManagementScripts", "Short-lived").await;
        let path = format!("{MANAGEMENT}/deviceManagementScripts/{script}");
        page.sign_in(&base, &token, &format!("{path};view=query")).await;
        page.shows("200 OK").await;
        page.shows("Short-lived").await;
        page.shows("You hold one.").await;
        let choose = "const select = document.querySelector('[aria-label=Method]'); \
                      select.value = arguments[0]; select.dispatchEvent(new Event('change'))";
        page.run(choose, json!(["PATCH"])).await;
        // What a request needs is shown before it is sent.
        let needed = page.text(".needed").await;
        assert!(needed.contains("ReadWrite.All") && !needed.contains(".Read.All"), "{needed}");
        page.find("#query-body").await.write(r#"{"displayName":"Renamed"}"#).await;
        page.click(".editor .primary").await;
        page.shows("\"Renamed\"").await;
        page.run(choose, json!(["DELETE"])).await;
        page.click(".editor .primary").await;
        page.shows("Delete this?").await;
        page.assert_accessible("confirm").await;
        page.click("dialog[open] button:not(.danger)").await;
        page.until("it is kept", "!document.querySelector('dialog[open]')").await;
        api.send("GET", &path, &json!({})).await;
        page.click(".editor .primary").await;
        page.click("dialog[open] .danger").await;
        page.shows("204 No Content").await;
        page.run(choose, json!(["GET"])).await;
        page.click(".editor .primary").await;
        page.shows("404 Not Found").await;
    });
}
