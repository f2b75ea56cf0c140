//! The container server with a router of its own, from outside: connections, limits, stopping.

mod closing;
mod heads;
mod limits;
mod load;
mod replies;
mod slow_clients;
mod stopping;
mod stub;
