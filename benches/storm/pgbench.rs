//! Runs `pgbench`, a program of PostgreSQL: how many statements the database executes from the same
//! number of connections without Runstate in between.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use sqlx::ConnectOptions;
use tokio::process::Command;
use uuid::Uuid;

use crate::Result;
use crate::database::{Database, script, tenant};
use crate::load::Sample;

const MISSING: &str = "pgbench was not found. It is part of PostgreSQL: on Debian of the package \
    postgresql (in /usr/lib/postgresql/15/bin), elsewhere often of postgresql-contrib. Add its \
    directory to PATH.";

/// The path of the program.
#[derive(Clone, Debug)]
pub(crate) struct Pgbench(PathBuf);

impl Pgbench {
    /// Searches `PATH`, the directory that `pg_config` prints, and Debian's directories.
    pub(crate) fn find() -> Result<Self> {
        let printed = std::process::Command::new("pg_config").arg("--bindir").output();
        let printed =
            printed.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut directories: Vec<PathBuf> = std::env::split_paths(&path).collect();
        directories.extend(printed.ok().map(PathBuf::from));
        if let Ok(versions) = Path::new("/usr/lib/postgresql").read_dir() {
            directories.extend(versions.flatten().map(|version| version.path().join("bin")));
        }
        let mut programs = directories.into_iter().map(|directory| directory.join("pgbench"));
        Ok(Self(programs.find(|program| program.is_file()).ok_or(MISSING)?))
    }

    /// Runs a script of pgbench. `time` is cut to whole seconds.
    pub(crate) async fn run(
        &self,
        database: &Database,
        script: &str,
        connections: usize,
        time: Duration,
    ) -> Result<Sample> {
        let options = database.options();
        let host = options.get_socket().map(|socket| socket.display().to_string());
        let url = options.to_url_lossy();
        let password = percent_decode_str(url.password().unwrap_or_default()).decode_utf8()?;
        let mut pgbench = Command::new(&self.0);
        pgbench.args(["--no-vacuum", "--protocol=prepared", "--jobs=1", "--file=/dev/stdin"]);
        pgbench.arg(format!("--client={connections}"));
        pgbench.arg(format!("--time={}", time.as_secs()));
        pgbench.env("PGHOST", host.as_deref().unwrap_or(options.get_host()));
        pgbench.env("PGPORT", options.get_port().to_string());
        pgbench.env("PGUSER", options.get_username()).env("PGPASSWORD", &*password);
        pgbench.env("PGDATABASE", options.get_database().unwrap_or_default());
        pgbench.kill_on_drop(true);
        pgbench.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pgbench.spawn()?;
        if let Some(mut input) = child.stdin.take() {
            tokio::io::AsyncWriteExt::write_all(&mut input, script.as_bytes()).await?;
        }
        let output = child.wait_with_output().await?;
        let text = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            let errors = String::from_utf8_lossy(&output.stderr);
            return Err(format!("pgbench ended with {}: {text}{errors}", output.status).into());
        }
        sample(&text).ok_or_else(|| format!("cannot parse the output of pgbench: {text}").into())
    }
}

/// A script that creates a run state of a random tenant, script and, unless `users` is 0, user state.
pub(crate) fn insert(tenants: u32, scripts: u32, users: u32) -> String {
    let id = |first: Uuid, number: &str| {
        let prefix = &first.to_string()[..24];
        format!("('{prefix}' || lpad(to_hex(:{number}::int), 12, '0'))::uuid")
    };
    format!(
        "\\set tenant random(1, {tenants}) - 1
         \\set script random(1, {scripts}) - 1
         \\set user random(1, {at_least_one}) - 1
         INSERT INTO device_state (tenant_id, script_id, id, user_state_id, last_state_update,
             last_state_update_offset, run_state, error_code, result_message, error_description)
         VALUES ({tenant}, {script}, gen_random_uuid()::text, {user}, 636188257784418045, -480,
             'success', 9, 'Result Message value', 'Error Description value') RETURNING *;",
        at_least_one = users.max(1),
        tenant = id(tenant(0), "tenant"),
        script = id(script(0), "script"),
        user = if users == 0 { "NULL" } else { "'user-' || :user::int" },
    )
}

/// Parses the output of pgbench. `None` if a transaction failed.
fn sample(text: &str) -> Option<Sample> {
    let after = |label: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(label))?;
        line.split_whitespace().next()
    };
    let counted: u64 = after("number of transactions actually processed: ")?.parse().ok()?;
    let rate: f64 = after("tps = ")?.parse().ok()?;
    let failed: u64 = after("number of failed transactions: ").map_or(Ok(0), str::parse).ok()?;
    let elapsed = Duration::try_from_secs_f64(counted as f64 / rate).ok()?;
    (failed == 0).then(|| Sample::without_latencies(counted, elapsed))
}
