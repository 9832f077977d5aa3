//! The accounts of the ledger.

/// Where credits are. All of them together are always nothing: what one has got, another has given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub(crate) enum Account {
    /// Where they come from, and go back to.
    Plan,
    /// What may be used.
    Available,
    /// What is used beyond that, and billed.
    Overage,
    Used,
    /// What was left at the end of a month.
    Expired,
}

impl Account {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Available => "available",
            Self::Overage => "overage",
            Self::Used => "used",
            Self::Expired => "expired",
        }
    }
}
