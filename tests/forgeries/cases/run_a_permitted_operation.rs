//! The store runs what is permitted, before the types that its plan reads are. Refused with E0308.

use std::sync::Arc;

use runstate::auth::Permitted;
use runstate::store::Store;

async fn forge(store: &Store, permitted: Permitted<'_>) {
    let _ = store.run(&Arc::new(permitted)).await;
}

fn main() {}
