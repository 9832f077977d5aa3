//! What Sheaf earns, as Bob sees it who runs it: months of Acme and Globex, counted night after night.

use chrono::{DateTime, Utc};
use domain::{
    Services,
    actor::System,
    billing::{Currency, InvoiceState, PlanId},
    clock::Clock,
    db::{Db, setup::OWNER},
    id::TenantId,
    operators::{self, Credentials, Operator},
    revenue::{self, Figures, KeptInvoice, Month, RevenueOverview, RevenueQuery},
};
use futures::TryStreamExt;
use sqlx::{AssertSqlSafe, Executor};
use uuid::Uuid;

use crate::{
    probe::Probe,
    world::{PASSWORD, World, noon},
};

const BOB: &str = "bob@sheaf.example";

struct Books {
    world: World,
    bob: Credentials,
}

impl Books {
    async fn new() -> Self {
        let world = World::at(Clock::manual(noon())).await;
        let owner = world.admin.clone().username(OWNER).password(PASSWORD);
        let owners = Services { db: Db::open(owner, 2), ..world.services.clone() };
        let bob = operators::add(&owners, BOB, "Bob").await.unwrap();
        Self { world, bob }
    }

    fn pass_to(&self, time: &str) {
        let clock = &self.world.services.clock;
        clock.advance(at(time) - clock.now());
    }

    /// What Stripe is found to have now.
    async fn finds(&self, tenant: TenantId, plan: &str, status: &str, invoices: &[KeptInvoice]) {
        let now = self.world.services.clock.now();
        sqlx::query("update subscription set plan = $2, status = $3, synced_at = $4 where tenant_id = $1")
            .bind(tenant.0)
            .bind(plan)
            .bind(status)
            .bind(now)
            .execute(&mut self.world.superuser().await)
            .await
            .unwrap();
        // Twice, as a sync may be.
        for _ in 0..2 {
            let mut tx = self.world.workers.db.tenant(&System::for_tenant(tenant)).await.unwrap();
            revenue::keep(&mut tx, None, invoices).await.unwrap();
            tx.commit().await.unwrap();
        }
    }

    async fn runs(&self, statement: String) {
        self.world.superuser().await.execute(AssertSqlSafe(statement)).await.unwrap();
    }

    /// The night of all that are there.
    async fn night(&self) {
        let tenants = sqlx::query_scalar("select tenant_id from tenant");
        let tenants: Vec<Uuid> = tenants.fetch_all(&mut self.world.superuser().await).await.unwrap();
        for tenant in tenants {
            revenue::count(&self.world.workers, TenantId(tenant)).await.unwrap();
        }
        revenue::sum(&self.world.workers).await.unwrap();
    }

    async fn signed_in(&self) -> Operator {
        let services = &self.world.services;
        let code = self.bob.secret.code_at(services.clock.now());
        let password = self.bob.password.as_deref().unwrap();
        let form = operators::SignIn { email: BOB, password, code: &code, from: None };
        let token = operators::sign_in(services, form).await.unwrap();
        operators::authenticate(services, &token, None).await.unwrap()
    }

    async fn overview(&self, bob: &Operator, of: &str) -> (RevenueOverview, Figures) {
        let query = RevenueQuery::parse(of, "eur");
        let overview = revenue::overview(&self.world.services, bob, query).await.unwrap();
        let figures = overview.of(month(of));
        (overview, figures)
    }
}

fn at(time: &str) -> DateTime<Utc> {
    time.parse().unwrap()
}

fn month(text: &str) -> Month {
    Month::parse(text).unwrap()
}

fn invoice(id: &str, net: i64, tax: i64, created: &str, paid: Option<&str>, failed: bool) -> KeptInvoice {
    let created_at = at(created);
    KeptInvoice {
        id: id.into(),
        number: Some(id.to_uppercase()),
        status: if paid.is_some() { InvoiceState::Paid } else { InvoiceState::Open },
        currency: Currency::Eur,
        subtotal_cents: net,
        tax_cents: tax,
        total_cents: net + tax,
        created_at,
        period_start: created_at,
        period_end: created_at + chrono::Duration::days(30),
        paid_at: paid.map(at),
        failed,
    }
}

