//! The protection that a server declares.

use crate::auth::Protection;
use crate::server::Protected;

impl Protection<()> {
    /// Returns the protection in the `#[mcp::server]` attribute of `S`.
    #[must_use]
    pub fn of<S: Protected>() -> Protection<S> {
        Protection::declared(S::PROTECTION)
    }
}
