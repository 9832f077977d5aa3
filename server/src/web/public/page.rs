//! Which pages are kept, and under which key.

use std::sync::Arc;

use app::routes;
use axum::{
    extract::Request,
    http::{header, uri::Authority},
};
use domain::{billing::Currency, public_pages::Tag};
use url::{Url, form_urlencoded};

use super::kept::Kept;

/// A page that is the same for everybody.
pub struct Page {
    pub path: &'static str,
    /// What of a query it knows. Anything else reaches neither its key nor itself.
    parameters: &'static [Parameter],
    pub tags: &'static [Tag],
}

/// A key of a query, and what makes of its value one of a few words; none where the page shows the same without it.
struct Parameter {
    name: &'static str,
    word: fn(&str) -> Option<&'static str>,
}

const CURRENCY: Parameter = Parameter { name: "currency", word: currency };

/// All of them. As every value of a parameter is one of a few words, so is every key: nobody can fill the memory with them.
pub static PAGES: [Page; 7] = [
    Page { path: routes::HOME, parameters: &[], tags: &[Tag::Home] },
    Page { path: routes::PRICING, parameters: &[CURRENCY], tags: &[Tag::Pricing] },
    Page { path: routes::DOCS, parameters: &[], tags: &[Tag::Docs] },
    Page { path: routes::DOCS_EXPORT, parameters: &[], tags: &[Tag::Docs] },
    Page { path: routes::TERMS, parameters: &[], tags: &[Tag::Legal] },
    Page { path: routes::PRIVACY, parameters: &[], tags: &[Tag::Legal] },
    Page { path: routes::CHANGELOG, parameters: &[], tags: &[Tag::Changelog] },
];

/// The one language that the pages are written in.
const LOCALE: &str = "en";

/// Under what a page is kept. It names the state of its tags, so that what was rendered before a purge is never found after it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// Ours; none for any other, which all have one page together: nothing of a host's name is in it.
    host: Option<Arc<str>>,
    path: &'static str,
    query: String,
    locale: &'static str,
    epoch: u64,
}

impl Key {
    /// What the page is asked for as, when it is rendered.
    pub fn address(&self) -> String {
        if self.query.is_empty() { self.path.to_owned() } else { format!("{}?{}", self.path, self.query) }
    }

    /// Whether it was asked for by another name than the one in the settings.
    pub fn is_foreign(&self) -> bool {
        self.host.is_none()
    }

    /// The same page to all servers, whatever they heard of purges.
    pub fn name(&self) -> String {
        format!("{} {} {}", self.host.as_deref().unwrap_or("*"), self.address(), self.locale)
    }
}

impl Page {
    /// Of each parameter that the page knows its first value, in the page's own order.
    fn query(&self, given: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for Parameter { name, word } in self.parameters {
            let first = form_urlencoded::parse(given.as_bytes()).find(|(key, _)| key == name);
            if let Some(word) = first.and_then(|(_, value)| word(&value)) {
                query.append_pair(name, word);
            }
        }
        query.finish()
    }
}

/// The paths of all pages that are kept.
pub fn paths() -> impl Iterator<Item = &'static str> {
    PAGES.iter().map(|page| page.path)
}

/// Whether the page at this path is kept.
pub fn is_kept(path: &str) -> bool {
    paths().any(|kept| kept == path)
}

/// The key of a request. What a proxy says of the host is not looked at.
pub fn key(page: &'static Page, kept: &Kept, request: &Request) -> Key {
    let asked = host_of(request);
    Key {
        host: kept.host().filter(|host| asked.as_deref() == Some(&***host)).cloned(),
        path: page.path,
        query: page.query(request.uri().query().unwrap_or_default()),
        locale: LOCALE,
        epoch: kept.epoch(page.tags),
    }
}

/// The host of an address, and its port where that is not the usual one.
pub fn host_in(url: &str) -> Option<Arc<str>> {
    let url = Url::parse(url).ok()?;
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{}{port}", url.host_str()?).into())
}

/// The same of a request, as RFC 9112 has it: of its target where that names one, and of its one header otherwise.
fn host_of(request: &Request) -> Option<String> {
    if let Some(authority) = request.uri().authority() {
        return plain(authority);
    }
    let mut headers = request.headers().get_all(header::HOST).iter();
    let (Some(host), None) = (headers.next(), headers.next()) else { return None };
    plain(&host.to_str().ok()?.parse::<Authority>().ok()?)
}

/// In lower case. A port that is usual for either scheme is left out: which of them it was, is known by a proxy alone.
fn plain(authority: &Authority) -> Option<String> {
    if authority.as_str().contains('@') {
        return None;
    }
    let host = authority.host().to_ascii_lowercase();
    Some(match authority.port_u16() {
        None | Some(80 | 443) => host,
        Some(port) => format!("{host}:{port}"),
    })
}

