//! Tools for tests of a protected server.
//!
//! The feature `testing` belongs into `[dev-dependencies]`: `mcp = { version = "…", features = ["testing"] }`.
//!
//! The tools answer four questions, the cheapest first:
//!
//! - *Is my server protected?* [`assert_protected`] attacks it, in one line.
//! - *Did a change alter who may do what?* [`assert_manifest`] compares the rights with a file, in one line.
//! - *What may this caller do?* Use a [`TestClient`] with a token of [`StaticTokens`](crate::StaticTokens).
//! - *What happens when an issuer changes its keys, or is down?* Use a [`TestClient`] with tokens of a [`TestIssuer`],
//!   and the verifier of production:
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
//! // The keys are cached, so that an outage of the issuer refuses no token.
//! issuer.fail(503);
//! assert_eq!(client.token(token.client_id("bob").mint()).list_tools().await.status(), 200);
//! assert_eq!(issuer.jwks_requests(), 1);
//! # Ok(())
//! # }
//! ```

mod backplane_battery;
mod battery;
mod client;
mod issuer;
mod key;
mod manifest;
mod proof;
mod rsa_keys;
mod simulated_backplane;
mod token;

pub use backplane_battery::{assert_backplane, assert_backplane_outage};
pub use battery::assert_protected;
pub use client::{TestClient, TestResponse};
pub use issuer::TestIssuer;
pub use key::TestKey;
pub use manifest::assert_manifest;
pub use proof::TestProof;
pub use simulated_backplane::{SimulatedBackplane, SimulatedConnection};
pub use token::TestToken;
