//! The network between the server and its database: a proxy that can delay bytes, hold them back
//! silently, or close its connections.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A proxy that stops when the value is dropped.
pub(crate) struct Link {
    address: SocketAddr,
    state: watch::Sender<State>,
    accepting: JoinHandle<()>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct State {
    /// Whether bytes are held back, without an error on either side.
    silent: bool,
    /// The delay of all bytes.
    delay: Duration,
    /// The current generation of connections. Bytes of earlier generations are held back for ever.
    generation: usize,
    /// The first generation whose connections are not closed.
    ended_before: usize,
}

impl Link {
    /// A link to the database that listens on this socket.
    pub(crate) async fn to(socket: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let good = State { silent: false, delay: Duration::ZERO, generation: 0, ended_before: 0 };
        let (state, watched) = watch::channel(good);
        let accepting = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let watched = watched.clone();
                let own = watched.borrow().generation;
                let socket = socket.clone();
                tokio::spawn(async move {
                    // Without a database the connection closes, as the server would see it.
                    let Ok(far) = UnixStream::connect(&socket).await else { return };
                    let (near_in, near_out) = near.into_split();
                    let (far_in, far_out) = far.into_split();
                    let mut ended = watched.clone();
                    tokio::select! {
                        () = carry(near_in, far_out, own, watched.clone()) => {}
                        () = carry(far_in, near_out, own, watched) => {}
                        _ = ended.wait_for(|state| own < state.ended_before) => {}
                    }
                });
            }
        });
        Self { address, state, accepting }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Delays all bytes, in both directions.
    pub(crate) fn set_delay(&self, delay: Duration) {
        self.state.send_modify(|state| state.delay = delay);
    }

    /// Closes all connections. New ones work.
    pub(crate) fn disconnect(&self) {
        self.state.send_modify(|state| {
            state.generation += 1;
            state.ended_before = state.generation;
        });
    }

    /// Holds back all bytes, without an error on either side.
    pub(crate) fn fall_silent(&self) {
        self.state.send_modify(|state| state.silent = true);
    }

    /// Lets the bytes of new connections through. Old connections stay silent, as after a change of
    /// route.
    pub(crate) fn restore(&self) {
        self.state.send_modify(|state| {
            state.silent = false;
            state.generation += 1;
        });
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Copies bytes in one direction, as far as the state of the link permits.
async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    own: usize,
    mut state: watch::Receiver<State>,
) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut bytes).await {
        let open = |state: &State| !state.silent && state.generation == own;
        let Ok(now) = state.wait_for(open).await.map(|state| *state) else { return };
        tokio::time::sleep(now.delay).await;
        if to.write_all(&bytes[..length]).await.is_err() {
            return;
        }
    }
}
