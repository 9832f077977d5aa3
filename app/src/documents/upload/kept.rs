//! The choice that uploads are for the person alone. A browser that forgot it would show to everybody what was meant for one,
//! so a cookie keeps it for each person in each workspace.

use domain::id::{AccountId, TenantId};

/// The cookie's name.
pub fn private_cookie(tenant: TenantId, account: AccountId) -> String {
    format!("private-uploads-{tenant}-{account}")
}

/// The cookie as it is set: for a year, or forgotten.
pub fn choice_cookie(name: &str, on: bool) -> String {
    let age = if on { 31_536_000 } else { 0 };
    format!("{name}=1; Path=/; Max-Age={age}; Secure; SameSite=Lax")
}
