//! A permitted operation is written down by hand. Refused with E0451.

use runstate::auth::{Caller, Permitted};
use runstate::model::permission::Profile;
use runstate::plan::Operation;

fn forge(caller: &Caller, operation: Operation) -> Permitted<'_> {
    Permitted { profile: Profile::Current, caller, operation }
}

fn main() {}
