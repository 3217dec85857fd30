//! What the examination finds in a database that is a part of an installation.

use std::fs;

use super::database::Database;
use super::{assert_has, lines};

#[tokio::test]
async fn a_tenant_that_another_part_serves_is_found_if_its_rows_are_here() {
    let world = Database::start().await;
    let [first, other] =
        [1, 2].map(|number| format!("7e570000-0000-4000-8000-00000000000{number}"));
    let of = |map: &str| {
        let file = world.data.0.join("tenants.map");
        fs::write(&file, map).unwrap();
        let mut command = world.doctor();
        command.env("RUNSTATE_TENANTS", file).env("RUNSTATE_PART", "part1");
        lines(&mut command).1
    };
    assert_has(&lines(&mut world.doctor()).1, &["ok tenants: all are served"]);
    let none = "ok tenants: none with scripts in this database is served elsewhere";
    assert_has(&of(&format!("{first} part1\n{other} part2\n")), &[none]);
    let elsewhere = format!(
        "warn tenants: with scripts in this database, but not served here: 1, the first is {first} -> If \
         another part serves it, its rows are in two parts: docs/operations/scaling.md, Move a tenant."
    );
    assert_has(&of(&format!("{first} part2\n{other} part1\n")), &[&elsewhere]);
    let twice = format!(
        "fail tenants: the server does not start: {}, line 2: the tenant {first} is on line 1 already -> \
         Correct RUNSTATE_TENANTS and RUNSTATE_PART.",
        world.data.0.join("tenants.map").display()
    );
    assert_has(&of(&format!("{first} part1\n{first} part2\n")), &[&twice]);
    let unknown = format!(
        "fail tenants: the server does not start: {} has no tenant of the part 'part1', so the server \
         would serve nobody -> Correct RUNSTATE_TENANTS and RUNSTATE_PART.",
        world.data.0.join("tenants.map").display()
    );
    assert_has(&of(&format!("{other} part2\n")), &[&unknown]);
    world
        .sql(
            "INSERT INTO closed_tenant (tenant, state)
             VALUES ('7e570000-0000-4000-8000-000000000001', 'moved')",
        )
        .await;
    assert_has(&of(&format!("{first} part2\n{other} part1\n")), &[none]);
    world.stop().await;
}
