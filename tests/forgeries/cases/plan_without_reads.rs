//! A plan conceals what `$expand` and `$filter` read. Refused with E0616.

use runstate::plan::Plan;

fn forge(plan: &mut Plan) {
    plan.reads.clear();
}

fn main() {}
