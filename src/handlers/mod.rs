//! Decode, one call of the service, encode.
