//! The scripts are consistent: names, conditions, incidents and failing lines.

use std::collections::BTreeSet;

use super::*;
use crate::simulate::fleet::{Fleet, Mix};

/// The most causes that an event can tell apart.
const MAX_CAUSES: usize = 60;

fn all(number: u8, incident: Incident) -> Vec<Script> {
    scripts(number, true, incident).unwrap()
}

#[test]
fn each_platform_has_as_many_scripts_as_asked_for_with_different_names() {
    for number in [1, 12, 13, MAX_SCRIPTS] {
        let scripts = all(number, Incident::None);
        let names: BTreeSet<&str> = scripts.iter().map(|script| script.name.as_str()).collect();
        assert_eq!(names.len(), 2 * usize::from(number));
        assert!(scripts.iter().all(|script| script.causes.len() < MAX_CAUSES));
    }
    assert_eq!(scripts(12, false, Incident::None).unwrap().len(), 12);
}

#[test]
fn more_scripts_leave_the_first_ones_as_they_are() {
    let names = |number| -> Vec<String> {
        let windows =
            all(number, Incident::None).into_iter().filter(|it| it.platform == Platform::Windows);
        windows.map(|script| script.name).collect()
    };
    assert_eq!(names(20)[..12], names(12));
}

#[test]
fn an_incident_revises_one_script_and_adds_a_cause_to_it() {
    let usual = all(12, Incident::None);
    for incident in [Incident::Tpm, Incident::Timeout, Incident::Vpn, Incident::BadScript] {
        let scripts = all(12, incident);
        let pairs = usual.iter().zip(&scripts);
        let changed: Vec<_> =
            pairs.filter(|(usual, script)| usual.causes.len() != script.causes.len()).collect();
        let [(usual, script)] = changed[..] else { panic!("{incident:?}") };
        assert_eq!((script.causes.len(), script.revised), (usual.causes.len() + 1, Some(0.45)));
        assert!(script.causes[0].since_revision);
    }
}

#[test]
fn each_condition_concerns_some_devices_but_not_all() {
    let fleet = Fleet::new(1, 4_000, 0.8, 0.03, Mix { macs: 0.5, ..Mix::default() }).unwrap();
    for incident in [Incident::None, Incident::Tpm, Incident::Timeout, Incident::Vpn] {
        for script in all(12, incident) {
            let devices = || fleet.devices.iter().filter(|device| script.is_for(device));
            for cause in &script.causes {
                let concerned = devices().filter(|device| cause.when.concerns(device)).count();
                let name = format!("{}: {}", script.name, cause.text);
                assert!(concerned > 0, "{name}");
                let is_general = cause.share < 0.2 || cause.when.until.is_some();
                assert!(is_general || concerned < devices().count() / 2, "{name}");
            }
        }
    }
}

#[test]
fn each_failing_line_is_a_line_of_its_script() {
    for script in all(13, Incident::Tpm).iter().chain(&all(13, Incident::Vpn)) {
        for line in script.causes.iter().filter_map(|cause| cause.line.as_ref()) {
            let start = line.trim_end_matches(" ...");
            let is_there = script.body.lines().any(|of_body| of_body.trim().starts_with(start));
            assert!(is_there, "{}: {line}", script.name);
        }
    }
}
