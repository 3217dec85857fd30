//! Growth: sends the same requests alternately to a small and to a large database, over one
//! connection. Also measures the disk space of a state.

use serde_json::Value as Json;

use crate::Result;
use crate::connection::Connection;
use crate::database::{BUSIEST, Database};
use crate::load::Sample;
use crate::report::{Table, Target, Value};
use crate::request::{Kind, Request, same, script_path, states};
use crate::server::Server;
use crate::setup::Setup;

const SCRIPTS: u32 = 1_000;
const SMALL: u64 = 10_000;
/// The measured page is this far from the first. A small database has fewer pages.
const PAGES: usize = 1_000;
/// How much more time a request may take on the large database.
const TARGET: Target = Target::AtMost(1.25);

/// The measured reads: label, and path after the script's path.
const READS: [(&str, &str); 4] = [
    ("first page of 100", "/deviceRunStates?$top=100"),
    ("page of 100 with $filter", "/deviceRunStates?$top=100&$filter=runState%20eq%20'fail'"),
    ("/$count", "/deviceRunStates/$count"),
    ("run summary", "/runSummary"),
];

/// A small or large database, and a server for it.
struct Size {
    database: Database,
    server: Server,
    /// The request for a page far from the first.
    deep_page: Request,
}

pub(crate) async fn measure(setup: &Setup<'_>, states_of_large: u64) -> Result<Table> {
    let title = format!("growth, 1 connection, p50: {states_of_large} states");
    let mut table = Table::new(&title);
    let small = Size::new(setup, "small", SMALL).await?;
    let large = Size::new(setup, "large", states_of_large).await?;
    let sizes = large.database.sizes().await?;

    let path = script_path(BUSIEST);
    let mut figures =
        vec![("page of 100, deep page", large.deep_page.clone(), small.deep_page.clone())];
    for (name, rest) in READS {
        let request = Request::get(&format!("{path}{rest}"), &setup.token);
        figures.push((name, request.clone(), request));
    }
    let creates = compare(setup, [&large, &small], |_| states(SCRIPTS, &setup.token)).await?;
    for (size, sample) in [&large, &small].into_iter().zip(&creates) {
        size.database.expect(sample.created);
        size.database.check().await?;
    }
    add(&mut table, "create", Kind::Create, &creates);
    for (name, of_large, of_small) in figures {
        let requests = [of_large, of_small];
        let samples = compare(setup, [&large, &small], |at| same(requests[at].clone())).await?;
        add(&mut table, name, Kind::Read, &samples);
    }
    let per_state = |bytes: i64| Value::Bytes(bytes as f64 / states_of_large as f64);
    for (relation, bytes) in &sizes {
        table.add(&format!("bytes per state in {relation}"), per_state(*bytes));
    }
    let all = sizes.iter().map(|(_, bytes)| bytes).sum();
    table.add("bytes per state in total", per_state(all));
    Ok(table)
}

impl Size {
    async fn new(setup: &Setup<'_>, name: &str, states: u64) -> Result<Self> {
        let database = setup.cluster.database(name).await?;
        database.fill_scripts(1, SCRIPTS, 0).await?;
        database.fill_states(states, SCRIPTS, 0).await?;
        let server = Server::start(&database, setup.directory).await?;
        let deep_page = deep_page(setup, &server).await?;
        Ok(Self { database, server, deep_page })
    }
}

/// Follows `@odata.nextLink` to page `PAGES`, or to the last page but one of a small database.
async fn deep_page(setup: &Setup<'_>, server: &Server) -> Result<Request> {
    let first = format!("{}/deviceRunStates?$top=100", script_path(BUSIEST));
    let mut connection = Connection::open(server.address).await?;
    let mut requests = vec![Request::get(&first, &setup.token)];
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
