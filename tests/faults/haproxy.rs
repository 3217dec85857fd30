//! Debian's `HAProxy` with the configuration of `ops/`, in front of two parts.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use uuid::Uuid;

use crate::server::Server;
use crate::system::{PATIENCE, eventually, free_address};

/// `HAProxy`, which is killed when the value is dropped.
pub(crate) struct Haproxy {
    process: Child,
    address: String,
    map: PathBuf,
    socket: PathBuf,
}

impl Haproxy {
    /// `None`, and a line that says so, where `HAProxy` is not installed.
    pub(crate) async fn before(parts: [&Server; 2], map: &str, place: &Path) -> Option<Self> {
        let Some(program) = program("haproxy") else {
            println!("left out: haproxy is not installed");
            return None;
        };
        let address = free_address();
        let (tenants, configuration) = (place.join("tenants.map"), place.join("haproxy.cfg"));
        let socket = place.join("admin.sock");
        fs::write(&tenants, map).unwrap();
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("ops/haproxy.cfg");
        let mut text = fs::read_to_string(own).unwrap();
        for (of_operator, of_test) in [
            ("bind :8080", format!("bind {address}")),
            ("/etc/haproxy/tenants.map", tenants.display().to_string()),
            ("/run/haproxy/admin.sock", socket.display().to_string()),
            ("10.0.1.11:8080", parts[0].address().to_owned()),
            ("10.0.1.12:8080", parts[0].address().to_owned()),
            ("10.0.2.11:8080", parts[1].address().to_owned()),
            ("10.0.2.12:8080", parts[1].address().to_owned()),
        ] {
            assert!(text.contains(of_operator), "{of_operator}");
            text = text.replace(of_operator, &of_test);
        }
        fs::write(&configuration, text).unwrap();
        let mut haproxy = Command::new(program);
        haproxy.arg("-db").arg("-f").arg(&configuration).stdin(Stdio::null());
        let process = haproxy.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let haproxy = Self { process, address, map: tenants, socket };
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        eventually("HAProxy serves", PATIENCE, async || {
            let reply = http.get(format!("{}/health", haproxy.base())).send().await;
            reply.is_ok_and(|reply| reply.status() == 200)
        })
        .await;
        Some(haproxy)
    }

    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Leads a tenant to another part while requests are under way.
    pub(crate) fn lead(&self, tenant: Uuid, part: &str) {
        let mut socket = UnixStream::connect(&self.socket).unwrap();
        writeln!(socket, "set map {} {tenant} {part}", self.map.display()).unwrap();
        let mut reply = String::new();
        socket.read_to_string(&mut reply).unwrap();
        assert_eq!(reply.trim(), "");
    }
}

impl Drop for Haproxy {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// The path of an installed program.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let directories = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    directories.map(|directory| directory.join(name)).find(|program| program.is_file())
}
