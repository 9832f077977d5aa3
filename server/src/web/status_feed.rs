//! Incidents as an Atom feed (RFC 4287): an entry for each thing that was said, so that readers tell of each.

use std::fmt::Write;

use app::routes;
use chrono::{DateTime, SecondsFormat, Utc};
use domain::status::{Incident, IncidentUpdate, Status};

/// Of entries, the newest.
const ENTRIES: usize = 200;

/// The feed; `site` is the address that people use, without a slash at the end. While the database is away it says that what
/// stands in it may not be all.
pub fn of(site: &str, status: &Status, is_away: bool) -> String {
    let page = format!("{}{}", escaped(site), routes::STATUS);
    let own = format!("{}{}", escaped(site), routes::STATUS_ATOM);
    let mut entries: Vec<(&Incident, &IncidentUpdate)> = status
        .incidents
        .iter()
        .flat_map(|incident| incident.updates.iter().map(move |update| (incident, update)))
        .collect();
    entries.sort_by_key(|(_, update)| std::cmp::Reverse((update.posted_at, update.id)));
    // A feed must say when it changed; one in which nothing was ever said has not since the beginning.
    let updated = entries.first().map_or(DateTime::UNIX_EPOCH, |(_, update)| update.posted_at);
    let mut feed = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n<title>Sheaf: incidents</title>\n\
         <id>{page}</id>\n<link href=\"{page}\"/>\n<link rel=\"self\" href=\"{own}\"/>\n<author><name>Sheaf</name></author>\n\
         <updated>{}</updated>\n",
        moment(updated)
    );
    if is_away {
        feed.push_str("<subtitle>Which incidents there are is not known now. These were known before.</subtitle>\n");
    }
    for (incident, update) in entries.into_iter().take(ENTRIES) {
        feed.push_str(&entry(&page, incident, update));
    }
    feed.push_str("</feed>\n");
    feed
}

fn entry(page: &str, incident: &Incident, update: &IncidentUpdate) -> String {
    let mut entry = String::from("<entry>\n");
    let title = format!("{}: {}", update.state.label(), incident.title);
    // Nothing fails that writes into a string.
    let _ = write!(
        entry,
        "<title>{}</title>\n<id>urn:uuid:{}</id>\n<link href=\"{page}#incident-{}\"/>\n<updated>{}</updated>\n\
         <content type=\"text\">{}</content>\n</entry>\n",
        escaped(&title),
        update.id,
        incident.id,
        moment(update.posted_at),
        escaped(&update.text),
    );
    entry
}

fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Text as XML may hold it: five characters are written otherwise, and those that no XML may hold are left out.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars().filter(|character| is_text(*character)) {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            other => escaped.push(other),
        }
    }
    escaped
}

fn is_text(character: char) -> bool {
    matches!(character, '\n' | '\t') || !(character.is_control() || matches!(character, '\u{FFFE}' | '\u{FFFF}'))
}

#[cfg(test)]
mod tests {
    use domain::status::{Component, IncidentState, Severity};

    use super::*;

    #[test]
    fn what_was_said_cannot_leave_its_place() {
        let now: DateTime<Utc> = "2026-11-21T12:00:00Z".parse().unwrap();
        let id = uuid::Uuid::from_u128(7);
        let text = "a < b && c > d ]]> \u{1}\u{FFFF}</content>".to_owned();
        let update = IncidentUpdate { id, state: IncidentState::Monitoring, text, posted_at: now };
        let incident = Incident {
            id,
            title: "<script>\"x\"</script>".into(),
            severity: Severity::Minor,
            components: vec![Component::Mail],
            opened_at: now,
            resolved_at: None,
            updates: vec![update],
        };
        let status = Status { incidents: vec![incident], ..Status::unknown(now) };
        let feed = of("https://sheaf.example", &status, false);
        assert!(feed.contains("Monitoring: &lt;script&gt;&quot;x&quot;&lt;/script&gt;"), "{feed}");
        assert!(feed.contains("a &lt; b &amp;&amp; c &gt; d ]]&gt; &lt;/content&gt;"), "{feed}");
        assert!(feed.contains("<updated>2026-11-21T12:00:00Z</updated>"), "{feed}");
        assert_eq!(feed.matches("<entry>").count(), 1);
        assert!(!feed.contains("not known"), "{feed}");
        let away = of("https://sheaf.example", &Status::unknown(now), true);
        assert!(
            away.contains("<subtitle>Which incidents there are is not known now."),
            "nor that there are none: {away}"
        );
    }
}
