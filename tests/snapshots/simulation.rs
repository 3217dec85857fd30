//! The requests of a simulated fleet: those of a tiny one as a golden file, and what other parameters
//! do not change in them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;
use runstate::simulate::{AgentRules, Codes, Incident, Mix, Profile, Simulation};
use serde_json::Value as Json;

use crate::golden::assert_text;

fn tiny() -> Profile {
    Profile {
        devices: 4,
        scripts: 2,
        days: 1,
        start: Some("2026-11-23T06:00:00Z".into()),
        mix: Mix { macs: 0.4, full_disks: 0.5, silent: 0.0, ..Mix::default() },
        ..Profile::default()
    }
}

fn larger() -> Profile {
    Profile { devices: 60, scripts: 5, days: 2, ..tiny() }
}

fn requests(profile: Profile) -> String {
    let now = DateTime::from_timestamp(0, 0).unwrap();
    let mut printed = Vec::new();
    Simulation::new(profile, now, true).unwrap().print(&mut printed).unwrap();
    String::from_utf8(printed).unwrap()
}

/// The reports of each state, in their order.
fn reports(profile: Profile) -> BTreeMap<String, Vec<Json>> {
    let mut reports: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    for line in requests(profile).lines() {
        let mut line: Json = serde_json::from_str(line).unwrap();
        if let Some((_, id)) = line["path"].as_str().unwrap().split_once("/deviceRunStates/") {
            reports.entry(id.to_owned()).or_default().push(line["body"].take());
        }
    }
    reports
}

#[test]
fn simulation() {
    assert_text("simulation", &requests(tiny()));
}

#[test]
fn more_devices_connections_and_scripts_change_nothing_of_what_is_there() {
    let base = reports(larger());
    let has_all = |profile: Profile| {
        let more = reports(profile);
        base.iter().all(|(id, reports)| more[id] == *reports)
    };
    assert!(base.len() > 200, "{}", base.len());
    assert!(has_all(Profile { devices: 90, ..larger() }));
    assert!(has_all(Profile { scripts: 6, ..larger() }));
    assert_eq!(requests(Profile { connections: 3, ..larger() }), requests(larger()));
    assert_ne!(requests(Profile { seed: 8, ..larger() }), requests(larger()));
}

#[test]
fn the_agents_of_the_documentation_repeat_a_failed_run_once_more() {
    let longest = |agent| {
        let profile = Profile { agent, mix: Mix { macs: 0.0, ..Mix::default() }, ..larger() };
        let failing = |reports: &Vec<Json>| reports.iter().all(|it| it["runState"] == "fail");
        let reports = reports(Profile { devices: 300, scripts: 3, shared: 0.0, ..profile });
        reports.into_values().filter(failing).map(|reports| reports.len()).max().unwrap()
    };
    // A script that is revised is repeated as often once more.
    assert_eq!((longest(AgentRules::Observed), longest(AgentRules::Documented)), (6, 8));
}

#[test]
fn codes_of_intune_are_99_without_a_description() {
    let pairs = |codes| -> BTreeSet<(bool, i64, bool)> {
        let reports = reports(Profile { codes, ..larger() });
        let reports = reports.into_values().flatten();
        reports
            .filter(|report| report["runState"] != "notApplicable")
            .map(|report| {
                let is_success = report["runState"] == "success";
                let code = report["errorCode"].as_i64().unwrap();
                (is_success, code, report["errorDescription"].is_null())
            })
            .collect()
    };
    let intune = BTreeSet::from([(true, 0, true), (false, 99, true)]);
    assert_eq!(pairs(Codes::Intune), intune);
    let rich = pairs(Codes::Rich);
    assert!(rich.iter().all(|(is_success, code, is_null)| {
        is_success == is_null && *is_success == (*code == 0)
    }));
    assert!(rich.len() > 3, "{rich:?}");
}

#[test]
fn scripts_of_users_are_not_applicable_on_windows_devices_that_are_only_registered() {
    let profile = |codes| Profile { devices: 300, codes, ..larger() };
    let text = requests(profile(Codes::Rich));
    let devices = text.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
    let registered: BTreeSet<String> = devices
        .filter(|device| device["body"]["operatingSystem"] == "Windows")
        .filter(|device| device["body"]["joinType"] == "azureADRegistered")
        .map(|device| device["path"].as_str().unwrap().rsplit('/').next().unwrap().to_owned())
        .collect();
    for (codes, has_description) in [(Codes::Rich, true), (Codes::Intune, false)] {
        let mut refused = BTreeSet::new();
        for (id, reports) in reports(profile(codes)) {
            // The state of a user has a third part.
            let parts: Vec<&str> = id.split(':').collect();
            let is_refused = parts.len() == 3 && registered.contains(parts[1]);
            for report in reports {
                assert_eq!(report["runState"] == "notApplicable", is_refused, "{id}");
                if is_refused {
                    assert_eq!(
                        (&report["errorCode"], &report["resultMessage"]),
                        (&Json::from(0), &Json::Null)
                    );
                    assert_eq!(report["errorDescription"].is_string(), has_description);
                    refused.insert(id.clone());
                }
            }
        }
        assert!(refused.len() > 4, "{refused:?}");
    }
}

#[test]
fn a_run_is_reported_as_pending_only_if_that_is_asked_for() {
    let states = |report_pending| {
        let reports = reports(Profile { report_pending, ..larger() });
        let last =
            reports.values().filter(|reports| reports.last().unwrap()["runState"] == "pending");
        assert_eq!(last.count(), 0);
        let all = reports.values().flatten();
        all.filter(|report| report["runState"] == "pending").count()
    };
    let all: usize = reports(larger()).values().map(Vec::len).sum();
    assert_eq!((states(false), states(true)), (0, all));
}

#[test]
fn an_incident_begins_on_the_second_day_with_its_own_text() {
    let profile = || Profile { devices: 200, incident: Incident::BadScript, days: 3, ..larger() };
    let bad: Vec<Json> = reports(profile()).into_values().flatten().collect();
    let bad = bad.iter().filter(|report| {
        report["resultMessage"].as_str().is_some_and(|text| text.contains("Unexpected token '}'"))
    });
    let times: Vec<&str> =
        bad.map(|report| report["lastStateUpdateDateTime"].as_str().unwrap()).collect();
    assert!(times.len() > 100, "{}", times.len());
    assert!(times.iter().all(|time| *time >= "2026-11-24T06:00:00Z"));
}

#[test]
fn a_storm_has_one_report_of_each_script_within_its_time() {
    let profile = || Profile { storm_seconds: Some(600), shared: 0.0, ..larger() };
    // A report and its ending have the same time.
    for (id, reports) in reports(Profile { report_pending: true, ..profile() }) {
        assert_eq!((reports.len(), &reports[0]["runState"]), (2, &"pending".into()), "{id}");
    }
    for (id, reports) in reports(profile()) {
        assert_eq!(reports.len(), 1, "{id}");
        let time = reports[0]["lastStateUpdateDateTime"].as_str().unwrap();
        assert!(("2026-11-23T06:00:00Z".."2026-11-23T06:10:00Z").contains(&time), "{time}");
    }
}
