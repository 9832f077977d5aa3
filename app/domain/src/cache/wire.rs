//! A value as Redis keeps it: what it was made under, and its JSON, which is compressed where it is long.

use std::io::{Read, Write};

use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};
use serde::{Serialize, de::DeserializeOwned};

/// What a text must begin with to be one of these, whatever else is found under a key. It changes with this file.
const FORMAT: &[u8] = b"sheaf-kept-1";

/// What is longer is compressed: below, it takes longer than it saves.
const COMPRESSED_FROM: usize = 1_024;

/// The longest JSON that is kept in Redis, in bytes. What is longer is asked of the database again by each process.
pub(super) const MAX_BYTES: usize = 256 * 1024;

/// The JSON of a value; none where it has none, and the value is then kept nowhere else.
pub(super) fn json(value: &impl Serialize) -> Option<Vec<u8>> {
    serde_json::to_vec(value).ok()
}

/// What Redis is to keep. `seal` says what the value was made under; none where the JSON is too long.
pub(super) fn encode(json: &[u8], seal: &[u8]) -> Option<Vec<u8>> {
    if json.len() > MAX_BYTES {
        return None;
    }
    let mut bytes = [FORMAT, seal].join(&b'\n');
    if json.len() < COMPRESSED_FROM {
        bytes.extend_from_slice(b"\njson\n");
        bytes.extend_from_slice(json);
        return Some(bytes);
    }
    bytes.extend_from_slice(b"\nzlib\n");
    let mut encoder = ZlibEncoder::new(bytes, Compression::fast());
    encoder.write_all(json).ok()?;
    encoder.finish().ok()
}

/// The value, and the length of its JSON; none where it was made under anything else than `seal`, or is no such value.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8], seal: &[u8]) -> Option<(T, usize)> {
    let mut parts = bytes.splitn(4, |byte| *byte == b'\n');
    let is_ours = parts.next()? == FORMAT && parts.next()? == seal;
    let (form, body) = (parts.next()?, parts.next()?);
    match form {
        b"json" if is_ours => parse(body),
        b"zlib" if is_ours => {
            let mut json = Vec::new();
            // A few bytes can be made to stand for very many.
            ZlibDecoder::new(body).take(MAX_BYTES as u64 + 1).read_to_end(&mut json).ok()?;
            parse(&json)
        }
        _ => None,
    }
}

fn parse<T: DeserializeOwned>(json: &[u8]) -> Option<(T, usize)> {
    let is_short = json.len() <= MAX_BYTES;
    is_short.then(|| serde_json::from_slice(json).ok()).flatten().map(|value| (value, json.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEAL: &[u8] = b"a.1,b.2";

    #[test]
    fn a_value_comes_back_as_it_was_and_a_long_one_is_shorter_on_the_way() {
        let (short, long) = ("seven".to_owned(), "seven ".repeat(2_000));
        for (value, longest) in [(&short, 60), (&long, 200)] {
            let json = json(value).unwrap();
            let bytes = encode(&json, SEAL).unwrap();
            assert!(bytes.len() < longest, "{}", bytes.len());
            assert_eq!(decode::<String>(&bytes, SEAL), Some((value.clone(), json.len())));
        }
    }

    #[test]
    fn what_is_something_else_is_no_value() {
        let bytes = encode(b"\"seven\"", SEAL).unwrap();
        assert_eq!(decode::<String>(&bytes, b"a.1,b.3"), None, "made under something else");
        assert_eq!(decode::<u64>(&bytes, SEAL), None, "of another type");
        assert_eq!(decode::<String>(&bytes[1..], SEAL), None);
        assert_eq!(decode::<String>(&bytes[..bytes.len() - 1], SEAL), None);
        let long = encode(&json(&"seven ".repeat(2_000)).unwrap(), SEAL).unwrap();
        for garbage in [&b""[..], b"\n\n\n\n", b"\xff\xfe\x00", &long[..40], &[&long[..40], &[7; 99]].concat()] {
            assert_eq!(decode::<String>(garbage, SEAL), None, "{garbage:?}");
        }
    }

    #[test]
    fn nothing_is_longer_than_what_is_kept() {
        let too_long = json(&"x".repeat(MAX_BYTES)).unwrap();
        assert_eq!(encode(&too_long, SEAL), None);
        let mut encoder = ZlibEncoder::new([FORMAT, SEAL, b"zlib", b""].join(&b'\n'), Compression::best());
        encoder.write_all(&too_long).unwrap();
        assert_eq!(decode::<String>(&encoder.finish().unwrap(), SEAL), None, "however short it was made");
    }
}
