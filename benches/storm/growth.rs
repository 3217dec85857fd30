//! Growth: the same requests, one after the other, on a small and on a large database, by turns. And
//! what a state takes on disk.

use serde_json::Value as Json;

use crate::Result;
use crate::connection::Connection;
use crate::database::{BUSIEST, Database};
use crate::load::Sample;
use crate::report::{Table, Target, Value};
use crate::request::{Kind, Request, same, script_path, states};
use crate::server::Server;
use crate::yard::Yard;

const SCRIPTS: u32 = 1_000;
const SMALL: u64 = 10_000;
/// How many pages are followed to the one that is measured; a small database ends before.
const PAGES: usize = 1_000;
/// How much dearer a request may be on the large database.
const TARGET: Target = Target::AtMost(1.25);

/// What is read, each at the end of the script's path.
const READS: [(&str, &str); 4] = [
    ("first page of 100", "/deviceRunStates?$top=100"),
    ("page of 100 with $filter", "/deviceRunStates?$top=100&$filter=runState%20eq%20'fail'"),
    ("/$count", "/deviceRunStates/$count"),
    ("run summary", "/runSummary"),
];

/// A database of a size, and a server on it.
struct Size {
    database: Database,
    server: Server,
    /// The request of a page far behind.
    far: Request,
}

pub(crate) async fn measure(yard: &Yard<'_>, states_of_large: u64) -> Result<Table> {
    let title = format!("growth, 1 connection, p50: {states_of_large} states");
    let mut table = Table::new(&title);
    let small = Size::new(yard, "small", SMALL).await?;
    let large = Size::new(yard, "large", states_of_large).await?;
    let sizes = large.database.sizes().await?;

    let path = script_path(BUSIEST);
    let mut figures = vec![("page of 100, far behind", large.far.clone(), small.far.clone())];
    for (name, rest) in READS {
        let request = Request::get(&format!("{path}{rest}"), &yard.token);
        figures.push((name, request.clone(), request));
    }
    let creates = compare(yard, [&large, &small], |_| states(SCRIPTS, &yard.token)).await?;
    for (size, sample) in [&large, &small].into_iter().zip(&creates) {
        size.database.expect(sample.created);
        size.database.check().await?;
    }
    add(&mut table, "create", Kind::Create, &creates);
    for (name, of_large, of_small) in figures {
        let requests = [of_large, of_small];
        let samples = compare(yard, [&large, &small], |at| same(requests[at].clone())).await?;
        add(&mut table, name, Kind::Read, &samples);
    }
    let per_state = |bytes: i64| Value::Bytes(bytes as f64 / states_of_large as f64);
    for (relation, bytes) in &sizes {
        table.add(&format!("bytes of a state in {relation}"), per_state(*bytes));
    }
    let all = sizes.iter().map(|(_, bytes)| bytes).sum();
    table.add("bytes of a state in all", per_state(all));
    Ok(table)
}

impl Size {
    async fn new(yard: &Yard<'_>, name: &str, states: u64) -> Result<Self> {
        let database = yard.cluster.database(name).await?;
        database.fill_scripts(1, SCRIPTS, 0).await?;
        database.fill_states(states, SCRIPTS, 0).await?;
        let server = Server::start(&database, yard.place).await?;
        let far = far_page(yard, &server).await?;
        Ok(Self { database, server, far })
    }
}

/// Follows links to the last page but one, or as far as is followed.
async fn far_page(yard: &Yard<'_>, server: &Server) -> Result<Request> {
    let first = format!("{}/deviceRunStates?$top=100", script_path(BUSIEST));
    let mut connection = Connection::open(server.address).await?;
    let mut requests = vec![Request::get(&first, &yard.token)];
    while let Some(request) = requests.last().filter(|_| requests.len() < PAGES) {
        let page: Json =
            serde_json::from_slice(connection.exchange(&request.text).await?.success()?)?;
        let Some(link) = page["@odata.nextLink"].as_str() else {
            requests.pop();
            break;
        };
        let path = link.find("/beta/").map_or(link, |at| &link[at..]);
        requests.push(Request::get(path, &yard.token));
    }
    requests.pop().ok_or_else(|| "there is no page far behind".into())
}

/// The large one and the small one by turns.
async fn compare<Next: FnMut() -> Option<Request>>(
    yard: &Yard<'_>,
    sizes: [&Size; 2],
    requests: impl Fn(usize) -> Next,
) -> Result<[Sample; 2]> {
    let mut samples = [Sample::default(), Sample::default()];
    for _ in 0..yard.pace.rounds {
        for (at, size) in sizes.into_iter().enumerate() {
            samples[at] += yard.one(&size.server).run(requests(at)).await?;
        }
    }
    Ok(samples)
}

fn add(table: &mut Table, what: &str, kind: Kind, samples: &[Sample; 2]) {
    let [large, small] = samples.each_ref().map(|sample| sample.percentile(kind, 50));
    table.compare(what, large, (&format!("{SMALL} states"), small), TARGET);
}
