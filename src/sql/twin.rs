//! Statements about the tenants of the test twin. What they call and write is in `migrations/twin`. Times are
//! microseconds since 1970.

use uuid::Uuid;

use super::statement::{Cells, Statement, Writer};

/// A tenant or a snapshot of the twin, as its row has it.
#[derive(Clone, Debug, PartialEq)]
pub struct TwinTenantRow {
    pub id: Uuid,
    /// The `id` in the control API; `None` for a snapshot.
    pub handle: Option<String>,
    /// The name of a snapshot; `None` if only tenants refer to it.
    pub snapshot: Option<String>,
    /// The snapshot that a reset restores; `None` for nothing.
    pub start: Option<Uuid>,
    /// JSON.
    pub settings: String,
    /// `None` for the real time.
    pub clock: Option<TwinClockRow>,
    /// `None` for a snapshot.
    pub expires_at: Option<i64>,
}

/// The course of a clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TwinClockRow {
    pub at: i64,
    pub since: i64,
    pub rate: f64,
}

/// All tenants and snapshots: id, handle, snapshot, start, settings, the three columns of the clock, and
/// when the tenant expires.
#[must_use]
pub fn twin_tenants() -> Statement {
    let micros = |column: &str| format!("(extract(epoch FROM {column}) * 1000000)::bigint");
    let [at, since, expires] = ["clock_at", "clock_since", "expires_at"].map(micros);
    Writer::default().statement(format!(
        "SELECT id, handle, snapshot, start, settings, {at}, {since}, clock_rate, {expires} \
         FROM twin_tenant ORDER BY created_at, id"
    ))
}

/// Adds a tenant or a snapshot. A tenant that is to have no contents gets what it needs to sign in.
#[must_use]
pub fn add_twin_tenant(row: &TwinTenantRow) -> Statement {
    let mut writer = Writer::default();
    let id = guid(&mut writer, Some(row.id));
    let snapshot = writer.bind_one(Cells::Texts(vec![row.snapshot.clone()]));
    let handle = writer.bind_one(Cells::Texts(vec![row.handle.clone()]));
    let values = values(&mut writer, row);
    writer.statement(format!(
        "INSERT INTO twin_tenant (id, snapshot, handle, start, settings, clock_at, clock_since, \
         clock_rate, expires_at) VALUES ({id}, {snapshot}, {handle}, {})",
        values.join(", ")
    ))
}

/// Changes the row of a tenant or of a snapshot; the handle stays.
#[must_use]
pub fn change_twin_tenant(row: &TwinTenantRow) -> Statement {
    let mut writer = Writer::default();
    let id = guid(&mut writer, Some(row.id));
    let snapshot = writer.bind_one(Cells::Texts(vec![row.snapshot.clone()]));
    let values = values(&mut writer, row);
    writer.statement(format!(
        "UPDATE twin_tenant SET (snapshot, start, settings, clock_at, clock_since, clock_rate, \
         expires_at) = ({snapshot}, {}) WHERE id = {id}",
        values.join(", ")
    ))
}

/// Removes the row of a tenant or of a snapshot, whose contents must be gone.
#[must_use]
pub fn remove_twin_tenant(id: Uuid) -> Statement {
    let mut writer = Writer::default();
    let id = guid(&mut writer, Some(id));
    writer.statement(format!("DELETE FROM twin_tenant WHERE id = {id}"))
}

/// Gives a tenant whose contents were removed what it needs to sign in; one row: how many rows these are.
#[must_use]
pub fn begin_twin_tenant(id: Uuid) -> Statement {
    let mut writer = Writer::default();
    let id = guid(&mut writer, Some(id));
    writer.statement(format!("SELECT twin_begin({id})"))
}

/// Copies contents into an empty tenant; one row: how many rows were copied.
#[must_use]
pub fn fork_twin_tenant(source: Uuid, target: Uuid) -> Statement {
    let mut writer = Writer::default();
    let source = guid(&mut writer, Some(source));
    let target = guid(&mut writer, Some(target));
    writer.statement(format!("SELECT twin_fork({source}, {target})"))
}

/// Removes the contents of a tenant; one row: how many rows were removed.
#[must_use]
pub fn wipe_twin_tenant(id: Uuid) -> Statement {
    let mut writer = Writer::default();
    let id = guid(&mut writer, Some(id));
    writer.statement(format!("SELECT twin_wipe({id})"))
}

/// Removes the rows that have expired by the tenant's clock; one row: how many.
#[must_use]
pub fn expire_twin_tenant(id: Uuid) -> Statement {
    let mut writer = Writer::default();
    let id = guid(&mut writer, Some(id));
    writer.statement(format!("SELECT twin_expire({id})"))
}

fn values(writer: &mut Writer, row: &TwinTenantRow) -> [String; 6] {
    let clock = row.clock.as_ref();
    let time = |writer: &mut Writer, micros: Option<i64>| {
        let micros = writer.bind_one(Cells::Bigints(vec![micros]));
        format!("timestamptz 'epoch' + {micros} * interval '1 microsecond'")
    };
    [
        guid(writer, row.start),
        writer.bind_text(&row.settings),
        time(writer, clock.map(|clock| clock.at)),
        time(writer, clock.map(|clock| clock.since)),
        writer.bind_one(Cells::Doubles(vec![clock.map(|clock| clock.rate)])),
        time(writer, row.expires_at),
    ]
}

fn guid(writer: &mut Writer, id: Option<Uuid>) -> String {
    writer.bind_one(Cells::Guids(vec![id]))
}
