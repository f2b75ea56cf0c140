//! A program started as Lambda starts it.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::runtime::Runtime;

/// A running function. Dropping it kills it, as the end of its sandbox does.
pub(super) struct Function {
    child: Child,
    runtime: Runtime,
    /// From the start of the process to the first question for an event.
    pub(super) init: Duration,
    /// What its threads had spent on a processor by then.
    pub(super) busy: Duration,
}

impl Function {
    /// Starts it with these variables and no others, and waits until it asks for its first event.
    pub(super) fn start(program: &Path, variables: &[(&str, &str)]) -> anyhow::Result<Self> {
        let runtime = Runtime::start()?;
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", runtime.address().to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "bench")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
            .env("AWS_REGION", "eu-central-1")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let begun = Instant::now();
        let child = command
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        let mut function = Self {
            child,
            runtime,
            init: Duration::ZERO,
            busy: Duration::ZERO,
        };
        let asked = function.runtime.asked()?;
        function.init = asked.duration_since(begun);
        function.busy = function.on_processor()?;
        Ok(function)
    }

    /// Sends one event and waits for the reply, and until it asks for more.
    pub(super) fn invoke(&self, event: &Value) -> anyhow::Result<Value> {
        let reply = self.runtime.invoke(event)?;
        self.runtime.asked()?;
        Ok(reply)
    }

    /// Resident memory in KiB.
    pub(super) fn resident(&self) -> anyhow::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|rest| rest.split_whitespace().next());
        number
            .and_then(|number| number.parse().ok())
            .context("the kernel does not tell the resident memory")
    }

    fn on_processor(&self) -> anyhow::Result<Duration> {
        let mut sum = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let text = fs::read_to_string(thread?.path().join("schedstat"))?;
            match text.split(' ').next().map(str::parse::<u64>) {
                Some(Ok(nanoseconds)) => sum += nanoseconds,
                _ => bail!("the kernel does not tell the times of a thread: {text:?}"),
            }
        }
        Ok(Duration::from_nanos(sum))
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}
