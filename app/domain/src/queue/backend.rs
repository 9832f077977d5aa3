//! What apalis sees: a backend for each kind of job, which takes out what the poller has claimed, and the outermost layer
//! of its worker, which settles each attempt.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use apalis_core::{
    backend::{Backend, BackendConfig, finalize::Ephemeral},
    error::BoxDynError,
    task::{Task, builder::TaskBuilder, task_id::TaskId},
    worker::context::WorkerContext,
};
use futures::future::BoxFuture;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;
use tower::{Layer, Service};
use tracing::Instrument;

use super::{poller::Claimed, registry::Kind, settle::AttemptRun, settler::Settler};
use crate::trace::{self, Place, SpanId};

/// The end of a lane. It never fails: the database is the poller's concern, and a worker never ends because of it.
#[derive(Clone)]
pub(super) struct LaneBackend {
    /// Shared, so that a worker which is started anew goes on with the same jobs.
    jobs: Arc<Mutex<mpsc::UnboundedReceiver<Claimed>>>,
    settle: SettleLayer,
}

impl LaneBackend {
    pub fn new(jobs: mpsc::UnboundedReceiver<Claimed>, kind: Arc<Kind>, settler: Settler) -> Self {
        Self { jobs: Arc::new(Mutex::new(jobs)), settle: SettleLayer { kind, settler } }
    }
}

impl Backend for LaneBackend {
    type Task = Task<Claimed>;
    type Error = Infallible;

    fn poll_ready(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        _: &WorkerContext,
    ) -> Poll<Option<Result<Task<Claimed>, Infallible>>> {
        let mut jobs = self.jobs.lock().expect("no thread panics while it holds this lock");
        jobs.poll_recv(cx).map(|claimed| claimed.map(|claimed| Ok(TaskBuilder::new(claimed).build())))
    }

    fn poll_close(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }
}

impl BackendConfig for LaneBackend {
    type Args = Claimed;
    type Id = TaskId;
    type Kind = Ephemeral;
    type Config = ();
    type Layer = SettleLayer;

    fn config(&self) -> &() {
        &()
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> SettleLayer {
        self.settle.clone()
    }
}

#[derive(Clone)]
pub(super) struct SettleLayer {
    kind: Arc<Kind>,
    settler: Settler,
}

impl<S> Layer<S> for SettleLayer {
    type Service = SettleService<S>;

    fn layer(&self, inner: S) -> SettleService<S> {
        SettleService { settle: self.clone(), inner }
    }
}

/// Runs each attempt in a task of its own, as apalis polls all jobs of all workers in one, and settles it there.
pub(super) struct SettleService<S> {
    settle: SettleLayer,
    inner: S,
}

impl<S> Service<Task<Claimed>> for SettleService<S>
where
    S: Service<Task<Claimed>, Response = ()>,
    S::Error: Into<BoxDynError>,
    S::Future: Send + 'static,
{
    type Response = ();
    type Error = BoxDynError;
    type Future = BoxFuture<'static, Result<(), BoxDynError>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxDynError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, task: Task<Claimed>) -> Self::Future {
        let run = AttemptRun {
            kind: self.settle.kind.clone(),
            settler: self.settle.settler.clone(),
            context: task.args.context.clone(),
            payload: task.args.payload.clone(),
            last_error: task.args.last_error.clone(),
            is_cancelling: task.args.is_cancelling,
            held: task.args.held.clone(),
        };
        let context = &run.context;
        let place = Place { trace: context.trace, span: SpanId::new(&context.services.clock) };
        // At the level of errors: however little is logged, it says where it comes from.
        let span = tracing::error_span!(
            "job",
            trace.id = %place.trace,
            span.id = %place.span,
            span.parent = context.caused_by.map(tracing::field::display),
            job.kind = run.kind.name,
            job.id = %context.job,
            job.attempt = context.attempt,
            tenant.id = %context.tenant,
            job.outcome = tracing::field::Empty,
        );
        let work = self.inner.call(task);
        let settled = async move { run.run(async move { work.await.map_err(Into::into) }).await };
        let settled = trace::within(place, settled);
        let settled = AbortOnDropHandle::new(tokio::spawn(settled.instrument(span)));
        Box::pin(async move { Ok(settled.await?) })
    }
}
