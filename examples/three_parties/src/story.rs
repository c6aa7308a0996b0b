//! The chapters of the story, each one flow. An error in one ends the program.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use axum::response::Html;
use axum::routing::get;
use axum::{Json, Router};
use reqwest::StatusCode;
use serde_json::json;
use tokio::sync::mpsc;

use crate::authorization_server::Lifetimes;
use crate::browser::Browser;
use crate::client::{self, Answer, Connection, EnterpriseClient};
use crate::narrate::{Narrator, Party};
use crate::parties::{ALICE, ASSISTANT, ASSISTANT_AT_WORK, Addresses, NIGHTLY_JOB, Parties, Ports};
use crate::{Outcome, http};

const CLIENT_NAME: &str = "Notes on the command line";

pub(crate) async fn tell(narrator: &Arc<Narrator>) -> Outcome {
    let ports = Ports::free().await?;
    let addresses = ports.addresses.clone();
    let (client, callbacks) = client_routes(&addresses);
    let mut story = Story {
        narrator: Arc::clone(narrator),
        parties: Parties::start(narrator, ports, client, Lifetimes::default())?,
        addresses,
        callbacks,
        browser: Browser::of(ALICE.name, ALICE.password)?,
    };
    story.introduction();
    let connection = story.first_tool_call().await?;
    story.step_up(&connection).await?;
    story.next_server(&connection).await?;
    story.refresh(&connection).await?;
    story.without_registration().await?;
    story.without_a_person().await?;
    story.with_an_identity_assertion().await?;
    narrator.say(&format!("✓ All of it worked, in {} requests.", narrator.hops()));
    Ok(())
}

struct Story {
    narrator: Arc<Narrator>,
    parties: Parties,
    addresses: Addresses,
    /// The addresses with which browsers return to the client.
    callbacks: mpsc::UnboundedReceiver<String>,
    browser: Browser,
}

impl Story {
    fn introduction(&self) {
        let Addresses { resource, issuer, enterprise, calendar, client, .. } = &self.addresses;
        self.narrator.say(&format!(
            "The three parties of MCP authorization, each on its own port:\n\n\
             \x20 authorization server   {issuer}\n\
             \x20 protected server       {resource}\n\
             \x20 client                 {client}\n\n\
             Three more take part: a browser, with Alice in front of it, the identity provider of her\n\
             enterprise, {enterprise}, and a server that the protected one calls,\n\
             {calendar}. Every request that any of them gets is shown when it has been\n\
             answered. Long random texts and tokens are shortened."
        ));
    }

    async fn first_tool_call(&mut self) -> Outcome<Connection> {
        let resource = &self.addresses.resource.clone();
        self.narrator.chapter(
            "No token",
            "The client knows one thing, the server's address. It tries, and is stopped at the door:\n\
             nothing is read of its request, and the challenge says where to find out more.",
        );
        let challenge = client::challenge(resource).await?;

        self.narrator.chapter(
            "Discovery",
            "The challenge leads to the metadata of the protected server (RFC 9728), which names its\n\
             authorization server, whose metadata (RFC 8414) says how to get a token there.",
        );
        let manager = client::discover(resource, &challenge).await?;

        self.narrator.chapter(
            "Registration",
            "The two have never heard of each other: the client registers (RFC 7591), which gets it\n\
             an id and nothing else.",
        );
        let waiting = client::register(manager, CLIENT_NAME, &self.addresses.redirect_uri()).await?;

        self.narrator.chapter(
            "Login and consent",
            "The client opens the browser with its request: which server the token is for (RFC 8707)\n\
             and the digest of a secret that it keeps (PKCE). Alice signs in and allows it. The browser\n\
             comes back to the client with a code, and with who has issued that (RFC 9207).",
        );
        self.browser.open(&waiting.url).await?;
        let callback = self.callback()?;

        self.narrator.chapter(
            "Token, retry, tool call",
            "The code and the secret become an access token, and the request from the beginning works\n\
             with it. The first token makes the server fetch the keys that it verifies them with.",
        );
        waiting.redeem(&callback).await?;
        let connection = waiting.connect(resource).await?;
        expect(connection.call("whoami", json!({})).await?, "alice, with the scopes notes:read")?;
        Ok(connection)
    }

