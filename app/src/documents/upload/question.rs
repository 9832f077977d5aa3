//! What many files will cost at least, before they are sent, and what remains.

use domain::billing::CHARACTERS_A_CREDIT;
use leptos::prelude::*;

use super::Uploads;
use crate::{
    billing::credits,
    ui::{ConfirmDialog, counted, grouped},
};

const DIALOG: &str = "upload-many";

/// Asks whether many files are to be sent. Closing it is a no.
#[component]
pub(super) fn Question(uploads: Uploads) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(uploads.asked.with(Option::is_some)));
    Effect::new(move |before: Option<bool>| {
        let is_open = open.get();
        if before == Some(true) && !is_open {
            uploads.decline();
        }
        is_open
    });
    let title = Signal::derive(move || match uploads.asked.get() {
        Some((files, _)) => format!("Upload {}?", counted(files as u64, "file", "files")),
        None => "Upload these files?".to_owned(),
    });
    let told = move || uploads.asked.get().map(|(files, remains)| price(files, remains));
    let rule = format!(
        "A page of a PDF costs one page credit, and so do {} characters of anything else. Files that cannot be read cost \
         nothing.",
        grouped(CHARACTERS_A_CREDIT.unsigned_abs())
    );
    view! {
        <ConfirmDialog id=DIALOG title confirm="Upload them" open on_confirm=move |()| uploads.agree()>
            <p>{told}</p>
            <p>{rule}</p>
        </ConfirmDialog>
    }
}

/// What is known before anybody has looked into them: each costs one credit or more.
fn price(files: usize, remains: i64) -> String {
    let least = i64::try_from(files).unwrap_or(i64::MAX);
    let left = format!("Reading them costs {} or more, and {} remain in this month.", credits(least), credits(remains));
    if remains < least { format!("{left} What does not fit is not taken, or waits.") } else { left }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_when_files_do_not_fit() {
        let room = "Reading them costs 12 page credits or more, and 4,950 page credits remain in this month.";
        assert_eq!(price(12, 4_950), room);
        assert!(price(12, 3).ends_with("What does not fit is not taken, or waits."));
    }
}
