//! What people do with work: each act tells what became of it and makes every page look again.

use domain::id::JobId;
use leptos::{prelude::*, task::spawn_local};

use super::api::{cancel_job, retry_all_failed, retry_job};
use crate::{
    error::AppError,
    failure,
    live::{Live, use_live},
    ui::{Toasts, Undo, counted, use_toasts, use_undo},
};

/// The acts, with the places where they tell of themselves, and with the running job that somebody is asked about.
#[derive(Clone, Copy)]
pub(super) struct Acts {
    toasts: Toasts,
    undo: Undo,
    live: Live,
    /// Whether the question is open.
    pub asking: RwSignal<bool>,
    asked: RwSignal<Option<(JobId, String)>>,
}

/// The acts of this page.
pub(super) fn use_acts() -> Acts {
    Acts {
        toasts: use_toasts(),
        undo: use_undo(),
        live: use_live(),
        asking: RwSignal::new(false),
        asked: RwSignal::new(None),
    }
}

impl Acts {
    /// Asks before what runs is stopped.
    pub fn ask(self, id: JobId, title: String) {
        self.asked.set(Some((id, title)));
        self.asking.set(true);
    }

    /// What is asked about, by its name.
    pub fn asked_title(self) -> Option<String> {
        self.asked.with(|asked| asked.as_ref().map(|(_, title)| title.clone()))
    }

    /// Stops what was asked about.
    pub fn stop_asked(self) {
        self.asking.set(false);
        if let Some((id, title)) = self.asked.get_untracked() {
            self.cancel(id, title);
        }
    }

    pub fn cancel(self, id: JobId, title: String) {
        spawn_local(async move {
            if self.done(cancel_job(id).await).is_some() {
                self.undo.offer(format!("Cancelled: {title}."), move || self.retry(id));
            }
        });
    }

    pub fn retry(self, id: JobId) {
        spawn_local(async move {
            if self.done(retry_job(id).await).is_some() {
                self.toasts.info("It is done again.");
            }
        });
    }

    pub fn retry_all(self) {
        spawn_local(async move {
            if let Some(begun) = self.done(retry_all_failed().await) {
                self.toasts
                    .info(format!("{} done again.", counted(begun.count, "piece of work is", "pieces of work are")));
            }
        });
    }

    fn done<T>(self, result: Result<T, AppError>) -> Option<T> {
        match result {
            Ok(value) => {
                self.live.look_again();
                Some(value)
            }
            Err(error) => {
                failure::tell(self.toasts, &error);
                None
            }
        }
    }
}
