//! Sending files: three at a time, each by a request of its own that tells how far it is.

use std::collections::BTreeMap;

use domain::{billing::QUOTE_FROM, documents::Upload};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{File, FileList, FormData, ProgressEvent, XmlHttpRequest};

use super::{Kind, PARALLEL, State, Transfer, Uploads};
use crate::{billing::api::quote_reading, live::look_again_soon, routes};

const BROKEN: &str = "The connection broke before the file was there.";

/// The files behind the transfers, which only the browser has.
#[derive(Default)]
pub(super) struct Files {
    last: u64,
    entries: BTreeMap<u64, Entry>,
    /// Those that wait for a yes.
    unsent: Vec<File>,
}

struct Entry {
    file: File,
    keep_both: bool,
    /// As it was chosen when the file came.
    private: bool,
    request: Option<XmlHttpRequest>,
}

impl Uploads {
    /// Takes files: a few into the queue at once, many once it was seen what remains for them.
    pub(super) fn add(self, files: &FileList) {
        let files: Vec<File> = (0..files.length()).filter_map(|index| files.get(index)).collect();
        if files.len() < QUOTE_FROM {
            self.enqueue(files);
        } else {
            self.ask(files);
        }
    }

    /// Where nothing is metered, nobody is asked. Where it cannot be had what remains, the files are sent all the same: the
    /// server holds to the limits.
    fn ask(self, files: Vec<File>) {
        self.files.update_value(|held| held.unsent.extend(files));
        if let Some((_, remains)) = self.asked.get_untracked() {
            self.ask_about_unsent(remains);
            return;
        }
        spawn_local(async move {
            match quote_reading(Vec::new()).await {
                Ok(quote) if quote.is_metered() => self.ask_about_unsent(quote.remains),
                _ => self.send_asked(),
            }
        });
    }

    /// One question for all of them, also where more come before it is answered. It may be answered when a second answer of the
    /// server comes, and then there are none.
    fn ask_about_unsent(self, remains: i64) {
        let count = self.files.with_value(|held| held.unsent.len());
        self.asked.set((count > 0).then_some((count, remains)));
    }

    pub(super) fn send_asked(self) {
        let files = self.take_asked();
        self.enqueue(files);
    }

    pub(super) fn forget_asked(self) {
        self.take_asked();
    }

    fn take_asked(self) -> Vec<File> {
        self.asked.set(None);
        self.files.try_update_value(|held| std::mem::take(&mut held.unsent)).unwrap_or_default()
    }

    /// Puts files at the end of the queue.
    fn enqueue(self, files: Vec<File>) {
        let private = self.private.get_untracked();
        // What became of the round before was seen when another one begins.
        if self.transfers.with_untracked(|all| !all.iter().any(|one| one.state.with_untracked(State::is_active))) {
            self.forget(|transfer| transfer.state.with_untracked(|state| state.kind() > Kind::Active));
        }
        for file in files {
            let (name, bytes) = (file.name(), file.size() as u64);
            let entry = Entry { file, keep_both: false, private, request: None };
            let id = self.files.try_update_value(|files| files.insert(entry));
            let Some(id) = id else { return };
            let state = ArcRwSignal::new(State::Waiting);
            self.transfers.update(|transfers| transfers.push(Transfer { id, name, bytes, private, state }));
        }
        self.send_next();
    }

    pub(super) fn stop(self, id: u64) {
        let all_sent = self.state(id).is_some_and(|state| state.with_untracked(|state| *state == State::Finishing));
        self.set(id, State::Cancelled { all_sent });
        let request = self.files.try_update_value(|files| files.entries.get_mut(&id)?.request.take()).flatten();
        if let Some(request) = request {
            // It fails only for a request that was never opened.
            let _ = request.abort();
        }
        self.send_next();
    }

    pub(super) fn send_again(self, id: u64, keep_both: bool) {
        self.files.update_value(|files| {
            if let Some(entry) = files.entries.get_mut(&id) {
                entry.keep_both = keep_both;
            }
        });
        self.set(id, State::Waiting);
        self.send_next();
    }

    pub(super) fn drop_files(self, gone: &impl Fn(&Transfer) -> bool) {
        let ids: Vec<u64> = self.transfers.with_untracked(|transfers| {
            transfers.iter().filter(|transfer| gone(transfer)).map(|gone| gone.id).collect()
        });
        self.files.update_value(|files| files.entries.retain(|id, _| !ids.contains(id)));
    }

