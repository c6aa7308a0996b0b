//! `--serve`: the parties stay, and the client is a page that a person uses.

use std::env;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Form, Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Mutex;

use crate::Outcome;
use crate::authorization_server::Lifetimes;
use crate::client::{self, Answer, Connection, PendingAuthorization};
use crate::narrate::Narrator;
use crate::page::{page, style};
use crate::parties::{Addresses, Parties, Ports};

const FIRST_PORT: u16 = 8000;
const PORT_VARIABLE: &str = "THREE_PARTIES_PORT";

pub(crate) async fn serve(narrator: &Arc<Narrator>) -> Outcome {
    let first = match env::var(PORT_VARIABLE) {
        Ok(port) => port.parse().map_err(|_| format!("{PORT_VARIABLE}: write a number, such as {FIRST_PORT}"))?,
        Err(_) => FIRST_PORT,
    };
    let ports = Ports::from(first)
        .await
        .map_err(|error| format!("{error}; set {PORT_VARIABLE} to the first of five free ports in a row"))?;
    let addresses = ports.addresses.clone();
    let parties = Parties::start(narrator, ports, router(&addresses), Lifetimes::default())?;
    narrator.say(&format!(
        "Open {}/ in a browser. That is the client; sign in as alice, with the password wonderland.\n\n\
         \x20 authorization server   {}\n\
         \x20 protected server       {}\n\n\
         Any other MCP client can be pointed at the protected server, too: opened in a browser, its address\n\
         says how. Every request is shown here. Ctrl-C ends it.",
        addresses.client, addresses.issuer, addresses.resource
    ));
    tokio::select! {
        failure = parties.failure() => failure,
        stopped = tokio::signal::ctrl_c() => Ok(stopped?),
    }
}

/// The client of one person, who is at this machine.
struct App {
    addresses: Addresses,
    state: Mutex<ConnectionState>,
}

enum ConnectionState {
    No,
    /// The browser is at the authorization server.
    Waiting(Box<PendingAuthorization>),
    Yes(Connection),
    /// The browser is at the authorization server, to get more scope for a note.
    More(Connection, String),
}

impl ConnectionState {
    fn take(&mut self) -> Self {
        std::mem::replace(self, Self::No)
    }
}

fn router(addresses: &Addresses) -> Router {
    let app = Arc::new(App { addresses: addresses.clone(), state: Mutex::new(ConnectionState::No) });
    Router::new()
        .route("/", get(home))
        .route("/connect", post(connect))
        .route("/callback", get(callback))
        .route("/notes", post(add))
        .route("/disconnect", post(disconnect))
        .layer(from_fn_with_state(Arc::clone(&app), own_pages_only))
        .with_state(app)
        .route("/style.css", get(style))
}

/// `GET /`
async fn home(State(app): State<Arc<App>>) -> Result<Response, Failure> {
    let content = match &*app.state.lock().await {
        ConnectionState::No | ConnectionState::Waiting(_) => html! {
            h1 { "Notes" }
            p.lead { "This client knows one thing, the address of a server: " code { (app.addresses.resource) } }
            form method="post" action="/connect" { button.primary autofocus { "Connect" } }
            p.hint { "The terminal shows every request." }
        },
        ConnectionState::Yes(connection) | ConnectionState::More(connection, _) => notebook(connection).await?,
    };
    Ok(app.page("Notes", &content))
}

async fn notebook(connection: &Connection) -> Outcome<Markup> {
    let who = texts(connection.call("whoami", json!({})).await?)?;
    let notes = texts(connection.call("list_notes", json!({})).await?)?;
    Ok(html! {
        h1 { "Notes" }
        p.lead { "The server says: you are " (who.join(", ")) "." }
        ul { @for note in &notes { li { (note) } } }
        form method="post" action="/notes" {
            label for="text" { "Add a note" }
            input #text name="text" required maxlength="1000" placeholder="It may take one more scope" autofocus;
            button.primary { "Add" }
        }
        form method="post" action="/disconnect" { button { "Disconnect" } }
    })
}

/// `POST /connect`: from the challenge to the page of the authorization server.
async fn connect(State(app): State<Arc<App>>) -> Result<Redirect, Failure> {
    let Addresses { resource, .. } = &app.addresses;
    let manager = client::discover(resource, &client::challenge(resource).await?).await?;
    let waiting = client::register(manager, "Notes in the browser", &app.addresses.redirect_uri()).await?;
    let url = waiting.url.clone();
    *app.state.lock().await = ConnectionState::Waiting(Box::new(waiting));
    Ok(Redirect::to(&url))
}

