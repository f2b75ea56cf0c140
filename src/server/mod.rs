//! The container server: accept loop, limits of connections, stopping.
