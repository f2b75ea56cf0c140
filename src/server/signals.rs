//! SIGTERM and SIGINT: the first asks for a stop, the second for the end.

use std::io;

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// Counts the signals that ask the process to stop. Clones share the count.
#[derive(Debug, Clone)]
pub struct Signals(watch::Receiver<u32>);

impl Signals {
    /// From now on SIGTERM and SIGINT are counted and no longer end the process.
    ///
    /// # Errors
    /// Where the system does not let us.
    pub fn listen() -> io::Result<Self> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let (count, seen) = watch::channel(0);
        tokio::spawn(async move {
            loop {
                let name = tokio::select! {
                    _ = terminate.recv() => "SIGTERM",
                    _ = interrupt.recv() => "SIGINT",
                };
                tracing::info!(signal = name, "asked to stop");
                count.send_modify(|count| *count += 1);
            }
        });
        Ok(Self(seen))
    }

    /// Resolves when that many signals have come since the start.
    pub async fn nth(&self, number: u32) {
        let mut seen = self.0.clone();
        if seen.wait_for(|count| *count >= number).await.is_err() {
            // The counting task never ends while the runtime lives.
            std::future::pending().await
        }
    }
}
