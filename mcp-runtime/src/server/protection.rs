use super::Protected;
use crate::auth::Protection;

impl Protection<()> {
    /// What the `#[mcp::server]` attribute of `S` says.
    #[must_use]
    pub fn of<S: Protected>() -> Protection<S> {
        Protection::new(S::PROTECTION)
    }
}
