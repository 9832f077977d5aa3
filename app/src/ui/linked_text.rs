//! Text as it was written, in which some addresses are links.

use leptos::prelude::*;

/// A block of text whose lines are kept. Addresses that begin with `prefix` are links; everything else is text.
#[component]
pub fn LinkedText(
    #[prop(into)] text: String,
    /// The beginning of an address that may be followed: `https://sheaf.example/`.
    #[prop(into)]
    prefix: String,
) -> impl IntoView {
    let parts = parts(&text, &prefix)
        .into_iter()
        .map(|(part, is_link)| {
            if is_link {
                let href = part.clone();
                view! { <a class="text-link" href=href rel="external">{part}</a> }.into_any()
            } else {
                part.into_any()
            }
        })
        .collect_view();
    view! { <div class="text-block" dir="auto">{parts}</div> }
}

/// The text cut at its links. An address ends at white space, at quotes and angle brackets, and before closing punctuation.
fn parts(text: &str, prefix: &str) -> Vec<(String, bool)> {
    let may_be = (prefix.starts_with("http://") || prefix.starts_with("https://")) && prefix.ends_with('/');
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(start) = may_be.then(|| rest.find(prefix)).flatten() {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c: char| c.is_whitespace() || "\"'<>".contains(c)).unwrap_or(from.len());
        let address = from[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']']);
        parts.push((before.to_owned(), false));
        parts.push((address.to_owned(), true));
        rest = &from[address.len()..];
    }
    parts.push((rest.to_owned(), false));
    parts.retain(|(part, _)| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::parts;

    fn links(text: &str, prefix: &str) -> Vec<String> {
        parts(text, prefix).into_iter().filter(|(_, is_link)| *is_link).map(|(part, _)| part).collect()
    }

    #[test]
    fn only_our_own_addresses_are_links() {
        let text = "Open http://localhost:3000/verify?token=a-b_c.\nNot http://evil.example/ nor javascript:alert(1).";
        assert_eq!(links(text, "http://localhost:3000/"), ["http://localhost:3000/verify?token=a-b_c"]);
        assert!(links("http://localhost:3000.evil.example/", "http://localhost:3000/").is_empty());
        assert!(links("javascript:alert(1)", "javascript:").is_empty());
    }

    #[test]
    fn nothing_of_the_text_is_lost() {
        let text = "a http://x.example/1, http://x.example/2 b";
        let joined: String = parts(text, "http://x.example/").into_iter().map(|(part, _)| part).collect();
        assert_eq!(joined, text);
    }
}
