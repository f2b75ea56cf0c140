//! The Runtime API of Lambda, as far as a function uses it: next event, response, error.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::Value;

use crate::support::{environment, process::Process, server::Variables};

const PATIENCE: Duration = Duration::from_secs(60);
/// What an invocation has, unless the test says otherwise.
const INVOCATION: Duration = Duration::from_secs(30);

/// How an invocation ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    /// The function's reply.
    Response(Value),
    /// The function said that the invocation failed.
    Error(Value),
}

struct Invocation {
    event: String,
    limit: Duration,
}

/// A running function. Dropping it kills it, as the sandbox's end does.
pub(crate) struct Function {
    process: Process,
    events: Sender<Invocation>,
    outcomes: Receiver<Outcome>,
    lines: Receiver<String>,
}

impl Function {
    /// Starts the binary with these variables.
    pub(crate) fn start(folder: &Path, variables: &Variables) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let (events, next) = channel();
        let (done, outcomes) = channel();
        thread::spawn(move || serve(&listener, &next, &done));
        let mut command = Command::new(env!("CARGO_BIN_EXE_expense-backend-lambda"));
        command
            .env_clear()
            .envs(environment::inherited())
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "expense-test-api")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .envs(variables)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit());
        let mut process = Process::start(&mut command);
        let stdout = process.child().stdout.take().unwrap();
        let (say, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if say.send(line).is_err() {
                    return;
                }
            }
        });
        Self {
            process,
            events,
            outcomes,
            lines,
        }
    }

    /// Hands over one event and waits for its outcome.
    pub(crate) fn invoke(&self, event: &Value) -> Outcome {
        self.invoke_within(event, INVOCATION)
    }

    /// The same with another time limit told to the function.
    pub(crate) fn invoke_within(&self, event: &Value, limit: Duration) -> Outcome {
        let event = event.to_string();
        self.events.send(Invocation { event, limit }).unwrap();
        self.outcomes.recv_timeout(PATIENCE).expect("an outcome")
    }

    /// How the process ended, where it ends by itself.
    pub(crate) fn end(&mut self) -> ExitStatus {
        self.process.end_within(PATIENCE)
    }

    /// The process.
    pub(crate) fn process(&self) -> &Process {
        &self.process
    }

    /// The lines that it has printed and that were not taken before.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.try_iter().collect()
    }

    /// The next line that `wanted` picks.
    pub(crate) fn line(&self, wanted: impl Fn(&str) -> bool) -> String {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if wanted(&line) => return line,
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("no such line")
                }
            }
        }
    }
}

fn serve(listener: &TcpListener, next: &Receiver<Invocation>, done: &Sender<Outcome>) {
    // One connection after the other: the function keeps one open, and opens another where it was closed.
    let mut number = 0;
    for stream in listener.incoming() {
        let Ok(stream) = stream else { return };
        let mut reader = BufReader::new(stream);
        while let Some((path, body)) = read_request(&mut reader) {
            let answered = if path.ends_with("/invocation/next") {
                let Ok(invocation) = next.recv() else { return };
                number += 1;
                hand_over(reader.get_mut(), &invocation, number)
            } else {
                let value = serde_json::from_slice(&body).unwrap_or(Value::Null);
                let outcome = match path.rsplit('/').next() {
                    Some("response") => Outcome::Response(value),
                    _ => Outcome::Error(value),
                };
                if done.send(outcome).is_err() {
                    return;
                }
                reader
                    .get_mut()
                    .write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
            };
            if answered.is_err() {
                break;
            }
        }
    }
}

fn hand_over(stream: &mut TcpStream, invocation: &Invocation, number: u32) -> std::io::Result<()> {
    let until = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + invocation.limit;
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
         Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-{number:012}\r\n\
         Lambda-Runtime-Deadline-Ms: {}\r\n\
         Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-central-1:123456789012:function:expense\r\n\
         Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1\r\n\
         Content-Length: {}\r\n\r\n",
        until.as_millis(),
        invocation.event.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(invocation.event.as_bytes())
}

/// Path and body of the next request; `None` where the connection has ended.
fn read_request(reader: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let (mut length, mut chunked) = (0, false);
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            "transfer-encoding" => chunked = true,
            _ => {}
        }
    }
    let body = if chunked {
        read_chunks(reader)?
    } else {
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        body
    };
    Some((path, body))
}

fn read_chunks(reader: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let size = usize::from_str_radix(line.trim(), 16).ok()?;
        let mut chunk = vec![0; size + 2];
        reader.read_exact(&mut chunk).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(&chunk[..size]);
    }
}
