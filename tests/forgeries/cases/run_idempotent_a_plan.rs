//! The store runs a plan with an idempotency key that nobody authorized. Refused with E0308.

use runstate::message::{Body, Response};
use runstate::plan::Plan;
use runstate::store::Store;

async fn forge(store: &Store, plan: &Plan) {
    let Some(key) = plan.idempotency_key() else { return };
    let reply = |_| Response { status: 200, headers: Vec::new(), body: Body::empty() };
    let _ = store.run_idempotent(plan, key, reply).await;
}

fn main() {}
