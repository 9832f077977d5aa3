//! The keys that sign access tokens, and the secret that makes the names of workspaces in product events: given by settings, or
//! made once in the data folder.

use std::{fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{Error, Result, accounts::TokenKeys, clock::Clock};

use crate::config::Config;

const FILE: &str = "token-key";

const NAMES_FILE: &str = "posthog-secret";

/// Of one that somebody makes up, in characters; of one that is made here, in bytes.
const SHORTEST_SECRET: usize = 32;

/// The private keys in PKCS #8 DER, newest first.
#[derive(Clone)]
pub struct KeyRing(Vec<Vec<u8>>);

impl KeyRing {
    /// Fails where a setting is not what it should be, or the data folder cannot be written.
    pub fn load(config: &Config) -> Result<Self> {
        match &config.token_keys {
            Some(setting) => Self::parse(setting.split(','))
                .ok_or_else(|| wrong("SHEAF_TOKEN_KEYS takes keys in base64, separated by commas")),
            None => Self::from_folder(&config.data),
        }
    }

    /// As the verbs use them.
    pub fn token_keys(&self) -> Result<TokenKeys> {
        TokenKeys::new(&self.0)
    }

    /// With a fresh key that signs.
    pub fn with_new(&self) -> Result<Self> {
        Ok(Self([vec![TokenKeys::generate()?], self.0.clone()].concat()))
    }

    /// With the first two in the other order: the first is known, and signs nothing yet.
    pub fn not_signing_yet(&self) -> Self {
        let mut keys = self.0.clone();
        if keys.len() > 1 {
            keys.swap(0, 1);
        }
        Self(keys)
    }

    /// Without the key at this place.
    pub fn without(&self, place: usize) -> Self {
        let others = self.0.iter().enumerate().filter(|(other, _)| *other != place);
        Self(others.map(|(_, key)| key.clone()).collect())
    }

    /// As SHEAF_TOKEN_KEYS takes them.
    pub fn to_setting(&self) -> String {
        self.to_lines().join(",")
    }

    /// Puts them into the data folder, in the place of those that are there, at once or not at all.
    pub fn write_to_folder(&self, data: &Path) -> Result<()> {
        let (path, part) = (data.join(FILE), data.join("token-key.part"));
        // One that an interrupted rotation has left.
        let _ = fs::remove_file(&part);
        write_secret(&part, &self.to_lines().join("\n"))?;
        fs::rename(&part, &path).map_err(io(&path))
    }

    fn from_folder(data: &Path) -> Result<Self> {
        let path = data.join(FILE);
        if let Ok(text) = fs::read_to_string(&path) {
            return Self::parse(text.lines()).ok_or_else(|| wrong("the file token-key in the data folder is damaged"));
        }
        let keys = Self(vec![TokenKeys::generate()?]);
        fs::create_dir_all(data).map_err(io(&path))?;
        write_secret(&path, &keys.to_setting())?;
        Ok(keys)
    }

    fn parse<'a>(keys: impl Iterator<Item = &'a str>) -> Option<Self> {
        let decoded = keys.map(|key| STANDARD.decode(key.trim())).collect::<Result<Vec<_>, _>>().ok()?;
        (!decoded.is_empty()).then_some(Self(decoded))
    }

    fn to_lines(&self) -> Vec<String> {
        self.0.iter().map(|key| STANDARD.encode(key)).collect()
    }
}

/// What the names of workspaces in product events are made with: the setting, or made once in the data folder.
///
/// It is no key of the ring. Those come and go, so a workspace would have another name after each rotation, and another one in the
/// midst of it, as the order of two keys says nothing of their age while one of them signs nothing yet. Where the ring is a
/// setting, because several servers share it, so is this, or each of them would make up its own names.
pub fn names_secret(config: &Config) -> Result<Vec<u8>> {
    match (&config.posthog_secret, &config.token_keys) {
        (Some(secret), _) if secret.len() >= SHORTEST_SECRET => Ok(secret.clone().into_bytes()),
        (Some(_), _) => Err(wrong("SHEAF_POSTHOG_SECRET takes 32 characters or more that nobody can guess")),
        (None, None) => names_of_folder(&config.data),
        (None, Some(_)) => Err(wrong(
            "SHEAF_POSTHOG_URL needs SHEAF_POSTHOG_SECRET beside SHEAF_TOKEN_KEYS: 32 random characters or more, the same on \
             every server and for ever, as workspaces have their names in product events by it",
        )),
    }
}

