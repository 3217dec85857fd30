//! What all tests share as long as one of them runs: a server with its database, the driver, and
//! browsers. A browser that passed a test serves the next one, with nothing left of the first.

use std::io::Write;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::Duration;

use futures_util::FutureExt;
use runstate::auth::{LocalIssuer, TokenRequest};
use tokio::runtime::Runtime;
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::browser::Browser;
use crate::driver::Driver;
use crate::fleet::Fleet;
use crate::page::Page;
use crate::process::{Directory, Server, runstate};

/// The permissions of somebody who may do everything, in today's names.
const EVERYTHING: [&str; 3] = [
    "DeviceManagementManagedDevices.ReadWrite.All",
    "DeviceManagementConfiguration.ReadWrite.All",
    "DeviceManagementScripts.ReadWrite.All",
];

/// The secret of the server's test twin.
pub(crate) const TWIN_SECRET: &str = "a secret of the tests";

/// Runs a test in a browser. Without a browser it is left out, and says so; on CI it fails.
pub(crate) fn browse(test: impl AsyncFnOnce(&Page)) {
    let Some(world) = World::shared() else { return };
    world.runtime.block_on(async {
        let page = Page::new(world.browser().await, world.clone()).await;
        let run = async {
            test(&page).await;
            page.assert_nothing_held().await;
        };
        match AssertUnwindSafe(run).catch_unwind().await {
            Ok(()) => world.take_back(page.browser).await,
            Err(panic) => {
                page.picture(&format!("failed-{}", test_name())).await;
                page.browser.quit().await;
                resume_unwind(panic);
            }
        }
    });
}

/// See the [module](self).
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) runtime: Runtime,
    issuer: LocalIssuer,
    fleet: OnceCell<Fleet>,
    idle: Mutex<Vec<Browser>>,
    driver: Driver,
    pub(crate) directory: Directory,
}

impl World {
    fn shared() -> Option<Arc<Self>> {
        static SHARED: Mutex<Weak<World>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap();
        if let Some(world) = shared.upgrade() {
            return Some(world);
        }
        let world = Arc::new(Self::start()?);
        *shared = Arc::downgrade(&world);
        Some(world)
    }

    fn start() -> Option<Self> {
        let directory = Directory::new();
        let Some(driver) = Driver::start(&directory.0) else {
            leave_out();
            return None;
        };
        let mut program = runstate(&directory.0);
        program.env("RUNSTATE_TWIN", "true").env("RUNSTATE_TWIN_SECRET", TWIN_SECRET);
        let server = Server::of(program);
        let issuer = LocalIssuer::open(&directory.0).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let (fleet, idle) = (OnceCell::new(), Mutex::default());
        Some(Self { server, runtime, issuer, fleet, idle, driver, directory })
    }

    /// The fleet that all tests may read.
    pub(crate) async fn fleet(&self) -> &Fleet {
        self.fleet.get_or_init(|| Fleet::new(self)).await
    }

    /// A token of the local issuer with all permissions. Each tenant has its own rows.
    pub(crate) fn token(&self, tenant: Uuid) -> String {
        self.token_with(tenant, &EVERYTHING)
    }

    /// A token of the local issuer with some permissions.
    pub(crate) fn token_with(&self, tenant: Uuid, scopes: &[&str]) -> String {
        let request = TokenRequest {
            tenant,
            user: Some("ada@contoso.example".to_owned()),
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
            roles: Vec::new(),
            application: false,
            client: None,
            expires_in: Duration::from_secs(3600),
        };
        self.issuer.token(&request).unwrap()
    }

    async fn browser(&self) -> Browser {
        let idle = self.idle.lock().unwrap().pop();
        match idle {
            Some(browser) => browser,
            None => self.driver.session().await,
        }
    }

    async fn take_back(&self, browser: Browser) {
        browser.open("about:blank").await;
        self.idle.lock().unwrap().push(browser);
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let idle = std::mem::take(self.idle.get_mut().unwrap());
        self.runtime.block_on(async {
            for browser in idle {
                browser.quit().await;
            }
        });
    }
}

/// Says once that there is no browser.
fn leave_out() {
    static SAID: OnceLock<()> = OnceLock::new();
    let missing = "no chromedriver (apt-get install chromium chromium-driver)";
    assert!(std::env::var_os("CI").is_none(), "{missing}");
    // To stderr directly: the test runner captures `eprintln!`, but not this.
    SAID.get_or_init(|| {
        writeln!(std::io::stderr(), "The tests of the console are left out: {missing}").ok();
    });
}

fn test_name() -> String {
    std::thread::current().name().unwrap_or("test").replace("::", "-")
}
