//! What happens, in order. Every chapter is one flow; whatever goes wrong in it ends the program.

use std::sync::Arc;

use reqwest::StatusCode;
use serde_json::json;

use crate::browser::Browser;
use crate::client::{self, Answer, Connection, EnterpriseClient};
use crate::narrate::{Narrator, Party};
use crate::parties::{ALICE, ASSISTANT, ASSISTANT_AT_WORK, NIGHTLY_JOB, Parties};
use crate::{Outcome, http};

pub(crate) async fn tell(narrator: &Arc<Narrator>) -> Outcome {
    let mut story = Story {
        narrator: Arc::clone(narrator),
        parties: Parties::start(narrator).await?,
        browser: Browser::of(ALICE.name, ALICE.password)?,
    };
    story.introduction();
    let connection = story.from_nothing_to_a_tool_call().await?;
    story.step_up(&connection).await?;
    story.refresh(&connection).await?;
    story.without_registration().await?;
    story.without_a_person().await?;
    story.with_an_identity_assertion().await
}

struct Story {
    narrator: Arc<Narrator>,
    parties: Parties,
    browser: Browser,
}

impl Story {
    fn introduction(&self) {
        let Parties { resource, issuer, enterprise_issuer, client_document, .. } = &self.parties;
        self.narrator.say(&format!(
            "The three parties of MCP authorization, each on its own port:\n\n\
             \x20 authorization server   {issuer}\n\
             \x20 protected server       {resource}\n\
             \x20 client                 {client_document}\n\n\
             Two more take part: a browser, with Alice in front of it, and the identity provider of\n\
             her enterprise, {enterprise_issuer}. Every request that any of them gets is shown when it\n\
             has been answered. Long random texts and tokens are shortened."
        ));
    }

    async fn from_nothing_to_a_tool_call(&mut self) -> Outcome<Connection> {
        let resource = &self.parties.resource.clone();
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
        let waiting = client::register(manager, "Notes on the command line", &self.parties.redirect_uri).await?;

        self.narrator.chapter(
            "Login and consent",
            "The client opens the browser with its request: which server the token is for (RFC 8707)\n\
             and the digest of a secret that it keeps (PKCE). Alice signs in and allows it. The browser\n\
             comes back to the client with a code, and with who has issued that (RFC 9207).",
        );
        self.browser.open(&waiting.url).await?;
        let callback = self.parties.callback()?;

        self.narrator.chapter(
            "Token, retry, tool call",
            "The code and the secret become an access token, and the request from the beginning works\n\
             with it. The first token makes the server fetch the keys that it verifies them with.",
        );
        let connection = waiting.connect(resource, &callback).await?;
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
        let url = connection.step_up(&challenge, &self.parties.resource).await?;
        self.browser.open(&url).await?;
        connection.stepped_up(&self.parties.callback()?).await?;
        expect(connection.call("add_note", note).await?, "There are 3 notes now")
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
        let thief = http::builder(Party::Client).build()?.post(format!("{}/token", self.parties.issuer));
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
        let Parties { resource, client_document, redirect_uri, .. } = &self.parties;
        let manager = client::discover(resource, &client::challenge(resource).await?).await?;
        let waiting = client::identify(manager, client_document, redirect_uri).await?;
        self.browser.open(&waiting.url).await?;
        let callback = self.parties.callback()?;
        let connection = waiting.connect(&self.parties.resource, &callback).await?;
        expect(connection.call("list_notes", json!({})).await?, "Buy milk, Ship the release, Call Bob")
    }

    async fn without_a_person(&self) -> Outcome {
        self.narrator.chapter(
            "A client on its own, and a server that asks",
            "The nightly job acts for nobody: its own secret gets it a token. It is for another\n\
             endpoint, which asks the authorization server about each token (RFC 7662) and so notices\n\
             when one is revoked.",
        );
        let resource = &self.parties.introspected;
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
        let Parties { resource, issuer, enterprise_issuer, enterprise, .. } = &self.parties;
        let assistant = EnterpriseClient {
            identity_provider: enterprise_issuer,
            authorization_server: issuer,
            resource,
            there: ASSISTANT_AT_WORK,
            here: ASSISTANT,
        };
        let id_token = enterprise.sign_in(ALICE.enterprise_subject.unwrap_or_default())?;
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
        self.narrator.say(&format!("✓ All of it worked, in {} requests.", self.narrator.hops()));
        Ok(())
    }
}

fn expect(answer: Answer, expected: &str) -> Outcome {
    match answer {
        Answer::Text(text) if text == expected => Ok(()),
        Answer::Text(text) => Err(format!("the tool said “{text}” and not “{expected}”").into()),
        Answer::NeedsScope(_) => Err("the token does not have the scope for it".into()),
    }
}
