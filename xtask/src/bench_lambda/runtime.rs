//! The Runtime API of Lambda, as far as a function uses it.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, bail};
use serde_json::Value;

/// How long a function may take for what is asked of it.
const PATIENCE: Duration = Duration::from_secs(60);
/// What an invocation is told to have.
const INVOCATION: Duration = Duration::from_secs(30);

/// What a function said.
pub(super) enum Said {
    /// It asked for the next event, just then.
    Next(Instant),
    /// Its reply to an event.
    Reply(Value),
    /// It could not reply.
    Failure(Value),
}

/// The interface for one function, on a port of its own. Its thread ends with the function's connection.
pub(super) struct Runtime {
    address: SocketAddr,
    events: Sender<String>,
    said: Receiver<Said>,
}

impl Runtime {
    pub(super) fn start() -> anyhow::Result<Self> {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("asking for a free port")?;
        let address = listener.local_addr()?;
        let (events, next) = channel();
        let (say, said) = channel();
        thread::spawn(move || serve(&listener, &next, &say));
        Ok(Self {
            address,
            events,
            said,
        })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// When the function asked for the next event; waits for that.
    pub(super) fn asked(&self) -> anyhow::Result<Instant> {
        match self.said.recv_timeout(PATIENCE) {
            Ok(Said::Next(when)) => Ok(when),
            Ok(Said::Reply(value) | Said::Failure(value)) => bail!("nobody asked for {value}"),
            Err(_) => bail!("the function did not ask for an event: see what it printed"),
        }
    }

    /// Hands over one event, which was asked for, and waits for the reply.
    pub(super) fn invoke(&self, event: &Value) -> anyhow::Result<Value> {
        self.events.send(event.to_string())?;
        match self.said.recv_timeout(PATIENCE) {
            Ok(Said::Reply(value)) => Ok(value),
            Ok(Said::Failure(value)) => bail!("the function failed: {value}"),
            Ok(Said::Next(_)) => bail!("the function asked for another event before it replied"),
            Err(_) => bail!("the function did not reply: see what it printed"),
        }
    }
}

/// One connection after the other: a function keeps one open.
fn serve(listener: &TcpListener, events: &Receiver<String>, say: &Sender<Said>) {
    let mut number = 0;
    for stream in listener.incoming().map_while(Result::ok) {
        let mut reader = BufReader::new(stream);
        while let Ok(Some((path, body))) = request(&mut reader) {
            let said = if path.ends_with("/next") {
                Said::Next(Instant::now())
            } else if path.ends_with("/response") {
                Said::Reply(body)
            } else {
                Said::Failure(body)
            };
            let next = matches!(said, Said::Next(_));
            if say.send(said).is_err() {
                return;
            }
            let answered = if next {
                let Ok(event) = events.recv() else { return };
                number += 1;
                hand_over(reader.get_mut(), &event, number)
            } else {
                let taken = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";
                reader.get_mut().write_all(taken)
            };
            if answered.is_err() {
                break;
            }
        }
    }
}

fn hand_over(stream: &mut TcpStream, event: &str, number: u32) -> std::io::Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let end = now.unwrap_or_default() + INVOCATION;
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
         Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-{number:012}\r\n\
         Lambda-Runtime-Deadline-Ms: {}\r\n\
         Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-central-1:123456789012:function:bench\r\n\
         Content-Length: {}\r\n\r\n",
        end.as_millis(),
        event.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(event.as_bytes())
}

/// Path and body of the next request; `None` where the connection has ended.
fn request(reader: &mut BufReader<TcpStream>) -> anyhow::Result<Option<(String, Value)>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut length = Some(0);
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = Some(value.trim().parse()?),
            "transfer-encoding" => length = None,
            _ => {}
        }
    }
    let body = match length {
        Some(length) => exactly(reader, length)?,
        None => chunks(reader)?,
    };
    Ok(Some((
        path,
        serde_json::from_slice(&body).unwrap_or_default(),
    )))
}

fn exactly(reader: &mut impl std::io::Read, length: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn chunks(reader: &mut BufReader<TcpStream>) -> anyhow::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let size = usize::from_str_radix(line.trim(), 16)?;
        let chunk = exactly(reader, size + 2)?;
        if size == 0 {
            return Ok(body);
        }
        body.extend_from_slice(&chunk[..size]);
    }
}
