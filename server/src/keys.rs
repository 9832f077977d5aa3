//! The keys that sign access tokens: given by a setting, or made once in the data folder.

use std::{fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{Error, Result, accounts::TokenKeys};

use crate::config::Config;

const FILE: &str = "token-key";

/// Fails where a setting is not what it should be, or the data folder cannot be written.
pub fn load(config: &Config) -> Result<TokenKeys> {
    match &config.token_keys {
        Some(setting) => {
            let decoded = setting.split(',').map(|key| STANDARD.decode(key.trim())).collect::<Result<Vec<_>, _>>();
            TokenKeys::new(&decoded.map_err(|_| wrong("SHEAF_TOKEN_KEYS takes keys in base64, separated by commas"))?)
        }
        None => TokenKeys::new(&[from_folder(&config.data)?]),
    }
}

fn from_folder(data: &Path) -> Result<Vec<u8>> {
    let path = data.join(FILE);
    if let Ok(text) = fs::read_to_string(&path) {
        return STANDARD.decode(text.trim()).map_err(|_| wrong("the file token-key in the data folder is damaged"));
    }
    let key = TokenKeys::generate()?;
    let io = |error: std::io::Error| Error::internal(format!("{}: {error}", path.display()));
    fs::create_dir_all(data).map_err(io)?;
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(io)?;
    file.write_all(STANDARD.encode(&key).as_bytes()).map_err(io)?;
    Ok(key)
}

fn wrong(message: &str) -> Error {
    Error::internal(message)
}
