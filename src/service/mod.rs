//! The rules: cache-aside reads, writes that invalidate, health. Knows neither HTTP nor SQL nor Redis.

pub mod lifecycle;
