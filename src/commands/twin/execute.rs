//! `runstate twin create -- COMMAND`: runs a command with a tenant, and removes the tenant then.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitCode, ExitStatus};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value as Json;
use tokio::process::{Child, Command};
use tokio::signal::unix::{Signal as Terminate, SignalKind, signal};

use super::super::{Failure, env};
use super::client::Client;
use super::request::Request;
use crate::config::Settings;

/// What a shell adds to the number of the signal that ended a command.
const SIGNALLED: i32 = 128;

/// Runs a command with the variables of a tenant.
pub(super) async fn with_tenant(
    settings: &Settings,
    client: &Client,
    tenant: &Json,
    program: &OsStr,
    arguments: &[OsString],
) -> Result<ExitCode, Failure> {
    // The command decides what a signal means; the tenant is removed all the same. A terminal sends an
    // interruption to the command as well.
    let _interrupt = signal(SignalKind::interrupt())?;
    let terminate = signal(SignalKind::terminate())?;
    let mut command = Command::new(program);
    command.args(arguments).envs(variables(settings, client, tenant));
    let status = match command.spawn() {
        Ok(child) => wait(child, terminate).await,
        Err(error) => Err(error),
    };
    let id = tenant["id"].as_str().unwrap_or_default();
    client.send(&Request::delete(Request::path(id, "")))?;
    let status = status.map_err(|error| format!("{}: {error}", program.display()))?;
    Ok(exit_code(status))
}

/// Waits for the end of a command, and forwards each SIGTERM to it.
async fn wait(mut child: Child, mut terminate: Terminate) -> io::Result<ExitStatus> {
    loop {
        tokio::select! {
            status = child.wait() => return status,
            Some(()) = terminate.recv() => {}
        }
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(process) = id.and_then(Pid::from_raw) {
            kill_process(process, Signal::TERM)?;
        }
    }
}

/// Where Graph is, the tenant and its tokens; and those of `runstate env` with which SDKs sign in, if the
/// server has HTTPS and this machine has its files.
fn variables(settings: &Settings, client: &Client, tenant: &Json) -> Vec<(&'static str, String)> {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let guid = text(&tenant["tenant"]);
    let mut variables = env::variables(settings).unwrap_or_else(|error| {
        tracing::info!("variables for SDKs are not set: {error}");
        vec![("RUNSTATE_GRAPH_URL", text(&tenant["graph"]))]
    });
    variables.retain(|(name, _)| *name != "AZURE_TENANT_ID");
    variables.extend([
        ("AZURE_TENANT_ID", guid.clone()),
        ("RUNSTATE_TENANT", guid),
        ("RUNSTATE_TOKEN", text(&tenant["tokens"]["user"])),
        ("RUNSTATE_READER_TOKEN", text(&tenant["tokens"]["reader"])),
        ("RUNSTATE_APPLICATION_TOKEN", text(&tenant["tokens"]["application"])),
        ("RUNSTATE_TWIN_URL", client.base.clone()),
        ("RUNSTATE_TWIN_ID", text(&tenant["id"])),
    ]);
    variables
}

fn exit_code(status: ExitStatus) -> ExitCode {
    let signalled = status.signal().map(|signal| SIGNALLED + signal);
    let code = status.code().or(signalled).and_then(|code| u8::try_from(code).ok());
    code.map_or(ExitCode::FAILURE, ExitCode::from)
}
