//! The operators' door, by its verbs: Bob runs Sheaf, and is nobody's member.

use chrono::TimeDelta;
use domain::{
    ErrorKind, Services,
    accounts::{self, AccessClaims, SignIn},
    actor::{Action, Member, Role},
    clock::Clock,
    db::{Db, setup::OWNER},
    documents::{self, ListQuery},
    operators::{self, Credentials, Operator, Reason, SESSION_TTL, SupportNotice, TotpSecret, VISIT_TTL},
};
use sqlx::Executor;

use crate::world::{PASSWORD, World, noon};

const BOB: &str = "bob@sheaf.example";

/// Ada's world with an operator in it, at a time that stands still.
struct Door {
    world: World,
    /// As the command line has them: the owner of the schema.
    owners: Services,
    bob: Credentials,
}

impl Door {
    async fn new() -> Self {
        let world = World::at(Clock::manual(noon())).await;
        let owner = world.admin.clone().username(OWNER).password(PASSWORD);
        let owners = Services { db: Db::open(owner, 2), ..world.services.clone() };
        let bob = operators::add(&owners, BOB, "Bob").await.unwrap();
        Self { world, owners, bob }
    }

    fn services(&self) -> &Services {
        &self.world.services
    }

    fn pass(&self, time: TimeDelta) {
        self.services().clock.advance(time);
    }

    fn code(&self) -> String {
        self.bob.secret.code_at(self.services().clock.now())
    }

    async fn sign_in_with(&self, email: &str, password: &str, code: &str) -> domain::Result<String> {
        operators::sign_in(self.services(), operators::SignIn { email, password, code, from: None }).await
    }

    /// Bob, with the code of this moment, which is used up by it.
    async fn token(&self) -> String {
        self.sign_in_with(BOB, self.bob.password.as_deref().unwrap(), &self.code()).await.unwrap()
    }

    async fn signed_in(&self) -> Operator {
        operators::authenticate(self.services(), &self.token().await, None).await.unwrap()
    }

    async fn acts_of_acme(&self) -> Vec<(String, Option<uuid::Uuid>)> {
        let acts = sqlx::query_as(
            "select act, account_id from audit_entry where tenant_id = $1 and act ~ '^(support|tenant.(suspended|restored))'
             order by created_at, id",
        );
        acts.bind(self.world.acme.0).fetch_all(&mut self.world.superuser().await).await.unwrap()
    }
}

fn because() -> Reason {
    Reason::parse("reason", "Ada asked us for help.").unwrap()
}

async fn claims(door: &Door) -> AccessClaims {
    let services = door.services();
    let form = SignIn {
        email: "ada@acme.example",
        password: "correct horse battery",
        address: "",
        user_agent: "",
        picked: None,
    };
    let signed_in = accounts::sign_in(services, form).await.unwrap();
    services.keys.check(&signed_in.access, services.clock.now()).unwrap()
}

async fn visits(door: &Door, claims: &AccessClaims) -> Vec<SupportNotice> {
    accounts::authenticate(door.services(), claims).await.unwrap().support
}

#[tokio::test]
async fn whichever_part_is_wrong_the_answer_is_the_same() {
    let door = Door::new().await;
    let (password, code) = (door.bob.password.as_deref().unwrap(), &*door.code());
    let mut answers = Vec::new();
    for (email, password, code) in [
        ("eve@globex.example", password, code),
        ("not an address", password, code),
        (BOB, "correct horse battery", code),
        (BOB, password, "000000"),
    ] {
        answers.push(door.sign_in_with(email, password, code).await.unwrap_err());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0] && answer.is(ErrorKind::Invalid)), "{answers:?}");
    assert!(door.sign_in_with(BOB, password, code).await.is_ok());
    // An account of a workspace is no operator.
    let error = door.sign_in_with("ada@acme.example", "correct horse battery", code).await.unwrap_err();
    assert_eq!(error, answers[0]);
}

#[tokio::test]
async fn a_code_is_good_once() {
    let door = Door::new().await;
    let (password, code) = (door.bob.password.clone().unwrap(), door.code());
    door.sign_in_with(BOB, &password, &code).await.unwrap();
    assert!(door.sign_in_with(BOB, &password, &code).await.is_err(), "somebody has seen it typed");
    door.pass(TimeDelta::seconds(30));
    assert!(door.sign_in_with(BOB, &password, &code).await.is_err(), "nor is it good as that of the step before");
    door.sign_in_with(BOB, &password, &door.code()).await.unwrap();
}

