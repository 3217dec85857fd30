//! The store of a Linux system: a directory of certificates, and a command that reads it.

use super::command::Command;
use super::places::text;
use super::{Authority, Owner, Places, Store};

/// How a family of systems keeps its authorities.
struct Family {
    name: &'static str,
    /// Exists on these systems, and on none of those that come later in the list.
    directory: &'static str,
    extension: &'static str,
    after_add: &'static [&'static str],
    after_remove: &'static [&'static str],
}

const FAMILIES: [Family; 4] = [
    Family {
        name: "Fedora, RHEL",
        directory: "/etc/pki/ca-trust/source/anchors",
        extension: "pem",
        after_add: &["update-ca-trust", "extract"],
        after_remove: &["update-ca-trust", "extract"],
    },
    Family {
        name: "Arch",
        directory: "/etc/ca-certificates/trust-source/anchors",
        extension: "crt",
        after_add: &["trust", "extract-compat"],
        after_remove: &["trust", "extract-compat"],
    },
    Family {
        name: "SUSE",
        directory: "/usr/share/pki/trust/anchors",
        extension: "pem",
        after_add: &["update-ca-certificates"],
        after_remove: &["update-ca-certificates"],
    },
    Family {
        name: "Debian, Ubuntu, Alpine",
        directory: "/usr/local/share/ca-certificates",
        extension: "crt",
        after_add: &["update-ca-certificates"],
        after_remove: &["update-ca-certificates", "--fresh"],
    },
];

/// The store of this system, if it is of a known family.
pub(super) fn system(authority: &Authority, places: &Places) -> Option<Store> {
    let family = FAMILIES.iter().find(|family| places.below_root(family.directory).is_dir())?;
    let directory = places.below_root(family.directory);
    let file = directory.join(format!("{}.{}", authority.name(), family.extension));
    let contains = std::fs::read_to_string(&file).is_ok_and(|pem| authority.is(&pem));
    let (source, file) = (text(authority.file()), text(&file));
    Some(Store {
        name: format!("the system ({})", family.name),
        owner: Owner::System,
        contains: Some(contains),
        add: vec![
            Command::new(&["install", "-m", "0644", &source, &file]),
            Command::new(family.after_add),
        ],
        remove: vec![Command::new(&["rm", "-f", &file]), Command::new(family.after_remove)],
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn each_family_has_its_directory_and_its_command() {
        let root = std::env::temp_dir().join(format!("runstate-{}", uuid::Uuid::new_v4()));
        let pem = rcgen::generate_simple_self_signed(["a.test".to_owned()]).unwrap().cert.pem();
        fs::create_dir(&root).unwrap();
        fs::write(root.join("ca.pem"), &pem).unwrap();
        let authority = Authority::new(root.join("ca.pem"), &pem).unwrap();
        let places = Places { home: None, root: root.clone(), path: Vec::new() };
        assert!(system(&authority, &places).is_none());
        // Those that come later in the list may have the directories of those before.
        for family in FAMILIES.iter().rev() {
            let directory = root.join(family.directory.trim_start_matches('/'));
            fs::create_dir_all(&directory).unwrap();
            let store = system(&authority, &places).unwrap();
            assert_eq!((store.owner, store.contains), (Owner::System, Some(false)));
            assert!(store.name.contains(family.name), "{}", store.name);
            let file = directory.join(format!("{}.{}", authority.name(), family.extension));
            let shown = |commands: &[Command]| -> Vec<String> {
                commands.iter().map(ToString::to_string).collect()
            };
            let install = format!("install -m 0644 {}/ca.pem {}", root.display(), file.display());
            assert_eq!(shown(&store.add), [install, family.after_add.join(" ")]);
            let remove = format!("rm -f {}", file.display());
            assert_eq!(shown(&store.remove), [remove, family.after_remove.join(" ")]);
            // The first command of each does what its store says.
            store.add[0].run().unwrap();
            assert_eq!(fs::read_to_string(&file).unwrap(), pem);
            assert_eq!(system(&authority, &places).unwrap().contains, Some(true));
            store.remove[0].run().unwrap();
            assert_eq!(system(&authority, &places).unwrap().contains, Some(false));
            // Another certificate in the same file is not this one.
            let other = rcgen::generate_simple_self_signed(["b.test".to_owned()]).unwrap();
            fs::write(&file, other.cert.pem()).unwrap();
            assert_eq!(system(&authority, &places).unwrap().contains, Some(false));
        }
        fs::remove_dir_all(root).unwrap();
    }
}
