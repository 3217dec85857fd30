//! The store runs a plan that nobody authorized. Refused with E0308.

use std::sync::Arc;

use runstate::plan::Plan;
use runstate::store::Store;

async fn forge(store: &Store, plan: Plan) {
    let _ = store.run(&Arc::new(plan)).await;
}

fn main() {}
