//! The access to the policies of a tenant is written down by hand. Refused with E0451.

use runstate::auth::PolicyAccess;
use runstate::model::permission::Access;

fn forge() -> PolicyAccess {
    PolicyAccess { tenant: todo!(), access: Access::Write, actor: todo!() }
}

fn main() {}