    async fn step_up(&mut self, connection: &Connection) -> Outcome {
        let note = json!({ "text": "Call Bob" });
        self.narrator.chapter(
            "More scope",
            "Adding a note takes a scope that the token does not have. The 403 says which, so that the\n\
             client can ask Alice for it. She has signed in already and only has to allow it.",
        );
        let Answer::NeedsScope(challenge) = connection.call("add_note", note.clone()).await? else {
            return Err("a note was added without the scope for it".into());
        };
        let url = connection.step_up(&challenge, &self.addresses.resource).await?;
        self.browser.open(&url).await?;
        connection.stepped_up(&self.callback()?).await?;
        expect(connection.call("add_note", note).await?, "There are 3 notes now")
    }

    async fn next_server(&self, connection: &Connection) -> Outcome {
        self.narrator.chapter(
            "The next server",
            "A tool reads Alice's calendar, which is at another server. The token of the client is for\n\
             the notebook and never passed on: the notebook exchanges it for one of the calendar, in\n\
             Alice's name (RFC 8693).",
        );
        expect(connection.call("next_event", json!({})).await?, "Tea with the Hatter at six")?;

        self.narrator.say("The calendar takes no other token, not even the client's own:");
        let request = http::builder(Party::Client).build()?.get(format!("{}/next", self.addresses.calendar));
        let status = request.bearer_auth(connection.access_token().await?).send().await?.status();
        if status != StatusCode::UNAUTHORIZED {
            return Err(format!("the calendar answered {status} to a token for the notebook").into());
        }
        Ok(())
    }

    async fn refresh(&self, connection: &Connection) -> Outcome {
        self.narrator.chapter(
            "Refresh",
            "Access tokens are short-lived. The client gets a new one without bothering Alice, and\n\
             with it the next refresh token: each works once.",
        );
        let (client_id, stolen) = connection.refresh_token().await?;
        connection.refresh().await?;
        expect(connection.call("whoami", json!({})).await?, "alice, with the scopes notes:read notes:write")?;

        self.narrator.chapter(
            "A stolen refresh token",
            "Somebody tries the old one. Nobody can tell the thief from the client, so that everything\n\
             ends that came of this login, the client's own refresh token included.",
        );
        let form = [("grant_type", "refresh_token"), ("client_id", &client_id), ("refresh_token", &stolen)];
        let thief =
            http::builder(Party::Client).user_agent("thief").build()?.post(format!("{}/token", self.addresses.issuer));
        let status = thief.form(&form).send().await?.status();
        if status != StatusCode::BAD_REQUEST {
            return Err(format!("the stolen refresh token got the status {status}").into());
        }
        match connection.refresh().await {
            Ok(()) => Err("the grant goes on although a refresh token of it was stolen".into()),
            Err(_) => Ok(()),
        }
    }

    async fn without_registration(&mut self) -> Outcome {
        self.narrator.chapter(
            "A client with a metadata document",
            "Registering everywhere is not needed where the id of a client is the address of what it\n\
             says about itself. The authorization server fetches that, and knows by it where to send\n\
             the browser back to.",
        );
        let addresses = self.addresses.clone();
        let manager = client::discover(&addresses.resource, &client::challenge(&addresses.resource).await?).await?;
        let waiting = client::identify(manager, &addresses.client_document(), &addresses.redirect_uri()).await?;
        self.browser.open(&waiting.url).await?;
        let callback = self.callback()?;
        waiting.redeem(&callback).await?;
        let connection = waiting.connect(&addresses.resource).await?;
        expect(connection.call("list_notes", json!({})).await?, "Buy milk, Ship the release, Call Bob")
    }

    async fn without_a_person(&self) -> Outcome {
        self.narrator.chapter(
            "A client on its own, and a server that asks",
            "The nightly job acts for nobody: its own secret gets it a token. It is for another\n\
             endpoint, which asks the authorization server about each token (RFC 7662) and so notices\n\
             when one is revoked.",
        );
        let resource = &self.addresses.introspected;
        let manager = client::discover(resource, &client::challenge(resource).await?).await?;
        let connection = client::connect_as_itself(manager, resource, NIGHTLY_JOB).await?;
        expect(connection.call("whoami", json!({})).await?, "nightly-job, with the scopes notes:read")
    }

