//! What the tests stand on: real processes, seen from outside.

pub mod backend;
pub mod cache;
pub mod database;
pub mod environment;
pub mod http;
pub mod json;
pub mod mariadb;
pub mod process;
pub mod recordings;
pub mod redis;
pub mod server;
pub mod table;
pub mod wait;
