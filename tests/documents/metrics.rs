//! `docs/operations/metrics.md`, the dashboard and the alert rules: they name the metrics that there are,
//! and each alert has its section in the troubleshooting guide.

use std::process::Command;

use runstate::metrics::catalog::{ALL, Kind};

use crate::document::{check_sections, code, codes, read, root, table};

const ALERTS: &str = "ops/alerts.yml";
const DASHBOARD: &str = "ops/grafana-dashboard.json";
const GUIDE: &str = "docs/operations/troubleshooting.md";

#[test]
fn the_metrics_are_those_of_the_catalog() {
    let rows = ALL.iter().map(|metric| {
        let kind = format!("{:?}", metric.kind).to_lowercase();
        vec![code(metric.name), kind, codes(metric.labels.iter().copied()), metric.help.to_owned()]
    });
    let table = table(&["metric", "type", "labels", "what it measures"], rows);
    check_sections("docs/operations/metrics.md", &[("metrics", table)]);
}

#[test]
fn dashboard_and_alerts_name_metrics_that_there_are() {
    let mut found = 0;
    for file in [ALERTS, DASHBOARD] {
        let text = read(file);
        let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
        let words = text.split(|character| !is_word(character));
        for word in words.filter(|it| it.starts_with("runstate_") || it.starts_with("process_")) {
            let samples = ALL.iter().flat_map(|metric| match metric.kind {
                Kind::Histogram => {
                    ["_bucket", "_sum", "_count"].map(|end| metric.name.to_owned() + end).to_vec()
                }
                Kind::Counter | Kind::Gauge => vec![metric.name.to_owned()],
            });
            assert!(samples.into_iter().any(|name| name == word), "{file} names {word}");
            found += 1;
        }
    }
    assert!(found > 40, "only {found} names were found");
    serde_json::from_str::<serde_json::Value>(&read(DASHBOARD)).unwrap();
}

#[test]
fn each_alert_has_its_section_in_the_guide() {
    let (rules, guide) = (read(ALERTS), read(GUIDE));
    let alerts: Vec<&str> =
        rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    let pages: Vec<&str> =
        rules.lines().filter_map(|line| line.trim().strip_prefix("page: ")).collect();
    assert!(alerts.len() > 10 && alerts.len() == pages.len(), "{alerts:?} {pages:?}");
    for (alert, page) in alerts.iter().zip(pages) {
        assert_eq!(page, format!("{GUIDE}#alert-{}", alert.to_lowercase()));
        let section = format!("\n### Alert {alert}\n");
        assert!(guide.contains(&section), "{GUIDE} has no section for {alert}");
    }
    let sections = guide.lines().filter(|line| line.starts_with("### Alert ")).count();
    assert_eq!(sections, alerts.len(), "{GUIDE} has a section for an alert that does not exist");
}

#[test]
fn promtool_accepts_the_alert_rules() {
    let checked =
        Command::new("promtool").args(["check", "rules"]).arg(root().join(ALERTS)).output();
    let Ok(output) = checked else {
        println!("left out: promtool is not installed (Debian: prometheus)");
        return;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && text.contains("rules found"), "{text}");
}
