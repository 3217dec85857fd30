//! Growth: sends the same requests alternately to a small and to a large database, over one
//! connection. Also measures the disk space of a state.

use serde_json::Value as Json;

use crate::connection::Connection;
use crate::database::Database;
use crate::load::Sample;
use crate::questions::{self, DEEP, READS};
use crate::report::{Table, Target, Value};
use crate::request::{Kind, Request, same, states};
use crate::server::Server;
use crate::setup::Setup;
use crate::{Result, tenants};

const SCRIPTS: u32 = 1_000;
const SMALL: u64 = 10_000;
/// The number of states of each device.
const STATES_OF_DEVICE: u64 = 10;
/// The measured page is this far from the first. A small database has fewer pages.
const PAGES: usize = 1_000;
/// How much more time a request may take on the large database.
const TARGET: Target = Target::AtMost(1.25);

/// A small or large database, and a server for it.
struct Size {
    database: Database,
    states: u64,
    server: Server,
}

pub(crate) async fn measure(setup: &Setup<'_>, states_of_large: u64) -> Result<Table> {
    let title = format!("growth, 1 connection, p50: {states_of_large} states");
    let mut table = Table::new(&title);
    let small = Size::new(setup, "small", SMALL).await?;
    let large = Size::new(setup, "large", states_of_large).await?;
    let sizes = [&large, &small];
    let relations = large.database.sizes().await?;

    let creates = compare(setup, sizes, |_| states(SCRIPTS, &setup.token)).await?;
    for (size, sample) in sizes.into_iter().zip(&creates) {
        size.database.expect(sample.created);
        size.database.check().await?;
    }
    add(&mut table, "create", Kind::Create, &creates);
    for (name, first) in DEEP {
        let pages = [large.deep_page(setup, first).await?, small.deep_page(setup, first).await?];
        let samples = compare(setup, sizes, |at| same(pages[at].clone())).await?;
        add(&mut table, name, Kind::Read, &samples);
    }
    for (name, form) in READS {
        let request = |size: &Size| size.request(setup, form);
        let requests = [request(&large)?, request(&small)?];
        let samples = compare(setup, sizes, |at| same(requests[at].clone())).await?;
        add(&mut table, name, Kind::Read, &samples);
    }
    let per_state = |bytes: i64| Value::Bytes(bytes as f64 / states_of_large as f64);
    for (relation, bytes) in &relations {
        table.add(&format!("bytes per state in {relation}"), per_state(*bytes));
    }
    let all = relations.iter().map(|(_, bytes)| bytes).sum();
    table.add("bytes per state in total", per_state(all));
    tenants::add(setup, &mut table).await?;
    Ok(table)
}

impl Size {
    async fn new(setup: &Setup<'_>, name: &str, states: u64) -> Result<Self> {
        let database = setup.cluster.database(name).await?;
        database.fill_scripts(1, SCRIPTS, 0).await?;
        database.fill_states(states, SCRIPTS, states / STATES_OF_DEVICE).await?;
        let server = Server::start(&database, setup.directory).await?;
        Ok(Self { database, states, server })
    }

    fn request(&self, setup: &Setup<'_>, form: &str) -> Result<Request> {
        Ok(Request::get(&questions::url(form, self.states)?, &setup.token))
    }

    /// Follows `@odata.nextLink` to page `PAGES`, or to the last page but one of a small database.
    async fn deep_page(&self, setup: &Setup<'_>, first: &str) -> Result<Request> {
        let mut connection = Connection::open(self.server.address, None).await?;
        let mut requests = vec![self.request(setup, first)?];
        while let Some(request) = requests.last().filter(|_| requests.len() < PAGES) {
            let page: Json =
                serde_json::from_slice(connection.exchange(&request.text).await?.success()?)?;
            let Some(link) = page["@odata.nextLink"].as_str() else {
                requests.pop();
                break;
            };
            let path = link.find("/beta/").map_or(link, |at| &link[at..]);
            requests.push(Request::get(path, &setup.token));
        }
        requests.pop().ok_or_else(|| "the collection has only one page".into())
    }
}

/// Measures the large and the small database alternately.
async fn compare<Next: FnMut() -> Option<Request>>(
    setup: &Setup<'_>,
    sizes: [&Size; 2],
    requests: impl Fn(usize) -> Next,
) -> Result<[Sample; 2]> {
    let mut samples = [Sample::default(), Sample::default()];
    for _ in 0..setup.preset.rounds {
        for (at, size) in sizes.into_iter().enumerate() {
            samples[at] += setup.single_load(&size.server).run(requests(at)).await?;
        }
    }
    Ok(samples)
}

fn add(table: &mut Table, label: &str, kind: Kind, samples: &[Sample; 2]) {
    let [large, small] = samples.each_ref().map(|sample| sample.percentile(kind, 50));
    table.compare(label, large, (&format!("{SMALL} states"), small), TARGET);
}
