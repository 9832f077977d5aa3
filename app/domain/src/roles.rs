//! What a role may do: one table, read by the verbs, by the screen, which does not offer what one may not do, and by the
//! test that calls everything as each role.

use serde::{Deserialize, Serialize};

/// What a member is in a tenant. Each may do all that the ones before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::Type))]
#[cfg_attr(feature = "server", sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks, and changes nothing.
    Viewer,
    /// Works with documents and reports.
    Member,
    /// Runs the workspace: its people, its settings, its audit log.
    Admin,
    /// Answers for the workspace. Each has one at least.
    Owner,
}

impl Role {
    /// From the least to the most.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Member, Self::Admin, Self::Owner];

    /// The word in the database and in requests.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// The word that people see.
    pub fn label(self) -> &'static str {
        match self {
            Self::Viewer => "Viewer",
            Self::Member => "Member",
            Self::Admin => "Admin",
            Self::Owner => "Owner",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

macro_rules! actions {
    ($($(#[$doc:meta])* $action:ident: $least:ident,)*) => {
        /// The acts that need a permission.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action {
            $($(#[$doc])* $action,)*
        }

        impl Action {
            pub const ALL: &'static [Self] = &[$(Self::$action),*];

            /// The least role that may do it.
            pub const fn least(self) -> Role {
                match self {
                    $(Self::$action => Role::$least,)*
                }
            }
        }
    };
}

// The table: the act, and the least role that may do it.
actions! {
    ReadDocuments: Viewer,
    Search: Viewer,
    ReadReports: Viewer,
    /// Who else is in the workspace.
    ReadMembers: Viewer,
    /// What is under way of one's own, and of Sheaf's work on what one sees.
    ReadActivity: Viewer,

    UploadDocuments: Member,
    ChangeDocuments: Member,
    /// Who may see a document that one may see.
    ShareDocuments: Member,
    MakeReports: Member,
    /// To cancel what one has asked for, and have it done again.
    SteerActivity: Member,

    /// Mails that could not be delivered.
    ReadMail: Admin,
    SendMailAgain: Admin,
    /// How the workspace does: what could be read, what waits, what is stored.
    ReadHealth: Admin,
    /// What is under way of everybody.
    SeeAllActivity: Admin,
    ManageActivity: Admin,
    InviteMembers: Admin,
    /// Of whoever is not above oneself, up to one's own.
    ChangeRoles: Admin,
    RemoveMembers: Admin,
    ReadAudit: Admin,
    ChangeSettings: Admin,
    /// Keys by which programs come in: to look at all of them, to make one that acts as oneself, and to end any.
    ManageKeys: Admin,
    /// Every document that one may change, which may cost much.
    ReadAllAgain: Admin,
    /// The plan, what was used, and the bills.
    ReadBilling: Admin,

    TransferOwnership: Owner,
    ExportWorkspace: Owner,
    DeleteWorkspace: Owner,
    /// To buy, to cancel, and to set the cap.
    ManageBilling: Owner,
    /// Lets an operator who has entered for support change things.
    ConsentToSupport: Owner,
}

impl Action {
    /// Whether support may do it, where a role allows it and an owner consents. Who is in a workspace is decided by those who are
    /// in it, programs included, and so is what costs it much.
    pub fn is_open_to_support(self) -> bool {
        !matches!(
            self,
            Self::InviteMembers | Self::ChangeRoles | Self::RemoveMembers | Self::ManageKeys | Self::ReadAllAgain
        )
    }

    /// Whether it changes what the workspace works with, or has work done. What decides about the workspace itself, as who owns
    /// it, does not: whoever cannot pay may leave it to somebody who can, or end it.
    pub fn changes(self) -> bool {
        match self {
            Self::ReadDocuments
            | Self::Search
            | Self::ReadReports
            | Self::ReadMembers
            | Self::ReadActivity
            | Self::ReadMail
            | Self::ReadHealth
            | Self::SeeAllActivity
            | Self::ReadAudit
            | Self::ReadBilling
            // A key that is made while a payment is missing does no more than its maker; one has to be ended whatever is missing.
            | Self::ManageKeys
            // Whoever is in goes on reading, so that somebody who left the company has to be taken out whatever is missing.
            | Self::RemoveMembers
            | Self::TransferOwnership
            | Self::ExportWorkspace
            | Self::DeleteWorkspace
            | Self::ManageBilling
            | Self::ConsentToSupport => false,
            Self::UploadDocuments
            | Self::ChangeDocuments
            | Self::ShareDocuments
            | Self::MakeReports
            | Self::SteerActivity
            | Self::SendMailAgain
            | Self::ManageActivity
            | Self::InviteMembers
            | Self::ChangeRoles
            | Self::ChangeSettings
            | Self::ReadAllAgain => true,
        }
    }

    /// Whether it is about paying.
    pub fn is_billing(self) -> bool {
        matches!(self, Self::ReadBilling | Self::ManageBilling)
    }
}

/// Whether the role may do it.
pub fn allows(role: Role, action: Action) -> bool {
    role >= action.least()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_viewer_reads_a_member_works_an_admin_runs_and_an_owner_answers() {
        let may = |role| Action::ALL.iter().filter(|action| allows(role, **action)).count();
        assert!(allows(Role::Viewer, Action::ReadDocuments) && !allows(Role::Viewer, Action::UploadDocuments));
        assert!(allows(Role::Member, Action::MakeReports) && !allows(Role::Member, Action::InviteMembers));
        assert!(allows(Role::Admin, Action::ReadAudit) && !allows(Role::Admin, Action::DeleteWorkspace));
        assert_eq!(may(Role::Owner), Action::ALL.len());
    }

    #[test]
    fn a_role_is_read_from_its_word_alone() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
        for word in ["", "Owner", "root", "owner "] {
            assert_eq!(Role::parse(word), None, "{word:?}");
        }
    }
}
