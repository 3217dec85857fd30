//! The operation that was permitted is exchanged before its plan is authorized. Refused with E0616.

use runstate::auth::Permitted;
use runstate::plan::Operation;

fn forge(permitted: &mut Permitted<'_>, operation: Operation) {
    permitted.operation = operation;
}

fn main() {}
