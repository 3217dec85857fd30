//! Where stores are looked for: the home directory of the user and the root of the file system.

use std::env;
use std::path::{Path, PathBuf};

use super::command::Command;
use super::{Authority, Owner, Store};

/// Where stores are looked for.
#[derive(Clone, Debug)]
pub struct Places {
    /// The home directory of the user.
    pub home: Option<PathBuf>,
    /// The root of the file system.
    pub root: PathBuf,
    /// Directories with programs.
    pub path: Vec<PathBuf>,
}

impl Places {
    /// Those of this machine.
    #[must_use]
    pub fn here() -> Self {
        let path = env::var_os("PATH").unwrap_or_default();
        Self {
            home: env::home_dir(),
            root: PathBuf::from("/"),
            path: env::split_paths(&path).collect(),
        }
    }

    /// The path of an absolute path below the root.
    pub(super) fn below_root(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    fn has_program(&self, name: &str) -> bool {
        self.path.iter().any(|directory| directory.join(name).is_file())
    }

    /// The store of the installed Java.
    pub(super) fn java(&self, authority: &Authority) -> Option<Store> {
        let (file, name) = (text(authority.file()), authority.name());
        let store = ["-cacerts", "-storepass", "changeit", "-alias", &name];
        let import = ["keytool", "-importcert", "-noprompt", "-file", &file];
        let delete = ["keytool", "-delete"];
        let list = Command::new(&[&["keytool", "-list"][..], &store].concat());
        self.has_program("keytool").then(|| Store {
            name: "Java".into(),
            owner: Owner::System,
            contains: Some(list.run().is_ok()),
            add: vec![Command::new(&[&import[..], &store].concat())],
            remove: vec![Command::new(&[&delete[..], &store].concat())],
        })
    }
}

/// A path as text.
pub(super) fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
