//! The parties on their ports, each with its settings for the others.

use std::io::ErrorKind;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::authorization_server::{AuthorizationServer, Client, GrantType, Lifetimes, Person, Resource, Settings};
use crate::enterprise::{Enterprise, Policy};
use crate::narrate::{Narrator, Party};
use crate::server::{self, Next};
use crate::{Outcome, calendar};

/// The id and secret of a job. Real ones are not in a source file.
pub(crate) const NIGHTLY_JOB: (&str, &str) = ("nightly-job", "nightly-secret");
pub(crate) const ASSISTANT: (&str, &str) = ("work-assistant", "assistant-secret");
/// The id and secret of the assistant at the enterprise's identity provider.
pub(crate) const ASSISTANT_AT_WORK: (&str, &str) = ("assistant-at-work", "assistant-at-work-secret");
/// The id and secret of the protected server, which introspects tokens and exchanges them.
pub(crate) const NOTES_SERVER: (&str, &str) = ("notes-server", "notes-secret");

pub(crate) const ALICE: Person =
    Person { name: "alice", password: "wonderland", enterprise_subject: Some("employee-1865") };
pub(crate) const BOB: Person = Person { name: "bob", password: "builder", enterprise_subject: None };

/// The addresses of the parties, known before the start, because each party names others.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    /// The protected server, which verifies JWTs.
    pub(crate) resource: String,
    /// The protected server that introspects tokens.
    pub(crate) introspected: String,
    /// The authorization server.
    pub(crate) issuer: String,
    pub(crate) enterprise: String,
    /// The calendar, which the protected server calls.
    pub(crate) calendar: String,
    pub(crate) client: String,
}

impl Addresses {
    /// Returns the address at which browsers return to the client.
    pub(crate) fn redirect_uri(&self) -> String {
        format!("{}/callback", self.client)
    }

    /// Returns the address of the client's metadata document, which is its id without registration.
    pub(crate) fn client_document(&self) -> String {
        format!("{}/client.json", self.client)
    }
}

/// The five ports.
pub(crate) struct Ports {
    listeners: [TcpListener; 5],
    pub(crate) addresses: Addresses,
}

impl Ports {
    /// Reserves any free ports.
    pub(crate) async fn free() -> Outcome<Self> {
        Self::bind([0; 5]).await
    }

    /// Reserves five consecutive ports.
    pub(crate) async fn from(first: u16) -> Outcome<Self> {
        let last = first.checked_add(4).ok_or("there are no five ports from there on")?;
        let mut ports = first..=last;
        Self::bind([(); 5].map(|()| ports.next().unwrap_or_default())).await
    }

    async fn bind(ports: [u16; 5]) -> Outcome<Self> {
        let mut bound = Vec::new();
        for port in ports {
            let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(|error| match error.kind() {
                ErrorKind::AddrInUse => format!("port {port} is taken"),
                _ => format!("port {port}: {error}"),
            })?;
            bound.push((format!("http://{}", listener.local_addr()?), listener));
        }
        let (origins, listeners): (Vec<_>, Vec<_>) = bound.into_iter().unzip();
        let addresses = Addresses {
            resource: format!("{}/mcp", origins[0]),
            introspected: format!("{}/introspected", origins[0]),
            issuer: origins[1].clone(),
            client: origins[2].clone(),
            enterprise: origins[3].clone(),
            calendar: format!("{}/calendar", origins[4]),
        };
        let listeners = listeners.try_into().map_err(|_| "there are five ports")?;
        Ok(Self { listeners, addresses })
    }
}

/// The running parties, which are stopped when dropped.
pub(crate) struct Parties {
    pub(crate) enterprise: Arc<Enterprise>,
    servers: JoinSet<std::io::Result<()>>,
}

impl Parties {
    /// Starts the parties. `client` has the routes of the client.
    pub(crate) fn start(narrator: &Arc<Narrator>, ports: Ports, client: Router, lifetimes: Lifetimes) -> Outcome<Self> {
        let Ports { listeners: [at_server, at_issuer, at_client, at_enterprise, at_calendar], addresses } = ports;
        let Addresses { resource, introspected, issuer, enterprise, calendar, .. } = &addresses;

        let authorization_server = AuthorizationServer::new(Settings {
            issuer: issuer.clone(),
            resources: vec![notes(resource), notes(introspected), events(calendar)],
            people: vec![ALICE, BOB],
            clients: vec![
                confidential(NIGHTLY_JOB, "Nightly job", GrantType::ClientCredentials),
                confidential(ASSISTANT, "Assistant", GrantType::JwtBearer),
                confidential(NOTES_SERVER, "Notes", GrantType::TokenExchange),
            ],
            introspector: (NOTES_SERVER.0.to_owned(), NOTES_SERVER.1.to_owned()),
            enterprise: Some((enterprise.clone(), Enterprise::jwks_url(enterprise))),
            lifetimes,
        })?;
        let policy = Policy {
            client: (ASSISTANT_AT_WORK.0.to_owned(), ASSISTANT_AT_WORK.1.to_owned()),
            authorization_server: issuer.clone(),
            client_there: ASSISTANT.0.to_owned(),
            resource: resource.clone(),
            scopes: vec!["notes:read".to_owned()],
        };
        let enterprise = Arc::new(Enterprise::new(enterprise.clone(), policy)?);
        let next = Next { calendar, credentials: NOTES_SERVER };
        let notes = server::with_jwts(issuer, resource, next)?;
        let notes = notes.merge(server::with_introspection(issuer, introspected, next)?);

        let mut servers = JoinSet::new();
        for (party, listener, router) in [
            (Party::ProtectedServer, at_server, notes),
            (Party::AuthorizationServer, at_issuer, Arc::new(authorization_server).router()),
            (Party::Client, at_client, client),
            (Party::Enterprise, at_enterprise, Arc::clone(&enterprise).router()),
            (Party::Calendar, at_calendar, calendar::calendar(issuer, calendar)?),
        ] {
            let router = narrator.listening(party, router);
            servers.spawn(async move { axum::serve(listener, router).await });
        }
        Ok(Self { enterprise, servers })
    }

    /// Waits for one of the parties to fail.
    pub(crate) async fn failure(mut self) -> Outcome {
        match self.servers.join_next().await {
            Some(ended) => Ok(ended??),
            None => Ok(()),
        }
    }
}

fn notes(url: &str) -> Resource {
    Resource {
        url: url.to_owned(),
        name: "your notebook",
        default_scope: "notes:read",
        scopes: vec![("notes:read", "Read your notes"), ("notes:write", "Add notes")],
        client: Some(NOTES_SERVER.0),
        is_exchanged: false,
    }
}

fn events(url: &str) -> Resource {
    Resource {
        url: url.to_owned(),
        name: "your calendar",
        default_scope: "events:read",
        scopes: vec![("events:read", "Read your calendar")],
        client: None,
        is_exchanged: true,
    }
}

fn confidential((id, secret): (&str, &str), name: &str, grant: GrantType) -> Client {
    Client {
        id: id.to_owned(),
        name: name.to_owned(),
        redirect_uris: vec![],
        secret: Some(secret.to_owned()),
        grants: vec![grant],
    }
}
