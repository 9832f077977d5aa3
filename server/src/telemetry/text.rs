//! What is done to each text before it is logged.

use std::borrow::Cow;

/// What stands in the place of an address.
const HIDDEN: &str = "[address]";

/// What stands in the place of a secret.
const SECRET: &str = "[secret]";

/// What keys begin with: Stripe's, its webhooks', and tokens that say what they are.
const PREFIXES: [&str; 7] = ["sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_", "eyJ", "phc_"];

/// From this length on, letters of both cases with digits between are no word.
const RANDOM: usize = 40;

/// What ends an address, in the sentences and the answers of others.
const ENDS: [char; 13] = ['"', '\'', '`', '<', '>', '(', ')', '[', ']', '{', '}', ',', ';'];

/// The text without the addresses of people. We log none; but a mail server that refuses a mail says to whom it was, and a
/// library that cannot connect may say by which URL, with the password before the `@`.
pub fn without_addresses(text: &str) -> Cow<'_, str> {
    if !text.contains('@') && !text.contains("%40") {
        return Cow::Borrowed(text);
    }
    let is_end = |character: char| character.is_whitespace() || ENDS.contains(&character);
    let mut cleaned = String::with_capacity(text.len());
    for part in text.split_inclusive(is_end) {
        let word = part.trim_end_matches(is_end);
        cleaned.push_str(if has_address(word) { HIDDEN } else { word });
        cleaned.push_str(&part[word.len()..]);
    }
    Cow::Owned(cleaned)
}

/// The text without addresses and without what looks like a secret.
pub fn clean(text: &str) -> Cow<'_, str> {
    match without_addresses(text) {
        Cow::Borrowed(text) => without_secrets(text),
        Cow::Owned(text) => Cow::Owned(without_secrets(&text).into_owned()),
    }
}

/// The text without keys and tokens. We log none; but what a library could not parse it may repeat.
pub fn without_secrets(text: &str) -> Cow<'_, str> {
    let is_end =
        |character: char| character.is_whitespace() || ENDS.contains(&character) || "=&?/:".contains(character);
    if !text.split(is_end).any(is_secret) {
        return Cow::Borrowed(text);
    }
    let mut cleaned = String::with_capacity(text.len());
    for part in text.split_inclusive(is_end) {
        let word = part.trim_end_matches(is_end);
        cleaned.push_str(if is_secret(word) { SECRET } else { word });
        cleaned.push_str(&part[word.len()..]);
    }
    Cow::Owned(cleaned)
}

/// Text that stays on its line and does nothing to a terminal, nor to the order in which it is read.
pub fn on_one_line(text: &str) -> Cow<'_, str> {
    escaped(text, |character| character.escape_unicode().to_string())
}

/// The same for what is JSON already, in which the most dangerous are escaped.
pub fn on_one_line_of_json(json: &str) -> Cow<'_, str> {
    escaped(json, |character| format!("\\u{:04x}", u32::from(character)))
}

/// Whether somebody is on one side and some place on the other, as `@@` in a query has neither.
fn has_address(word: &str) -> bool {
    let named = |part: &str| part.chars().any(char::is_alphanumeric);
    let around = |at: &str| word.split_once(at).is_some_and(|(who, place)| named(who) && named(place));
    around("@") || around("%40")
}

fn is_secret(word: &str) -> bool {
    if PREFIXES.iter().any(|prefix| word.len() > prefix.len() + 8 && word.starts_with(prefix)) {
        return true;
    }
    let any = |is: fn(&u8) -> bool| word.as_bytes().iter().any(is);
    word.len() >= RANDOM
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_+.".contains(&byte))
        && any(u8::is_ascii_uppercase)
        && any(u8::is_ascii_lowercase)
        && any(u8::is_ascii_digit)
}

fn escaped(text: &str, escape: impl Fn(char) -> String) -> Cow<'_, str> {
    if !text.contains(is_dangerous) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_dangerous(character) { clean.push_str(&escape(character)) } else { clean.push(character) }
    }
    Cow::Owned(clean)
}

/// Control characters, separators of lines and paragraphs, and what changes the direction of writing.
fn is_dangerous(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_left_out_and_nothing_else() {
        for (text, logged) in [
            ("550 5.1.1 <ada@acme.example>: no such user", "550 5.1.1 <[address]>: no such user"),
            ("RCPT TO:<Ada.Lovelace+x@acme.example>", "RCPT TO:<[address]>"),
            ("cannot reach postgres://sheaf_app:secret@db:5432/sheaf", "cannot reach [address]"),
            ("/mailbox?address=ada%40acme.example", "[address]"),
            ("ada@acme.example", "[address]"),
            ("(ada@acme.example, bob@acme.example)", "([address], [address])"),
            ("where words @@ query and a = '@'", "where words @@ query and a = '@'"),
            ("nobody at all", "nobody at all"),
            ("", ""),
        ] {
            assert_eq!(without_addresses(text), logged);
        }
    }

    #[test]
    fn secrets_are_left_out_and_ids_are_not() {
        let random = "Aq0".repeat(14);
        for (text, logged) in [
            ("no such key: sk_live_0123456789abc", "no such key: [secret]"),
            ("Bearer eyJhbGciOiJFZERTQSJ9.e30.AAAA", "Bearer [secret]"),
            (&format!("/invite?token={random}&next=/"), "/invite?token=[secret]&next=/"),
            ("4bf92f3577b34da6a3ce929d0e0e4736", "4bf92f3577b34da6a3ce929d0e0e4736"),
            ("01912345-0000-7000-8000-000000000000", "01912345-0000-7000-8000-000000000000"),
            ("a sk_ is no key, and whsec_ neither", "a sk_ is no key, and whsec_ neither"),
        ] {
            assert_eq!(clean(text), logged);
        }
        assert_eq!(clean(&format!("of ada@acme.example: {random}")), "of [address] [secret]");
    }

    #[test]
    fn nothing_leaves_its_line() {
        assert_eq!(
            on_one_line("a\nb\r\u{1b}[2Jc\u{9b}d\u{202e}e\u{2028}"),
            "a\\u{a}b\\u{d}\\u{1b}[2Jc\\u{9b}d\\u{202e}e\\u{2028}"
        );
        assert_eq!(on_one_line("Zürich → \u{1f33e}"), "Zürich → \u{1f33e}");
        assert_eq!(on_one_line_of_json("\"\u{7f}\u{85}\""), "\"\\u007f\\u0085\"");
    }
}
