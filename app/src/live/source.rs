//! The stream of changes in the browser, and asking every few seconds where it does not come through.

use std::{cell::Cell, time::Duration};

use leptos::{leptos_dom::helpers::IntervalHandle, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, EventSource, MessageEvent};

use super::{Change, Live};
use crate::{routes, ui::is_overlay_open};

/// Changes are gathered this long, so that a document of a hundred pages is not a hundred requests.
const GATHER: Duration = Duration::from_millis(400);

/// How often it is looked whether a page is free to be made anew.
const BUSY: Duration = Duration::from_millis(500);

/// How often pages look again while the stream is away.
const POLL: Duration = Duration::from_secs(3);

/// How often what could not be had is asked for again.
const RETRY: Duration = Duration::from_secs(5);

/// A stream that the server refused is tried again after this time; one that broke is mended by the browser itself.
const RECONNECT: Duration = Duration::from_secs(15);

/// How long a page that is about to be left hears of nothing. It may be left because it is over, as a visit of support is, and
/// would ask for what is not its own any more before the next page is there. A download leaves it where it is.
const LEAVING: Duration = Duration::from_secs(5);

thread_local! {
    /// What follows the stream, from [`begin`] on.
    static SOURCE: Cell<Option<Source>> = const { Cell::new(None) };
    /// Whether nothing is told to this page.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Asks for no changes while this page is open: the server would refuse to tell them.
pub fn keep_quiet() {
    QUIET.set(true);
}

/// Begins to follow, once the page is there and listens: what is told before is lost on it.
pub fn begin() {
    if let Some(source) = SOURCE.get() {
        source.connect();
    }
}

/// Makes every page look again as when the server tells of a change: once for many of them, and not while something is open.
pub fn look_again_soon() {
    if let Some(source) = SOURCE.get() {
        source.note(Change::everything());
    }
}

/// Follows the stream from [`begin`] on, for as long as the app is open. A tab in the background lets go of it, because a
/// browser has only a few connections for one server, and looks again when it is seen.
pub(super) fn follow(told: RwSignal<Vec<Change>>) {
    let source = Source {
        told,
        waiting: StoredValue::new(Vec::new()),
        stream: StoredValue::new_local(None),
        polling: StoredValue::new(None),
    };
    SOURCE.set(Some(source));
    let watched = Closure::<dyn FnMut()>::new(move || source.seen_or_hidden()).into_js_value();
    // It fails only for a listener that is no function.
    let _ = document().add_event_listener_with_callback("visibilitychange", watched.unchecked_ref());
    // A stream from before the connection was lost may seem open for minutes.
    let _ = window().add_event_listener_with_callback("online", watched.unchecked_ref());
    let left = Closure::<dyn FnMut()>::new(move || source.leave()).into_js_value();
    let _ = window().add_event_listener_with_callback("beforeunload", left.unchecked_ref());
}

/// Looks again every few seconds until the view is gone in which it was called.
pub(super) fn keep_looking(live: Live) {
    let look = move || {
        if !document().hidden() && !is_in_hand() {
            live.look_again();
        }
    };
    if let Ok(handle) = set_interval_with_handle(look, RETRY) {
        on_cleanup(move || handle.clear());
    }
}

#[derive(Clone, Copy)]
struct Source {
    told: RwSignal<Vec<Change>>,
    waiting: StoredValue<Vec<Change>>,
    stream: StoredValue<Option<EventSource>, LocalStorage>,
    polling: StoredValue<Option<IntervalHandle>>,
}

impl Source {
    fn connect(self) {
        self.disconnect();
        if document().hidden() || QUIET.get() {
            return;
        }
        match EventSource::new(routes::EVENTS) {
            Ok(stream) => {
                self.listen(&stream);
                self.stream.set_value(Some(stream));
            }
            Err(_) => self.poll(),
        }
    }

    fn disconnect(self) {
        if let Some(stream) = self.stream.try_update_value(Option::take).flatten() {
            stream.close();
        }
        self.stop_polling();
    }

    fn seen_or_hidden(self) {
        if document().hidden() {
            self.disconnect();
        } else {
            self.connect();
            self.note(Change::everything());
        }
    }

    fn leave(self) {
        self.disconnect();
        self.waiting.set_value(Vec::new());
        set_timeout(move || self.connect_again(), LEAVING);
    }

    fn listen(self, stream: &EventSource) {
        let change = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let text = event.data().as_string().unwrap_or_default();
            // What cannot be read is a change all the same.
            self.note(serde_json::from_str(&text).unwrap_or_else(|_| Change::everything()));
        })
        .into_js_value();
        // It fails only for a listener that is no function.
        let _ = stream.add_event_listener_with_callback("change", change.unchecked_ref());
        // Whatever changed between the page and this moment was told to nobody here.
        let opened = Closure::<dyn FnMut()>::new(move || {
            self.stop_polling();
            self.note(Change::everything());
        });
        stream.set_onopen(Some(opened.into_js_value().unchecked_ref()));
        let failed = Closure::<dyn FnMut(Event)>::new(move |event: Event| self.failed(&event));
        stream.set_onerror(Some(failed.into_js_value().unchecked_ref()));
    }

    fn failed(self, event: &Event) {
        let refused = event
            .target()
            .and_then(|target| target.dyn_into::<EventSource>().ok())
            .is_some_and(|stream| stream.ready_state() == EventSource::CLOSED);
        self.poll();
        if refused {
            set_timeout(move || self.connect_again(), RECONNECT);
        }
    }

    fn connect_again(self) {
        let alive = self
            .stream
            .with_value(|stream| stream.as_ref().is_some_and(|stream| stream.ready_state() != EventSource::CLOSED));
        if !alive && !document().hidden() {
            let polled = self.is_polling();
            self.connect();
            if polled {
                self.poll();
            }
        }
    }

    fn is_polling(self) -> bool {
        self.polling.with_value(Option::is_some)
    }

    fn poll(self) {
        if self.is_polling() {
            return;
        }
        let handle = set_interval_with_handle(move || self.note(Change::everything()), POLL);
        self.polling.set_value(handle.ok());
    }

    fn stop_polling(self) {
        let handle = self.polling.try_update_value(Option::take).flatten();
        if let Some(handle) = handle {
            handle.clear();
        }
    }

    fn note(self, change: Change) {
        let first = self.waiting.try_update_value(|waiting| {
            let is_first = waiting.is_empty();
            if !waiting.contains(&change) {
                waiting.push(change);
            }
            is_first
        });
        if first == Some(true) {
            set_timeout(move || self.tell(), GATHER);
        }
    }

    /// Nothing is told while a dialog, a menu or a choice is open.
    fn tell(self) {
        if is_in_hand() {
            set_timeout(move || self.tell(), BUSY);
            return;
        }
        if let Some(waiting) = self.waiting.try_update_value(std::mem::take) {
            self.told.set(waiting);
        }
    }
}

/// Whether somebody is in the middle of something: made anew, it would close under their hand.
fn is_in_hand() -> bool {
    // In a browser that does not know this selector, no choice is found open.
    is_overlay_open() || matches!(document().query_selector("select:open"), Ok(Some(_)))
}
