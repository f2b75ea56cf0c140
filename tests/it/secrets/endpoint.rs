//! An endpoint in the place of Secrets Manager: it fails as told, or hands on to the real one.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// What becomes of a request.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    /// It goes to this server, and its reply comes back.
    HandOn(SocketAddr),
    /// The same, this much later.
    HandOnLate(Duration, SocketAddr),
    /// So many requests are throttled, then they are handed on.
    ThrottleFirst(usize, SocketAddr),
    /// An error of the service: status and code.
    Error(u16, &'static str),
    /// Nothing, on an open connection.
    Silence,
    /// Something that is no reply of the service.
    Nonsense,
}

/// See the module. Its threads end with the test's process.
pub(super) struct Endpoint {
    address: SocketAddr,
    answer: Arc<Mutex<Answer>>,
    asked: Arc<AtomicUsize>,
}

impl Endpoint {
    pub(super) fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let endpoint = Self {
            address: listener.local_addr().unwrap(),
            answer: Arc::new(Mutex::new(answer)),
            asked: Arc::default(),
        };
        let (answer, asked) = (Arc::clone(&endpoint.answer), Arc::clone(&endpoint.asked));
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (answer, asked) = (Arc::clone(&answer), Arc::clone(&asked));
                // A client that went away is none of the endpoint's business.
                thread::spawn(move || drop(serve(client, &answer, &asked)));
            }
        });
        endpoint
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on.
    pub(super) fn answer(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    /// How many requests came.
    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// One request a connection.
fn serve(
    mut client: TcpStream,
    answer: &Mutex<Answer>,
    asked: &AtomicUsize,
) -> std::io::Result<()> {
    let request = read_request(&client)?;
    let before = asked.fetch_add(1, Ordering::SeqCst);
    let answer = answer.lock().unwrap().clone();
    let reply = match answer {
        Answer::HandOn(address) => hand_on(&request, address)?,
        Answer::HandOnLate(delay, address) => {
            thread::sleep(delay);
            hand_on(&request, address)?
        }
        Answer::ThrottleFirst(number, address) if before >= number => hand_on(&request, address)?,
        Answer::ThrottleFirst(..) => error(400, "ThrottlingException"),
        Answer::Error(status, code) => error(status, code),
        Answer::Nonsense => reply(200, "<html>"),
        Answer::Silence => {
            // Until the client gives up.
            client.read_to_end(&mut Vec::new())?;
            return Ok(());
        }
    };
    client.write_all(&reply)
}

fn error(status: u16, code: &str) -> Vec<u8> {
    reply(
        status,
        &format!("{{\"__type\":\"{code}\",\"message\":\"as the test wants it\"}}"),
    )
}

fn reply(status: u16, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A request as it came, but for `Connection: close`, so that the end of its reply is the end of the connection.
fn read_request(client: &TcpStream) -> std::io::Result<Vec<u8>> {
    let mut reader = BufReader::new(client);
    let (mut bytes, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(std::io::Error::other)?;
        }
        if line == "\r\n" {
            bytes.extend(b"Connection: close\r\n\r\n");
            break;
        }
        if !lower.starts_with("connection:") {
            bytes.extend(line.bytes());
        }
    }
    let start = bytes.len();
    bytes.resize(start + length, 0);
    reader.read_exact(&mut bytes[start..])?;
    Ok(bytes)
}

fn hand_on(request: &[u8], address: SocketAddr) -> std::io::Result<Vec<u8>> {
    let mut server = TcpStream::connect(address)?;
    server.write_all(request)?;
    let mut reply = Vec::new();
    server.read_to_end(&mut reply)?;
    Ok(reply)
}
