//! Temporary.
#![allow(missing_docs)]
use std::{future::Future, hash::Hash, marker::PhantomData};
#[derive(Debug)]
pub struct SingleFlight<K, V>(PhantomData<fn() -> (K, V)>);
impl<K, V> Default for SingleFlight<K, V> {
    fn default() -> Self {
        Self(PhantomData)
    }
}
impl<K: Hash + Eq + Clone, V: Clone> SingleFlight<K, V> {
    pub async fn run<F, R>(&self, _key: K, fill: F) -> Option<V>
    where
        F: FnOnce() -> R,
        R: Future<Output = V>,
    {
        Some(fill().await)
    }
}