/// `GET /callback`: the browser returns, and its answer is compared with the request.
async fn callback(State(app): State<Arc<App>>, uri: Uri) -> Result<Redirect, Failure> {
    let mut parameters = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    if let Some((_, description)) = parameters.find(|(name, _)| name == "error_description") {
        return Err(Failure(description.into_owned()));
    }
    let callback = format!("{}{uri}", app.addresses.client);
    let mut state = app.state.lock().await;
    // Any site can open this address. Only the answer that is waited for changes something.
    match &*state {
        ConnectionState::Waiting(waiting) => waiting.redeem(&callback).await?,
        ConnectionState::More(connection, _) => connection.stepped_up(&callback).await?,
        ConnectionState::No | ConnectionState::Yes(_) => return Ok(Redirect::to("/")),
    }
    match state.take() {
        ConnectionState::Waiting(waiting) => {
            *state = ConnectionState::Yes(waiting.connect(&app.addresses.resource).await?)
        }
        ConnectionState::More(connection, note) => {
            let added = connection.call("add_note", json!({ "text": note })).await;
            *state = ConnectionState::Yes(connection);
            texts(added?)?;
        }
        other => *state = other,
    }
    Ok(Redirect::to("/"))
}

#[derive(Deserialize)]
struct Note {
    text: String,
}

/// `POST /notes`
async fn add(State(app): State<Arc<App>>, Form(note): Form<Note>) -> Result<Redirect, Failure> {
    let mut state = app.state.lock().await;
    let (ConnectionState::Yes(connection) | ConnectionState::More(connection, _)) = &*state else {
        return Ok(Redirect::to("/"));
    };
    let Answer::NeedsScope(challenge) = connection.call("add_note", json!({ "text": note.text })).await? else {
        return Ok(Redirect::to("/"));
    };
    let url = connection.step_up(&challenge, &app.addresses.resource).await?;
    if let ConnectionState::Yes(connection) | ConnectionState::More(connection, _) = state.take() {
        *state = ConnectionState::More(connection, note.text);
    }
    Ok(Redirect::to(&url))
}

/// `POST /disconnect`
async fn disconnect(State(app): State<Arc<App>>) -> Redirect {
    *app.state.lock().await = ConnectionState::No;
    Redirect::to("/")
}

/// Refuses forms of other sites, and sites whose name points to this address (DNS rebinding).
///
/// A browser that uses another name, such as `localhost`, is redirected.
async fn own_pages_only(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let client = &app.addresses.client;
    let host = request.headers().get(HOST).map(HeaderValue::as_bytes);
    let origin = request.headers().get(ORIGIN).map(HeaderValue::as_bytes);
    if host != client.strip_prefix("http://").map(str::as_bytes) {
        return Redirect::to(client).into_response();
    }
    let own = origin.is_none_or(|origin| origin == client.as_bytes());
    if own || request.method().is_safe() { next.run(request).await } else { StatusCode::FORBIDDEN.into_response() }
}

impl App {
    fn page(&self, title: &str, content: &Markup) -> Response {
        page(StatusCode::OK, "Client", title, &self.addresses.issuer, content)
    }
}

fn texts(answer: Answer) -> Outcome<Vec<String>> {
    match answer {
        Answer::Texts(texts) => Ok(texts),
        Answer::NeedsScope(_) => Err("the token does not have the scope for it".into()),
    }
}

/// An error message for the person.
struct Failure(String);

impl<E: Into<Box<dyn std::error::Error + Send + Sync>>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into().to_string())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let content = html! {
            h1 { "This did not work" }
            p.lead { (self.0) }
            p { a href="/" { "Back" } }
            form method="post" action="/disconnect" { button { "Disconnect" } }
        };
        page(StatusCode::BAD_GATEWAY, "Client", "Problem", "", &content)
    }
}

#[cfg(test)]
mod tests {
    use reqwest::Response;
    use reqwest::header::LOCATION;

    use super::*;
    use crate::browser::Browser;
    use crate::http;
    use crate::narrate::Party;
    use crate::parties::ALICE;

    struct Page {
        http: reqwest::Client,
        client: String,
        _parties: Parties,
    }

    impl Page {
        async fn start() -> Self {
            let ports = Ports::free().await.unwrap();
            let addresses = ports.addresses.clone();
            let narrator = Narrator::new(Box::new(std::io::sink()), false);
            let parties = Parties::start(&narrator, ports, router(&addresses), Lifetimes::default()).unwrap();
            let http = http::builder(Party::Browser).build().unwrap();
            Self { http, client: addresses.client, _parties: parties }
        }

        async fn text(&self) -> String {
            self.http.get(&self.client).send().await.unwrap().text().await.unwrap()
        }

