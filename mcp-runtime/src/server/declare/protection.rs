use crate::auth::Protection;
use crate::server::Protected;

impl Protection<()> {
    /// What the `#[mcp::server]` attribute of `S` says.
    #[must_use]
    pub fn of<S: Protected>() -> Protection<S> {
        Protection::new(S::PROTECTION)
    }
}
