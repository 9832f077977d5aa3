//! Changing the settings of a workspace, and its logo.

use std::time::Duration;

use bytes::Bytes;
use futures::{TryStreamExt, stream::BoxStream};
use uuid::Uuid;

use super::{Logo, LogoType, NewSettings, TenantSettings, store};
use crate::{
    Services,
    actor::{Action, Member, System},
    audit::{self, Act},
    billing,
    cache::Kept,
    error::{Error, Result},
    files,
    id::TenantId,
    live,
};

/// The settings as they are shown. What is changed begins with those that the database has.
///
/// Invalidated by: what is announced of the workspace; and by 30 seconds.
const SETTINGS: Kept<TenantSettings> =
    Kept::new("tenants.settings", 1, &["tenant"]).shared_for(Duration::from_secs(30));

/// Younger files may belong to a logo that is being set.
const ORPHAN_AGE: chrono::TimeDelta = chrono::TimeDelta::hours(6);

/// The settings, for whoever may change them.
pub async fn settings(services: &Services, member: &Member) -> Result<TenantSettings> {
    member.require(Action::ChangeSettings)?;
    let load = async {
        let mut tx = services.db.tenant(member).await?;
        let settings = store::settings(&mut tx).await?;
        tx.commit().await?;
        Ok(settings)
    };
    let epochs = services.db.epochs();
    Ok(TenantSettings::clone(&*services.cache.cached(epochs, &SETTINGS, member.tenant, "all", load).await?))
}

/// Changes the settings to these. An address that another workspace has is refused at its field, and so is a trash that keeps
/// longer than the plan allows.
pub async fn change_settings(services: &Services, member: &Member, new: &NewSettings) -> Result<()> {
    member.require(Action::ChangeSettings)?;
    let mut tx = services.db.tenant(member).await?;
    let before = store::settings(&mut tx).await?;
    let entitlements = billing::entitlements_in(services, &mut tx).await?;
    billing::check_retention(&entitlements, before.trash_days, new.trash_days)?;
    store::change_settings(&mut tx, new).await?;
    let detail = serde_json::json!({ "changed": new.changes_of(&before) });
    audit::record_detail(&mut tx, &services.clock, Act::SettingsChanged, member.tenant.0, detail).await?;
    live::announce(&mut tx, "tenant", member.tenant).await?;
    tx.commit().await
}

/// Shows this logo from now on.
pub async fn set_logo(services: &Services, member: &Member, logo: Logo) -> Result<()> {
    member.require(Action::ChangeSettings)?;
    let (id, kind): (Uuid, LogoType) = (services.clock.id(), logo.kind());
    let content = Bytes::from(logo.into_content());
    // Should the transaction fail, the sweeper removes it.
    services.files.put(&files::logo_key(member.tenant, id), content).await?;
    change_logo(services, member, Some((id, kind))).await
}

/// Shows no logo any more; it is no failure where there is none.
pub async fn remove_logo(services: &Services, member: &Member) -> Result<()> {
    member.require(Action::ChangeSettings)?;
    change_logo(services, member, None).await
}

/// The logo with its length in bytes, for every member; "not found" where there is none.
pub async fn logo(services: &Services, member: &Member) -> Result<(LogoType, u64, BoxStream<'static, Result<Bytes>>)> {
    let mut tx = services.db.tenant(member).await?;
    let (id, kind) = store::logo(&mut tx).await?.ok_or_else(Error::not_found)?;
    tx.commit().await?;
    let (bytes, content) = services.files.get(&files::logo_key(member.tenant, id)).await?;
    Ok((kind, bytes, content))
}

/// Deletes files of logos that are shown no more.
pub async fn sweep(services: &Services, tenant: TenantId) -> Result<()> {
    let old = services.clock.now() - ORPHAN_AGE;
    // Listed before it is asked which is shown: one that is set in between is not in the list.
    let listed: Vec<_> = services.files.list(&files::logos_folder(tenant)).try_collect().await?;
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    let shown = store::logo(&mut tx).await?.map(|(id, _)| files::logo_key(tenant, id));
    tx.commit().await?;
    for file in listed.into_iter().filter(|file| file.last_modified < old) {
        if shown.as_deref() != Some(file.location.as_ref()) {
            services.files.delete(file.location.as_ref()).await?;
        }
    }
    Ok(())
}

async fn change_logo(services: &Services, member: &Member, logo: Option<(Uuid, LogoType)>) -> Result<()> {
    let mut tx = services.db.tenant(member).await?;
    let before = store::logo(&mut tx).await?;
    store::set_logo(&mut tx, logo).await?;
    let detail = serde_json::json!({ "changed": ["logo"] });
    audit::record_detail(&mut tx, &services.clock, Act::SettingsChanged, member.tenant.0, detail).await?;
    live::announce(&mut tx, "tenant", member.tenant).await?;
    tx.commit().await?;
    // A file that cannot be removed now is removed by the sweeper.
    if let Some((id, _)) = before
        && let Err(error) = services.files.delete(&files::logo_key(member.tenant, id)).await
    {
        tracing::warn!(error = %error, "could not delete a logo that is shown no more");
    }
    Ok(())
}