    async fn with_an_identity_assertion(&self) -> Outcome {
        self.narrator.chapter(
            "Identity assertion",
            "This morning, Alice signed in at work. Her assistant exchanges the ID token that it got\n\
             for an assertion (an ID-JAG) of who she is, made for one client, one authorization server\n\
             and one protected server, and that for an access token. Nobody clicks on anything: what\n\
             assistants may do is decided by her enterprise.",
        );
        let Addresses { resource, issuer, enterprise, .. } = &self.addresses;
        let assistant = EnterpriseClient {
            identity_provider: enterprise,
            authorization_server: issuer,
            resource,
            there: ASSISTANT_AT_WORK,
            here: ASSISTANT,
        };
        let id_token = self.parties.enterprise.sign_in(ALICE.enterprise_subject.unwrap_or_default())?;
        let assertion = assistant.assertion(&id_token).await?;
        let copy = assertion.assertion().secret().clone();
        let connection = assistant.connect(assertion).await?;
        expect(client::call(&connection, "whoami", json!({})).await?, "alice, with the scopes notes:read")?;

        self.narrator.say("Like a code, an assertion works once:");
        let form = [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", &copy)];
        let again = http::builder(Party::Client).build()?.post(format!("{issuer}/token"));
        let status = again.basic_auth(ASSISTANT.0, Some(ASSISTANT.1)).form(&form).send().await?.status();
        if status != StatusCode::BAD_REQUEST {
            return Err(format!("the used assertion got the status {status}").into());
        }
        Ok(())
    }

    fn callback(&mut self) -> Outcome<String> {
        Ok(self.callbacks.try_recv().map_err(|_| "the browser did not come back to the client")?)
    }
}

/// Returns the client's routes: the page that browsers return to, and its metadata document.
fn client_routes(addresses: &Addresses) -> (Router, mpsc::UnboundedReceiver<String>) {
    let (sender, callbacks) = mpsc::unbounded_channel();
    let document = json!({
        "client_id": addresses.client_document(),
        "client_name": CLIENT_NAME,
        "redirect_uris": [addresses.redirect_uri()],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    });
    let router = Router::new()
        .route("/callback", get(callback))
        .with_state((addresses.client.clone(), sender))
        .route("/client.json", get(async move || Json(document)));
    (router, callbacks)
}

async fn callback(
    State((client, sender)): State<(String, mpsc::UnboundedSender<String>)>,
    uri: Uri,
) -> Html<&'static str> {
    // Nobody listens any more when the program is about to end.
    let _ = sender.send(format!("{client}{uri}"));
    Html("<!doctype html><title>Signed in</title><p>You can close this page.")
}

fn expect(answer: Answer, expected: &str) -> Outcome {
    match answer {
        Answer::Texts(texts) if texts.join(", ") == expected => Ok(()),
        Answer::Texts(texts) => Err(format!("the tool said “{}” and not “{expected}”", texts.join(", ")).into()),
        Answer::NeedsScope(_) => Err("the token does not have the scope for it".into()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::Mutex;

    use super::*;
    use crate::parties::NOTES_SERVER;

    #[derive(Clone, Default)]
    struct Screen(Arc<Mutex<Vec<u8>>>);

    impl Write for Screen {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn all_of_it_works_and_no_secret_is_on_the_screen() {
        let screen = Screen::default();
        let narrator = Narrator::new(Box::new(screen.clone()), false);
        tell(&narrator).await.unwrap();
        assert_eq!(narrator.hops(), 55);

        let told = String::from_utf8(screen.0.lock().unwrap().clone()).unwrap();
        for hop in [
            "POST /register",
            "GET /authorize",
            "POST /introspect",
            "403 Forbidden",
            "oauth-id-jag+jwt",
            "There are 3 notes now",
            "GET /calendar/next",
            "token-exchange",
        ] {
            assert!(told.contains(hop), "{hop} is missing:\n{told}");
        }
        for secret in [ALICE.password, NIGHTLY_JOB.1, ASSISTANT.1, ASSISTANT_AT_WORK.1, NOTES_SERVER.1] {
            assert!(!told.contains(secret), "{secret}");
        }
        // Every code, token, verifier and the like is longer.
        let random = |c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c));
        let longest = told.split(random).max_by_key(|word| word.len()).unwrap();
        assert!(longest.len() < 40, "{longest}");
    }
}
