//! The compose file for real use: what each service may not do, and that no secret is in it.

use std::collections::BTreeSet;

use crate::document::read;

const FILE: &str = "docker-compose.production.yml";
const GUIDE: &str = "docs/guides/docker.md";

/// The services by their names, each with its lines.
fn services() -> Vec<(String, Vec<String>)> {
    let text = read(FILE);
    let (_, services) = text.split_once("\nservices:\n").unwrap();
    let (services, _) = services.split_once("\nnetworks:\n").unwrap();
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for line in services.lines().filter(|line| !line.trim_start().starts_with('#')) {
        match line.strip_prefix("  ").filter(|line| !line.starts_with(' ')) {
            Some(name) => found.push((name.trim_end_matches(':').to_owned(), Vec::new())),
            None => found.last_mut().unwrap().1.push(line.trim().to_owned()),
        }
    }
    found
}

#[test]
fn no_service_gets_new_privileges_or_writes_into_its_image() {
    let services = services();
    let names: Vec<&str> = services.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["database", "migrate", "server", "backup"]);
    for (name, lines) in &services {
        for line in
            ["read_only: true", "cap_drop: [ALL]", "security_opt: [\"no-new-privileges:true\"]"]
        {
            assert!(lines.iter().any(|it| it == line), "{name} has no `{line}`");
        }
        let adds = lines.iter().any(|line| line.starts_with("cap_add:"));
        assert_eq!(adds, name == "database", "{name}");
    }
}

#[test]
fn every_secret_comes_from_the_environment_or_a_file_and_the_guide_names_it() {
    let (text, guide) = (read(FILE), read(GUIDE));
    let variables = text.split("${").skip(1).map(|rest| rest.split(['}', ':']).next().unwrap());
    let variables: BTreeSet<&str> = variables.collect();
    assert!(variables.len() > 5, "{variables:?}");
    for variable in variables {
        let is_checked =
            [":?", ":-"].iter().any(|end| text.contains(&format!("${{{variable}{end}")));
        assert!(is_checked, "{variable} has neither a default nor an error");
        assert!(guide.contains(variable), "{GUIDE} does not name {variable}");
    }
    for (name, lines) in services() {
        for line in lines.iter().filter(|line| line.contains("PASS")) {
            // `NAME: secret`, or `DATABASE_URL: postgres://user:secret@host/database`.
            let secret = match line.split_once("postgres://") {
                Some((_, address)) => address.split_once(':').unwrap().1,
                None => line.split_once(": ").unwrap().1,
            };
            assert!(secret.starts_with("${"), "{name}: {line}");
        }
    }
}
