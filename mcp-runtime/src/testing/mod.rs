//! Tools for tests of a protected server: an issuer in the process, a client that goes through the guard, a battery of
//! attacks, and a text that says who may do what.
//!
//! It belongs into `[dev-dependencies]`: `mcp = { version = "…", features = ["testing"] }`.
//!
//! Four questions, from the cheapest on:
//!
//! - *Is my server protected?* One line: [`assert_protected`].
//! - *Did a change alter who may do what?* One line: [`assert_manifest`].
//! - *What may this caller do?* A [`TestClient`] with a token of [`StaticTokens`](crate::StaticTokens).
//! - *What happens with the tokens of a real issuer, when its keys change, when it is down?* A [`TestClient`] with
//!   tokens of a [`TestIssuer`], and the verifier of production:
//!
//! ```
//! use mcp::testing::{TestClient, TestIssuer};
//! use mcp::{Http, JwtVerifier, Protection};
//!
//! # struct Notes;
//! # #[mcp::server(
//! #     issuer = "https://auth.example.com",
//! #     resource = "https://notes.example.com/mcp",
//! #     scopes = ["notes:read"],
//! # )]
//! # impl Notes {
//! #     /// List every note.
//! #     #[mcp::tool]
//! #     fn list_notes(&self) -> Vec<String> { vec![] }
//! # }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let issuer = TestIssuer::start().await?;
//! let protection = Protection::of::<Notes>().issuer(issuer.url())?;
//! let verifier = JwtVerifier::builder(&protection).build()?;
//! let token = issuer.token(protection.resource_url()).scopes(["notes:read"]);
//! let client = TestClient::new(Http::protected(Notes, verifier).protection(protection));
//!
//! assert_eq!(client.token(token.mint()).list_tools().await.status(), 200);
//! assert_eq!(client.token(token.clone().expired().mint()).list_tools().await.status(), 401);
//!
//! // The keys are known, so that nobody notices.
//! issuer.fail(503);
//! assert_eq!(client.token(token.client_id("bob").mint()).list_tools().await.status(), 200);
//! assert_eq!(issuer.jwks_requests(), 1);
//! # Ok(())
//! # }
//! ```

mod battery;
mod client;
mod issuer;
mod key;
mod manifest;
mod rsa_keys;
mod token;

pub use battery::assert_protected;
pub use client::{TestClient, TestResponse};
pub use issuer::TestIssuer;
pub use key::TestKey;
pub use manifest::assert_manifest;
pub use token::TestToken;
