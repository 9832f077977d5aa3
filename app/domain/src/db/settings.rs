//! The one place that says to Postgres which tenant a transaction is of.

use super::{LIMITS, Statements};
use crate::id::{AccountId, TenantId};

/// A statement that begins a transaction, with the settings that stand in it.
pub(super) fn with_settings(
    begin: &str,
    statements: Statements,
    tenant: Option<TenantId>,
    account: Option<AccountId>,
) -> String {
    let mut begin = String::from(begin);
    if statements == Statements::Unnamed {
        // Each transaction may be in another session, whose limits nobody has set.
        for (name, limit) in LIMITS {
            begin.push_str(&format!("; SET LOCAL {name} = '{limit}'"));
        }
    }
    // Both are typed ids, whose text is hexadecimal digits and dashes: nothing can break out of the quotes.
    if let Some(TenantId(id)) = tenant {
        begin.push_str(&format!("; SELECT set_config('app.tenant_id', '{id}', true)"));
    }
    if let Some(AccountId(id)) = account {
        begin.push_str(&format!("; SELECT set_config('app.account_id', '{id}', true)"));
    }
    begin
}
