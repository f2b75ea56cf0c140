//! The thread on which a link lives.

use std::thread;

use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
};

use super::LinkError;

/// A runtime on a thread of its own. Ends, with all its tasks, when this is dropped.
pub(super) struct Thread {
    handle: Handle,
    _stop: oneshot::Sender<()>,
}

impl Thread {
    pub(super) fn start() -> Result<Self, LinkError> {
        let fault = |error| LinkError(format!("its thread cannot be started: {error}"));
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(fault)?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let run = move || {
            // Its sender sends nothing: it is dropped.
            drop(runtime.block_on(stopped));
            // A name that is being looked up cannot be stopped, and need not be waited for.
            runtime.shutdown_background();
        };
        thread::Builder::new()
            .name("redis-link".to_owned())
            .spawn(run)
            .map_err(fault)?;
        Ok(Self {
            handle,
            _stop: stop,
        })
    }

    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }
}
