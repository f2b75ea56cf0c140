//! One contract, every store: each body is written once and run on a fresh SQLite file and a fresh MySQL database.

mod claims;
mod filters;
mod rows;
mod sums;

/// Runs each body on each store.
macro_rules! on_every_store {
    ($($body:ident),* $(,)?) => {
        mod sqlite { $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $body() {
                if let Some(table) = $crate::support::table::Table::sqlite().await {
                    super::$body(table).await;
                }
            }
        )* }
        mod mysql { $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $body() {
                if let Some(table) = $crate::support::table::Table::mysql().await {
                    super::$body(table).await;
                }
            }
        )* }
    };
}
use on_every_store;
