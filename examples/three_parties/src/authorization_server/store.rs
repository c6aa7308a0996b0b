//! The memory of the authorization server, limited in time and number.

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::authorization::AuthorizationRequest;
use super::clients::Client;
use super::error::OAuthError;
use super::sessions::Session;

/// Limits the number of entries of each kind.
const MOST: usize = 10_000;
/// Limits the time for which a client's document or registration is stored.
pub(super) const CLIENT_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Default)]
pub(super) struct Store {
    pub(super) clients: Clients,
    pub(super) sessions: Expiring<Session>,
    /// The authorization requests that wait for a person.
    pub(super) requests: Expiring<AuthorizationRequest>,
    pub(super) codes: Expiring<Code>,
    pub(super) grants: Expiring<Grant>,
    pub(super) refresh_tokens: Expiring<RefreshToken>,
    /// The grants of access tokens, by `jti`.
    pub(super) access_tokens: Expiring<GrantId>,
    /// The assertions that were used, by issuer and `jti`.
    pub(super) assertions: Expiring<()>,
}

pub(super) type GrantId = String;

/// A permission for a client, which all of its tokens depend on.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    pub(super) client: String,
    /// The person, or the client itself without one.
    pub(super) subject: String,
    pub(super) resource: String,
    pub(super) scopes: Vec<String>,
}

/// An authorization code. Used ones are stored until they expire, to detect repetitions.
#[derive(Clone)]
pub(super) struct Code {
    pub(super) grant: GrantId,
    pub(super) client: String,
    pub(super) redirect_uri: String,
    pub(super) challenge: String,
    pub(super) used: bool,
}

#[derive(Clone)]
pub(super) struct RefreshToken {
    pub(super) grant: GrantId,
    pub(super) client: String,
    pub(super) used: bool,
}

impl Store {
    /// Ends a grant, because one of its codes or tokens was stolen.
    pub(super) fn revoke(&mut self, grant: &str) {
        self.grants.remove(grant);
    }

    /// Returns the scopes that a person allowed this client before.
    pub(super) fn allowed(&self, client: &str, subject: &str, resource: &str) -> Vec<&str> {
        (self.grants.values())
            .filter(|grant| grant.client == client && grant.subject == subject && grant.resource == resource)
            .flat_map(|grant| grant.scopes.iter().map(String::as_str))
            .collect()
    }
}

#[derive(Default)]
pub(super) struct Clients(Expiring<Client>);

impl Clients {
    pub(super) fn find(&self, id: &str) -> Option<Client> {
        self.0.find(id).cloned()
    }

    pub(super) fn add(&mut self, client: Client) -> Result<(), OAuthError> {
        self.0.insert(client.id.clone(), client, CLIENT_LIFETIME)
    }
}

pub(super) struct Expiring<T>(HashMap<String, (T, u64)>);

impl<T> Default for Expiring<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T> Expiring<T> {
    pub(super) fn insert(&mut self, key: String, value: T, lifetime: Duration) -> Result<(), OAuthError> {
        if self.0.len() >= MOST {
            let now = now();
            self.0.retain(|_, (_, expires)| *expires > now);
        }
        if self.0.len() >= MOST {
            return Err(OAuthError::new("temporarily_unavailable", "Too much is going on; try again later"));
        }
        self.0.insert(key, (value, now().saturating_add(lifetime.as_secs())));
        Ok(())
    }

    pub(super) fn find(&self, key: &str) -> Option<&T> {
        self.0.get(key).filter(|(_, expires)| *expires > now()).map(|(value, _)| value)
    }

    pub(super) fn find_mut(&mut self, key: &str) -> Option<&mut T> {
        self.0.get_mut(key).filter(|(_, expires)| *expires > now()).map(|(value, _)| value)
    }

    pub(super) fn remove(&mut self, key: &str) -> Option<T> {
        self.0.remove(key).filter(|(_, expires)| *expires > now()).map(|(value, _)| value)
    }

    fn values(&self) -> impl Iterator<Item = &T> {
        let now = now();
        self.0.values().filter(move |(_, expires)| *expires > now).map(|(value, _)| value)
    }
}

/// Returns the seconds since 1970, the unit of JWTs.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_bounded_and_expires() {
        let mut store = Expiring::default();
        for number in 0..MOST {
            store.insert(number.to_string(), (), Duration::from_secs(60)).unwrap();
        }
        let refusal = store.insert("one more".to_owned(), (), Duration::from_secs(60)).unwrap_err();
        assert_eq!(refusal.code, "temporarily_unavailable");

        let mut store = Expiring::default();
        for number in 0..MOST {
            store.insert(number.to_string(), (), Duration::ZERO).unwrap();
        }
        assert_eq!(store.find("1"), None);
        store.insert("one more".to_owned(), (), Duration::from_secs(60)).unwrap();
        assert_eq!(store.0.len(), 1);
    }
}
