//! Finding pages by what they say: a small query language over Postgres full text, one page at a time, in the page's own
//! language, with the hits marked to the word.

mod query;
mod results;

pub use query::{Node, Query};
pub use results::{FoundDocument, FoundPage, SearchResults, Segment};

#[cfg(feature = "server")]
mod find;
#[cfg(feature = "server")]
mod language;
#[cfg(feature = "server")]
mod marks;
#[cfg(feature = "server")]
mod store;
pub mod tokens;
#[cfg(feature = "server")]
mod tsquery;

#[cfg(feature = "server")]
pub use self::{find::search, language::Language};
#[cfg(feature = "server")]
pub(crate) use self::{
    find::{find, hits_on_page, pages_with},
    language::CONFIGS,
};