#[tokio::test]
async fn a_door_that_is_tried_too_often_stays_shut() {
    let door = Door::new().await;
    for _ in 0..5 {
        door.sign_in_with(BOB, "wrong", "000000").await.unwrap_err();
    }
    let error = door.sign_in_with(BOB, door.bob.password.as_deref().unwrap(), &door.code()).await.unwrap_err();
    assert!(error.is(ErrorKind::RateLimited), "{error:?}");
}

#[tokio::test]
async fn a_session_ends_by_itself_by_signing_out_and_with_its_operator() {
    let door = Door::new().await;
    let services = door.services();
    let stands = async |token: &str| operators::authenticate(services, token, None).await.is_ok();
    let idle = door.token().await;
    door.pass(TimeDelta::minutes(29));
    assert!(stands(&idle).await, "it was used within half an hour");
    door.pass(TimeDelta::minutes(30));
    assert!(!stands(&idle).await, "it was not used for half an hour");

    let long = door.token().await;
    let end = services.clock.now() + SESSION_TTL;
    while services.clock.now() + TimeDelta::minutes(20) < end {
        door.pass(TimeDelta::minutes(20));
        assert!(stands(&long).await);
    }
    door.pass(TimeDelta::minutes(20));
    assert!(!stands(&long).await, "however much it is used");

    let bob = door.signed_in().await;
    operators::sign_out(services, &bob).await.unwrap();
    door.pass(TimeDelta::seconds(30));
    let token = door.token().await;
    operators::disable(&door.owners, BOB).await.unwrap();
    assert!(!stands(&token).await);
    assert!(operators::disable(&door.owners, BOB).await.is_err());
    door.pass(TimeDelta::seconds(30));
    let password = door.bob.password.as_deref().unwrap();
    assert!(door.sign_in_with(BOB, password, &door.code()).await.is_err());
    assert!(operators::list(&door.owners).await.unwrap()[0].disabled_at.is_some());
}

#[tokio::test]
async fn a_new_secret_takes_the_place_of_the_old() {
    let door = Door::new().await;
    let token = door.token().await;
    let renewed = operators::reset_totp(&door.owners, BOB).await.unwrap();
    assert!(operators::authenticate(door.services(), &token, None).await.is_err());
    door.pass(TimeDelta::seconds(30));
    let password = door.bob.password.as_deref().unwrap();
    assert!(door.sign_in_with(BOB, password, &door.code()).await.is_err());
    let code = renewed.secret.code_at(door.services().clock.now());
    door.sign_in_with(BOB, password, &code).await.unwrap();
    assert!(operators::add(&door.owners, BOB, "Another").await.err().unwrap().is(ErrorKind::Conflict));
}

#[tokio::test]
async fn a_server_makes_no_operator_and_reads_no_secret() {
    let door = Door::new().await;
    let services = door.services();
    assert!(operators::add(services, "eve@sheaf.example", "Eve").await.err().unwrap().is(ErrorKind::Internal));
    assert!(operators::disable(services, BOB).await.is_err());
    assert!(operators::reset_totp(services, BOB).await.is_err());
    let sealed: Vec<u8> = sqlx::query_scalar("select totp_sealed from operator")
        .fetch_one(&mut door.world.superuser().await)
        .await
        .unwrap();
    let secret = door.bob.secret.to_base32();
    assert!(TotpSecret::from_base32(&secret).is_some());
    assert!(!sealed.windows(secret.len()).any(|window| window == secret.as_bytes()));
}

