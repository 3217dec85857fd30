//! A caller is moved to another tenant by hand, without a token. Refused with E0451.

use runstate::auth::Caller;

fn forge(caller: Caller) -> Caller {
    Caller { tenant: todo!(), ..caller }
}

fn main() {}
