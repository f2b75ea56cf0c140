//! The table of routes, then the order of the layers and why.
