//! An authorized plan is turned against another tenant. Refused with E0451.

use runstate::auth::Authorized;

fn forge(authorized: Authorized) -> Authorized {
    Authorized { tenant: todo!(), ..authorized }
}

fn main() {}
