//! One permission authorizes two plans. Refused with E0382.

use runstate::auth::{Authorized, Permitted};
use runstate::error::Result;
use runstate::plan::Plan;

fn forge(permitted: Permitted<'_>, one: Plan, other: Plan) -> Result<[Authorized; 2]> {
    Ok([permitted.authorize(one)?, permitted.authorize(other)?])
}

fn main() {}
