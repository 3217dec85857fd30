//! An authorized plan is written down by hand. Refused with E0451.

use runstate::auth::Authorized;
use runstate::plan::Plan;

fn forge(plan: Plan) -> Authorized {
    Authorized { tenant: todo!(), subject: String::new(), plan, actor: None }
}

fn main() {}
