//! What the last maintenance found of the partitions of the history, for the metrics.

use std::sync::{Mutex, PoisonError};

use crate::metrics::{Exposition, catalog};

/// The partitions at the last maintenance; nothing before the first one.
#[derive(Debug, Default)]
pub(super) struct History(Mutex<Option<Partitions>>);

/// The partitions of the history.
#[derive(Clone, Copy, Debug)]
pub(super) struct Partitions {
    /// How many are ahead in the class of retention that has the fewest.
    pub(super) ahead: i64,
    /// Whether versions wait for their partition.
    pub(super) has_other: bool,
    /// When the oldest partition with a version starts, in seconds since 1970.
    pub(super) oldest: Option<f64>,
}

impl History {
    pub(super) fn set(&self, partitions: Partitions) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(partitions);
    }

    /// Adds the metrics to a page.
    pub(super) fn expose(&self, page: &mut Exposition) {
        let Some(partitions) = *self.0.lock().unwrap_or_else(PoisonError::into_inner) else {
            return;
        };
        page.gauge(&catalog::HISTORY_AHEAD, partitions.ahead as f64);
        page.gauge(&catalog::HISTORY_WAITING, f64::from(u8::from(partitions.has_other)));
        if let Some(oldest) = partitions.oldest {
            page.gauge(&catalog::HISTORY_OLDEST, oldest);
        }
    }
}
