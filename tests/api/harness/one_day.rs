//! For tests whose result depends on the day. They may begin just before midnight.

use std::panic::{AssertUnwindSafe, resume_unwind};

use chrono::Utc;
use futures_util::FutureExt;

/// Runs a test. If it fails and the day (UTC) has ended meanwhile, it runs again.
pub(crate) async fn in_one_day(test: impl AsyncFn()) {
    let day = Utc::now().date_naive();
    if let Err(failure) = AssertUnwindSafe(test()).catch_unwind().await {
        if Utc::now().date_naive() == day {
            resume_unwind(failure);
        }
        println!("the day has ended: the test runs again");
        test().await;
    }
}
