//! Who did what: a line in the transaction of the act, never changed and never deleted.

use crate::{
    actor::InTenant,
    clock::Clock,
    db::TenantTx,
    error::Result,
    id::{AccountId, AuditId, TenantId},
};
use uuid::Uuid;

/// The acts that are kept, by the word in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    TenantMade,
    SignedIn,
    PasswordChanged,
    SignedOutEverywhere,
    DocumentUploaded,
    DocumentTrashed,
    DocumentRestored,
    DocumentDeleted,
    DocumentRetried,
    DocumentCancelled,
    ReportAsked,
    ReportDeleted,
    MailSentAgain,
    MemberInvited,
    InviteSentAgain,
    InviteWithdrawn,
    InviteAccepted,
    RoleChanged,
    MemberRemoved,
    MemberLeft,
    OwnershipTransferred,
    DocumentShared,
    SettingsChanged,
    ExportAsked,
    ExportDownloaded,
    Imported,
    AuditExported,
    DeletionAsked,
    DeletionUndone,
    TenantSuspended,
    TenantRestored,
    SupportEntered,
    SupportLeft,
    SupportConsented,
    SupportConsentWithdrawn,
}

impl Act {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TenantMade => "tenant.made",
            Self::SignedIn => "account.signed_in",
            Self::PasswordChanged => "account.password_changed",
            Self::SignedOutEverywhere => "account.signed_out_everywhere",
            Self::DocumentUploaded => "document.uploaded",
            Self::DocumentTrashed => "document.trashed",
            Self::DocumentRestored => "document.restored",
            Self::DocumentDeleted => "document.deleted",
            Self::DocumentRetried => "document.retried",
            Self::DocumentCancelled => "document.cancelled",
            Self::ReportAsked => "report.asked",
            Self::ReportDeleted => "report.deleted",
            Self::MailSentAgain => "mail.sent_again",
            Self::MemberInvited => "member.invited",
            Self::InviteSentAgain => "invite.sent_again",
            Self::InviteWithdrawn => "invite.withdrawn",
            Self::InviteAccepted => "invite.accepted",
            Self::RoleChanged => "member.role_changed",
            Self::MemberRemoved => "member.removed",
            Self::MemberLeft => "member.left",
            Self::OwnershipTransferred => "tenant.ownership_transferred",
            Self::DocumentShared => "document.shared",
            Self::SettingsChanged => "tenant.settings_changed",
            Self::ExportAsked => "tenant.export_asked",
            Self::ExportDownloaded => "tenant.export_downloaded",
            Self::Imported => "tenant.imported",
            Self::AuditExported => "audit.exported",
            Self::DeletionAsked => "tenant.deletion_asked",
            Self::DeletionUndone => "tenant.deletion_undone",
            Self::TenantSuspended => "tenant.suspended",
            Self::TenantRestored => "tenant.restored",
            Self::SupportEntered => "support.entered",
            Self::SupportLeft => "support.left",
            Self::SupportConsented => "support.consented",
            Self::SupportConsentWithdrawn => "support.consent_withdrawn",
        }
    }
}

/// Records an act of whoever opened the transaction, on `subject`.
pub async fn record(tx: &mut TenantTx, clock: &Clock, act: Act, subject: Uuid) -> Result<()> {
    record_many(tx, clock, act, &[subject]).await
}

/// Records the same act on several subjects in one statement.
pub async fn record_many(tx: &mut TenantTx, clock: &Clock, act: Act, subjects: &[Uuid]) -> Result<()> {
    let TenantId(tenant) = tx.id();
    let account = tx.account().map(|AccountId(id)| id);
    let ids: Vec<Uuid> = subjects.iter().map(|_| clock.id::<AuditId>().0).collect();
    sqlx::query!(
        "insert into audit_entry (tenant_id, id, account_id, act, subject_id, created_at)
         select $1, id, $3, $4, subject, $6 from unnest($2::uuid[], $5::uuid[]) as line (id, subject)",
        tenant,
        &ids,
        account,
        act.as_str(),
        subjects,
        clock.now(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
