//! What the tests stand on: real processes, seen from outside.

pub(crate) mod backend;
pub(crate) mod cache;
pub(crate) mod certificates;
pub(crate) mod database;
pub(crate) mod dump;
pub(crate) mod environment;
pub(crate) mod exposition;
pub(crate) mod http;
pub(crate) mod json;
pub(crate) mod mariadb;
pub(crate) mod problem;
pub(crate) mod process;
pub(crate) mod proxy;
pub(crate) mod recordings;
pub(crate) mod redis;
pub(crate) mod secrets;
pub(crate) mod server;
pub(crate) mod sqlite;
pub(crate) mod table;
pub(crate) mod wait;
