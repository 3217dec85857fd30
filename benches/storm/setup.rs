//! What all groups share: durations and sizes, the standard loads, tokens.

use std::path::Path;
use std::time::Duration;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use runstate::auth::{LocalIssuer, TokenRequest};
use uuid::Uuid;

use crate::Result;
use crate::cluster::{Cluster, WorkDir};
use crate::database::tenant;
use crate::load::Load;
use crate::pgbench::Pgbench;
use crate::server::Server;

/// The connections of the standard load.
pub(crate) const CONNECTIONS: usize = 64;

const SCOPE: &str = "DeviceManagementManagedDevices.ReadWrite.All";
/// Longer than the whole benchmark takes.
const EXPIRES: Duration = Duration::from_secs(6 * 3600);
/// The number of tokens that one task signs.
const CHUNK: u32 = 500;

/// The durations and sizes of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Preset {
    /// Compared programs run alternately for so many rounds, because a machine's speed drifts.
    pub(crate) rounds: usize,
    /// The time for one program in one round. pgbench takes whole seconds only.
    pub(crate) duration: Duration,
    /// The same with one connection, which measures only latency.
    single_duration: Duration,
    warm_up: Duration,
    /// The number of tokens.
    pub(crate) tokens: u32,
    /// The number of states in the large database.
    pub(crate) states: u64,
}

/// The parts that every group uses.
pub(crate) struct Setup<'bench> {
    pub(crate) cluster: &'bench Cluster,
    /// The data directory of all servers, with the key of the local issuer.
    pub(crate) directory: &'bench Path,
    pub(crate) preset: Preset,
    pub(crate) pgbench: Pgbench,
    /// A token of the first tenant.
    pub(crate) token: String,
}

impl Preset {
    pub(crate) fn full() -> Self {
        Self {
            rounds: 5,
            duration: Duration::from_secs(4),
            single_duration: Duration::from_secs(1),
            warm_up: Duration::from_millis(500),
            tokens: 100_000,
            states: 10_000_000,
        }
    }

    pub(crate) fn quick() -> Self {
        Self {
            rounds: 2,
            duration: Duration::from_secs(2),
            single_duration: Duration::from_millis(500),
            warm_up: Duration::from_millis(200),
            tokens: 10_000,
            states: 1_000_000,
        }
    }
}

impl<'bench> Setup<'bench> {
    pub(crate) fn new(
        cluster: &'bench Cluster,
        directory: &'bench WorkDir,
        preset: Preset,
    ) -> Result<Self> {
        let directory = directory.path();
        let token = LocalIssuer::open(directory)?.token(&request(tenant(0), "storm"))?;
        Ok(Self { cluster, directory, preset, pgbench: Pgbench::find()?, token })
    }

    /// The standard load: many connections.
    pub(crate) fn load(&self, server: &Server) -> Load {
        let Preset { duration, warm_up, .. } = self.preset;
        let address = server.address;
        Load { address, tls: None, connections: CONNECTIONS, warm_up, time: duration }
    }

    /// The load of one connection.
    pub(crate) fn single_load(&self, server: &Server) -> Load {
        Load { connections: 1, time: self.preset.single_duration, ..self.load(server) }
    }

    /// Tokens of different devices. The tenants take turns. Signs on all cores, since one signature
    /// takes as long as several requests.
    pub(crate) async fn tokens(&self, tenants: u32) -> Result<Vec<String>> {
        let cores = std::thread::available_parallelism()?.get();
        let firsts = (0..self.preset.tokens).step_by(usize::try_from(CHUNK)?);
        let chunks = firsts.map(|first| {
            let (data, end) = (self.directory.to_owned(), self.preset.tokens.min(first + CHUNK));
            tokio::task::spawn_blocking(move || {
                let issuer = LocalIssuer::open(&data)?;
                let device = |number: u32| {
                    let request = request(tenant(number % tenants), &format!("device-{number}"));
                    Ok(issuer.token(&request)?)
                };
                (first..end).map(device).collect::<Result<Vec<String>>>()
            })
        });
        let chunks = stream::iter(chunks).buffered(cores).map(|chunk| chunk?);
        Ok(chunks.try_collect::<Vec<_>>().await?.concat())
    }
}

fn request(tenant: Uuid, user: &str) -> TokenRequest {
    TokenRequest {
        tenant,
        user: Some(format!("{user}@storm.example")),
        scopes: vec![SCOPE.into()],
        roles: Vec::new(),
        application: false,
        client: None,
        expires_in: EXPIRES,
    }
}
