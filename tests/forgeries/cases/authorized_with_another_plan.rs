//! The plan of an authorized one is exchanged. Refused with E0616.

use runstate::auth::Authorized;
use runstate::plan::Plan;

fn forge(authorized: &mut Authorized, plan: Plan) {
    authorized.plan = plan;
}

fn main() {}
