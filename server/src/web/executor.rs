//! What a page asks for while it is rendered, leptos does in tasks of their own. They belong to the request all the same: what is
//! logged in them says to which, what they enqueue is a part of its trace, and what they read is as new as its sender must see.

use any_spawner::{CustomExecutor, Executor, PinnedFuture, PinnedLocalFuture};
use domain::{db::Seen, trace};
use tracing::Instrument;

struct CarryOn;

impl CustomExecutor for CarryOn {
    fn spawn(&self, future: PinnedFuture<()>) {
        let future = Seen::carried(Seen::current(), future.in_current_span());
        match trace::current() {
            Some(place) => tokio::spawn(trace::within(place, future)),
            None => tokio::spawn(future),
        };
    }

    fn spawn_local(&self, future: PinnedLocalFuture<()>) {
        tokio::task::spawn_local(future.in_current_span());
    }

    fn poll_local(&self) {}
}

/// Has leptos spawn its tasks like this. Before it does by itself: the first executor stays.
pub fn carry_on() {
    // Whoever makes a second router finds the executor of the first.
    Executor::init_custom_executor(CarryOn).ok();
}
