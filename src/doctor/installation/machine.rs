//! The program and its machine: version, the server that runs, limits, space.

use rlimit::Resource;
use rustix::system::uname;

use super::Installation;
use crate::disk::Space;
use crate::findings::{Finding, size};
use crate::metrics::catalog;

/// The version of the program, and the machine.
pub(super) fn program(_: &Installation<'_>) -> Finding {
    let system = uname();
    let [name, release, machine] = [system.sysname(), system.release(), system.machine()]
        .map(|text| text.to_string_lossy().into_owned());
    Finding::ok(format!("Runstate {} on {name} {release} {machine}", env!("CARGO_PKG_VERSION")))
}

/// Whether a server answers on this machine, and is ready.
pub(super) fn server(installation: &Installation<'_>) -> Finding {
    let listen = installation.settings.listen;
    if listen.port() == 0 {
        return Finding::skip(
            "RUNSTATE_LISTEN has the port 0, so the port of a server is not known",
        );
    }
    match &installation.server {
        Ok((200, _)) => Finding::ok(format!("answers on {listen}, and is ready")),
        Ok((status, text)) => {
            let text = text.lines().next().unwrap_or_default();
            Finding::fail(
                format!("answers {status} on {listen}: {text}"),
                "Look at its log, and for the text in docs/guides/behind-a-proxy.md.",
            )
        }
        Err(error) => Finding::warn(
            format!("no server answers on {listen}: {error}"),
            "Start the server, or set RUNSTATE_LISTEN as it is set for the server.",
        ),
    }
}

/// Whether the limit of open files suffices for all connections: that of the running server, if it
/// shows metrics, else that of this command.
pub(super) fn open_files(installation: &Installation<'_>) -> Finding {
    let wanted = installation.wanted_files;
    let of_server = installation.samples(catalog::MAX_FILES.name).next();
    let limit = match of_server {
        Some((_, limit)) => limit as u64,
        // A server raises its limit to the hard one.
        None => Resource::NOFILE.get().map_or(0, |(_, hard)| hard),
    };
    match limit >= wanted {
        true => Finding::ok(format!("{limit} are allowed, and {wanted} are needed")),
        false => Finding::warn(
            format!("{limit} are allowed, and {wanted} are needed: connections are few"),
            "Raise the limit of open files (ulimit -Hn, LimitNOFILE in systemd).",
        ),
    }
}

/// The space on the disk of the data directory, which has keys and perhaps the database.
pub(super) fn data_directory(installation: &Installation<'_>) -> Finding {
    let directory = &installation.settings.data_dir;
    let shown = directory.display();
    if !directory.exists() {
        return Finding::skip(format!("{shown} does not exist; the first start makes it"));
    }
    let Ok(Space { free, total }) = Space::of(directory) else {
        return Finding::skip(format!("the space of {shown} cannot be read"));
    };
    let (free_size, total_size) = (size(free), size(total));
    match Fullness::of(free, total) {
        Fullness::Enough => Finding::ok(format!("{shown}: {free_size} of {total_size} are free")),
        Fullness::Little => Finding::warn(
            format!("{shown}: only {free_size} of {total_size} are free"),
            "Make space, or keep the history for fewer days.",
        ),
        Fullness::Full => Finding::fail(
            format!("{shown}: the disk is full, {free_size} of {total_size} are free"),
            "Make space: nothing can be written.",
        ),
    }
}

/// How full a file system is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::doctor) enum Fullness {
    Enough,
    /// Less than a tenth is free.
    Little,
    /// Less than a hundredth is free.
    Full,
}

impl Fullness {
    pub(in crate::doctor) fn of(free: u64, total: u64) -> Self {
        match total {
            total if free < total / 100 => Self::Full,
            total if free < total / 10 => Self::Little,
            _ => Self::Enough,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_full_below_a_hundredth_and_has_little_space_below_a_tenth() {
        for (free, fullness) in [
            (0, Fullness::Full),
            (9, Fullness::Full),
            (10, Fullness::Little),
            (99, Fullness::Little),
            (100, Fullness::Enough),
        ] {
            assert_eq!(Fullness::of(free, 1000), fullness, "{free}");
        }
    }
}