fn currency(text: &str) -> Option<&'static str> {
    Currency::parse(text).filter(|currency| *currency != Currency::default()).map(Currency::as_str)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use axum::body::Body;

    use super::*;

    const PRICING: &Page = &PAGES[1];

    fn kept() -> Kept {
        Kept::new("https://sheaf.example")
    }

    fn any_key(kept: &Kept, target: &str, headers: &[(&str, &str)]) -> Key {
        let request =
            headers.iter().fold(Request::builder().uri(target), |made, (name, value)| made.header(*name, *value));
        key(PRICING, kept, &request.body(Body::empty()).unwrap())
    }

    /// None where the host is not ours.
    fn key_of(kept: &Kept, target: &str, headers: &[(&str, &str)]) -> Option<Key> {
        Some(any_key(kept, target, headers)).filter(|key| !key.is_foreign())
    }

    #[test]
    fn all_hosts_that_are_not_ours_have_one_key_and_it_is_not_ours() {
        let kept = kept();
        let keys = (0..1_000).map(|number| any_key(&kept, "/pricing", &[("host", &format!("{number}.example"))]));
        let keys: HashSet<Key> = keys.collect();
        let ours = any_key(&kept, "/pricing", &[("host", "sheaf.example")]);
        assert!(keys.len() == 1 && !keys.contains(&ours) && ours.name() != keys.iter().next().unwrap().name());
    }

    #[test]
    fn what_is_the_same_page_has_one_key() {
        let kept = kept();
        let of = |query: &str| key_of(&kept, &format!("/pricing{query}"), &[("host", "sheaf.example")]).unwrap();
        let dollars = of("?currency=usd");
        for same in [
            "?a=1&currency=usd",
            "?currency=usd&currency=gbp",
            "?currency=usd&",
            "?%63urrency=%75sd",
            "?utm_source=mail&currency=usd&x=%00%ff",
            &format!("?{}&currency=usd", "x".repeat(20_000)),
        ] {
            assert_eq!(of(same), dollars, "{same}");
        }
        assert_eq!(dollars.address(), "/pricing?currency=usd");
        for plain in ["", "?", "?currency=eur", "?currency=USD%0d%0a", "?Currency=usd", "?next=//evil.example", "?=usd"]
        {
            assert_eq!(of(plain).address(), "/pricing", "{plain}");
        }
        assert_ne!(of(""), dollars);
    }

    #[test]
    fn a_host_that_is_not_ours_has_no_key() {
        let kept = kept();
        for ours in ["sheaf.example", "SHEAF.example", "sheaf.example:443", "sheaf.example:80"] {
            assert_eq!(
                key_of(&kept, "/pricing", &[("host", ours)]).and_then(|key| key.host),
                kept.host().cloned(),
                "{ours}"
            );
        }
        for other in [
            "evil.example",
            "sheaf.example.evil.example",
            "sheaf.example:8443",
            "a@sheaf.example",
            "",
            "sheaf.example.",
        ] {
            assert_eq!(key_of(&kept, "/pricing", &[("host", other)]), None, "{other}");
        }
        let pretended =
            [("host", "evil.example"), ("x-forwarded-host", "sheaf.example"), ("forwarded", "host=sheaf.example")];
        assert_eq!(key_of(&kept, "/pricing", &pretended), None);
        assert_eq!(key_of(&kept, "/pricing", &[("host", "sheaf.example"), ("host", "evil.example")]), None);
        assert_eq!(key_of(&kept, "http://evil.example/pricing", &[("host", "sheaf.example")]), None);
        assert_eq!(key_of(&kept, "/pricing", &[]), None);
    }

    #[test]
    fn a_hundred_hosts_share_nothing() {
        let hosts: Vec<String> = (0..100).map(|number| format!("tenant-{number}.example")).collect();
        let keys = hosts.iter().map(|host| {
            let kept = Kept::new(&format!("https://{host}"));
            let found: Vec<_> =
                hosts.iter().filter_map(|asked| key_of(&kept, "/pricing", &[("host", asked)])).collect();
            assert_eq!(found.len(), 1, "{host}");
            found.into_iter().next().unwrap()
        });
        assert_eq!(keys.collect::<HashSet<_>>().len(), 100);
    }

    #[test]
    fn a_purge_makes_new_keys_of_its_pages_alone() {
        let kept = kept();
        let now = || key_of(&kept, "/pricing", &[("host", "sheaf.example")]).unwrap();
        let before = now();
        kept.purge(&[Tag::Docs]);
        assert_eq!(now(), before);
        kept.purge(&[Tag::Pricing]);
        assert_ne!(now(), before);
    }
}
