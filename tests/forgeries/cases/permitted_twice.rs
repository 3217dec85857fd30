//! One permission authorizes two plans. Refused with E0382.

use runstate::auth::{Authorized, Permitted};
use runstate::error::Result;
use runstate::message::Request;
use runstate::plan::Plan;

fn forge(
    permitted: Permitted<'_>,
    one: Plan,
    other: Plan,
    request: &Request,
) -> Result<[Authorized; 2]> {
    Ok([permitted.authorize(one, request)?, permitted.authorize(other, request)?])
}

fn main() {}