    /// Sends what waits, as far as there is room.
    fn send_next(self) {
        let transfers = self.transfers.get_untracked();
        let in_state = |wanted: fn(&State) -> bool| {
            transfers.iter().filter(move |transfer| transfer.state.with_untracked(wanted)).map(|transfer| transfer.id)
        };
        let busy = in_state(|state| matches!(state, State::Sending(_) | State::Finishing)).count();
        let next: Vec<u64> = in_state(|state| *state == State::Waiting).take(PARALLEL.saturating_sub(busy)).collect();
        for id in next {
            if let Some(limit) = self.passed_limit(&transfers, id) {
                self.set(id, State::Failed(format!("This file is larger than {} MB.", limit / 1_000_000)));
                continue;
            }
            self.set(id, State::Sending(0.0));
            if self.send(id).is_none() {
                self.set(id, State::Failed("Your browser could not send this file.".into()));
            }
        }
    }

    /// The limit that a file is above, if it is.
    fn passed_limit(self, transfers: &[Transfer], id: u64) -> Option<u64> {
        let limit = self.limit.get_value()?;
        transfers.iter().any(|transfer| transfer.id == id && transfer.bytes > limit).then_some(limit)
    }

    /// None where the browser refuses.
    fn send(self, id: u64) -> Option<()> {
        let (file, keep_both, private) = self.files.with_value(|files| {
            let entry = files.entries.get(&id)?;
            Some((entry.file.clone(), entry.keep_both, entry.private))
        })?;
        let form = FormData::new().ok()?;
        if keep_both {
            form.append_with_str("keep", "both").ok()?;
        }
        if private {
            form.append_with_str("visibility", "private").ok()?;
        }
        form.append_with_blob_and_filename("file", &file, &file.name()).ok()?;
        let request = XmlHttpRequest::new().ok()?;
        request.open("POST", routes::UPLOADS).ok()?;
        request.set_request_header("Accept", "application/json").ok()?;
        self.listen(id, &request)?;
        request.send_with_opt_form_data(Some(&form)).ok()?;
        self.files.update_value(|files| {
            if let Some(entry) = files.entries.get_mut(&id) {
                entry.request = Some(request);
            }
        });
        Some(())
    }

    fn listen(self, id: u64, request: &XmlHttpRequest) -> Option<()> {
        let progress = Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
            let share = if event.total() > 0.0 { event.loaded() / event.total() } else { 0.0 };
            self.progressed(id, if share < 1.0 { State::Sending(share) } else { State::Finishing });
        });
        request.upload().ok()?.set_onprogress(Some(progress.into_js_value().unchecked_ref()));
        let answered = request.clone();
        let loaded = Closure::<dyn FnMut()>::new(move || {
            let text = answered.response_text().ok().flatten().unwrap_or_default();
            self.finished(id, answer(answered.status().unwrap_or(0), &text));
        });
        request.set_onload(Some(loaded.into_js_value().unchecked_ref()));
        let failed = Closure::<dyn FnMut()>::new(move || self.finished(id, State::Failed(BROKEN.into())));
        request.set_onerror(Some(failed.into_js_value().unchecked_ref()));
        Some(())
    }

    fn progressed(self, id: u64, state: State) {
        if self.state(id).is_some_and(|state| state.with_untracked(State::is_active)) {
            self.set(id, state);
        }
    }

    fn finished(self, id: u64, state: State) {
        self.files.update_value(|files| {
            if let Some(entry) = files.entries.get_mut(&id) {
                entry.request = None;
            }
        });
        self.progressed(id, state);
        // It ends by itself, whatever the person has open just then.
        look_again_soon();
        self.send_next();
    }

    fn set(self, id: u64, state: State) {
        if let Some(signal) = self.state(id) {
            signal.set(state);
        }
    }

    fn state(self, id: u64) -> Option<ArcRwSignal<State>> {
        self.transfers.with_untracked(|transfers| {
            transfers.iter().find(|transfer| transfer.id == id).map(|transfer| transfer.state.clone())
        })
    }
}

impl Files {
    fn insert(&mut self, entry: Entry) -> u64 {
        self.last += 1;
        self.entries.insert(self.last, entry);
        self.last
    }
}

/// What the server's answer means for a file.
fn answer(status: u16, text: &str) -> State {
    if (200..300).contains(&status) {
        return match serde_json::from_str(text) {
            Ok(Upload::Accepted { document, job }) => State::Accepted { document, is_read: job.is_some() },
            Ok(Upload::AlreadyHere { document, name }) => State::AlreadyHere { document, name },
            Err(_) => State::Failed("The server's answer was not understood.".into()),
        };
    }
    match serde_json::from_str::<domain::Error>(text) {
        Ok(error) => State::Failed(error.message),
        Err(_) => State::Failed(format!("The server refused this file ({status}).")),
    }
}
