//! The way that is permitted: an operation is permitted, its plan is authorized, and the store runs it.

use std::sync::Arc;

use runstate::auth::{Caller, permit};
use runstate::error::Result;
use runstate::message::Request;
use runstate::model::permission::Profile;
use runstate::plan::{Operation, Parameters, make};
use runstate::store::Store;

async fn run(
    store: &Store,
    caller: &Caller,
    request: &Request,
    operation: Operation,
    parameters: Parameters<'_>,
) -> Result<()> {
    let permitted = permit(Profile::Current, caller, operation)?;
    let plan = make(permitted.operation(), parameters)?;
    let authorized = permitted.authorize(plan, request)?;
    store.run(&Arc::new(authorized)).await?;
    Ok(())
}

fn main() {}