#[tokio::test]
async fn a_workspace_comes_grows_and_goes_and_every_month_adds_up() {
    let books = Books::new().await;
    let acme = books.world.acme;
    books.pass_to("2026-11-25T09:00:00Z");
    let first = invoice("in_1", 4_900, 931, "2026-11-25T09:00:00Z", Some("2026-11-25T09:00:00Z"), false);
    books.finds(acme, "team", "active", &[first]).await;
    books.pass_to("2026-12-02T01:30:00Z");
    books.night().await;

    books.pass_to("2026-12-10T09:00:00Z");
    let proration = |paid, failed| invoice("in_2", 7_500, 1_425, "2026-12-10T09:00:00Z", paid, failed);
    books.finds(acme, "business", "active", &[proration(None, true)]).await;
    books.pass_to("2026-12-20T09:00:00Z");
    books.finds(acme, "business", "active", &[proration(Some("2026-12-20T08:00:00Z"), false)]).await;
    for (number, kind, debit, credit, credits) in [
        (1, "use", "available", "used", 20),
        (2, "use", "overage", "used", 10),
        (3, "credit_back", "used", "available", 5),
    ] {
        books
            .runs(format!(
                "insert into ledger_entry (tenant_id, id, kind, debit, credit, credits, key, period_start, plan,
                                           price_version, at)
                 values ('{acme}', gen_random_uuid(), '{kind}', '{debit}', '{credit}', {credits}, 'entry {number}',
                         '2026-12-01', 'business', 1, '2026-12-21')"
            ))
            .await;
    }
    let job: Uuid = Clock::manual(at("2026-12-31T12:00:00Z")).id();
    books
        .runs(format!(
            "insert into job (tenant_id, id, kind, payload, max_attempts, state, finished_at, worked)
             values ('{acme}', '{job}', 'reading', '{{}}', 5, 'done', now(), 90.5);
             update tenant_meter set stored_bytes = 5000000 where tenant_id = '{acme}'"
        ))
        .await;
    books.pass_to("2027-01-03T01:30:00Z");
    books.night().await;
    books.pass_to("2027-01-10T09:00:00Z");
    books.finds(acme, "business", "none", &[]).await;
    books.pass_to("2027-02-02T01:30:00Z");
    books.night().await;
    // To count again changes nothing.
    books.night().await;

    let bob = books.signed_in().await;
    let (_, november) = books.overview(&bob, "2026-11").await;
    assert_eq!((november.new_cents, november.closing_cents, november.customers), (4_900, 4_900, 1));
    assert_eq!((november.invoices, november.invoiced_cents, november.tax_cents), (1, 4_900, 931));
    assert_eq!((november.paid_cents, november.failed), (5_831, 0));

    let (overview, december) = books.overview(&bob, "2026-12").await;
    assert_eq!((december.opening_cents, december.expansion_cents, december.closing_cents), (4_900, 15_000, 19_900));
    assert_eq!(december.net_retention().unwrap().to_string(), "406.1 %");
    assert_eq!((december.failed, december.failed_cents, december.recovered_cents), (1, 8_925, 8_925));
    assert_eq!((december.used_credits, december.overage_credits), (25, 10));
    assert_eq!((december.worker_seconds, december.megabyte_days), (91, 5));
    let trials = overview.of_everybody(month("2026-12"));
    assert_eq!((trials.trials_converted, trials.trials_ended), (1, 2), "Eve has not bought anything");
    let plans: Vec<PlanId> = overview.plans().iter().map(|(plan, _)| *plan).collect();
    assert_eq!(plans, [PlanId::Free, PlanId::Team, PlanId::Business]);

    let (_, january) = books.overview(&bob, "2027-01").await;
    assert_eq!((january.opening_cents, january.churned_cents, january.closing_cents), (19_900, 19_900, 0));
    assert_eq!(january.customer_churn().unwrap().to_string(), "100.0 %");
    assert!([november, december, january].iter().all(Figures::adds_up));
    assert_eq!([november, december].map(|month| month.invoiced_cents).iter().sum::<i64>(), 4_900 + 7_500);
}

