//! The acts that are kept: for each, its word in the table and what people read.

use serde::{Deserialize, Serialize};

macro_rules! acts {
    ($($act:ident: $word:literal, $label:literal;)*) => {
        /// What somebody did.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Act {
            $($act,)*
        }

        impl Act {
            pub const ALL: &'static [Self] = &[$(Self::$act),*];

            /// The word in the table, in addresses and in what is exported.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$act => $word,)*
                }
            }

            /// What people read.
            pub fn label(self) -> &'static str {
                match self {
                    $(Self::$act => $label,)*
                }
            }
        }
    };
}

acts! {
    TenantMade: "tenant.made", "Made the workspace";
    SignedIn: "account.signed_in", "Signed in";
    PasswordChanged: "account.password_changed", "Changed their password";
    SignedOutEverywhere: "account.signed_out_everywhere", "Signed out everywhere";
    DocumentUploaded: "document.uploaded", "Uploaded a document";
    DocumentTrashed: "document.trashed", "Moved a document to the trash";
    DocumentRestored: "document.restored", "Restored a document";
    DocumentDeleted: "document.deleted", "Deleted a document for good";
    DocumentRetried: "document.retried", "Had a document read again";
    AllRetried: "document.all_retried", "Had all documents read again";
    DocumentCancelled: "document.cancelled", "Cancelled the reading of a document";
    ReportAsked: "report.asked", "Asked for a report";
    ReportDeleted: "report.deleted", "Deleted a report";
    MailSentAgain: "mail.sent_again", "Had a mail sent again";
    JobCancelled: "job.cancelled", "Cancelled work that was under way";
    JobRetried: "job.retried", "Had work done again";
    MemberInvited: "member.invited", "Invited somebody";
    InviteSentAgain: "invite.sent_again", "Sent an invitation again";
    InviteWithdrawn: "invite.withdrawn", "Withdrew an invitation";
    InviteAccepted: "invite.accepted", "Accepted an invitation";
    RoleChanged: "member.role_changed", "Changed a member’s role";
    MemberRemoved: "member.removed", "Removed a member";
    MemberLeft: "member.left", "Left the workspace";
    OwnershipTransferred: "tenant.ownership_transferred", "Transferred the ownership";
    KeyMade: "api_key.made", "Made a key for a program";
    KeyRevoked: "api_key.revoked", "Revoked a key of a program";
    DocumentShared: "document.shared", "Changed who may see a document";
    SettingsChanged: "tenant.settings_changed", "Changed the workspace’s settings";
    ExportAsked: "tenant.export_asked", "Asked for an export of everything";
    ExportDownloaded: "tenant.export_downloaded", "Downloaded an export of everything";
    Imported: "tenant.imported", "Imported an archive";
    AuditExported: "audit.exported", "Exported the audit log";
    DeletionAsked: "tenant.deletion_asked", "Asked for the workspace to be deleted";
    DeletionUndone: "tenant.deletion_undone", "Kept the workspace after all";
    TenantSuspended: "tenant.suspended", "Suspended the workspace";
    TenantRestored: "tenant.restored", "Restored the workspace";
    SupportEntered: "support.entered", "Entered for support";
    SupportLeft: "support.left", "Left after support";
    SupportConsented: "support.consented", "Let support change things";
    SupportConsentWithdrawn: "support.consent_withdrawn", "Let support only look again";
    SubscriptionChanged: "billing.subscription_changed", "Changed the subscription";
    StandingChanged: "billing.standing_changed", "Changed what is possible while a payment is missing";
    CapChanged: "billing.cap_changed", "Changed the cap of page credits";
    CreditsAdjusted: "billing.credits_adjusted", "Adjusted the workspace’s page credits";
    WorkPaused: "work.paused", "Held up the workspace’s work";
    WorkResumed: "work.resumed", "Let the workspace’s work go on";
    WorkLimitsChanged: "work.limits_changed", "Changed the limits of the workspace’s work";
    WorkReplayed: "work.replayed", "Had failed work run again for the workspace";
    CheckoutBegun: "billing.checkout_begun", "Went to pay for a plan";
    PortalOpened: "billing.portal_opened", "Opened the pages of the card and the bills";
    PlanChangeAsked: "billing.plan_change_asked", "Chose another plan";
    CancelAsked: "billing.cancel_asked", "Cancelled the plan";
    CancelUndone: "billing.cancel_undone", "Kept the plan after all";
}

impl Act {
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|act| act.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Act;

    #[test]
    fn an_act_is_read_from_its_own_word_alone() {
        let words: BTreeSet<_> = Act::ALL.iter().map(|act| act.as_str()).collect();
        let labels: BTreeSet<_> = Act::ALL.iter().map(|act| act.label()).collect();
        assert_eq!((words.len(), labels.len()), (Act::ALL.len(), Act::ALL.len()));
        for act in Act::ALL {
            assert_eq!(Act::parse(act.as_str()), Some(*act));
        }
        assert_eq!(Act::parse("document.read"), None);
    }
}