fn names_of_folder(data: &Path) -> Result<Vec<u8>> {
    let path = data.join(NAMES_FILE);
    let read = || {
        let text = fs::read_to_string(&path).ok()?;
        let secret = STANDARD.decode(text.trim()).ok().filter(|secret| !secret.is_empty());
        Some(secret.ok_or_else(|| wrong("the file posthog-secret in the data folder is damaged")))
    };
    if let Some(read) = read() {
        return read;
    }
    let secret = Clock::system().random::<SHORTEST_SECRET>().to_vec();
    fs::create_dir_all(data).map_err(io(&path))?;
    match write_secret(&path, &STANDARD.encode(&secret)) {
        Ok(()) => Ok(secret),
        // Another process may have been quicker.
        Err(error) => read().unwrap_or(Err(error)),
    }
}

/// A new file that its owner alone may read, on the disk when this returns.
fn write_secret(path: &Path, text: &str) -> Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(io(path))?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(io(path))
}

fn io(path: &Path) -> impl Fn(std::io::Error) -> Error + '_ {
    move |error| Error::internal(format!("{}: {error}", path.display()))
}

fn wrong(message: &str) -> Error {
    Error::internal(message)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use clap::Parser;

    use super::*;
    use crate::config::Cli;

    fn ids(keys: &KeyRing) -> Vec<String> {
        keys.token_keys().unwrap().ids().to_vec()
    }

    #[test]
    fn keys_of_the_folder_are_rotated_and_retired() {
        let folder = tempfile::tempdir().unwrap();
        let first = KeyRing::from_folder(folder.path()).unwrap();
        let rotated = first.with_new().unwrap();
        rotated.write_to_folder(folder.path()).unwrap();
        let read = KeyRing::from_folder(folder.path()).unwrap();
        assert_eq!(ids(&read), ids(&rotated));
        assert_eq!(ids(&read)[1..], ids(&first), "the key before still checks");
        assert_eq!(ids(&read.not_signing_yet()), [ids(&read)[1].clone(), ids(&read)[0].clone()]);
        read.without(1).write_to_folder(folder.path()).unwrap();
        assert_eq!(ids(&KeyRing::from_folder(folder.path()).unwrap()), ids(&rotated)[..1]);
        let mode = fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "nobody else may read it");
    }

    #[test]
    fn workspaces_keep_their_names_while_keys_are_rotated() {
        let folder = tempfile::tempdir().unwrap();
        let ring = KeyRing::from_folder(folder.path()).unwrap();
        let secret = names_of_folder(folder.path()).unwrap();
        let rotated = ring.with_new().unwrap();
        for ring in [rotated.not_signing_yet(), rotated.clone(), rotated.without(1)] {
            ring.write_to_folder(folder.path()).unwrap();
            assert_eq!(names_of_folder(folder.path()).unwrap(), secret);
            assert!(!ring.0.contains(&secret), "it is no key that signs");
        }
        let mode = fs::metadata(folder.path().join(NAMES_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "nobody else may read it");
        fs::write(folder.path().join(NAMES_FILE), "").unwrap();
        assert!(names_of_folder(folder.path()).is_err(), "other names are no mending");
    }

    #[test]
    fn servers_that_share_their_keys_share_what_makes_names() {
        let config = |given: &[&str]| Cli::try_parse_from([&["sheaf"][..], given].concat()).unwrap().config;
        let secret = "0123456789abcdef0123456789abcdef";
        let given = config(&["--token-keys", "AAAA", "--posthog-secret", secret]);
        assert_eq!(names_secret(&given).unwrap(), secret.as_bytes());
        for wrong in [&["--token-keys", "AAAA"][..], &["--posthog-secret", "short"]] {
            let error = names_secret(&config(wrong)).unwrap_err();
            assert!(error.to_string().contains("SHEAF_POSTHOG_SECRET"), "{error}");
        }
    }

    #[test]
    fn a_damaged_file_is_no_reason_to_make_another_key() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["", "!", "AAAA\n!"] {
            fs::write(folder.path().join(FILE), text).unwrap();
            assert!(KeyRing::from_folder(folder.path()).is_err(), "{text:?}");
        }
    }
}
