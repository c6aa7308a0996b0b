//! The HTTP clients of the parties.

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};

use crate::narrate::Party;

/// Returns a client without proxies, because all is on loopback, and without redirects.
pub(crate) fn builder(party: Party) -> ClientBuilder {
    // An error says that there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().user_agent(party.agent()).no_proxy().redirect(Policy::none())
}
