//! A simple load balancer: it gives each connection to the next server whose `/health` answers 200,
//! or to any server if none does. Apart from that it does not know HTTP.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The time between two health checks, and the timeout of each.
const INTERVAL: Duration = Duration::from_millis(100);
const TIMEOUT: Duration = Duration::from_secs(1);

/// A load balancer that stops when the value is dropped.
pub(crate) struct Balancer {
    address: SocketAddr,
    tasks: Vec<JoinHandle<()>>,
}

impl Balancer {
    /// A balancer in front of these servers (`host:port`).
    pub(crate) async fn before(servers: &[String]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let healthy = Arc::new(Mutex::new(servers.to_vec()));
        let all = servers.to_vec();
        let checking = tokio::spawn(check_health(servers.to_vec(), Arc::clone(&healthy)));
        let accepting = tokio::spawn(async move {
            for turn in 0.. {
                let Ok((mut near, _)) = listener.accept().await else { return };
                let mut candidates = healthy.lock().unwrap().clone();
                if candidates.is_empty() {
                    candidates.clone_from(&all);
                }
                let first = turn % candidates.len();
                candidates.rotate_left(first);
                tokio::spawn(async move {
                    for server in candidates {
                        // A server that refuses the connection has read nothing of the request.
                        if let Ok(mut far) = TcpStream::connect(&server).await {
                            copy_bidirectional(&mut near, &mut far).await.ok();
                            return;
                        }
                    }
                });
            }
        });
        Self { address, tasks: vec![checking, accepting] }
    }

    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Checks all servers again and again, and keeps the list of the healthy ones.
async fn check_health(servers: Vec<String>, healthy: Arc<Mutex<Vec<String>>>) {
    let http = reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build().unwrap();
    loop {
        for server in &servers {
            let reply = http.get(format!("http://{server}/health")).send().await;
            let is_healthy = reply.is_ok_and(|reply| reply.status().is_success());
            let mut healthy = healthy.lock().unwrap();
            healthy.retain(|other| other != server);
            if is_healthy {
                healthy.push(server.clone());
            }
        }
        tokio::time::sleep(INTERVAL).await;
    }
}
