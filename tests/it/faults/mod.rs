//! What is promised while things break.

mod big_list;
mod cache_outage;
mod kill;
mod redis_cache;
mod redis_link;
mod redis_stress;
mod shared_reads;
mod store_outage;