        /// Sends a form, and returns the address of the redirect.
        async fn submit(&self, path: &str, form: &[(&str, &str)]) -> String {
            let request = self.http.post(format!("{}{path}", self.client)).header(ORIGIN, &self.client).form(form);
            location(&request.send().await.unwrap())
        }
    }

    fn location(answer: &Response) -> String {
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        answer.headers()[LOCATION].to_str().unwrap().to_owned()
    }

    #[tokio::test]
    async fn a_person_connects_and_allows_more() {
        let page = Page::start().await;
        let mut browser = Browser::of(ALICE.name, ALICE.password).unwrap();
        assert!(page.text().await.contains("Connect"));
        assert_eq!(page.submit("/notes", &[("text", "Too early")]).await, "/");

        browser.open(&page.submit("/connect", &[]).await).await.unwrap();
        assert!(page.text().await.contains("alice, with the scopes notes:read."));
        browser.open(&page.submit("/notes", &[("text", "<b>Call Bob</b>")]).await).await.unwrap();
        let notes = page.text().await;
        assert!(notes.contains("alice, with the scopes notes:read notes:write."), "{notes}");
        assert!(notes.contains("<li>&lt;b&gt;Call Bob&lt;/b&gt;</li>"), "{notes}");
        assert_eq!(page.submit("/notes", &[("text", "Another")]).await, "/");
        assert!(page.text().await.contains("<li>Another</li>"));

        assert_eq!(page.submit("/disconnect", &[]).await, "/");
        assert!(page.text().await.contains("Connect"));
    }

    #[tokio::test]
    async fn an_answer_that_was_not_asked_for_changes_nothing() {
        let page = Page::start().await;
        let url = page.submit("/connect", &[]).await;
        let denied = page.http.get(format!("{}/callback?error=access_denied&error_description=%3Cb%3ENo", page.client));
        let denied = denied.send().await.unwrap();
        assert_eq!(denied.status(), StatusCode::BAD_GATEWAY);
        assert!(denied.text().await.unwrap().contains("&lt;b&gt;No"));
        Browser::of(ALICE.name, ALICE.password).unwrap().open(&url).await.unwrap();
        assert!(page.text().await.contains("alice"));

        let guess = || page.http.get(format!("{}/callback?code=a&state=b", page.client)).send();
        assert_eq!(location(&guess().await.unwrap()), "/");
        assert!(page.text().await.contains("alice"));

        // Nor while one is waited for.
        let url = page.submit("/notes", &[("text", "Call Bob")]).await;
        assert_eq!(guess().await.unwrap().status(), StatusCode::BAD_GATEWAY);
        assert!(page.text().await.contains("alice"));
        Browser::of(ALICE.name, ALICE.password).unwrap().open(&url).await.unwrap();
        assert!(page.text().await.contains("<li>Call Bob</li>"));

        page.submit("/disconnect", &[]).await;
        let url = page.submit("/connect", &[]).await;
        assert_eq!(guess().await.unwrap().status(), StatusCode::BAD_GATEWAY);
        Browser::of(ALICE.name, ALICE.password).unwrap().open(&url).await.unwrap();
        assert!(page.text().await.contains("alice"));
    }

    #[tokio::test]
    async fn other_sites_can_not_use_the_forms() {
        let page = Page::start().await;
        for origin in ["https://attacker.example.com", "null"] {
            let forged = page.http.post(format!("{}/connect", page.client)).header(ORIGIN, origin);
            assert_eq!(forged.send().await.unwrap().status(), StatusCode::FORBIDDEN, "{origin}");
        }
    }

    #[tokio::test]
    async fn whoever_comes_by_another_name_is_sent_to_the_address() {
        let page = Page::start().await;
        let port = page.client.rsplit(':').next().unwrap();
        for name in ["localhost", "attacker.example.com"] {
            let host = format!("{name}:{port}");
            let opened = page.http.get(&page.client).header(HOST, &host).send().await.unwrap();
            assert_eq!(location(&opened), page.client);
            let form = page.http.post(format!("{}/connect", page.client)).header(HOST, &host);
            assert_eq!(location(&form.header(ORIGIN, format!("http://{host}")).send().await.unwrap()), page.client);
        }
    }

    #[tokio::test]
    async fn a_port_that_is_taken_is_named() {
        let taken = Ports::free().await.unwrap();
        let port = taken.addresses.client.rsplit(':').next().unwrap().parse().unwrap();
        let Err(error) = Ports::from(port).await else { panic!("the port is not taken") };
        assert_eq!(error.to_string(), format!("port {port} is taken"));
        let Err(error) = Ports::from(65_533).await else { panic!("there is no port 65536") };
        assert_eq!(error.to_string(), "there are no five ports from there on");
    }
}
