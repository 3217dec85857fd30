//! Deletes what the simulation of a seed made, and nothing else: scripts with a name of the catalog and
//! the mark of the seed, and devices whose ids the seed makes.

use std::cell::Cell;
use std::time::Instant;

use serde::Deserialize;
use uuid::Uuid;

use super::catalog::{MAX_SCRIPTS, scripts};
use super::client::{Client, Sent};
use super::fleet::Fleet;
use super::phases::ListedScript;
use super::profile::Incident;
use super::progress::Display;
use super::requests::{Call, ROOT, marker};
use super::workers::{Job, work};
use super::{Failure, pages};

/// How many entities are deleted side by side.
const CONNECTIONS: usize = 16;

/// What was deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Deleted {
    pub(super) scripts: usize,
    pub(super) devices: usize,
    /// What the server refused to delete.
    pub(super) refused: usize,
}

#[derive(Deserialize)]
struct ListedDevice {
    id: String,
}

/// Deletes the scripts of a seed with all their states, then its devices.
pub(super) async fn clean(
    client: &Client,
    display: Display,
    fleet: &Fleet,
) -> Result<Deleted, Failure> {
    let mut paths = Vec::new();
    let mut connection = client.connection();
    let catalog = scripts(MAX_SCRIPTS, true, Incident::None)?;
    for set in
        ["deviceManagementScripts", "deviceShellScripts", "deviceCustomAttributeShellScripts"]
    {
        let path = format!("{ROOT}/{set}?$select=id,displayName,description");
        let listed: Vec<ListedScript> = pages::all(client, &mut connection, path).await?;
        let made = listed.iter().filter(|listed| {
            let mut of_set = catalog.iter().filter(|script| script.entity_set() == set);
            of_set.any(|script| listed.is(script, fleet.seed))
        });
        paths.extend(made.map(|script| format!("{ROOT}/{set}/{}", script.id)));
    }
    let found = paths.len();
    let scripts = delete(client, display, "scripts", paths).await?;

    let filter = format!("notes%20eq%20'{}'", marker(fleet.seed).replace(' ', "%20"));
    let path = format!("{ROOT}/managedDevices?$select=id&$filter={filter}");
    let listed: Vec<ListedDevice> = pages::all(client, &mut connection, path).await?;
    let ids = listed.iter().filter_map(|device| Uuid::parse_str(&device.id).ok());
    let ids = ids.filter(|id| fleet.number_of(*id).is_some());
    let paths: Vec<String> = ids.map(|id| format!("{ROOT}/managedDevices/{id}")).collect();
    let found = found + paths.len();
    let devices = delete(client, display, "devices", paths).await?;
    Ok(Deleted { scripts, devices, refused: found - scripts - devices })
}

/// Deletes what has these paths. Returns how many are gone.
async fn delete(
    client: &Client,
    display: Display,
    name: &'static str,
    paths: Vec<String>,
) -> Result<usize, Failure> {
    let deleted = Cell::new(0);
    let phase = display.phase(name, paths.len() as u64);
    let connections = (0..CONNECTIONS).map(|_| client.connection()).collect();
    let jobs = paths.into_iter().enumerate();
    let jobs = jobs.map(|(key, item)| Job { item, key: key as u32, due: None });
    let work = work(connections, &client.stop, jobs, async |connection, job: Job<String>| {
        let sent = client.send(connection, &Call::delete(job.item), Instant::now()).await?;
        if let Sent::Done(_) = sent {
            deleted.set(deleted.get() + 1);
        }
        phase.step(String::new);
        Ok(())
    });
    phase.during(&client.obstacle, work).await?;
    phase.end();
    Ok(deleted.get())
}
