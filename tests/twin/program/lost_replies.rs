//! A simulated fleet whose requests are committed and whose replies are lost: is everything there once?

use super::{Directory, Server, json_of, run, runstate, text, twin, with_twin};

/// Lets replies to requests of each kind be lost: 30 in all.
const RULES: [&str; 3] = [
    r#"{"when":{"method":"POST","every":2,"times":4},"then":{"lostReply":"close"}}"#,
    r#"{"when":{"method":"PATCH","entity":"managedDevice","first":6},"then":{"lostReply":"reset"}}"#,
    r#"{"when":{"method":"PATCH","entity":"deviceManagementScriptDeviceState","first":20},
        "then":{"lostReply":"close"}}"#,
];

#[test]
fn a_simulation_whose_replies_are_lost_after_the_commit_finds_what_it_acknowledged_once() {
    let data = Directory::new();
    let server = Server::of(with_twin(&data.0));
    json_of(&data.0, &server, &["create", "--id", "a"]);
    for rule in RULES {
        json_of(&data.0, &server, &["rule", "a", rule]);
    }
    let (_, token) = twin(&data.0, &server, &["token", "a"]);
    let simulate = |more: &[&str]| {
        let mut simulation = runstate(&data.0);
        simulation.args(["simulate", "--seed=3", "--quiet", "--server", &server.http]);
        run(simulation.args(["--token", token.trim()]).args(more))
    };
    let fleet = ["--devices=40", "--scripts=4", "--hours-per-second=0", "--days=2"];
    let output = simulate(&[&fleet[..], &["--report=json"]].concat());
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["measured"]["withoutReply"], 30, "{report:#}");
    let verification = &report["verification"];
    assert!(verification["acknowledged"].as_u64().unwrap() > 120, "{report:#}");
    assert_eq!(verification["found"], verification["acknowledged"]);
    for wrong in ["lost", "doubled", "others"] {
        assert_eq!(verification[wrong], 0, "{report:#}");
    }
    let cleaned = text(&simulate(&["--clean"]).stdout);
    assert_eq!(cleaned, "Deleted 8 scripts and 40 devices of seed 3.\n");
}
