//! How the parties send requests.

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};

use crate::narrate::Party;

/// Past any proxy, because everything is on loopback; and redirects are for browsers.
pub(crate) fn builder(party: Party) -> ClientBuilder {
    // An error says that there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().user_agent(party.agent()).no_proxy().redirect(Policy::none())
}