#[tokio::test]
async fn a_workspace_that_is_deleted_is_counted_as_lost() {
    let books = Books::new().await;
    let (acme, globex) = (books.world.acme, books.world.globex);
    books.pass_to("2026-11-25T09:00:00Z");
    books.finds(acme, "team", "active", &[]).await;
    books.finds(globex, "team", "past_due", &[]).await;
    books.pass_to("2026-12-02T01:30:00Z");
    books.night().await;
    books.runs(format!("delete from tenant where tenant_id = '{globex}'")).await;
    books.pass_to("2026-12-20T01:30:00Z");
    books.night().await;
    let bob = books.signed_in().await;
    let (_, november) = books.overview(&bob, "2026-11").await;
    assert_eq!((november.closing_cents, november.customers), (9_800, 2));
    let (_, december) = books.overview(&bob, "2026-12").await;
    assert_eq!((december.opening_cents, december.churned_cents, december.closing_cents), (9_800, 4_900, 4_900));
    assert_eq!((december.opening_customers, december.churned_customers, december.customers), (2, 1, 1));
    assert!(december.adds_up());
}

#[tokio::test]
async fn a_month_is_told_workspace_by_workspace() {
    let books = Books::new().await;
    books.pass_to("2026-11-25T09:00:00Z");
    books.finds(books.world.acme, "team", "active", &[]).await;
    books.finds(books.world.globex, "business", "active", &[]).await;
    books.night().await;
    let (bob, services) = (books.signed_in().await, &books.world.services);
    let november = month("2026-11");
    let page = revenue::workspaces(services, &bob, november, Currency::Eur, None).await.unwrap();
    let mut names: Vec<_> = page.lines.iter().map(|line| (line.name.as_str(), line.plan)).collect();
    names.sort_unstable();
    assert_eq!(names, [("Acme", PlanId::Team), ("Globex", PlanId::Business)]);
    assert_eq!(page.next, None);
    // From the first on, there is the second.
    let after = revenue::After { used: page.lines[0].figures.used_credits, tenant: page.lines[0].tenant };
    let rest = revenue::workspaces(services, &bob, november, Currency::Eur, Some(after)).await.unwrap();
    assert_eq!(rest.lines, page.lines[1..]);
    assert!(revenue::workspaces(services, &bob, november, Currency::Usd, None).await.unwrap().lines.is_empty());
    let csv: Vec<_> = revenue::workspaces_csv(services, &bob, november, Currency::Eur).try_collect().await.unwrap();
    let csv = String::from_utf8(csv.concat()).unwrap();
    assert_eq!(csv.lines().count(), 3);
    assert!(csv.contains(",Acme,team,0,4900,4900,"), "{csv}");
}

#[tokio::test]
async fn without_a_session_of_an_operator_nothing_is_told() {
    let books = Books::new().await;
    books.finds(books.world.acme, "team", "active", &[]).await;
    books.night().await;
    let mut eve = Probe::signed_in(&books.world, books.world.globex).await;
    let everything = "from operator_revenue('secret', now(), '2020-01-01', '2040-01-01')";
    assert_eq!(eve.one(&format!("select count(*) {everything}")).await, "0");
    let workspaces = "from operator_revenue_of_tenants('secret', now(), '2026-11-01', 'eur', null, null, 50)";
    assert_eq!(eve.one(&format!("select count(*) {workspaces}")).await, "0");
    for refused in ["select * from revenue_month", "select * from revenue_tenant", "select sum_revenue('2026-11-01')"] {
        assert_eq!(eve.refusal(refused).await, "42501", "{refused}");
    }
}
