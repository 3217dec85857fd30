//! A plan is converted into an authorized one. Refused with E0277.

use runstate::auth::Authorized;
use runstate::plan::Plan;

fn forge(plan: Plan) -> Authorized {
    plan.into()
}

fn main() {}
