//! What every group measures with: how long and how often, the loads on a server, tokens.

use std::path::Path;
use std::time::Duration;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use runstate::auth::{LocalIssuer, TokenRequest};
use uuid::Uuid;

use crate::Result;
use crate::cluster::{Cluster, Place};
use crate::database::tenant;
use crate::load::Load;
use crate::pgbench::Pgbench;
use crate::server::Server;

/// As many connections as the storm of devices has.
pub(crate) const MANY: usize = 64;

const SCOPE: &str = "DeviceManagementManagedDevices.ReadWrite.All";
/// Longer than everything takes.
const EXPIRES: Duration = Duration::from_secs(6 * 3600);
/// How many tokens are made at once.
const CHUNK: u32 = 500;

/// How long and how often each is measured, and on how much.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// What is compared runs by turns, since a machine's speed drifts.
    pub(crate) rounds: usize,
    /// How long a turn is with many connections; whole seconds, as pgbench has them.
    pub(crate) turn: Duration,
    /// How long a turn is with one connection, where only latency is asked.
    turn_of_one: Duration,
    warm_up: Duration,
    /// How many tokens are made.
    pub(crate) tokens: u32,
    /// How many states the large database has.
    pub(crate) states: u64,
}

/// The ground on which is measured.
pub(crate) struct Yard<'bench> {
    pub(crate) cluster: &'bench Cluster,
    pub(crate) place: &'bench Path,
    pub(crate) pace: Pace,
    pub(crate) pgbench: Pgbench,
    /// A token of the first tenant.
    pub(crate) token: String,
}

impl Pace {
    pub(crate) fn full() -> Self {
        Self {
            rounds: 5,
            turn: Duration::from_secs(4),
            turn_of_one: Duration::from_secs(1),
            warm_up: Duration::from_millis(500),
            tokens: 100_000,
            states: 10_000_000,
        }
    }

    pub(crate) fn quick() -> Self {
        Self {
            rounds: 2,
            turn: Duration::from_secs(2),
            turn_of_one: Duration::from_millis(500),
            warm_up: Duration::from_millis(200),
            tokens: 10_000,
            states: 1_000_000,
        }
    }
}

impl<'bench> Yard<'bench> {
    pub(crate) fn open(cluster: &'bench Cluster, place: &'bench Place, pace: Pace) -> Result<Self> {
        let place = place.path();
        let token = LocalIssuer::open(place)?.token(&request(tenant(0), "storm"))?;
        Ok(Self { cluster, place, pace, pgbench: Pgbench::find()?, token })
    }

    /// A turn of load from many connections.
    pub(crate) fn many(&self, server: &Server) -> Load {
        let Pace { turn, warm_up, .. } = self.pace;
        Load { address: server.address, connections: MANY, warm_up, time: turn }
    }

    /// A turn of load from one connection.
    pub(crate) fn one(&self, server: &Server) -> Load {
        Load { connections: 1, time: self.pace.turn_of_one, ..self.many(server) }
    }

    /// Tokens of so many devices, in turn of each tenant; made on all cores, since each takes as
    /// long as several requests.
    pub(crate) async fn tokens(&self, tenants: u32) -> Result<Vec<String>> {
        let cores = std::thread::available_parallelism()?.get();
        let firsts = (0..self.pace.tokens).step_by(usize::try_from(CHUNK)?);
        let chunks = firsts.map(|first| {
            let (place, end) = (self.place.to_owned(), self.pace.tokens.min(first + CHUNK));
            tokio::task::spawn_blocking(move || {
                let issuer = LocalIssuer::open(&place)?;
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