#[tokio::test]
async fn an_operator_finds_workspaces_and_sees_how_large_they_are() {
    let door = Door::new().await;
    let bob = door.signed_in().await;
    let all = operators::tenants(door.services(), &bob, "", None).await.unwrap();
    let names: Vec<_> = all.tenants.iter().map(|tenant| tenant.name.as_str()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    let found = operators::tenants(door.services(), &bob, " aCm ", None).await.unwrap().tenants;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].id, found[0].members, found[0].documents, found[0].bytes), (door.world.acme, 1, 0, 0));

    // How many are private stays theirs, and what is thrown away is on its way out; all of it takes its place.
    let insert =
        "insert into document (tenant_id, id, name, format, bytes, sha256, object_key, state, uploaded_by, visibility,
                               trashed_at, created_at)
         select $1, gen_random_uuid(), n::text, 'text', 1, sha256(convert_to(n::text, 'UTF8')), n::text, 'read', $2,
                case when n = 1 then 'private' else 'workspace' end, case when n = 2 then now() end, now()
         from generate_series(1, $3) as n";
    let mut superuser = door.world.superuser().await;
    let (acme, ada) = (door.world.acme, door.world.ada.account);
    sqlx::query(insert).bind(acme.0).bind(ada.0).bind(5).execute(&mut superuser).await.unwrap();
    sqlx::query("update tenant_meter set stored_bytes = 5 where tenant_id = $1")
        .bind(acme.0)
        .execute(&mut superuser)
        .await
        .unwrap();
    let size = operators::tenant(door.services(), &bob, acme).await.unwrap();
    assert_eq!((size.documents, size.bytes), (3, 5));
    sqlx::query("delete from document").execute(&mut superuser).await.unwrap();
    sqlx::query(insert).bind(acme.0).bind(ada.0).bind(10_500).execute(&mut superuser).await.unwrap();
    let size = operators::tenant(door.services(), &bob, acme).await.unwrap();
    assert_eq!(size.documents, operators::MOST_DOCUMENTS_COUNTED + 1, "it is not counted further");

    let last = all.tenants.last().unwrap().id;
    assert_eq!(operators::tenants(door.services(), &bob, "", Some(last)).await.unwrap().tenants, []);
    assert_eq!(operators::tenant(door.services(), &bob, door.world.globex).await.unwrap().name, "Globex");

    // The database asks for the secret itself: neither an operator whose session is over gets anything, nor the role.
    operators::sign_out(door.services(), &bob).await.unwrap();
    assert_eq!(operators::tenants(door.services(), &bob, "", None).await.unwrap().tenants, []);
    let error = operators::tenant(door.services(), &bob, door.world.acme).await.unwrap_err();
    assert!(error.is(ErrorKind::NotFound));
}

#[tokio::test]
async fn a_suspended_workspace_shuts_its_members_out_until_it_is_restored() {
    let door = Door::new().await;
    let (services, bob) = (door.services(), door.signed_in().await);
    let adas = claims(&door).await;
    operators::suspend(services, &bob, door.world.acme, &because()).await.unwrap();
    let error = operators::suspend(services, &bob, door.world.acme, &because()).await.unwrap_err();
    assert!(error.is(ErrorKind::Conflict));
    assert!(accounts::authenticate(services, &adas).await.unwrap().is_shut_out());
    let tenant = operators::tenant(services, &bob, door.world.acme).await.unwrap();
    assert_eq!(tenant.suspended_reason.as_deref(), Some("Ada asked us for help."));
    assert!(operators::tenant(services, &bob, door.world.globex).await.unwrap().suspended_at.is_none());

    door.pass(TimeDelta::seconds(1));
    operators::restore(services, &bob, door.world.acme).await.unwrap();
    assert!(operators::restore(services, &bob, door.world.acme).await.is_err());
    assert!(!accounts::authenticate(services, &adas).await.unwrap().is_shut_out());
    let acts = door.acts_of_acme().await;
    assert_eq!(acts, [("tenant.suspended".into(), None), ("tenant.restored".into(), None)]);
}

