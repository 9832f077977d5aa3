//! Reads what was logged and says what should not be in it. Every `TestApp` has its log read by it at its end, so it reads
//! that of the whole suite.

use serde_json::Value;

/// What keys of Stripe and of webhooks begin with.
const KEYS: [&str; 6] = ["sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_", "phx_"];

/// What stands before a secret in an address, a form or a header.
const NAMES: [&str; 8] =
    ["token=", "password=", "code=", "secret=", "__host-at=", "__host-rt=", "__host-op=", "bearer "];

/// What is shorter is a word.
const SHORTEST: usize = 8;

/// What keys of programs begin with, as do the names of figures and of roles, which are shorter than the ids in a key.
const PROGRAM: &str = "sheaf_";

/// Characters of the ids in the key of a program; its secret comes after them.
const IDS: usize = 43;

/// Each finding in a sentence with its line; none where all is well.
pub fn findings(log: &str) -> Vec<String> {
    let found = log.lines().enumerate().flat_map(|(number, line)| {
        wrong(line).into_iter().map(move |what| format!("line {}: {what}: {line:?}", number + 1))
    });
    found.collect()
}

fn wrong(line: &str) -> Vec<&'static str> {
    let lower = line.to_lowercase();
    let checks: [(&'static str, bool); 7] = [
        ("a control character", line.chars().any(char::is_control)),
        ("an address of a person", has_address(line)),
        ("a key", KEYS.iter().any(|key| has_after(line, key))),
        ("the key of a program", line.split(PROGRAM).skip(1).any(|rest| token(rest).len() > IDS)),
        ("a secret with its name", NAMES.iter().any(|name| has_after(&lower, name))),
        ("a signed token", has_signed_token(line)),
        ("the number of a card", has_card(&without_ids(line))),
    ];
    checks.into_iter().filter(|(_, is_so)| *is_so).map(|(what, _)| what).collect()
}

fn has_address(line: &str) -> bool {
    let is_end = |character: char| character.is_whitespace() || "\"'<>()[]{},;:=/\\".contains(character);
    line.replace("%40", "@").split(is_end).any(|word| {
        word.split_once('@')
            .is_some_and(|(who, place)| who.chars().any(char::is_alphanumeric) && place.trim_matches('.').contains('.'))
    })
}

/// Whether something follows that is long enough to be a secret. What was taken out is in brackets.
fn has_after(line: &str, before: &str) -> bool {
    line.split(before).skip(1).any(|rest| token(rest).len() >= SHORTEST)
}

fn token(rest: &str) -> &str {
    let end = rest.find(|character: char| !character.is_ascii_alphanumeric() && !"-_.+%".contains(character));
    &rest[..end.unwrap_or(rest.len())]
}

/// A header of JSON, a dot, and more.
fn has_signed_token(line: &str) -> bool {
    line.split("eyJ").skip(1).any(|rest| token(rest).len() > 20 && token(rest).contains('.'))
}

/// The line without the values that are ids of ours, which may be digits alone by chance.
fn without_ids(line: &str) -> String {
    let Ok(Value::Object(mut fields)) = serde_json::from_str(line) else { return line.to_owned() };
    fields.retain(|name, _| !name.ends_with(".id") && name != "span.parent");
    Value::Object(fields).to_string()
}

/// 13 to 19 digits, also in groups of four, whose check digit is right.
fn has_card(line: &str) -> bool {
    let joined: String =
        line.chars().map(|c| if c.is_ascii_alphanumeric() || "-._".contains(c) { c } else { ' ' }).collect();
    let words = joined.split(' ').map(str::to_owned);
    let fours: Vec<&str> = joined.split([' ', '-']).collect();
    let groups = fours.windows(4).filter(|four| four.iter().all(|group| group.len() == 4)).map(|four| four.concat());
    words.chain(groups).any(|word| (13..=19).contains(&word.len()) && is_checked(&word))
}

/// ISO/IEC 7812-1, annex B.
fn is_checked(number: &str) -> bool {
    let digits: Option<Vec<u32>> = number.chars().rev().map(|digit| digit.to_digit(10)).collect();
    let Some(digits) = digits else { return false };
    let doubled = |(place, digit): (usize, &u32)| match (place % 2, digit * 2) {
        (0, _) => *digit,
        (_, double) if double > 9 => double - 9,
        (_, double) => double,
    };
    digits.iter().any(|digit| *digit != 0) && digits.iter().enumerate().map(doubled).sum::<u32>() % 10 == 0
}

#[test]
fn what_is_planted_is_found() {
    let program = format!("no such key sheaf_{}_{}", "A1b-".repeat(11), "Cd2_".repeat(11));
    for (planted, what) in [
        ("{\"message\":\"sent to ada@acme.example\"}", "an address of a person"),
        ("/mailbox?address=ada%40acme.example", "an address of a person"),
        ("no such key sk_live_4eC39HqLyjWDarjtT1zdp7dc", "a key"),
        ("whsec_0123456789abcdef", "a key"),
        (&program, "the key of a program"),
        ("authorization: Bearer abcdefgh12345678", "a secret with its name"),
        ("cookie: __Host-at=abcdefghijkl", "a secret with its name"),
        ("GET /verify?token=0123456789abcdef", "a secret with its name"),
        ("password=correct-horse-battery", "a secret with its name"),
        ("eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "a signed token"),
        ("paid with 4242424242424242", "the number of a card"),
        ("{\"error\":\"declined: 4000 0000 0000 0002\"}", "the number of a card"),
        ("5555-5555-5555-4444", "the number of a card"),
        ("a line with \u{1b}[31m colour", "a control character"),
        ("a line with \u{9b}2J", "a control character"),
        ("and\rback", "a control character"),
    ] {
        let log = format!("{{\"message\":\"all is well\"}}\n{planted}\n");
        let found = findings(&log);
        assert!(found.iter().any(|found| found.starts_with(&format!("line 2: {what}"))), "{planted:?}: {found:?}");
    }
}

#[test]
fn what_is_logged_as_it_should_be_is_let_alone() {
    let log = "{\"timestamp\":\"2026-11-23T01:02:03.123456Z\",\"level\":\"INFO\",\"message\":\"a request was answered\",\
               \"span.id\":\"4242424242424242\",\"trace.id\":\"4bf92f3577b34da6a3ce929d0e0e4736\",\"duration_ms\":12.3}\n\
               2026-11-23 WARN 550 5.1.1 <[address]>: no such user token=[secret] where words @@ query\n\
               job 01912345-0000-7000-8000-000000000000 of 123456789012 bytes, 1234567890123 more\n\
               sheaf_not_modified_bytes_total of sheaf_worker, by the key sheaf_AZGSNFZ4cAAa\n";
    assert_eq!(findings(log), [""; 0]);
}
