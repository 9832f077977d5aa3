//! The operators' door, and what members see of a visit. The pages of the door are plain: the server finds what is in one,
//! provides it as context, and renders it; without it there is no such page.

mod banner;
#[cfg(feature = "ssr")]
mod sign_in;
#[cfg(feature = "ssr")]
mod tenant;
#[cfg(feature = "ssr")]
mod tenants;

#[cfg(feature = "ssr")]
pub use self::{
    sign_in::OperatorSignIn,
    tenant::{TenantPage, TenantShown},
    tenants::{TenantsPage, TenantsShown},
};
pub use banner::SupportBanner;
