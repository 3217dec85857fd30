//! The console without a mouse.

use serde_json::json;

use crate::browser::{ENTER, ESCAPE, TAB};
use crate::page::Page;
use crate::views::MANAGEMENT;
use crate::world::browse;

async fn focused(page: &Page, expression: &str) -> String {
    let value = page.run(&format!("return document.activeElement.{expression}"), json!([])).await;
    value.as_str().unwrap_or_default().to_owned()
}

#[test]
fn keys_lead_through_the_sections_and_their_rows() {
    browse(async |page| {
        page.console("").await;
        page.shows("FileVault: check escrow").await;
        page.keys("gd").await;
        page.shows("LYN-5CG3400XKT").await;
        page.keys("j").await;
        assert_eq!(focused(page, "textContent").await, "LYN-5CG3400XKT");
        page.keys("jj").await;
        page.keys("k").await;
        assert_eq!(focused(page, "textContent").await, "LYN-5CG3401XKT");
        page.keys(ENTER).await;
        page.shows("Seven days").await;
        page.keys("gu").await;
        page.shows("2 user states").await;
        page.keys("gq").await;
        page.shows("any request that your token permits").await;
        page.keys("gs").await;
        page.shows("3 scripts").await;
    });
}

#[test]
fn the_search_finds_scripts_devices_and_users() {
    browse(async |page| {
        page.console("").await;
        page.shows("FileVault: check escrow").await;
        page.keys("/").await;
        assert_eq!(focused(page, "id").await, "search");
        page.keys("LYN-5CG3407").await;
        page.until("a device", "document.querySelectorAll('[role=option]').length === 1").await;
        page.assert_accessible("search").await;
        page.keys(ENTER).await;
        page.shows("Seven days").await;
        assert!(page.address().await.ends_with("/managedDevices/device-07"));

        page.keys("/FileVault").await;
        page.until(
            "a script",
            "document.querySelector('[role=option]')?.textContent.includes('check escrow')",
        )
        .await;
        page.keys(ESCAPE).await;
        page.until("no list", "!document.querySelector('[role=option]')").await;

        page.keys("/chloe").await;
        page.until(
            "a user",
            "document.querySelector('[role=option]')?.textContent.includes('Chloé Laurent')",
        )
        .await;
        page.keys(ENTER).await;
        page.shows("Devices of chloe.laurent@contoso.example").await;
        page.shows("2 devices").await;
    });
}

#[test]
fn the_help_lists_the_keys_and_gives_the_focus_back() {
    browse(async |page| {
        page.console(&format!("{MANAGEMENT}/managedDevices")).await;
        page.shows("LYN-5CG3400XKT").await;
        page.keys("j").await;
        page.keys("?").await;
        page.shows("find a script, device or user").await;
        page.assert_accessible("help").await;
        page.keys(ESCAPE).await;
        page.until("the help is closed", "!document.querySelector('dialog[open]')").await;
        assert_eq!(focused(page, "textContent").await, "LYN-5CG3400XKT");
    });
}

#[test]
fn every_stop_of_the_tab_key_is_seen() {
    browse(async |page| {
        page.console(&format!("{MANAGEMENT}/managedDevices/device-00")).await;
        page.shows("Seven days").await;
        page.settles().await;
        let mut seen = 0;
        for _ in 0..24 {
            page.keys(TAB).await;
            let script = "const e = document.activeElement; \
                if (e === document.body) return 'body'; \
                const { outlineStyle, outlineWidth } = getComputedStyle(e); \
                const box = e.getBoundingClientRect(); \
                const isSeen = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 && box.width > 0 \
                    && box.bottom > 0 && box.top < innerHeight; \
                return isSeen ? 'seen' : e.outerHTML.slice(0, 200);";
            match page.run(script, json!([])).await.as_str().unwrap() {
                "seen" => seen += 1,
                "body" => {}
                hidden => panic!("the focus is not to be seen on {hidden}"),
            }
        }
        assert!(seen > 20, "{seen}");
    });
}

#[test]
fn the_copied_curl_line_runs_as_it_stands() {
    browse(async |page| {
        page.console(&format!(
            "{MANAGEMENT}/managedDevices?$filter=startswith(deviceName,'LYN-5CG340')"
        ))
        .await;
        page.shows("10 devices").await;
        page.keys("cc").await;
        page.shows("curl copied").await;
        let line = page.await_script("return navigator.clipboard.readText()", json!([])).await;
        let line = line.as_str().unwrap();
        let token = &page.world.fleet().await.token;
        assert!(line.contains("$TOKEN") && !line.contains(token.as_str()), "{line}");
        let output = std::process::Command::new("sh")
            .args(["-c", line])
            .env("TOKEN", token)
            .output()
            .unwrap();
        let reply: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(reply["value"].as_array().unwrap().len(), 10);
    });
}
