//! An expense API: one axum router behind two entrances, a container server and a Lambda handler.
//!
//! The way of one request, in reading order: [`router`] (the table of routes and the order of the layers), then
//! [`middleware`], [`handlers`] (decode, one call, encode), [`service`] (rules and cache-aside), the ports [`store`]
//! and [`cache`], and [`domain`] (values that are valid because they exist). [`wire`] writes replies. [`app`] puts the
//! parts together; [`config`], [`secrets`], [`redis_link`] and [`telemetry`] are leaves.

pub mod app;
pub mod auth;
pub mod cache;
pub mod cli;
pub mod config;
pub mod domain;
pub mod handlers;
pub mod lambda;
pub mod middleware;
pub mod openapi;
pub mod rate_limit;
pub mod redis_link;
pub mod router;
pub mod secrets;
pub mod server;
pub mod service;
pub mod store;
pub mod telemetry;
pub mod tls;
pub mod ui;
pub mod wire;
