//! Two parts with two databases, whose tenants are in one file: no tenant is served by both.

use std::time::Duration;

use runstate::config::FIRST_TENANT;
use serde_json::json;
use uuid::Uuid;

use crate::server::Server;
use crate::system::eventually;
use crate::world::{World, token_of};

const SECOND_TENANT: Uuid = Uuid::from_u128(0x7e57_0000_0000_4000_8000_0000_0000_0002);
const SCRIPTS: &str = "beta/deviceManagement/deviceManagementScripts";
/// How long a server may take to read the file again, on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_tenant_with_one_line_in_the_file_of_all_parts_is_served_by_one_of_them() {
    let world = World::new().await;
    world.run("CREATE DATABASE second").await;
    let folder = world.server_folder();
    let tokens = [FIRST_TENANT, SECOND_TENANT].map(|tenant| token_of(&folder, tenant));
    let file = folder.join("tenants.map");
    let write = |of_first: &str, more: &str| {
        let map = format!(
            "# all parts\n{FIRST_TENANT} {of_first}\n{SECOND_TENANT} part2\n\
             fabrikam.example part2\n{more}"
        );
        // A file that is written half is not read.
        std::fs::write(file.with_extension("new"), map).unwrap();
        std::fs::rename(file.with_extension("new"), &file).unwrap();
    };
    write("part1", "");
    let start = async |url: &str, part: &str| {
        let settings = [("RUNSTATE_TENANTS", file.to_str().unwrap()), ("RUNSTATE_PART", part)];
        Server::start_with(&folder, url, &tokens[0], &settings).await
    };
    let second = format!("{}second", world.url().strip_suffix("runstate").unwrap());
    let servers = [start(world.url(), "part1").await, start(&second, "part2").await];
    // The statuses of both tenants at each server.
    let statuses = async || {
        let mut statuses = Vec::new();
        for server in &servers {
            for token in &tokens {
                statuses.push(server.get_with(token, SCRIPTS).await.status);
            }
        }
        statuses
    };
    assert_eq!(statuses().await, [200, 421, 421, 200]);
    let new = json!({ "displayName": "Written once" });
    let create = async |server: &Server| {
        server.send(reqwest::Method::POST, SCRIPTS, Some(&new), &tokens[0]).await.status
    };
    assert_eq!([create(&servers[0]).await, create(&servers[1]).await], [201, 421]);

    // A second line for the tenant makes the file useless to both.
    write("part1", &format!("{FIRST_TENANT} part2\n"));
    for server in &servers {
        server.signal("HUP");
        let text = format!("line 5: the tenant {FIRST_TENANT} is on line 2 already");
        eventually("the mistake is logged", TIMEOUT, async || {
            server.log().iter().any(|event| {
                let error = event["fields"]["error"].as_str();
                error.is_some_and(|error| error.ends_with(&text))
            })
        })
        .await;
    }
    assert_eq!(statuses().await, [200, 421, 421, 200]);
    assert_eq!([create(&servers[0]).await, create(&servers[1]).await], [201, 421]);

    // The part of a tenant changes while no part serves it.
    write("moving", "");
    eventually("nobody serves it", TIMEOUT, async || statuses().await == [421, 421, 421, 200])
        .await;
    let none = "the list of tenants has changed, and this part has none: all are refused";
    eventually("a part without tenants warns", TIMEOUT, async || {
        servers[0].log().iter().any(|event| {
            let fields = &event["fields"];
            event["level"] == "WARN" && fields["message"] == none && fields["part"] == "part1"
        })
    })
    .await;
    assert!(servers[1].log().iter().all(|event| event["fields"]["message"] != none));
    write("part2", "");
    eventually("the second part serves it", TIMEOUT, async || {
        statuses().await == [421, 421, 200, 200]
    })
    .await;
    assert_eq!([create(&servers[0]).await, create(&servers[1]).await], [421, 201]);
    drop(servers);
    world.end().await;
}
