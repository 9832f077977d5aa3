//! A small named world: Ada and Bob at Acme, Eve at Globex, on a database of their own.

use std::{fs, os::unix::fs::PermissionsExt, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use domain::{
    Services,
    accounts::{self, PasswordHasher, SignUp, TokenKeys},
    actor::{Member, Role},
    billing::{Known, Standing},
    cache::Cache,
    clock::Clock,
    db::{
        Db,
        setup::{self, APP, OWNER, WORKER},
    },
    files::Files,
    id::{AccountId, SessionId, TenantId},
    live::Live,
    mail::Mailer,
    operators::{self, Operator, SignIn},
    services::Settings,
};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, postgres::PgConnectOptions};
use tempfile::TempDir;

/// Of the roles, in this cluster, which lives as long as the tests. scripts/with-servers tells it to PgBouncer.
pub const PASSWORD: &str = "test";

/// Of each role in one world.
const CONNECTIONS: u32 = 8;

/// Whoever holds it makes the template database.
const TEMPLATE_LOCK: i64 = 0x5EAF;

pub struct World {
    /// As the web server has them: the role sheaf_app.
    pub services: Services,
    /// As a worker has them: the role sheaf_worker.
    pub workers: Services,
    pub ada: Member,
    pub eve: Member,
    pub acme: TenantId,
    pub globex: TenantId,
    /// The database as its superuser, for looking behind the scenes.
    pub admin: PgConnectOptions,
    /// As the web server reaches it.
    app: PgConnectOptions,
    _files: TempDir,
}

impl World {
    /// A fresh database, with real time.
    pub async fn new() -> Self {
        Self::at(Clock::system()).await
    }

    /// A fresh database, with a clock that stands still at noon.
    pub async fn at_noon() -> Self {
        Self::at(Clock::manual(noon())).await
    }

    pub async fn at(clock: Clock) -> Self {
        let admin = fresh_database(&clock).await;
        let files = tempfile::tempdir().unwrap();
        let role = |name: &str| admin.clone().username(name).password(PASSWORD);
        let pooled = through_pooler(&role(APP));
        let db = match pooled.clone() {
            Some(pooled) => Db::open_pooled(pooled, role(APP), CONNECTIONS),
            None => Db::open(role(APP), CONNECTIONS),
        };
        let services = services(db, &clock, &files);
        let workers = services_like(&services, Db::open(role(WORKER), CONNECTIONS));
        let (ada, eve) = (person(&services, "Ada", "Acme").await, person(&services, "Eve", "Globex").await);
        // What the tests do comes after what made their world, also where the clock stands still.
        clock.advance(TimeDelta::seconds(1));
        let app = pooled.unwrap_or(role(APP));
        Self { services, workers, acme: ada.tenant, globex: eve.tenant, ada, eve, admin, app, _files: files }
    }

    /// A connection as the superuser, whom no policy binds.
    pub async fn superuser(&self) -> PgConnection {
        PgConnection::connect_with(&self.admin).await.unwrap()
    }

    /// A connection as the web server's role, past the product: through the pooler, where these tests have one. There, a
    /// statement with parameters needs a transaction.
    pub async fn app_role(&self) -> PgConnection {
        PgConnection::connect_with(&self.app).await.unwrap()
    }

    /// The newest mail to an address.
    pub async fn mail_to(&self, address: &str) -> Option<domain::mail::KeptMail> {
        domain::mail::mailbox(&self.services, address).await.unwrap().into_iter().next()
    }
}

pub fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 21, 12, 0, 0).unwrap()
}

/// Makes a verified account with a workspace.
pub async fn person(services: &Services, name: &str, workspace: &str) -> Member {
    let email = format!("{}@{}.example", name.to_lowercase(), workspace.to_lowercase());
    let form = SignUp::parse(name, workspace, &email, "correct horse battery").unwrap();
    let (account, tenant): (AccountId, TenantId) = accounts::make_account(services, form).await.unwrap();
    let (session, role, standing) = (services.clock.id::<SessionId>(), Role::Owner, Standing::Good);
    Member { tenant, account, session, role, from: None, support: None, through: None, standing }
}

/// A second person at Acme: Bob, in this role. To be asked for once.
pub async fn bob(world: &World, role: Role) -> Member {
    let account = world.services.clock.id::<AccountId>();
    let insert = format!(
        "insert into account (id, email, name, password_hash, email_verified_at, created_at)
         values ('{account}', 'bob@acme.example', 'Bob', '', now(), now());
         insert into membership (tenant_id, account_id, role, created_at)
         values ('{}', '{account}', '{}', now())",
        world.acme,
        role.as_str()
    );
    world.superuser().await.execute(AssertSqlSafe(insert)).await.unwrap();
    Member { account, role, session: world.services.clock.id::<SessionId>(), ..world.ada.clone() }
}

