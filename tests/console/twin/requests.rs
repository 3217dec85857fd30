//! The record of what the clients of a tenant of the test twin sent.

use serde_json::json;

use super::{SCRIPTS, TENANTS, control, enter, press, tenant};
use crate::browser::{ENTER, ESCAPE};
use crate::fleet::Api;
use crate::world::browse;

#[test]
fn the_requests_of_a_client_are_listed_and_its_manners_judged() {
    browse(async |page| {
        let (id, token) = tenant(page).await;
        let api = Api::new(&page.world.server.http, &token);
        api.send("GET", SCRIPTS, &json!({})).await;
        enter(page, &format!("{TENANTS}/{id}/requests")).await;
        page.shows("1 request").await;
        page.shows("Each read has $select not by #1").await;
        page.shows("No batch has more than 20 requests yes").await;
        api.send("POST", SCRIPTS, &json!({ "displayName": "Second" })).await;
        page.shows("2 requests").await;
        page.until(
            "the newest is first",
            "document.querySelector('.request-of').textContent.startsWith('POST')",
        )
        .await;
        page.keys("j").await;
        page.keys(ENTER).await;
        page.shows("Request #2").await;
        page.shows(r#""displayName": "Second""#).await;
        page.assert_accessible("twin-request").await;
        page.keys(ESCAPE).await;
        press(page, "Check").await;
        page.shows("It holds").await;
        press(page, "At least one report of a failure").await;
        press(page, "Check").await;
        page.shows("It does not hold").await;
        // Each sample is an assertion that the server reads.
        let samples = page.await_script(
            "const { ASSERTIONS, MANNERS } = await import('/console/twin_rules.mjs'); \
             return [...ASSERTIONS.map(({ value }) => value), { manners: MANNERS.map(([name]) => name) }];",
            json!([]),
        );
        for sample in samples.await.as_array().unwrap() {
            let path = format!("{TENANTS}/{id}/requests/verify");
            assert!(control(page).send("POST", &path, sample).await["ok"].is_boolean());
        }
        page.go(&format!("{TENANTS}/{id}/requests?method=GET")).await;
        page.shows("1 request").await;
        press(page, "Forget all").await;
        page.shows("No request yet").await;
    });
}
