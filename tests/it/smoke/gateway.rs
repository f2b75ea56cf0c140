//! An HTTP front before a function: requests become events, replies come back, as a gateway does it.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use crate::{
    lambda::{
        corpus::Step,
        runtime::{Function, Outcome},
        shape::Shape,
    },
    support::http::Reply,
};

/// A running front. Dropping it ends it and its function.
pub(super) struct Gateway {
    address: SocketAddr,
    closing: Arc<AtomicBool>,
    front: Option<JoinHandle<()>>,
}

impl Gateway {
    /// Puts one before `function`. What comes below `stage` (`/dev`, or empty) is handed on without it.
    pub(super) fn start(function: Function, shape: Shape, stage: &'static str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let closing = Arc::new(AtomicBool::new(false));
        let front = thread::spawn({
            let closing = Arc::clone(&closing);
            move || {
                // A sandbox has one request at a time, and so has its front.
                for stream in listener.incoming() {
                    if closing.load(Ordering::SeqCst) {
                        return;
                    }
                    serve(stream.unwrap(), &function, shape, stage);
                }
            }
        });
        Self {
            address,
            closing,
            front: Some(front),
        }
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::SeqCst);
        // Wakes it from waiting for a connection.
        let _woken = TcpStream::connect(self.address);
        if let Some(front) = self.front.take() {
            let ended = front.join();
            assert!(ended.is_ok() || thread::panicking(), "the front panicked");
        }
    }
}

/// One request, then the connection is closed.
fn serve(stream: TcpStream, function: &Function, shape: Shape, stage: &str) {
    let mut reader = BufReader::new(stream);
    let Some(step) = read(&mut reader, stage) else {
        return;
    };
    let Outcome::Response(value) = function.invoke(&shape.event(&step, &step.headers)) else {
        panic!("{} {}: the invocation failed", step.method, step.target);
    };
    write(reader.get_mut(), &shape.reply(&value));
}

fn read(reader: &mut BufReader<TcpStream>, stage: &str) -> Option<Step> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let (method, rest) = line.split_once(' ')?;
    let target = rest.split(' ').next()?.strip_prefix(stage)?;
    let (mut headers, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            // The gateway's own.
            "host" | "connection" => {}
            _ => headers.push((name.to_owned(), value.trim().to_owned())),
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = Some(STANDARD.encode(body)).filter(|body| !body.is_empty());
    let step = json!({"name": target, "method": method, "target": target, "headers": headers,
        "body_base64": body});
    Some(serde_json::from_value(step).unwrap())
}

fn write(stream: &mut TcpStream, reply: &Reply) {
    let mut out = format!("HTTP/1.1 {} X\r\nConnection: close\r\n", reply.status).into_bytes();
    for (name, value) in &reply.headers {
        if !name.eq_ignore_ascii_case("content-length") {
            out.extend(format!("{name}: {value}\r\n").bytes());
        }
    }
    out.extend(format!("Content-Length: {}\r\n\r\n", reply.body.len()).bytes());
    out.extend(&reply.body);
    // A client that gave up finds its own words for it.
    let _gone = stream.write_all(&out);
}
