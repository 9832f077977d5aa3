//! Landlock: which files may be touched, and no network.

use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};

use super::Lock;

/// The newest kernel interface that these rules were written for. Older kernels do what they know of it.
const KNOWN: ABI = ABI::V6;

/// Where fonts are: PDFium reads them for documents that bring none.
const FONTS: [&str; 3] = ["/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/X11/fonts"];

/// Closes the file system but for the input, the output folder and fonts, and closes TCP.
pub fn restrict(input: &Path, output: &Path) -> Lock {
    match enforce(input, output) {
        Ok(RulesetStatus::FullyEnforced) => Lock::Held,
        Ok(RulesetStatus::PartiallyEnforced) => Lock::Partly,
        Ok(RulesetStatus::NotEnforced) => Lock::Missing("the kernel does not have it".to_owned()),
        Err(error) => Lock::Missing(error.to_string()),
    }
}

fn enforce(input: &Path, output: &Path) -> Result<RulesetStatus, RulesetError> {
    let write = AccessFs::WriteFile | AccessFs::MakeReg | AccessFs::Truncate;
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(KNOWN))?
        .handle_access(AccessNet::from_all(KNOWN))?
        .scope(Scope::from_all(KNOWN))?
        .create()?;
    rules = allow(rules, input, AccessFs::ReadFile.into())?;
    rules = allow(rules, output, write)?;
    for fonts in FONTS {
        rules = allow(rules, Path::new(fonts), AccessFs::ReadFile | AccessFs::ReadDir)?;
    }
    Ok(rules.restrict_self()?.ruleset)
}

/// A path that is not there needs no rule: nothing is allowed without one.
fn allow(
    rules: landlock::RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<landlock::RulesetCreated, RulesetError> {
    match PathFd::new(path) {
        Ok(file) => rules.add_rule(PathBeneath::new(file, access)),
        Err(_) => Ok(rules),
    }
}
