//! A TCP proxy in front of a server: it leads elsewhere, falls silent, or cuts a connection at a chosen word.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// When a connection is cut that speaks the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Before the server hears it.
    Before,
    /// After the server heard it: its reply is lost.
    After,
    /// Before the server hears it; the server keeps its side, and does not know that nobody is there.
    Orphan,
}

/// See the module. Ends with the test's runtime.
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

struct Shared {
    target: Mutex<u16>,
    rule: Mutex<Option<(String, Cut)>>,
    /// Counts up when all connections are to be cut.
    era: watch::Sender<usize>,
    silent: watch::Sender<bool>,
    accepted: AtomicUsize,
}

impl Proxy {
    /// In front of the server on the loopback port `target`.
    pub async fn start(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            target: Mutex::new(target),
            rule: Mutex::new(None),
            era: watch::Sender::new(0),
            silent: watch::Sender::new(false),
            accepted: AtomicUsize::new(0),
        });
        let accepting = tokio::spawn({
            let shared = Arc::clone(&shared);
            async move {
                while let Ok((client, _)) = listener.accept().await {
                    shared.accepted.fetch_add(1, Ordering::SeqCst);
                    tokio::spawn(Arc::clone(&shared).serve(client));
                }
            }
        });
        Self {
            port,
            shared,
            accepting,
        }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Leads new connections to another server.
    pub fn lead_to(&self, target: u16) {
        *self.shared.target.lock().unwrap() = target;
    }

    /// Cuts the next connection whose client says `word`, once.
    pub fn cut_at(&self, word: &str, cut: Cut) {
        *self.shared.rule.lock().unwrap() = Some((word.to_owned(), cut));
    }

    /// Whether the word of [`Proxy::cut_at`] was heard.
    pub fn has_cut(&self) -> bool {
        self.shared.rule.lock().unwrap().is_none()
    }

    /// Cuts every connection.
    pub fn cut_all(&self) {
        self.shared.era.send_modify(|era| *era += 1);
    }

    /// Passes nothing on, in either direction, but keeps every connection and takes new ones.
    pub fn fall_silent(&self, silent: bool) {
        self.shared.silent.send_replace(silent);
    }

    /// Connections so far.
    pub fn accepted(&self) -> usize {
        self.shared.accepted.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Shared {
    async fn serve(self: Arc<Self>, mut client: TcpStream) {
        let target = *self.target.lock().unwrap();
        let mut era = self.era.subscribe();
        let Ok(mut server) = TcpStream::connect(("127.0.0.1", target)).await else {
            return;
        };
        let (mut asked, mut told) = ([0; 16 * 1024], [0; 16 * 1024]);
        loop {
            let _ = self.silent.subscribe().wait_for(|silent| !silent).await;
            tokio::select! {
                _ = era.changed() => return,
                read = client.read(&mut asked) => match read {
                    Ok(0) | Err(_) => return,
                    Ok(length) => {
                        let cut = self.cut(&asked[..length]);
                        if cut == Some(Cut::Before) {
                            return;
                        }
                        if cut == Some(Cut::Orphan) {
                            drop(client);
                            // Until everything is cut, or the test ends.
                            let _ = era.changed().await;
                            return;
                        }
                        self.pass(&mut server, &asked[..length]).await;
                        if cut == Some(Cut::After) {
                            // The server has done it when it replies.
                            let _ = server.read(&mut told).await;
                            return;
                        }
                    }
                },
                read = server.read(&mut told) => match read {
                    Ok(0) | Err(_) => return,
                    Ok(length) => self.pass(&mut client, &told[..length]).await,
                },
            }
        }
    }

    async fn pass(&self, to: &mut TcpStream, bytes: &[u8]) {
        let _ = self.silent.subscribe().wait_for(|silent| !silent).await;
        // Whoever is gone is noticed by the next read.
        let _ = to.write_all(bytes).await;
    }

    fn cut(&self, bytes: &[u8]) -> Option<Cut> {
        let mut rule = self.rule.lock().unwrap();
        let (word, cut) = rule.as_ref()?;
        let heard = bytes
            .windows(word.len())
            .any(|window| window == word.as_bytes());
        let cut = *cut;
        heard.then(|| {
            *rule = None;
            cut
        })
    }
}
