//! What was uploaded, and what was read in it.

mod document;
mod file_link;
mod format;
mod images_digest;
mod list;
mod name;
pub mod reading;
mod visibility;

pub use document::{Document, DocumentState, PageText, ReadAgain, ReadAll, Upload};
pub use file_link::{FileLink, LinkedFile};
pub use format::{Format, READ_FORMATS};
pub use images_digest::ImagesDigest;
pub use list::{Cursor, ListQuery, ListedDocument, Listing, MAX_AT_ONCE, MOST_COUNTED, Sort, StateFilter};
pub use name::clean_name;
pub use visibility::{Reader, Sharing, Visibility};

#[cfg(feature = "server")]
mod again;
#[cfg(feature = "server")]
mod credits;
#[cfg(feature = "server")]
mod draw;
#[cfg(feature = "server")]
mod jobs;
#[cfg(feature = "server")]
mod keep;
#[cfg(feature = "server")]
mod links;
#[cfg(feature = "server")]
mod listing;
#[cfg(feature = "server")]
mod process;
#[cfg(feature = "server")]
mod read;
#[cfg(feature = "server")]
mod reader;
#[cfg(feature = "server")]
mod resume;
#[cfg(feature = "server")]
mod share;
#[cfg(feature = "server")]
mod sniff;
#[cfg(feature = "server")]
pub(crate) mod store;
#[cfg(feature = "server")]
mod sweep;
#[cfg(feature = "server")]
mod trash;
#[cfg(feature = "server")]
mod upload;

#[cfg(feature = "server")]
use self::read::{call_off_reading, give_up_reading};
#[cfg(feature = "server")]
pub(crate) use self::{
    again::sum_of_all,
    credits::cost_again,
    process::{read_once_more, reading_cancelled},
    resume::resume_held,
    store::hexadecimal,
};
#[cfg(feature = "server")]
pub use self::{
    again::{read_again, read_all_again},
    draw::draw_pages,
    jobs::{DrawPages, ReadAllAgain, ReadDocument, ResumeHeld, Sweep},
    keep::{Download, images_digest, original, page_image, text_of},
    links::{Followed, follow, link},
    listing::{find, list, page, pages_with, state_of},
    process::{cancel, retry},
    read::read_document,
    share::{set_visibility, sharing},
    sweep::sweep,
    trash::{delete, restore, trash, trash_matching},
    upload::{UploadOptions, upload, upload_with},
};
