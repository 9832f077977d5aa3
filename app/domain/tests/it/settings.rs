//! What a workspace decides for itself, and what follows from it.

use bytes::Bytes;
use domain::{
    ErrorKind,
    actor::{Member, Role},
    documents::{self, ListQuery, Upload},
    files,
    tenants::{self, Logo, LogoType, NewSettings, SettingsForm, TenantSettings},
};
use futures::TryStreamExt;

use crate::world::{World, person};

#[tokio::test]
async fn a_workspace_has_an_address_from_its_name() {
    let world = World::new().await;
    let bob = person(&world.services, "Bob", "Acme").await;
    let slug = async |member: &Member| tenants::settings(&world.services, member).await.unwrap().slug;
    assert_eq!(slug(&world.ada).await, "acme");
    assert_eq!(slug(&world.eve).await, "globex");
    let second = slug(&bob).await;
    assert!(second.starts_with("acme-") && second.len() == 13, "{second}");
}

#[tokio::test]
async fn settings_are_changed_by_whoever_may() {
    let world = World::new().await;
    let (services, ada) = (&world.services, &world.ada);
    let before = tenants::settings(services, ada).await.unwrap();
    let form = SettingsForm {
        name: "Acme Bindery".into(),
        slug: "bindery".into(),
        time_zone: "Europe/Berlin".into(),
        document_language: "deu".into(),
        trash_days: "7".into(),
        ..form(&before)
    };
    let new = NewSettings::parse(&form).unwrap();
    for role in [Role::Viewer, Role::Member] {
        let member = Member { role, ..ada.clone() };
        assert_eq!(tenants::settings(services, &member).await.unwrap_err().kind, ErrorKind::Forbidden);
        assert_eq!(tenants::change_settings(services, &member, &new).await.unwrap_err().kind, ErrorKind::Forbidden);
        assert_eq!(tenants::remove_logo(services, &member).await.unwrap_err().kind, ErrorKind::Forbidden);
    }
    assert_eq!(tenants::settings(services, ada).await.unwrap(), before);
    tenants::change_settings(services, &Member { role: Role::Admin, ..ada.clone() }, &new).await.unwrap();
    let after = tenants::settings(services, ada).await.unwrap();
    assert_eq!((after.name.as_str(), after.slug.as_str(), after.trash_days), ("Acme Bindery", "bindery", 7));
    assert_eq!(new.changes_of(&after), [""; 0]);
}

#[tokio::test]
async fn an_address_that_is_taken_is_refused_and_changes_nothing() {
    let world = World::new().await;
    let before = tenants::settings(&world.services, &world.eve).await.unwrap();
    let form = SettingsForm { name: "Acme".into(), slug: "acme".into(), ..form(&before) };
    let new = NewSettings::parse(&form).unwrap();
    let refused = tenants::change_settings(&world.services, &world.eve, &new).await.unwrap_err();
    assert_eq!((refused.kind, refused.field.as_deref()), (ErrorKind::Invalid, Some("slug")));
    assert!(refused.message.contains("taken"), "{refused}");
    assert_eq!(tenants::settings(&world.services, &world.eve).await.unwrap(), before);
    let ours = NewSettings::parse(&SettingsForm { name: "Globex Ltd".into(), ..form_of(&world, &world.eve).await });
    tenants::change_settings(&world.services, &world.eve, &ours.unwrap()).await.unwrap();
    assert_eq!(tenants::settings(&world.services, &world.eve).await.unwrap().slug, "globex", "one's own is not taken");
}

#[tokio::test]
async fn the_trash_keeps_for_as_long_as_each_workspace_says() {
    let world = World::at_noon().await;
    let (services, ada, eve) = (&world.services, &world.ada, &world.eve);
    for member in [ada, eve] {
        let source = futures::stream::iter([Ok(Bytes::from_static(b"old"))]);
        let Upload::Accepted { document, .. } =
            documents::upload(services, member, "old.txt", false, source).await.unwrap()
        else {
            panic!("it was here already")
        };
        documents::trash(services, member, &[document]).await.unwrap();
    }
    let new = NewSettings::parse(&SettingsForm { trash_days: "7".into(), ..form_of(&world, ada).await }).unwrap();
    tenants::change_settings(services, ada, &new).await.unwrap();
    let left = async |member: &Member| {
        documents::sweep(&world.workers, member.tenant).await.unwrap();
        let trash = ListQuery { trash: true, ..ListQuery::default() };
        documents::list(services, member, &trash).await.unwrap().documents.len()
    };
    services.clock.advance(chrono::TimeDelta::days(6));
    assert_eq!((left(ada).await, left(eve).await), (1, 1));
    services.clock.advance(chrono::TimeDelta::days(2));
    assert_eq!((left(ada).await, left(eve).await), (0, 1), "Eve's trash keeps for 30 days");
}

#[tokio::test]
async fn a_logo_is_for_the_members_and_the_one_before_is_gone() {
    let world = World::new().await;
    let (services, ada) = (&world.services, &world.ada);
    let viewer = Member { role: Role::Viewer, ..ada.clone() };
    assert_eq!(tenants::logo(services, &viewer).await.err().unwrap().kind, ErrorKind::NotFound);
    tenants::set_logo(services, ada, logo(1)).await.unwrap();
    tenants::set_logo(services, ada, logo(2)).await.unwrap();
    let (kind, _, content) = tenants::logo(services, &viewer).await.unwrap();
    let content: Vec<Bytes> = content.try_collect().await.unwrap();
    assert_eq!((kind, content.concat()), (LogoType::Png, logo(2).into_content()));
    assert_eq!(tenants::logo(services, &world.eve).await.err().unwrap().kind, ErrorKind::NotFound);
    tenants::sweep(&world.workers, world.acme).await.unwrap();
    assert_eq!(logos(&world).await, 1);
    tenants::remove_logo(services, ada).await.unwrap();
    assert_eq!(logos(&world).await, 0);
    tenants::remove_logo(services, ada).await.unwrap();
}

#[tokio::test]
async fn a_logo_that_nobody_shows_is_swept() {
    let world = World::new().await;
    let key = files::logo_key(world.acme, world.services.clock.id());
    world.services.files.put(&key, Bytes::from_static(b"orphan")).await.unwrap();
    tenants::sweep(&world.workers, world.acme).await.unwrap();
    assert_eq!(logos(&world).await, 1, "it may belong to one that is being set");
    let mut later = world.workers.clone();
    later.clock = domain::clock::Clock::manual(world.services.clock.now() + chrono::TimeDelta::hours(7));
    tenants::sweep(&later, world.acme).await.unwrap();
    assert_eq!(logos(&world).await, 0);
}

async fn logos(world: &World) -> usize {
    let listed: Vec<_> = world.services.files.list(&files::logos_folder(world.acme)).try_collect().await.unwrap();
    listed.len()
}

/// The head of a PNG this wide.
fn logo(width: u8) -> Logo {
    let head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0".to_vec();
    Logo::parse([head, vec![width, 0, 0, 0, 1, 8, 6, 0, 0, 0]].concat()).unwrap()
}

/// A form that changes nothing.
fn form(settings: &TenantSettings) -> SettingsForm {
    SettingsForm {
        name: settings.name.clone(),
        slug: settings.slug.clone(),
        time_zone: settings.time_zone.clone(),
        language: settings.language.code().into(),
        document_language: settings.document_language.clone().unwrap_or_default(),
        trash_days: settings.trash_days.to_string(),
    }
}

pub async fn form_of(world: &World, member: &Member) -> SettingsForm {
    form(&tenants::settings(&world.services, member).await.unwrap())
}
