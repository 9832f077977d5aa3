//! The keys that sign access tokens: given by a setting, or made once in the data folder.

use std::{fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{Error, Result, accounts::TokenKeys};

use crate::config::Config;

const FILE: &str = "token-key";

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

    /// The one that has been there for longest: what is made with it stays the same while newer ones come. It is empty where
    /// there is none, which `parse` does not let through.
    pub fn oldest(&self) -> &[u8] {
        self.0.last().map(Vec::as_slice).unwrap_or_default()
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

    use super::*;

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
    fn a_damaged_file_is_no_reason_to_make_another_key() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["", "!", "AAAA\n!"] {
            fs::write(folder.path().join(FILE), text).unwrap();
            assert!(KeyRing::from_folder(folder.path()).is_err(), "{text:?}");
        }
    }
}
