//! TLS to the cache, seen from the whole program. `store_faults::tls` looks at the database's.

mod redis;
