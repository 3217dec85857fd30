//! The hosts of the database. Of several, at most one takes writes at a time; after a failover it is
//! another one. Decides which host is used. Knows neither intervals nor the connection pool.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, Error as Driver};
use tokio::time;

use super::address::{Address, AddressError};
use super::connections::ACQUIRE_TIMEOUT;
use super::failure::{self, StartError};

/// The hosts, and which of them is used. All clones share the latter.
#[derive(Clone, Debug)]
pub struct Hosts {
    all: Arc<[PgConnectOptions]>,
    used: Arc<AtomicUsize>,
    needs_writes: bool,
}

impl Hosts {
    /// The hosts of a URL.
    ///
    /// # Errors
    /// If the URL cannot be read.
    pub fn parse(url: &str) -> Result<Self, AddressError> {
        let Address { hosts, needs_writes } = Address::parse(url)?;
        Ok(Self { all: hosts.into(), used: Arc::default(), needs_writes })
    }

    /// Finds the host that takes writes, if that matters, so that [`Hosts::used`] is this host.
    ///
    /// # Errors
    /// If no host takes writes.
    pub async fn find_writable(&self) -> Result<(), StartError> {
        if !self.needs_writes {
            return Ok(());
        }
        let connected = time::timeout(ACQUIRE_TIMEOUT, self.connect()).await;
        let (connection, _) =
            connected.unwrap_or(Err(Driver::PoolTimedOut)).map_err(StartError::Connect)?;
        connection.close().await.map_err(StartError::Connect)
    }

    /// The host that is used: the one of the last [`Hosts::connect`].
    #[must_use]
    pub fn used(&self) -> &PgConnectOptions {
        &self.all[self.used.load(Ordering::Acquire)]
    }

    /// The same hosts with other options.
    pub(super) fn with(self, change: impl Fn(PgConnectOptions) -> PgConnectOptions) -> Self {
        Self { all: self.all.iter().cloned().map(change).collect(), ..self }
    }

    /// Connects to the host that takes writes, and uses it from now on. With a single host that may be
    /// a standby, to that host. All hosts are tried at once, so that one which is silent does not delay
    /// the others. Returns the connection, and whether another host is used than before.
    ///
    /// # Errors
    /// If there is no such host. The error names the reason of each host.
    pub(crate) async fn connect(&self) -> Result<(PgConnection, bool), Driver> {
        let tries = self.all.iter().enumerate();
        let mut tries: FuturesUnordered<_> =
            tries.map(async |(place, options)| (place, self.try_host(options).await)).collect();
        let mut errors = Vec::new();
        while let Some((place, connected)) = tries.next().await {
            match connected {
                Ok(connection) => {
                    let before = self.used.swap(place, Ordering::AcqRel);
                    return Ok((connection, before != place));
                }
                Err(error) => errors.push((place, error)),
            }
        }
        errors.sort_by_key(|(place, _)| *place);
        match errors.len() {
            1 => Err(errors.remove(0).1),
            _ => Err(self.no_host(&errors)),
        }
    }

    async fn try_host(&self, options: &PgConnectOptions) -> Result<PgConnection, Driver> {
        let mut connection = PgConnection::connect_with(options).await?;
        if self.needs_writes && is_read_only(&mut connection).await? {
            let error = "this host is read-only, as a standby is";
            return Err(Driver::Io(io::Error::new(io::ErrorKind::ReadOnlyFilesystem, error)));
        }
        Ok(connection)
    }

    fn no_host(&self, errors: &[(usize, Driver)]) -> Driver {
        let reason = |(place, error): &(usize, Driver)| {
            let options = &self.all[*place];
            let host = options.get_socket().map(|socket| socket.display().to_string());
            let host = host.unwrap_or_else(|| options.get_host().to_owned());
            format!("{host}:{}: {}", options.get_port(), failure::log_text(error))
        };
        let reasons: Vec<String> = errors.iter().map(reason).collect();
        let text = format!("no host of the database takes writes ({})", reasons.join("; "));
        Driver::Io(io::Error::new(io::ErrorKind::NotConnected, text))
    }
}

impl From<PgConnectOptions> for Hosts {
    fn from(options: PgConnectOptions) -> Self {
        Self { all: [options].into(), used: Arc::default(), needs_writes: false }
    }
}

#[expect(clippy::disallowed_methods, reason = "a constant text, run after connecting")]
async fn is_read_only(connection: &mut PgConnection) -> Result<bool, Driver> {
    let setting = sqlx::query_scalar("SELECT current_setting('transaction_read_only')::boolean");
    setting.fetch_one(connection).await
}
