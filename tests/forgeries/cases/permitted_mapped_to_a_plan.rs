//! A permission is carried over to any plan, as `try_map` once did. Refused with E0599.

use runstate::auth::{Authorized, Permitted};
use runstate::error::Result;
use runstate::plan::Plan;

fn forge(permitted: Permitted<'_>, plan: Plan) -> Result<Authorized> {
    permitted.try_map(|_| Ok(plan))
}

fn main() {}
