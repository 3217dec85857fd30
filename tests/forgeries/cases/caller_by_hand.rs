//! A caller is written down by hand, without a token. Refused with E0451.

use runstate::auth::{Caller, CallerKind};

fn forge() -> Caller {
    let kind = CallerKind::Unknown;
    Caller { tenant: todo!(), subject: String::new(), kind, claims: todo!() }
}

fn main() {}
