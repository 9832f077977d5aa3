//! The figures as tables to take out (RFC 4180). Amounts are whole cents, so that nothing is rounded on the way.

use bytes::Bytes;
use futures::{
    StreamExt,
    future::ready,
    stream::{self, BoxStream},
};

use super::{After, Figures, Month, PlanMonth, WorkspaceMonth, cost, door};
use crate::{
    Services,
    audit::quoted,
    billing::Currency,
    error::{Error, Result},
    operators::Operator,
};

/// Some 100 kB of text.
const BATCH: usize = 500;

/// Every line, with the names of the columns in the first.
pub fn months_csv(lines: &[PlanMonth]) -> String {
    let mut text = head(&["month", "plan", "currency"], &[]);
    for PlanMonth { month, plan, currency, figures } in lines {
        let first = [month.to_string(), plan.as_str().to_owned(), currency.as_str().to_owned()];
        push(&mut text, &first, figures, &[]);
    }
    text
}

/// All workspaces of a month in a currency. It streams: a batch of them is in memory.
pub fn workspaces_csv(
    services: &Services,
    operator: &Operator,
    month: Month,
    currency: Currency,
) -> BoxStream<'static, Result<Bytes>> {
    let (services, operator) = (services.clone(), operator.clone());
    let batches = stream::try_unfold(Some(None::<After>), move |next| {
        let (services, operator) = (services.clone(), operator.clone());
        async move {
            let Some(after) = next else { return Ok(None) };
            let page = door::page(&services, &operator, month, currency, after, BATCH).await?;
            let text: String = page.lines.iter().map(|line| workspace_line(line, month, currency)).collect();
            Ok::<_, Error>(Some((Bytes::from(text), page.next.map(Some))))
        }
    });
    let head = head(&["month", "currency", "workspace", "name", "plan"], &["estimated_cost_cents"]);
    stream::once(ready(Ok(Bytes::from(head)))).chain(batches).boxed()
}

fn workspace_line(line: &WorkspaceMonth, month: Month, currency: Currency) -> String {
    let WorkspaceMonth { tenant, name, plan, figures } = line;
    let first =
        [month.to_string(), currency.as_str().to_owned(), tenant.to_string(), quoted(name), plan.as_str().to_owned()];
    let mut text = String::new();
    push(&mut text, &first, figures, &[cost(figures).cents.to_string()]);
    text
}

fn head(first: &[&str], last: &[&str]) -> String {
    let figures = Figures::default().named().into_iter().map(|(name, _)| name);
    let names: Vec<&str> = first.iter().copied().chain(figures).chain(last.iter().copied()).collect();
    names.join(",") + "\r\n"
}

fn push(text: &mut String, first: &[String], figures: &Figures, last: &[String]) {
    let values = figures.named().into_iter().map(|(_, value)| value.to_string());
    let fields: Vec<String> = first.iter().cloned().chain(values).chain(last.iter().cloned()).collect();
    text.push_str(&fields.join(","));
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{billing::PlanId, id::TenantId};

    #[test]
    fn a_line_has_a_field_for_each_column() {
        let figures = Figures { closing_cents: 4_900, worker_seconds: 3_600, ..Figures::default() };
        let month = Month::parse("2026-11").unwrap();
        let text = months_csv(&[PlanMonth { month, plan: PlanId::Team, currency: Currency::Eur, figures }]);
        let lines: Vec<&str> = text.split("\r\n").collect();
        let [head, line, ""] = lines[..] else { panic!("{text}") };
        assert_eq!(head.split(',').count(), line.split(',').count());
        assert!(head.starts_with("month,plan,currency,opening_cents,closing_cents,"), "{head}");
        assert!(line.starts_with("2026-11,team,eur,0,4900,"), "{line}");

        let tenant = TenantId(uuid::Uuid::nil());
        let workspace = WorkspaceMonth { tenant, name: "=1+1".into(), plan: PlanId::Team, figures };
        let line = workspace_line(&workspace, month, Currency::Eur);
        assert!(line.contains(",\"'=1+1\",team,") && line.ends_with(",3\r\n"), "{line}");
    }
}
