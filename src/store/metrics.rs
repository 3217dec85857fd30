//! The metrics of a store: its queue of writes, its connections, and its history.

use super::Store;
use crate::database::Condition;
use crate::metrics::{Exposition, Stages, catalog};

impl Store {
    /// Measures the stages of requests.
    #[must_use]
    pub fn stages(&self) -> &Stages {
        &self.stages
    }

    /// Adds the metrics to a page; runs no statement.
    pub fn expose(&self, page: &mut Exposition) {
        self.stages.expose(page);
        self.write_queue.expose(page);
        let as_number = |holds: bool| f64::from(u8::from(holds));
        page.gauge(&catalog::DATABASE_AVAILABLE, as_number(self.is_available()));
        let condition = self.condition();
        page.gauge(&catalog::DATABASE_WRITABLE, as_number(condition != Condition::ReadOnly));
        page.gauge(&catalog::SCHEMA_CURRENT, as_number(condition != Condition::SchemaOutdated));
        let usage = self.connections.usage();
        let in_use = usage.open.saturating_sub(usage.idle);
        page.gauges(
            &catalog::POOL_CONNECTIONS,
            [("used".into(), in_use as f64), ("idle".into(), usage.idle as f64)],
        );
        page.gauge(&catalog::POOL_CAPACITY, usage.capacity as f64);
        page.gauge(&catalog::POOL_WAITING, usage.waiting as f64);
        self.history.expose(page);
    }
}
