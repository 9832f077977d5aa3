use std::{
    fs,
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
};

use super::error::EmbeddedError;

/// Where the data goes when root's server may not enter the folder that was asked for, such as one under /root.
const ELSEWHERE: &str = "/var/lib/sheaf";

/// The data folder, and the account that Postgres runs as in it.
pub struct Folder {
    path: PathBuf,
    account: Option<Account>,
    moved_from: Option<PathBuf>,
}

/// Another user than our own: Postgres refuses to run as root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub name: String,
    pub uid: u32,
    pub gid: u32,
}

impl Folder {
    /// Decides, and changes nothing: an existing folder belongs to whom it belongs; for a new one root takes the user
    /// `postgres` if there is one, else `nobody`.
    ///
    /// # Errors
    /// When the folder is another user's and we are not root.
    pub fn choose(wanted: &Path) -> Result<Self, EmbeddedError> {
        let wanted = std::path::absolute(wanted).map_err(EmbeddedError::io("find", wanted))?;
        let own = rustix::process::geteuid().as_raw();
        let owner = fs::metadata(&wanted).ok().map(|metadata| (metadata.uid(), metadata.gid()));
        if own != 0 {
            return match owner {
                Some((uid, _)) if uid != own => Err(EmbeddedError::OtherOwner { path: wanted, uid }),
                _ => Ok(Self { path: wanted, account: None, moved_from: None }),
            };
        }
        let account = match owner {
            Some((uid, gid)) if uid != 0 => Account { name: format!("with id {uid}"), uid, gid },
            _ => Account::for_root(),
        };
        Ok(if reaches(&account, &wanted) {
            Self { path: wanted, account: Some(account), moved_from: None }
        } else {
            let path = Path::new(ELSEWHERE).join(format!("{:016x}", fingerprint(&wanted)));
            Self { path, account: Some(Account::for_root()), moved_from: Some(wanted) }
        })
    }

    /// Makes the folder, for its account alone.
    pub fn create(&self) -> Result<(), EmbeddedError> {
        if let Some(parent) = self.path.parent() {
            fs::create_dir_all(parent).map_err(EmbeddedError::io("make", parent))?;
        }
        if !self.path.exists() {
            fs::DirBuilder::new().mode(0o700).create(&self.path).map_err(EmbeddedError::io("make", &self.path))?;
        }
        fs::set_permissions(&self.path, fs::Permissions::from_mode(0o700))
            .map_err(EmbeddedError::io("protect", &self.path))?;
        self.hand_over(&self.path)
    }

    /// Makes the account the owner of something in the folder.
    pub fn hand_over(&self, path: &Path) -> Result<(), EmbeddedError> {
        let Some(account) = &self.account else { return Ok(()) };
        chown(path, Some(account.uid), Some(account.gid)).map_err(EmbeddedError::io("hand over", path))
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    /// The folder that was asked for, when the data lies elsewhere.
    pub fn moved_from(&self) -> Option<&Path> {
        self.moved_from.as_deref()
    }

    /// Whether the account may run what lies in `programs`.
    pub fn can_run(&self, programs: &Path) -> bool {
        self.account.as_ref().is_none_or(|account| reaches(account, &programs.join("postgres")))
    }
}

impl Account {
    fn for_root() -> Self {
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        Self::in_list(&users, "postgres")
            .or_else(|| Self::in_list(&users, "nobody"))
            // The ids of `nobody` on every system that has forgotten to list it.
            .unwrap_or(Self { name: "nobody".into(), uid: 65534, gid: 65534 })
    }

    fn in_list(users: &str, name: &str) -> Option<Self> {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut numbers = line.split(':').skip(2);
        let uid = numbers.next()?.parse().ok()?;
        let gid = numbers.next()?.parse().ok()?;
        (uid != 0).then(|| Self { name: name.into(), uid, gid })
    }

    fn may_enter(&self, metadata: &fs::Metadata) -> bool {
        let bit = match () {
            () if metadata.uid() == self.uid => 0o100,
            () if metadata.gid() == self.gid => 0o010,
            () => 0o001,
        };
        metadata.mode() & bit != 0
    }
}

/// Whether the account may enter every folder above `path`. Those that do not exist yet are made for everybody to enter.
fn reaches(account: &Account, path: &Path) -> bool {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    path.ancestors().skip(1).filter_map(|folder| fs::metadata(folder).ok()).all(|metadata| account.may_enter(&metadata))
}

/// FNV-1a: the same path has the same folder in every version of Sheaf.
fn fingerprint(path: &Path) -> u64 {
    path.as_os_str()
        .as_encoded_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    const USERS: &str = "root:x:0:0:root:/root:/bin/bash\npostgres:x:101:104::/var/lib/postgresql:/bin/bash\n";

    #[test]
    fn an_account_is_read_from_the_list_of_users() {
        let postgres = Account { name: "postgres".into(), uid: 101, gid: 104 };
        assert_eq!(Account::in_list(USERS, "postgres"), Some(postgres));
        assert_eq!(Account::in_list(USERS, "nobody"), None);
        assert_eq!(Account::in_list(USERS, "root"), None, "root must never be the account");
    }

    #[test]
    fn a_closed_folder_above_is_noticed() {
        let home = tempfile::tempdir().unwrap();
        let nobody = Account { name: "nobody".into(), uid: 65534, gid: 65534 };
        let data = home.path().join("checkout/data");
        fs::create_dir_all(&data).unwrap();
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700)).unwrap();
        assert!(!reaches(&nobody, &data));
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
        assert!(reaches(&nobody, &data));
    }
}
