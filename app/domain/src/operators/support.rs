//! Entering a workspace as support. Whoever is in has the least of roles, and an admin's for as long as an owner consents; it
//! is no account, so it sees no private document and signs nothing in a person's name.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::{
    Operator, Reason, SupportNotice, VISIT_TTL, store, suspend,
    tenant_store::{self, OpenVisit},
};
use crate::{
    Services,
    accounts::Profile,
    actor::{Action, Member, Role, Support, System},
    audit::{self, Act},
    billing::{self, Standing, Told},
    db::TenantTx,
    error::{Error, Result},
    id::{AccountId, SessionId, SupportVisitId, TenantId},
    live, tenants,
};

/// An operator in a workspace, as a member and as pages show them.
#[derive(Debug, Clone)]
pub struct Visiting {
    pub member: Member,
    pub profile: Profile,
    pub until: DateTime<Utc>,
}

/// Begins a visit and returns its token. A visit of the same operator here that is under way ends.
pub async fn enter(services: &Services, operator: &Operator, tenant: TenantId, reason: &Reason) -> Result<String> {
    let mut tx = services.db.tenant(&operator.at(tenant)).await?;
    tenants::name(&mut tx).await?;
    let (id, now) = (services.clock.id::<SupportVisitId>(), services.clock.now());
    let earlier = tenant_store::end_visits_of(&mut tx, operator.id, now).await?;
    let secret = services.clock.random::<32>();
    let visit = tenant_store::NewVisit {
        id,
        operator: operator.id,
        session: operator.session,
        operator_name: &operator.name,
        reason: reason.as_str(),
        secret_hash: store::hash_of(&secret),
        now,
        expires_at: now + VISIT_TTL,
    };
    tenant_store::insert_visit(&mut tx, &visit).await?;
    suspend::note(services, &mut tx, operator, "support.entered", Some(reason)).await?;
    for earlier in earlier {
        record(services, &mut tx, Act::SupportLeft, earlier, &operator.name).await?;
    }
    let detail = json!({ "operator": operator.name, "reason": reason.as_str(), "until": now + VISIT_TTL });
    audit::record_detail(&mut tx, &services.clock, Act::SupportEntered, id.0, detail).await?;
    live::announce(&mut tx, "everything", tenant).await?;
    tx.commit().await?;
    Ok(format!("{}.{}", tenant.0.simple(), URL_SAFE_NO_PAD.encode(secret)))
}

/// The workspace that a token says it is for, whether or not it is good there.
pub fn visited(token: &str) -> Option<TenantId> {
    parse(token).map(|(tenant, _)| tenant)
}

/// Who is in by this token, while the visit, the operator's session and the operator stand; else "unauthenticated". Whoever
/// asks keeps the answer for at most two seconds.
pub async fn visiting(services: &Services, token: &str) -> Result<Visiting> {
    let (tenant, hash) = parse(token).ok_or_else(Error::unauthenticated)?;
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    let visit = tenant_store::find_visit(&mut tx, &hash, services.clock.now()).await?;
    tx.commit().await?;
    Ok(visiting_as(services, tenant, visit.ok_or_else(Error::unauthenticated)?))
}

/// Ends the visit that the member is on.
pub async fn leave(services: &Services, member: &Member) -> Result<()> {
    let visit = member.support.ok_or_else(Error::not_found)?.visit;
    let mut tx = services.db.tenant(member).await?;
    if let Some(operator) = tenant_store::end_visit(&mut tx, visit, services.clock.now()).await? {
        record(services, &mut tx, Act::SupportLeft, visit, &operator).await?;
        live::announce(&mut tx, "everything", member.tenant).await?;
    }
    tx.commit().await
}

/// Lets the operator of a visit change things, until the visit ends or consent is withdrawn.
pub async fn consent(services: &Services, member: &Member, visit: SupportVisitId) -> Result<()> {
    set_consent(services, member, visit, true).await
}

/// Takes the consent back, within two seconds on all servers.
pub async fn withdraw_consent(services: &Services, member: &Member, visit: SupportVisitId) -> Result<()> {
    set_consent(services, member, visit, false).await
}

/// The visits that are under way in the transaction's tenant.
pub(crate) async fn visits_in(tx: &mut TenantTx, now: DateTime<Utc>) -> Result<Vec<SupportNotice>> {
    tenant_store::open_visits(tx, now).await
}

async fn set_consent(services: &Services, member: &Member, visit: SupportVisitId, consents: bool) -> Result<()> {
    member.require(Action::ConsentToSupport)?;
    let owner = member.require_account()?;
    let mut tx = services.db.tenant(member).await?;
    let consented_by = consents.then_some(owner);
    let operator = tenant_store::set_consent(&mut tx, visit, consented_by, services.clock.now()).await?;
    let operator = operator.ok_or_else(Error::not_found)?;
    let act = if consents { Act::SupportConsented } else { Act::SupportConsentWithdrawn };
    record(services, &mut tx, act, visit, &operator).await?;
    live::announce(&mut tx, "everything", member.tenant).await?;
    tx.commit().await
}

async fn record(services: &Services, tx: &mut TenantTx, act: Act, visit: SupportVisitId, operator: &str) -> Result<()> {
    audit::record_detail(tx, &services.clock, act, visit.0, json!({ "operator": operator })).await
}

fn visiting_as(services: &Services, tenant: TenantId, visit: OpenVisit) -> Visiting {
    let OpenVisit { id, consented_by, .. } = visit;
    let role = if consented_by.is_some() { Role::Admin } else { Role::Viewer };
    let nobody = AccountId(Uuid::nil());
    let notice = SupportNotice {
        visit: id,
        name: visit.operator_name.clone(),
        reason: visit.reason,
        until: visit.expires_at,
        consented: consented_by.is_some(),
        mine: true,
    };
    let support = Some(Support { visit: id, consented_by });
    let told = Told {
        status: visit.status,
        trial_ends_at: visit.trial_ends_at,
        unpaid_since: visit.unpaid_since,
        // Support is not told how much is used, and when it is paid for: it can neither buy nor cancel.
        first_payment_at: None,
        warned_credits: 0,
        warned_storage: 0,
        month_ends_at: visit.expires_at,
    };
    let mut billing = billing::told_here(services, told.notice(services.clock.now()));
    // A workspace that is closed until it is paid is open to support, to look what can be done.
    billing.standing = billing.standing.min(Standing::ReadOnly);
    let (session, standing) = (SessionId(id.0), billing.standing);
    Visiting {
        member: Member { tenant, account: nobody, session, role, from: None, support, through: None, standing },
        profile: Profile {
            account: nobody,
            name: format!("{} (support)", visit.operator_name),
            email: String::new(),
            tenant,
            tenant_name: visit.tenant_name,
            role,
            logo: visit.logo,
            time_zone: visit.time_zone,
            trash_days: visit.trash_days,
            delete_after: visit.delete_after,
            suspended: visit.suspended,
            billing,
            support: vec![notice],
            workspaces: Vec::new(),
        },
        until: visit.expires_at,
    }
}

fn parse(token: &str) -> Option<(TenantId, Vec<u8>)> {
    let (tenant, secret) = token.split_once('.')?;
    let secret: [u8; 32] = URL_SAFE_NO_PAD.decode(secret).ok()?.try_into().ok()?;
    Some((TenantId(tenant.parse().ok()?), store::hash_of(&secret)))
}
