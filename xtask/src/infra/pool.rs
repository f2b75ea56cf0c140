//! Runs jobs on as many threads as there are cores.

use std::{
    collections::VecDeque,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use super::check::{Check, Report};

/// What one job does; it names its checks itself.
pub(super) type Job<'a> = Box<dyn FnOnce() -> Vec<Check> + Send + 'a>;

/// Runs them all, in order of the queue, and reports each as it ends.
pub(super) fn run(jobs: Vec<Job<'_>>, report: &Report) {
    let queue = Mutex::new(VecDeque::from(jobs));
    let threads = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(job) = next(&queue) {
                    let (checks, took) = timed(job);
                    report.add(&checks, took);
                }
            });
        }
    });
}

fn next<'a>(queue: &Mutex<VecDeque<Job<'a>>>) -> Option<Job<'a>> {
    queue.lock().ok()?.pop_front()
}

fn timed(job: Job<'_>) -> (Vec<Check>, Duration) {
    let start = Instant::now();
    (job(), start.elapsed())
}
