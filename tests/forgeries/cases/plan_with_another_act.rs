//! The act of a plan is exchanged after the plan was made. Refused with E0616.

use runstate::plan::{Act, Plan};

fn forge(plan: &mut Plan, act: Act) {
    plan.act = act;
}

fn main() {}
