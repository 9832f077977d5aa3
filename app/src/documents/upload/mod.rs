//! Files on their way in. The state outlives pages: it stands at the root of the app.

mod form;
mod kept;
mod panel;
mod question;
#[cfg(feature = "hydrate")]
mod send;
#[cfg(feature = "hydrate")]
mod window;

pub(super) use form::PlainUpload;
pub use kept::{choice_cookie, private_cookie};
pub use panel::UploadPanel;

use domain::id::DocumentId;
use leptos::prelude::*;

/// Files sent at the same time; the others wait.
#[cfg(feature = "hydrate")]
const PARALLEL: usize = 3;

/// How far one file is.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "files are sent by the browser alone"))]
enum State {
    Waiting,
    /// The share that is sent, from 0 to 1.
    Sending(f64),
    /// All is sent, and the server has not answered yet.
    Finishing,
    Accepted {
        document: DocumentId,
        /// Whether it is of a kind that is read.
        is_read: bool,
    },
    AlreadyHere {
        document: DocumentId,
        name: String,
    },
    Failed(String),
    Cancelled {
        /// It was on its way no more: the server may have it.
        all_sent: bool,
    },
}

/// States with the same buttons are of one kind. In the order of the list: what needs an answer first, and what is done last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kind {
    AlreadyHere,
    Failed,
    /// On its way.
    Active,
    Cancelled,
    Accepted,
}

impl State {
    fn is_active(&self) -> bool {
        self.kind() == Kind::Active
    }

    fn kind(&self) -> Kind {
        match self {
            Self::AlreadyHere { .. } => Kind::AlreadyHere,
            Self::Failed(_) => Kind::Failed,
            Self::Waiting | Self::Sending(_) | Self::Finishing => Kind::Active,
            Self::Cancelled { .. } => Kind::Cancelled,
            Self::Accepted { .. } => Kind::Accepted,
        }
    }
}

/// One file.
#[derive(Debug, Clone)]
struct Transfer {
    id: u64,
    name: String,
    bytes: u64,
    private: bool,
    state: ArcRwSignal<State>,
}

/// All files of this visit.
#[derive(Clone, Copy)]
pub struct Uploads {
    transfers: RwSignal<Vec<Transfer>>,
    /// How many files wait for a yes, and the page credits that remain. Many are sent only once that was seen.
    asked: RwSignal<Option<(usize, i64)>>,
    /// Files are being dragged over the window.
    over: RwSignal<bool>,
    /// Only whoever uploads them sees the files that come next.
    private: RwSignal<bool>,
    /// The cookie that keeps this choice.
    private_cookie: StoredValue<Option<String>>,
    /// The largest file that the server takes, in bytes.
    limit: StoredValue<Option<u64>>,
    /// Whether the person may add files: nothing is taken from the hands of one who may not.
    allowed: StoredValue<bool>,
    #[cfg(feature = "hydrate")]
    files: StoredValue<send::Files, LocalStorage>,
}

/// Gives every page a place for uploads, and the whole window to drop files on. Call it once, at the root of the app.
pub fn provide_uploads() {
    let uploads = Uploads {
        transfers: RwSignal::new(Vec::new()),
        asked: RwSignal::new(None),
        over: RwSignal::new(false),
        private: RwSignal::new(false),
        private_cookie: StoredValue::new(None),
        limit: StoredValue::new(None),
        allowed: StoredValue::new(false),
        #[cfg(feature = "hydrate")]
        files: StoredValue::new_local(send::Files::default()),
    };
    provide_context(uploads);
    #[cfg(feature = "hydrate")]
    window::watch(uploads);
}

/// Has files above so many bytes refused before they are sent.
pub fn limit_uploads(bytes: Option<u64>) {
    use_uploads().limit.set_value(bytes);
}

/// Goes on with the choice who sees the uploads, as it was kept.
pub fn remember_private(cookie: Option<String>, on: bool) {
    let uploads = use_uploads();
    uploads.private_cookie.set_value(cookie);
    uploads.private.set(on);
}

/// Says whether files that are dropped on the window are taken.
pub fn allow_uploads(allowed: bool) {
    use_uploads().allowed.set_value(allowed);
}

/// The uploads as the root provides them.
pub(super) fn use_uploads() -> Uploads {
    use_context().expect("the root of the app provides the uploads")
}

impl Uploads {
    /// Whether only the person sees what comes next.
    pub(super) fn private(self) -> Signal<bool> {
        self.private.into()
    }

    /// Keeps what comes next to the person, or shows it to the workspace; so it stays until it is changed.
    pub(super) fn keep_private(self, on: bool) {
        self.private.set(on);
        #[cfg(feature = "hydrate")]
        if let Some(cookie) = self.private_cookie.get_value() {
            window::set_cookie(&choice_cookie(&cookie, on));
        }
    }

    /// Opens the picker.
    pub(super) fn pick(self) {
        #[cfg(feature = "hydrate")]
        window::pick();
    }

    /// Takes the files of the input that an event came from, and empties it, so that the same file can be picked again.
    pub(super) fn take(self, event: &leptos::ev::Event) {
        #[cfg(feature = "hydrate")]
        window::take(self, event);
        #[cfg(not(feature = "hydrate"))]
        let _ = event;
    }

    /// Sends the files that waited for a yes.
    fn agree(self) {
        #[cfg(feature = "hydrate")]
        self.send_asked();
    }

    /// Lets go of the files that waited for a yes.
    fn decline(self) {
        #[cfg(feature = "hydrate")]
        self.forget_asked();
    }

    fn cancel(self, id: u64) {
        #[cfg(feature = "hydrate")]
        self.stop(id);
        #[cfg(not(feature = "hydrate"))]
        let _ = id;
    }

    /// Sends a file again; `keep_both` keeps it even though the same bytes are here.
    fn again(self, id: u64, keep_both: bool) {
        #[cfg(feature = "hydrate")]
        self.send_again(id, keep_both);
        #[cfg(not(feature = "hydrate"))]
        let _ = (id, keep_both);
    }

    /// Forgets one file that is not on its way.
    fn dismiss(self, id: u64) {
        self.forget(|transfer| transfer.id == id);
    }

    /// Forgets every file that is not on its way.
    fn clear(self) {
        self.forget(|_| true);
    }

    fn forget(self, which: impl Fn(&Transfer) -> bool) {
        let gone = |transfer: &Transfer| which(transfer) && !transfer.state.with_untracked(State::is_active);
        #[cfg(feature = "hydrate")]
        self.drop_files(&gone);
        self.transfers.update(|transfers| transfers.retain(|transfer| !gone(transfer)));
    }
}
