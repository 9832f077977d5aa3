//! Which encoding a client likes best (RFC 9110, section 12.5.3).

use axum::http::{HeaderMap, header};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Identity,
    Gzip,
    Zstd,
    Brotli,
}

impl Encoding {
    /// From the largest to the smallest: of those that are liked as much, the last one is taken.
    pub const ALL: [Self; 4] = [Self::Identity, Self::Gzip, Self::Zstd, Self::Brotli];

    /// The word in headers; the page itself has none.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Zstd => Some("zstd"),
            Self::Brotli => Some("br"),
        }
    }
}

/// The smallest of those that are liked best. Whoever likes nothing that there is gets the page itself, which is allowed.
pub fn negotiate(headers: &HeaderMap) -> Encoding {
    let lists = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let liked: Vec<(&str, u16)> = lists.flat_map(|list| list.split(',')).filter_map(weighed).collect();
    let weight_of = |encoding: Encoding| {
        let name = encoding.name().unwrap_or("identity");
        let named = liked.iter().find(|(coding, _)| coding.eq_ignore_ascii_case(name));
        match (named.or(liked.iter().find(|(coding, _)| *coding == "*")), encoding) {
            (Some((_, weight)), _) => *weight,
            // It is good unless something says that it is not, but anything that is named is better.
            (None, Encoding::Identity) => 1,
            (None, _) => 0,
        }
    };
    let best = Encoding::ALL.into_iter().max_by_key(|encoding| weight_of(*encoding));
    best.filter(|encoding| weight_of(*encoding) > 0).unwrap_or(Encoding::Identity)
}

/// A coding and its weight in thousandths; none where that is none.
fn weighed(item: &str) -> Option<(&str, u16)> {
    let mut parts = item.split(';').map(str::trim);
    let coding = parts.next().filter(|coding| !coding.is_empty())?;
    let Some(weight) = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q="))) else {
        return Some((coding, 1_000));
    };
    let (whole, thousandths) = weight.split_once('.').unwrap_or((weight, ""));
    if thousandths.len() > 3 || !thousandths.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths = format!("{thousandths:0<3}").parse().ok()?;
    match (whole, thousandths) {
        ("0", thousandths) => Some((coding, thousandths)),
        ("1", 0) => Some((coding, 1_000)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn what_is_liked_best_is_taken_and_of_equals_the_smallest() {
        for (accepted, encoding) in [
            ("", Encoding::Identity),
            ("gzip, deflate, br, zstd", Encoding::Brotli),
            ("gzip, zstd", Encoding::Zstd),
            ("GZIP", Encoding::Gzip),
            ("br;q=0.1, gzip;q=0.9", Encoding::Gzip),
            ("br; q=0.9 , gzip;q=0.85", Encoding::Brotli),
            ("br;q=0, *", Encoding::Zstd),
            ("*;q=0", Encoding::Identity),
            ("identity;q=0", Encoding::Identity),
            ("identity;q=0, gzip;q=0.001", Encoding::Gzip),
            ("identity, gzip;q=0.5", Encoding::Identity),
            ("deflate", Encoding::Identity),
            ("br;q=2, gzip;q=0.5", Encoding::Gzip),
            ("br;q=0.1234, zstd;q=x", Encoding::Identity),
            (",;,q=1,", Encoding::Identity),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted))]);
            assert_eq!(negotiate(&headers), encoding, "{accepted}");
        }
        assert_eq!(negotiate(&HeaderMap::new()), Encoding::Identity);
    }
}
