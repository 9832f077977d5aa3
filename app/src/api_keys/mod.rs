//! Keys by which programs come in: what their page in the settings asks the server. Making one is a plain form, whose answer is the
//! one page that shows the key (`server/src/web/api_keys.rs`).

pub mod api;
