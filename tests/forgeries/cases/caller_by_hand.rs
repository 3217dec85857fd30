//! A caller is written down by hand, without a token. Refused with E0451.

use runstate::auth::{Caller, CallerKind};

fn forge() -> Caller {
    Caller { tenant: todo!(), subject: String::new(), kind: CallerKind::Unknown }
}

fn main() {}
