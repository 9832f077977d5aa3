//! A view that is made once its data are there.

use leptos::{
    prelude::*,
    tachys::{
        html::attribute::{Attribute, any_attribute::AnyAttribute},
        hydration::Cursor,
        reactive_graph::ReactiveFunction,
        ssr::StreamBuilder,
        view::{Position, PositionState, add_attr::AddAnyAttr},
    },
};

/// Shows what `view` makes, and says to the suspense around it through `wait`, which reads the resources, what it waits for.
///
/// A plain closure there is called once to see what it reads, and all that it made is thrown away; then it is called again,
/// and every part of what it made is asked whether it waits for something. For a table that is more than half of the work of
/// a page. So nothing inside may wait by itself: no `Suspend`, and no resource that `wait` does not read.
pub fn ready<V>(wait: impl Fn() + Send + 'static, view: impl FnMut() -> V + Send + 'static) -> impl IntoView
where
    V: RenderHtml + 'static,
    V::State: 'static,
{
    Ready { wait, view }
}

/// Bytes that a large table takes: a buffer that has to grow is copied each time.
const ROOM: usize = 256 * 1024;

struct Ready<W, F> {
    wait: W,
    view: F,
}

impl<W, F, V> Render for Ready<W, F>
where
    W: Fn() + Send + 'static,
    F: ReactiveFunction<Output = V>,
    V: Render,
    V::State: 'static,
{
    type State = <F as Render>::State;

    fn build(self) -> Self::State {
        self.view.build()
    }

    fn rebuild(self, state: &mut Self::State) {
        self.view.rebuild(state);
    }
}

impl<W, F, V> AddAnyAttr for Ready<W, F>
where
    W: Fn() + Send + 'static,
    F: ReactiveFunction<Output = V>,
    V: RenderHtml + 'static,
    V::State: 'static,
{
    // It has no element of its own that could carry one.
    type Output<NewAttr: Attribute> = Self;

    fn add_any_attr<NewAttr: Attribute>(self, _: NewAttr) -> Self::Output<NewAttr> {
        self
    }
}

impl<W, F, V> RenderHtml for Ready<W, F>
where
    W: Fn() + Send + 'static,
    F: ReactiveFunction<Output = V>,
    V: RenderHtml + 'static,
    V::State: 'static,
{
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {
        (self.wait)();
    }

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        buf: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        self.view.to_html_with_buf(buf, position, escape, mark_branches, extra_attrs);
    }

    fn to_html_async_with_buf<const OUT_OF_ORDER: bool>(
        self,
        buf: &mut StreamBuilder,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        // Nothing inside waits, so it is written in one go; the other way makes a buffer for each element.
        buf.reserve(ROOM);
        buf.with_buf(|buf| self.to_html_with_buf(buf, position, escape, mark_branches, extra_attrs));
    }

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Self::State {
        self.view.hydrate::<FROM_SERVER>(cursor, position)
    }

    async fn hydrate_async(self, cursor: &Cursor, position: &PositionState) -> Self::State {
        self.view.hydrate_async(cursor, position).await
    }

    fn into_owned(self) -> Self {
        self
    }
}
