//! What Sheaf says of itself, and the page that shows the design system.

mod article;
mod design;
mod home;
mod illustration;
mod pricing;

pub use article::{Changelog, Docs, DocsExport, Privacy, Terms};
pub use design::Design;
pub use home::Home;
pub use pricing::Pricing;