#[tokio::test]
async fn support_looks_for_half_an_hour_and_changes_what_an_owner_consents_to() {
    let door = Door::new().await;
    let (services, bob) = (door.services(), door.signed_in().await);
    let (ada, adas) = (&door.world.ada, claims(&door).await);
    let token = operators::enter(services, &bob, door.world.acme, &because()).await.unwrap();
    let member = async || -> Option<Member> { Some(operators::visiting(services, &token).await.ok()?.member) };

    let looking = member().await.unwrap();
    assert_eq!((looking.role, looking.tenant), (Role::Viewer, door.world.acme));
    documents::list(services, &looking, &ListQuery::default()).await.unwrap();
    assert!(!looking.may(Action::UploadDocuments) && looking.author().is_err() && looking.require_account().is_err());
    assert!(accounts::sign_out_everywhere(services, &looking).await.unwrap_err().is(ErrorKind::Forbidden));
    assert!(accounts::list_sessions(services, &looking).await.is_err());

    let notice = visits(&door, &adas).await.remove(0);
    assert_eq!((notice.name.as_str(), notice.consented, notice.mine), ("Bob", false, false));
    let eve = &door.world.eve;
    assert!(operators::consent(services, eve, notice.visit).await.unwrap_err().is(ErrorKind::NotFound));
    assert!(operators::consent(services, &looking, notice.visit).await.unwrap_err().is(ErrorKind::Forbidden));
    door.pass(TimeDelta::seconds(1));
    operators::consent(services, ada, notice.visit).await.unwrap();
    let changing = member().await.unwrap();
    assert_eq!((changing.role, changing.author().unwrap()), (Role::Admin, ada.account));
    assert!(changing.require_account().is_err(), "it is nobody's account even so");
    assert!(
        changing.may(Action::UploadDocuments) && !changing.may(Action::InviteMembers),
        "people are the members' matter"
    );
    assert!(operators::consent(services, &changing, notice.visit).await.is_err());
    door.pass(TimeDelta::seconds(1));
    operators::withdraw_consent(services, ada, notice.visit).await.unwrap();
    assert_eq!(member().await.unwrap().role, Role::Viewer);

    door.pass(VISIT_TTL - TimeDelta::seconds(3));
    assert!(member().await.is_some());
    door.pass(TimeDelta::seconds(1));
    assert!(member().await.is_none());
    assert_eq!(visits(&door, &adas).await, []);
    assert!(operators::consent(services, ada, notice.visit).await.unwrap_err().is(ErrorKind::NotFound));
    let acts = door.acts_of_acme().await;
    assert_eq!(acts[0], ("support.entered".into(), None));
    assert_eq!(acts[1], ("support.consented".into(), Some(ada.account.0)));
    assert_eq!(acts[2], ("support.consent_withdrawn".into(), Some(ada.account.0)));
}

#[tokio::test]
async fn a_visit_ends_by_leaving_by_another_and_with_the_operators_session() {
    let door = Door::new().await;
    let (services, bob) = (door.services(), door.signed_in().await);
    let stands = async |token: &str| operators::visiting(services, token).await.is_ok();
    let first = operators::enter(services, &bob, door.world.acme, &because()).await.unwrap();
    let second = operators::enter(services, &bob, door.world.acme, &because()).await.unwrap();
    assert!(!stands(&first).await && stands(&second).await);
    let member = operators::visiting(services, &second).await.unwrap().member;
    operators::leave(services, &member).await.unwrap();
    operators::leave(services, &member).await.unwrap();
    assert!(!stands(&second).await);
    assert!(operators::leave(services, &door.world.ada).await.unwrap_err().is(ErrorKind::NotFound));

    let third = operators::enter(services, &bob, door.world.acme, &because()).await.unwrap();
    // A token opens its own workspace alone.
    let (_, secret) = third.split_once('.').unwrap();
    assert!(!stands(&format!("{}.{secret}", door.world.globex.0.simple())).await);
    operators::sign_out(services, &bob).await.unwrap();
    assert!(!stands(&third).await);
    let nowhere = services.clock.id();
    assert!(operators::enter(services, &bob, nowhere, &because()).await.unwrap_err().is(ErrorKind::NotFound));
    let entered = door.acts_of_acme().await.iter().filter(|(act, _)| act == "support.entered").count();
    assert_eq!(entered, 3);
}

#[tokio::test]
async fn what_operators_do_is_recorded_where_no_server_can_change_it() {
    let door = Door::new().await;
    let bob = door.signed_in().await;
    operators::suspend(door.services(), &bob, door.world.acme, &because()).await.unwrap();
    let acts: Vec<(String, Option<String>)> = sqlx::query_as("select act, reason from operator_act order by id")
        .fetch_all(&mut door.world.superuser().await)
        .await
        .unwrap();
    let mut acts: Vec<_> = acts.iter().map(|(act, reason)| (act.as_str(), reason.as_deref())).collect();
    acts.sort_unstable();
    let reason = Some("Ada asked us for help.");
    assert_eq!(acts, [("operator.added", None), ("operator.signed_in", None), ("tenant.suspended", reason)]);
    for statement in ["select * from operator_act", "update operator_act set act = ''", "delete from operator_act"] {
        let error = door.world.app_role().await.execute(statement).await.unwrap_err();
        assert!(error.to_string().contains("permission denied"), "{statement}: {error}");
    }
}
