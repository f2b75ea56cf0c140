//! Where lines go: stdout, at once or through a thread of its own.
//!
//! A server must not wait for whoever reads its log. Its lines are appended to a buffer under a lock that is held for
//! a copy, and a thread writes what has gathered. Where the reader stalls for long, lines are dropped and counted.

use std::{
    io::{self, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use crate::domain::Timestamp;

/// Bytes that may wait for the reader of stdout: some seconds of a busy server's lines.
const MOST_WAITING: usize = 4 << 20;
/// After its first line the thread waits for so long for more: a busy server makes one system call for many lines.
const GATHER: Duration = Duration::from_millis(2);

/// Takes finished lines.
#[derive(Clone)]
pub(super) enum Sink {
    /// Written by the caller: for commands, and for Lambda, whose threads stop with the reply.
    Direct,
    /// Written by a thread.
    Queued(Arc<Queue>),
    /// Kept, for a test to read.
    #[cfg(test)]
    Kept(Arc<Mutex<String>>),
}

impl Sink {
    /// Starts the thread. It ends with the process.
    pub(super) fn queued() -> io::Result<Self> {
        let queue = Arc::new(Queue::default());
        let writer = Arc::clone(&queue);
        thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || writer.run(io::stdout()))?;
        Ok(Self::Queued(queue))
    }

    /// Takes one line with its end. Never fails: there is nobody left to tell.
    pub(super) fn write(&self, line: &str) {
        match self {
            Self::Direct => {
                let mut stdout = io::stdout().lock();
                let _ = stdout
                    .write_all(line.as_bytes())
                    .and_then(|()| stdout.flush());
            }
            Self::Queued(queue) => queue.push(line.as_bytes()),
            #[cfg(test)]
            Self::Kept(lines) => lines.lock().unwrap().push_str(line),
        }
    }

    /// Waits until all lines taken so far are written, at most `limit`.
    pub(super) fn flush(&self, limit: Duration) {
        if let Self::Queued(queue) = self {
            queue.flush(limit);
        }
    }
}

/// Lines on their way to the thread.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// There is something to write.
    filled: Condvar,
    /// Something was written.
    written: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<u8>,
    /// Bytes ever taken, and of these the written ones.
    taken: u64,
    done: u64,
    dropped: u64,
    /// The thread sleeps until it is woken.
    idle: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, line: &[u8]) {
        let mut state = self.lock();
        if state.waiting.len() + line.len() > MOST_WAITING {
            state.dropped += 1;
            return;
        }
        state.waiting.extend_from_slice(line);
        state.taken += line.len() as u64;
        // Waking costs a system call: only where the thread sleeps.
        if std::mem::take(&mut state.idle) {
            drop(state);
            self.filled.notify_one();
        }
    }

    fn run(&self, mut out: impl Write) {
        let mut batch = Vec::new();
        loop {
            let dropped = self.next(&mut batch);
            let length = batch.len() as u64;
            if dropped > 0 {
                let line = dropped_line(dropped);
                batch.extend_from_slice(line.as_bytes());
            }
            // A closed stdout is nothing that the service could mend, and no reason to stop serving.
            let _ = out.write_all(&batch).and_then(|()| out.flush());
            batch.clear();
            self.lock().done += length;
            self.written.notify_all();
        }
    }

    /// Waits for lines, swaps them into the empty `batch`; returns how many lines were dropped meanwhile.
    fn next(&self, batch: &mut Vec<u8>) -> u64 {
        let mut state = self.lock();
        if state.waiting.is_empty() {
            while state.waiting.is_empty() {
                state.idle = true;
                state = self
                    .filled
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            state.idle = false;
            drop(state);
            thread::sleep(GATHER);
            state = self.lock();
        }
        std::mem::swap(&mut state.waiting, batch);
        std::mem::take(&mut state.dropped)
    }

    fn flush(&self, limit: Duration) {
        let state = self.lock();
        let target = state.taken;
        let waited = self
            .written
            .wait_timeout_while(state, limit, |state| state.done < target);
        drop(waited);
    }
}

fn dropped_line(count: u64) -> String {
    format!(
        "{{\"timestamp\":\"{}\",\"level\":\"WARN\",\"message\":\"log lines were dropped, stdout is read too slowly\",\
         \"target\":\"expense_backend::telemetry\",\"dropped\":{count}}}\n",
        Timestamp::now()
    )
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Longer than any of it takes; only a fault is waited for so long.
    const PATIENCE: Duration = Duration::from_secs(60);

    /// Hands over what is written; each write waits for its turn.
    struct Reader(mpsc::SyncSender<Vec<u8>>);

    impl Write for Reader {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0
                .send(bytes.to_vec())
                .map_err(|_| io::ErrorKind::BrokenPipe)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn started() -> (Arc<Queue>, mpsc::Receiver<Vec<u8>>) {
        let queue = Arc::new(Queue::default());
        let (sender, reader) = mpsc::sync_channel(0);
        let writer = Arc::clone(&queue);
        thread::spawn(move || writer.run(Reader(sender)));
        (queue, reader)
    }

    #[test]
    fn lines_come_in_order_and_flush_waits_for_them() {
        let (queue, reader) = started();
        let flushed = thread::scope(|scope| {
            for line in ["a\n", "b\n", "c\n"] {
                queue.push(line.as_bytes());
            }
            let flush = scope.spawn(|| queue.flush(PATIENCE));
            let mut seen = Vec::new();
            while seen.len() < 6 {
                assert!(!flush.is_finished());
                seen.extend(reader.recv_timeout(PATIENCE).unwrap());
            }
            flush.join().unwrap();
            seen
        });
        assert_eq!(flushed, b"a\nb\nc\n");
        queue.push(b"d\n");
        assert_eq!(reader.recv_timeout(PATIENCE).unwrap(), b"d\n");
    }

    #[test]
    fn a_reader_that_stalls_costs_lines_and_never_the_writer() {
        let (queue, reader) = started();
        let line = vec![b'x'; 1 << 20];
        // More than can be on their way and find room, however the two threads are scheduled.
        const PUSHED: usize = 32;
        for _ in 0..PUSHED {
            queue.push(&line);
        }
        let mut seen = Vec::new();
        while !seen.ends_with(b"}\n") {
            seen.extend(reader.recv_timeout(PATIENCE).unwrap());
        }
        let text = String::from_utf8(seen).unwrap();
        let report = text.trim_start_matches('x').lines().next().unwrap();
        let report: serde_json::Value = serde_json::from_str(report).unwrap();
        assert_eq!(report["level"], "WARN");
        let dropped = report["dropped"].as_u64().unwrap();
        assert!((1..PUSHED as u64).contains(&dropped), "{dropped}");
    }

    #[test]
    fn flush_gives_up_at_its_limit() {
        let (queue, _reader) = started();
        queue.push(b"never read\n");
        queue.flush(Duration::from_millis(5));
    }
}
