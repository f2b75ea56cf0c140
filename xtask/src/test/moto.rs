//! moto: Secrets Manager and CloudWatch on loopback.

use super::{Started, scratch::Scratch};
use crate::{
    child::{self, Server},
    python_tool::PythonTool,
};

const MOTO: PythonTool = PythonTool {
    folder: "moto-5.2.5",
    packages: &["moto[server]==5.2.5"],
};

/// Starts one without any secret.
pub(super) fn start(scratch: &Scratch) -> anyhow::Result<Started> {
    let program = MOTO.bin()?.join("moto_server");
    let port = child::free_port()?;
    let words = ["-H", "127.0.0.1", "-p", &port.to_string()].map(str::to_owned);
    let mut server = Server::start(
        "moto",
        &program.display().to_string(),
        &words,
        scratch.path("moto.log"),
    )?;
    server.wait_until(|| child::listens(port))?;
    Ok(Started {
        server,
        variables: vec![("TEST_MOTO_URL", format!("http://127.0.0.1:{port}"))],
    })
}
