//! moto: Secrets Manager and CloudWatch on loopback.

use std::path::PathBuf;

use super::Started;
use crate::{
    child::{self, Server},
    python_tool::PythonTool,
    temporary::Folder,
};

const MOTO: PythonTool = PythonTool {
    folder: "moto-5.2.5",
    packages: &["moto[server]==5.2.5"],
};

/// Starts one without any secret.
pub(super) fn start(scratch: &Folder) -> anyhow::Result<Started> {
    let (server, address) = serve(scratch.path().join("moto.log"))?;
    Ok(Started {
        server,
        variables: vec![("TEST_MOTO_URL", address)],
    })
}

/// Starts one; returns it and its address.
pub(crate) fn serve(log: PathBuf) -> anyhow::Result<(Server, String)> {
    let program = MOTO.bin()?.join("moto_server");
    let port = child::free_port()?;
    let words = ["-H", "127.0.0.1", "-p", &port.to_string()].map(str::to_owned);
    let mut server = Server::start("moto", &program.display().to_string(), &words, log)?;
    server.wait_until(|| child::listens(port))?;
    Ok((server, format!("http://127.0.0.1:{port}")))
}
