//! The error where PostgreSQL is not installed: where its programs were looked for, and how to install
//! them on each system.

use std::fmt;

/// The oldest version that a new cluster is created with.
pub(crate) const MIN_MAJOR: u32 = 15;
/// The version that is proposed where packages have no name without one.
const PROPOSED_MAJOR: u32 = 18;

/// PostgreSQL's programs are not installed, or in no suitable version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotInstalled {
    /// The major version that created the existing cluster; no other version can use it.
    pub major: Option<u32>,
    /// The other major versions that are installed.
    pub found: Vec<u32>,
    /// The directories of `PATH`.
    pub path: Vec<String>,
    /// The other directories, as patterns.
    pub directories: Vec<String>,
}

impl std::error::Error for NotInstalled {}

impl fmt::Display for NotInstalled {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.major {
            Some(major) => write!(formatter, "PostgreSQL {major}, which created this database,"),
            None => write!(formatter, "PostgreSQL {MIN_MAJOR} or newer"),
        }?;
        let found: Vec<String> = self.found.iter().map(u32::to_string).collect();
        let found = match found.as_slice() {
            [] => String::new(),
            found => format!(" (found: PostgreSQL {})", found.join(", ")),
        };
        let (path, directories) = (self.path.join(":"), self.directories.join(", "));
        write!(
            formatter,
            " is not installed{found}.\nLooked for `initdb` and `postgres` in PATH ({path}), in the \
             directory that `pg_config --bindir` prints, and in {directories}.\nInstall it:\n"
        )?;
        self.write_commands(formatter)
    }
}

impl NotInstalled {
    /// A line for each system. Where a version is needed, its packages have the number.
    fn write_commands(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.major.map(|major| major.to_string()).unwrap_or_default();
        let (dashed, newest, older) = match self.major {
            Some(major) => (format!("-{major}"), major, " postgresql-old-upgrade"),
            None => (String::new(), PROPOSED_MAJOR, ""),
        };
        let commands = [
            ("Debian, Ubuntu", format!("apt-get install postgresql{dashed}")),
            ("Fedora", format!("dnf install postgresql{number}-server")),
            ("Alpine", format!("apk add postgresql{number}")),
            ("Arch", format!("pacman -S postgresql{older}")),
            ("macOS (Homebrew)", format!("brew install postgresql@{newest}")),
        ];
        for (system, command) in commands {
            writeln!(formatter, "  {:<18}{command}", format!("{system}:"))?;
        }
        formatter.write_str("No service of PostgreSQL has to run.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_says_where_it_looked_and_how_to_install() {
        let error = NotInstalled {
            major: None,
            found: vec![],
            path: vec!["/bin".into(), "/usr/bin".into()],
            directories: vec!["/usr/lib/postgresql/*/bin".into()],
        };
        let text = error.to_string();
        assert_eq!(
            text,
            "PostgreSQL 15 or newer is not installed.\n\
             Looked for `initdb` and `postgres` in PATH (/bin:/usr/bin), in the directory that \
             `pg_config --bindir` prints, and in /usr/lib/postgresql/*/bin.\n\
             Install it:\n  \
               Debian, Ubuntu:   apt-get install postgresql\n  \
               Fedora:           dnf install postgresql-server\n  \
               Alpine:           apk add postgresql\n  \
               Arch:             pacman -S postgresql\n  \
               macOS (Homebrew): brew install postgresql@18\n\
             No service of PostgreSQL has to run."
        );
    }

    #[test]
    fn the_message_names_the_version_of_an_existing_cluster() {
        let error = NotInstalled {
            major: Some(15),
            found: vec![16, 12],
            path: vec![],
            directories: vec![],
        };
        let text = error.to_string();
        let start = "PostgreSQL 15, which created this database, is not installed (found: \
                     PostgreSQL 16, 12).";
        assert!(text.starts_with(start), "{text}");
        for package in ["postgresql-15", "postgresql15-server", "postgresql15", "postgresql@15"] {
            assert!(text.contains(&format!(" {package}\n")), "{text}");
        }
    }
}
