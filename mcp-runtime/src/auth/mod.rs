//! Who may call: what a token is, who verifies it, and the guard in front of every request.

mod current;
#[cfg(feature = "http")]
pub(crate) mod guard;
mod protection;
mod resource;
mod static_tokens;
mod token;
mod verifier;

pub use current::access_token;
pub(crate) use current::{with_token, with_token_sync};
pub use protection::Protection;
pub(crate) use resource::ProtectedResource;
pub use resource::{Challenges, DeclaredProtection, ProtectionError, ScopeSet};
pub use static_tokens::StaticTokens;
pub use token::{AccessToken, TokenInfo};
pub use verifier::{TokenError, TokenVerifier};
