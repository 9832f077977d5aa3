//! What people do with documents from a list: each act tells what became of it and makes every page look again.

use domain::{
    documents::{ListQuery, MAX_AT_ONCE, ReadAgain},
    id::DocumentId,
};
use leptos::task::spawn_local;

use super::api::{
    cancel_document, delete_documents, read_documents_again, restore_documents, retry_document, trash_documents,
    trash_matching_documents,
};
use crate::{
    error::AppError,
    failure,
    live::{Live, use_live},
    ui::{Toasts, Undo, counted, use_toasts, use_undo},
};

/// The acts, with the places where they tell of themselves. Those outlive the page that an act was begun on.
#[derive(Clone, Copy)]
pub(super) struct Acts {
    toasts: Toasts,
    undo: Undo,
    live: Live,
}

/// The acts of this page.
pub(super) fn use_acts() -> Acts {
    Acts { toasts: use_toasts(), undo: use_undo(), live: use_live() }
}

impl Acts {
    pub fn trash(self, ids: Vec<DocumentId>) {
        spawn_local(async move {
            if let Some(moved) = self.done(trash_documents(ids.clone()).await) {
                self.tell_moved(moved, ids);
            }
        });
    }

    /// All that the filters of a list find, of which the person was told that they are so many.
    pub fn trash_matching(self, query: ListQuery, expected: u64) {
        spawn_local(async move {
            if let Some(moved) = self.done(trash_matching_documents(query, expected).await) {
                self.tell_moved(moved.len(), moved);
            }
        });
    }

    pub fn restore(self, ids: Vec<DocumentId>) {
        spawn_local(async move {
            let mut restored: Option<usize> = None;
            // What was thrown away by its filter may be more than one act takes.
            for part in ids.chunks(MAX_AT_ONCE) {
                let Some(more) = self.done(restore_documents(part.to_vec()).await) else { break };
                restored = Some(restored.unwrap_or(0) + more);
            }
            match restored {
                Some(0) => self.toasts.info("What was chosen is not in the trash any more."),
                // What came back is told also where a later part failed.
                Some(restored) => self.toasts.success(format!("{} restored.", number(restored))),
                None => {}
            }
        });
    }

    pub fn delete(self, ids: Vec<DocumentId>) {
        spawn_local(async move {
            if let Some(deleted) = self.done(delete_documents(ids).await) {
                self.toasts.success(format!("{} deleted for good.", number(deleted)));
            }
        });
    }

    pub fn retry(self, id: DocumentId) {
        spawn_local(async move {
            if self.done(retry_document(id).await).is_some() {
                self.toasts.info("It is read again.");
            }
        });
    }

    pub fn read_again(self, ids: Vec<DocumentId>) {
        spawn_local(async move {
            if let Some(done) = self.done(read_documents_again(ids).await) {
                self.toasts.info(told(&done));
            }
        });
    }

    pub fn cancel(self, id: DocumentId) {
        spawn_local(async move {
            if self.done(cancel_document(id).await).is_some() {
                self.toasts.info("Its reading was cancelled.");
            }
        });
    }

    /// How many are in the trash now, with the way back for these.
    fn tell_moved(self, moved: usize, ids: Vec<DocumentId>) {
        if moved == 0 {
            // Somebody else was first, or a second press came after the first one, whose way back stays.
            self.toasts.info("What was chosen is in the trash already.");
            return;
        }
        self.undo.offer(format!("{} moved to the trash.", number(moved)), move || self.restore(ids.clone()));
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

/// What became of documents that were to be read again.
fn told(done: &ReadAgain) -> String {
    let of = |documents: usize, one: &str, many: &str| {
        (documents > 0).then(|| format!("{} {}.", number(documents), if documents == 1 { one } else { many }))
    };
    let parts = [
        of(done.begun, "is read again", "are read again"),
        of(done.held, "waits for page credits", "wait for page credits"),
        of(done.passed_over, "cannot be read again now", "cannot be read again now"),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn number(documents: usize) -> String {
    counted(documents as u64, "document", "documents")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_what_became_of_each() {
        let done = |begun, held, passed_over| told(&ReadAgain { begun, held, passed_over, ..ReadAgain::default() });
        assert_eq!(done(1, 0, 0), "1 document is read again.");
        assert_eq!(
            done(12, 1, 2),
            "12 documents are read again. 1 document waits for page credits. 2 documents cannot be read again now."
        );
    }
}