/// Bob at the operator's door, signed in. To be asked for once.
pub async fn operator(world: &World) -> Operator {
    let owner = world.admin.clone().username(OWNER).password(PASSWORD);
    let owners = Services { db: Db::open(owner, 2), ..world.services.clone() };
    let credentials = operators::add(&owners, "bob@sheaf.example", "Bob").await.unwrap();
    let code = credentials.secret.code_at(world.services.clock.now());
    let password = credentials.password.unwrap();
    let form = SignIn { email: "bob@sheaf.example", password: &password, code: &code, from: None };
    let token = operators::sign_in(&world.services, form).await.unwrap();
    operators::authenticate(&world.services, &token, None).await.unwrap()
}

/// A folder for servers of one test alone, whose accounts may look into it. So named and with its owner in it, scripts/with-servers
/// finds and removes it where the test is killed.
pub fn servers_folder() -> TempDir {
    let folder = tempfile::Builder::new().prefix("sheaf-servers.").tempdir().unwrap();
    fs::write(folder.path().join("pid"), format!("{}\n", std::process::id())).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

/// The same role through PgBouncer in transaction mode, where scripts/with-servers started one.
fn through_pooler(role: &PgConnectOptions) -> Option<PgConnectOptions> {
    let url = std::env::var("SHEAF_TEST_POOLER_URL").ok()?;
    let pooler: PgConnectOptions = url.parse().unwrap();
    Some(role.clone().host(pooler.get_host()).port(pooler.get_port()).extra_float_digits(None::<i8>))
}

pub fn services(db: Db, clock: &Clock, files: &TempDir) -> Services {
    Services {
        cache: Cache::memory(),
        files: Files::folder(files.path()).unwrap(),
        live: Live::start(&db),
        mailer: Mailer::mailbox(),
        keys: Arc::new(TokenKeys::new(&[TokenKeys::generate().unwrap()]).unwrap()),
        passwords: PasswordHasher::new(clock).unwrap(),
        stripe: None,
        insights: None,
        known: Known::default(),
        settings: Arc::new(Settings {
            public_url: "https://sheaf.example".into(),
            max_upload_bytes: 1_000_000,
            max_documents: 100,
            max_pages: 100,
            read_timeout: Duration::from_secs(20),
            // Readers are processes of the whole program, which the tests of `server` have.
            program: "/nonexistent/sheaf".into(),
            pdfium: None,
            fonts: None,
        }),
        clock: clock.clone(),
        db,
    }
}

fn services_like(services: &Services, db: Db) -> Services {
    Services { live: Live::start(&db), db, ..services.clone() }
}

/// A clone of the template, which is migrated once a schema.
async fn fresh_database(clock: &Clock) -> PgConnectOptions {
    let url =
        std::env::var("SHEAF_TEST_DATABASE_URL").expect("run these tests with `make test`, which starts Postgres");
    let admin: PgConnectOptions = url.parse().unwrap();
    let mut connection = PgConnection::connect_with(&admin).await.unwrap();
    let template = format!("sheaf_template_{}", std::process::id());
    sqlx::query("select pg_advisory_lock($1)").bind(TEMPLATE_LOCK).execute(&mut connection).await.unwrap();
    let exists = sqlx::query_scalar::<_, bool>("select exists (select from pg_database where datname = $1)");
    if !exists.bind(&template).fetch_one(&mut connection).await.unwrap() {
        setup::make_roles(&mut connection, PASSWORD).await.unwrap();
        setup::make_database(&admin, &template).await.unwrap();
        let owner = admin.clone().database(&template).username(OWNER).password(PASSWORD);
        setup::migrate(&owner).await.unwrap();
    }
    let name = format!("sheaf_test_{}", clock.id::<uuid::Uuid>().simple());
    let clone = format!("create database {name} template {template}");
    connection.execute(AssertSqlSafe(clone)).await.unwrap();
    // Who may do what in a database is not cloned with it.
    let same = format!(
        "do $$ begin
             if not has_database_privilege('public', '{template}', 'temporary') then
                 revoke temporary on database {name} from public;
             end if;
         end $$"
    );
    connection.execute(AssertSqlSafe(same)).await.unwrap();
    sqlx::query("select pg_advisory_unlock($1)").bind(TEMPLATE_LOCK).execute(&mut connection).await.unwrap();
    admin.database(&name)
}
