//! What the service says of itself: log lines, metrics, traces. A leaf.

pub mod names;
/// Temporary.
#[derive(Debug, Clone)]
pub struct MetricsHandle;
impl MetricsHandle {
    /// Temporary.
    #[must_use]
    pub fn render(&self) -> String {
        String::new()
    }
}
