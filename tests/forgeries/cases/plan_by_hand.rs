//! The act of one plan is put into another one. Refused with E0451.

use runstate::plan::{Act, Plan};

fn forge(act: Act, plan: Plan) -> Plan {
    Plan { act, ..plan }
}

fn main() {}
