//! How many requests a caller has: GCRA, shared through Redis where there is one.
