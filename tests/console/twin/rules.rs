//! The rules and the throttle of a tenant of the test twin.

use serde_json::json;

use super::{SCRIPTS, TENANTS, control, enter, fill, press, tenant};
use crate::world::browse;

#[test]
fn a_rule_of_a_documented_kind_is_added_hits_and_is_removed() {
    browse(async |page| {
        let (id, token) = tenant(page).await;
        let own = format!("{TENANTS}/{id}");
        enter(page, &format!("{own}/rules")).await;
        page.shows("No rule").await;
        // Each of the documented kinds is one that the server takes.
        let kinds = page.await_script(
            "const { FAULTS } = await import('/console/twin_rules.mjs'); return FAULTS.map(({ when = {}, then }) => ({ when, then }));",
            json!([]),
        );
        let kinds = kinds.await;
        for kind in kinds.as_array().unwrap() {
            let added = control(page).send("POST", &format!("{own}/rules"), kind).await;
            assert_eq!(added["then"], kind["then"]);
        }
        page.shows("Remove all").await;
        press(page, "Remove all").await;
        page.shows("No rule").await;

        let chosen = page.run("return [...document.querySelector('.twin-form select').options].findIndex((e) => e.textContent === 'Throttled')", json!([])).await;
        fill(page, ".twin-form select", &chosen.to_string()).await;
        fill(page, ".twin-form label:nth-child(2) select", "GET").await;
        fill(page, ".twin-form label:nth-child(4) select", "first").await;
        press(page, "Add the rule").await;
        page.shows(r#"{"throttle":{"retryAfter":10}}"#).await;
        page.shows(r#"when {"method":"GET","first":1}"#).await;
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = format!("{}{SCRIPTS}", page.world.server.http);
        for expected in [429, 200] {
            let reply = client.get(&url).bearer_auth(&token).send().await.unwrap();
            assert_eq!(reply.status().as_u16(), expected);
        }
        page.shows("1 of 2 matching requests").await;

        fill(page, ".twin-form textarea", r#"{"then":{"nonsense":true}}"#).await;
        press(page, "Add the rule").await;
        page.shows("an object with exactly one of").await;
        press(page, "Remove").await;
        page.shows("No rule").await;

        page.go(&format!("{own}/throttle")).await;
        page.shows("Requests are not throttled").await;
        press(page, "A tenth of it").await;
        press(page, "Set it").await;
        page.shows("Requests are throttled").await;
        let set = control(page).send("GET", &format!("{own}/throttle"), &json!({})).await;
        assert_eq!((&set["profile"], &set["scale"]), (&json!("intune-devices"), &json!(0.1)));
        fill(page, ".twin-form textarea", r#"{"scale":-1}"#).await;
        press(page, "Set it").await;
        page.shows("a number above 0").await;
    });
}
