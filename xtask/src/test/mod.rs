//! `cargo xtask test`: real servers, every test, and a summary at the end.

mod mariadb;
pub(crate) mod moto;
mod mysql;
mod nextest;
mod options;
mod redis;
mod rootfs;
mod stores;

use anyhow::Context as _;

use self::options::Options;
pub(crate) use self::stores::Stores;
use crate::{child::Server, temporary::Folder};

/// How often a server is started anew: its port may be taken between the choice and the start.
const START_ATTEMPTS: u32 = 3;

/// Runs the command.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    let options = Options::parse(words)?;
    if options.help {
        println!("{}", options::USAGE);
        return Ok(());
    }
    let runner = nextest::Runner::prepare(&options)?;
    let scratch = Folder::new("test")?;
    let servers = Servers::start(&options, &scratch)?;
    runner.run(&servers.variables)
    // The servers end here, then their folder goes: fields and locals are dropped in this order.
}

/// The servers of one run, and what tells the tests where they are.
struct Servers {
    variables: Vec<(&'static str, String)>,
    _running: Vec<Server>,
}

impl Servers {
    fn start(options: &Options, scratch: &Folder) -> anyhow::Result<Self> {
        let moto = retried("moto", || moto::start(scratch))?;
        if options.given {
            return Self::given(moto);
        }
        let (database, cache) = if options.mysql {
            let database = retried("MySQL", || mysql::start(scratch))?;
            (
                database,
                retried("Valkey", || redis::start_valkey(scratch))?,
            )
        } else {
            let database = retried("MariaDB", || mariadb::start(scratch))?;
            (database, retried("Redis", || redis::start(scratch))?)
        };
        let own = std::env::current_exe().context("asking for the path of this program")?;
        let mut variables = vec![
            ("REQUIRE_SERVERS", "1".to_owned()),
            ("TEST_XTASK", own.display().to_string()),
        ];
        let mut running = Vec::new();
        for started in [moto, database, cache] {
            variables.extend(started.variables);
            running.push(started.server);
        }
        for (name, value) in &variables {
            println!("{name}={value}");
        }
        Ok(Self {
            variables,
            _running: running,
        })
    }
}

impl Servers {
    /// The tests inherit the variables of the servers that are there already.
    fn given(moto: Started) -> anyhow::Result<Self> {
        for name in ["TEST_MYSQL_URL", "TEST_REDIS_URL"] {
            std::env::var(name).with_context(|| format!("--given, but {name} is not set"))?;
        }
        let mut variables = vec![("REQUIRE_SERVERS", "1".to_owned())];
        variables.extend(moto.variables);
        Ok(Self {
            variables,
            _running: vec![moto.server],
        })
    }
}

/// A server that answers, and the variables that say where.
struct Started {
    server: Server,
    variables: Vec<(&'static str, String)>,
}

fn retried(name: &str, start: impl Fn() -> anyhow::Result<Started>) -> anyhow::Result<Started> {
    for attempt in 1.. {
        match start() {
            Err(error) if attempt < START_ATTEMPTS => println!("{name}: {error:#}; once more"),
            outcome => return outcome.with_context(|| format!("{name} could not be started")),
        }
    }
    unreachable!("an attempt returns")
}
