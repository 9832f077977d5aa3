//! What Sheaf runs itself when nobody has told it where the real thing is.
//!
//! [`binaries`] finds Postgres's programs, [`folder`] decides where its data lies and whose it is, [`cluster`] makes the
//! data and the command lines, [`process`] keeps the server, and [`postgres`] puts them in order.

mod binaries;
mod cluster;
mod error;
mod folder;
mod postgres;
mod process;

pub use binaries::find_binaries;
pub use error::EmbeddedError;
pub use postgres::EmbeddedPostgres;
