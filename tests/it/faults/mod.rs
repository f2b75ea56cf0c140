//! What is promised while things break.

mod big_list;
mod cache_outage;
mod kill;
mod store_outage;
