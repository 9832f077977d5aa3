//! Figures for `make proof-isolation`, which says where they go.

use std::{fs::OpenOptions, io::Write};

/// Notes what a test has counted, as a line `name value`; nothing where nobody asked for it.
pub fn note(name: &str, value: usize) {
    let Some(path) = std::env::var_os("SHEAF_PROOF_FIGURES") else { return };
    let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    writeln!(file, "{name} {value}").unwrap();
}
