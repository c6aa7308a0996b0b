//! Puts the parties on their ports, with what each has to know about the others.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::Outcome;
use crate::authorization_server::{AuthorizationServer, Client, GrantType, Lifetimes, Person, Resource, Settings};
use crate::enterprise::{Enterprise, Policy};
use crate::narrate::{Narrator, Party};
use crate::server;

/// Secrets that were agreed on beforehand. Real ones are not in a source file.
pub(crate) const NIGHTLY_JOB: (&str, &str) = ("nightly-job", "nightly-secret");
pub(crate) const ASSISTANT: (&str, &str) = ("work-assistant", "assistant-secret");
/// The same client at the enterprise's identity provider.
pub(crate) const ASSISTANT_AT_WORK: (&str, &str) = ("assistant-at-work", "assistant-at-work-secret");
const INTROSPECTOR: (&str, &str) = ("notes-server", "notes-secret");

pub(crate) const ALICE: Person =
    Person { name: "alice", password: "wonderland", enterprise_subject: Some("employee-1865") };
const BOB: Person = Person { name: "bob", password: "builder", enterprise_subject: None };

/// All of them, running until this is dropped.
pub(crate) struct Parties {
    /// The protected server, which verifies JWTs.
    pub(crate) resource: String,
    /// The same, which introspects.
    pub(crate) introspected: String,
    pub(crate) issuer: String,
    pub(crate) enterprise_issuer: String,
    pub(crate) enterprise: Arc<Enterprise>,
    /// Where browsers come back to the client.
    pub(crate) redirect_uri: String,
    /// The client's metadata document, which is its id for those who have never heard of it.
    pub(crate) client_document: String,
    callbacks: mpsc::UnboundedReceiver<String>,
    _servers: JoinSet<std::io::Result<()>>,
}

impl Parties {
    pub(crate) async fn start(narrator: &Arc<Narrator>) -> Outcome<Self> {
        // Everyone has an address before anyone starts, because each names others.
        let listeners = [bind().await?, bind().await?, bind().await?, bind().await?];
        let [server_at, issuer, enterprise_issuer, client_at] = origins(&listeners)?;
        let [at_server, at_issuer, at_enterprise, at_client] = listeners;
        let (resource, introspected) = (format!("{server_at}/mcp"), format!("{server_at}/introspected"));

        let authorization_server = AuthorizationServer::new(Settings {
            issuer: issuer.clone(),
            resources: vec![notes(&resource), notes(&introspected)],
            people: vec![ALICE, BOB],
            clients: vec![
                confidential(NIGHTLY_JOB, "Nightly job", GrantType::ClientCredentials),
                confidential(ASSISTANT, "Assistant", GrantType::JwtBearer),
            ],
            introspector: (INTROSPECTOR.0.to_owned(), INTROSPECTOR.1.to_owned()),
            enterprise: Some((enterprise_issuer.clone(), Enterprise::jwks_url(&enterprise_issuer))),
            lifetimes: Lifetimes::default(),
        })?;
        let enterprise = Arc::new(Enterprise::new(enterprise_issuer.clone(), Policy {
            client: (ASSISTANT_AT_WORK.0.to_owned(), ASSISTANT_AT_WORK.1.to_owned()),
            authorization_server: issuer.clone(),
            client_there: ASSISTANT.0.to_owned(),
            resource: resource.clone(),
            scopes: vec!["notes:read".to_owned()],
        })?);
        let notes = server::with_jwts(&issuer, &resource)?
            .merge(server::with_introspection(&issuer, &introspected, INTROSPECTOR)?);
        let (redirect_uri, client_document) = (format!("{client_at}/callback"), format!("{client_at}/client.json"));
        let (client, callbacks) = client_routes(client_at, &client_document, &redirect_uri);

        let mut servers = JoinSet::new();
        for (party, listener, router) in [
            (Party::ProtectedServer, at_server, notes),
            (Party::AuthorizationServer, at_issuer, Arc::new(authorization_server).router()),
            (Party::Enterprise, at_enterprise, Arc::clone(&enterprise).router()),
            (Party::Client, at_client, client),
        ] {
            let router = narrator.listening(party, router);
            servers.spawn(async move { axum::serve(listener, router).await });
        }
        Ok(Self {
            resource,
            introspected,
            issuer,
            enterprise_issuer,
            enterprise,
            redirect_uri,
            client_document,
            callbacks,
            _servers: servers,
        })
    }

    /// The address with which a browser came back to the client.
    pub(crate) fn callback(&mut self) -> Outcome<String> {
        Ok(self.callbacks.try_recv().map_err(|_| "the browser did not come back to the client")?)
    }
}

fn notes(url: &str) -> Resource {
    Resource {
        url: url.to_owned(),
        name: "your notebook",
        default_scope: "notes:read",
        scopes: vec![("notes:read", "Read your notes"), ("notes:write", "Add notes")],
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

/// What the client serves: the page that browsers come back to, and its metadata document.
fn client_routes(origin: String, document: &str, redirect_uri: &str) -> (Router, mpsc::UnboundedReceiver<String>) {
    let (sender, callbacks) = mpsc::unbounded_channel();
    let document = json!({
        "client_id": document,
        "client_name": "Notes on the command line",
        "redirect_uris": [redirect_uri],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    });
    let router = Router::new()
        .route("/callback", get(callback))
        .with_state((origin, sender))
        .route("/client.json", get(async move || Json(document)));
    (router, callbacks)
}

async fn callback(
    State((origin, sender)): State<(String, mpsc::UnboundedSender<String>)>,
    uri: Uri,
) -> Response {
    // Nobody listens any more when the program is about to end.
    let _ = sender.send(format!("{origin}{uri}"));
    Html("<!doctype html><title>Signed in</title><p>You can close this page.").into_response()
}

async fn bind() -> Outcome<TcpListener> {
    Ok(TcpListener::bind("127.0.0.1:0").await?)
}

fn origins<const N: usize>(listeners: &[TcpListener; N]) -> Outcome<[String; N]> {
    let mut origins = [const { String::new() }; N];
    for (origin, listener) in origins.iter_mut().zip(listeners) {
        *origin = format!("http://{}", listener.local_addr()?);
    }
    Ok(origins)
}
