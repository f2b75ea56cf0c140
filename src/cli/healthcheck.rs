//! `expense-backend healthcheck`: asks the running server, as an image's `HEALTHCHECK` does.

use std::{net::SocketAddr, time::Duration};

use axum::http::{Request, StatusCode, header};
use clap::Args;
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};

use super::Exit;
use crate::config::Address;

/// The server answers its probes within a second.
const PATIENCE: Duration = Duration::from_secs(3);

/// `healthcheck`
#[derive(Debug, Args)]
pub(super) struct HealthcheckArgs {
    /// Ask whether the process lives (/livez) instead of whether it is ready (/readyz)
    #[arg(long)]
    live: bool,
}

pub(super) async fn run(args: &HealthcheckArgs) -> Exit {
    let address = match Address::from_env() {
        Ok(address) => address.to_local(),
        Err(faults) => {
            eprintln!("expense-backend: {faults}");
            return Exit::Usage;
        }
    };
    let path = if args.live { "/livez" } else { "/readyz" };
    match timeout(PATIENCE, ask(address, path)).await {
        Ok(Ok(StatusCode::OK)) => Exit::Done,
        Ok(Ok(status)) => no(&format!("{path} of {address} says {status}")),
        Ok(Err(error)) => no(&format!("{path} of {address}: {error}")),
        Err(_) => no(&format!("{path} of {address} does not answer")),
    }
}

fn no(reason: &str) -> Exit {
    eprintln!("expense-backend: {reason}");
    Exit::No
}

async fn ask(address: SocketAddr, path: &str) -> Result<StatusCode, Box<dyn std::error::Error>> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let request = Request::get(path)
        .header(header::HOST, address.to_string())
        .body(Empty::<bytes::Bytes>::new())?;
    let status = sender.send_request(request).await?.status();
    driver.abort();
    Ok(status)
}
