//! Tests of the requests that an authorization server must refuse, over HTTP.

use std::time::Duration;

use axum::{Json, Router, routing::get};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

use super::store::now;
use super::{Lifetimes, SigningKey};
use crate::browser::{Browser, Form};
use crate::enterprise::{ID_JAG, IdJag};
use crate::http;
use crate::narrate::{Narrator, Party};
use crate::parties::{ALICE, ASSISTANT, Addresses, NIGHTLY_JOB, NOTES_SERVER, Parties, Ports};
use crate::signing::{random_text, sha256};

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

struct World {
    parties: Parties,
    addresses: Addresses,
    http: Client,
    /// The PKCE verifier of every request.
    verifier: String,
}

impl World {
    async fn start() -> Self {
        Self::with(Lifetimes::default()).await
    }

    async fn with(lifetimes: Lifetimes) -> Self {
        let ports = Ports::free().await.unwrap();
        let addresses = ports.addresses.clone();
        let narrator = Narrator::new(Box::new(std::io::sink()), false);
        let parties = Parties::start(&narrator, ports, Router::new(), lifetimes).unwrap();
        let http = http::builder(Party::Client).build().unwrap();
        Self { parties, addresses, http, verifier: random_text() }
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.addresses.issuer)
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Response {
        self.http.post(self.at(path)).form(form).send().await.unwrap()
    }

    async fn register(&self, metadata: Value) -> Value {
        let answer = self.http.post(self.at("/register")).json(&metadata).send().await.unwrap();
        answer.json().await.unwrap()
    }

    /// Registers a public client, and returns its id.
    async fn client(&self, name: &str) -> String {
        let metadata = json!({
            "client_name": name,
            "redirect_uris": [self.addresses.redirect_uri()],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "none",
        });
        self.register(metadata).await["client_id"].as_str().unwrap().to_owned()
    }

    /// Returns a valid authorization request with changes: a parameter with another value, or none.
    fn authorization(&self, client: &str, changes: &[(&str, Option<&str>)]) -> String {
        let challenge = sha256(&self.verifier);
        let redirect_uri = self.addresses.redirect_uri();
        let mut url = Url::parse(&self.at("/authorize")).unwrap();
        for (name, value) in [
            ("response_type", "code"),
            ("client_id", client),
            ("redirect_uri", &redirect_uri),
            ("state", "a state"),
            ("scope", "notes:read"),
            ("resource", &self.addresses.resource),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ] {
            let changed = changes.iter().find(|(changed, _)| *changed == name);
            if let Some(value) = changed.map_or(Some(value), |(_, value)| *value) {
                url.query_pairs_mut().append_pair(name, value);
            }
        }
        url.into()
    }

    /// Opens an address without following redirects.
    async fn open(&self, url: &str) -> Response {
        self.http.get(url).send().await.unwrap()
    }

    /// Returns a code, after Alice signed in and consented.
    async fn code(&self, client: &str) -> String {
        self.code_for(client, &[]).await
    }

    async fn code_for(&self, client: &str, changes: &[(&str, Option<&str>)]) -> String {
        let page = self.open(&self.authorization(client, changes)).await;
        let (cookie, page) = (cookie(&page), page.text().await.unwrap());
        let form = Form::first_in(&page).unwrap();
        let fields = [form.hidden.as_slice(), &[("username", ALICE.name), ("password", ALICE.password)]].concat();
        let signed_in = self.submit(&cookie, "/login", &fields).await;
        let cookie = self::cookie(&signed_in);
        let consent = format!("{}{}", self.addresses.issuer, location(&signed_in));
        let page = self.http.get(consent).header(COOKIE, &cookie).send().await.unwrap().text().await.unwrap();
        let form = Form::first_in(&page).unwrap();
        let back = self.submit(&cookie, "/consent", &[form.hidden.as_slice(), &[("decision", "allow")]].concat()).await;
        parameter(&location(&back), "code").unwrap()
    }

    async fn submit(&self, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Response {
        self.http.post(self.at(path)).header(COOKIE, cookie).form(fields).send().await.unwrap()
    }

    /// Sends a valid token request with a code and changes.
    async fn redeem(&self, client: &str, code: &str, changes: &[(&str, &str)]) -> Result<Value, String> {
        let redirect_uri = self.addresses.redirect_uri();
        let good = [
            ("grant_type", "authorization_code"),
            ("client_id", client),
            ("code", code),
            ("redirect_uri", &redirect_uri),
            ("code_verifier", &self.verifier),
            ("resource", &self.addresses.resource),
        ];
        let changed = good.map(|(name, value)| {
            changes.iter().find(|(changed, _)| *changed == name).map_or((name, value), |(_, value)| (name, *value))
        });
        verdict(self.post("/token", &changed).await).await
    }

    async fn refresh(&self, client: &str, token: &str, more: &[(&str, &str)]) -> Result<Value, String> {
        let form = [("grant_type", "refresh_token"), ("client_id", client), ("refresh_token", token)];
        verdict(self.post("/token", &[form.as_slice(), more].concat()).await).await
    }

    async fn active(&self, token: &str) -> bool {
        let question = self.http.post(self.at("/introspect")).basic_auth(NOTES_SERVER.0, Some(NOTES_SERVER.1));
        let answer: Value = question.form(&[("token", token)]).send().await.unwrap().json().await.unwrap();
        answer["active"].as_bool().unwrap()
    }

    /// Returns a valid identity assertion.
    fn assertion(&self) -> IdJag {
        IdJag {
            iss: self.addresses.enterprise.clone(),
            sub: ALICE.enterprise_subject.unwrap().to_owned(),
            aud: self.addresses.issuer.clone(),
            client_id: ASSISTANT.0.to_owned(),
            resource: self.addresses.resource.clone(),
            scope: Some("notes:read".to_owned()),
            iat: now(),
            exp: now() + 60,
            jti: random_text(),
        }
    }

    async fn assert(&self, assertion: &IdJag) -> Result<Value, String> {
        self.assert_signed(&self.parties.enterprise.sign(ID_JAG, assertion).unwrap()).await
    }

    async fn assert_signed(&self, assertion: &str) -> Result<Value, String> {
        let request = self.http.post(self.at("/token")).basic_auth(ASSISTANT.0, Some(ASSISTANT.1));
        verdict(request.form(&[("grant_type", JWT_BEARER), ("assertion", assertion)]).send().await.unwrap()).await
    }
}

/// Returns the tokens, or the code of the error.
async fn verdict(answer: Response) -> Result<Value, String> {
    let status = answer.status();
    let body: Value = answer.json().await.unwrap();
    if status == StatusCode::OK { Ok(body) } else { Err(body["error"].as_str().unwrap().to_owned()) }
}

fn cookie(answer: &Response) -> String {
    answer.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned()
}

fn location(answer: &Response) -> String {
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    answer.headers()[LOCATION].to_str().unwrap().to_owned()
}

fn parameter(url: &str, name: &str) -> Option<String> {
    let url = Url::parse(url).unwrap();
    url.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

fn refused(code: &str) -> Result<Value, String> {
    Err(code.to_owned())
}

#[tokio::test]
async fn the_answer_says_who_gives_it_and_repeats_the_state() {
    let world = World::start().await;
    let client = world.client("Test").await;
    for (change, error) in [
        (("resource", None), "invalid_target"),
        (("resource", Some("https://other.example.com/mcp")), "invalid_target"),
        (("scope", Some("notes:admin")), "invalid_scope"),
        (("code_challenge", None), "invalid_request"),
        (("code_challenge_method", None), "invalid_request"),
        (("code_challenge_method", Some("plain")), "invalid_request"),
        (("response_type", Some("token")), "unsupported_response_type"),
    ] {
        let back = location(&world.open(&world.authorization(&client, &[change])).await);
        assert!(back.starts_with(&world.addresses.redirect_uri()), "{back}");
        assert_eq!(parameter(&back, "error").as_deref(), Some(error), "{change:?}");
        assert_eq!(parameter(&back, "state").as_deref(), Some("a state"));
        assert_eq!(parameter(&back, "iss").as_ref(), Some(&world.addresses.issuer));
    }
}

#[tokio::test]
async fn nobody_is_sent_to_a_site_without_being_asked() {
    let world = World::start().await;
    let site = "https://attacker.example.com/?a=b";
    let metadata = json!({ "redirect_uris": [site], "token_endpoint_auth_method": "none" });
    let client = world.register(metadata).await;
    let bad = [("redirect_uri", Some(site)), ("scope", Some("notes:admin"))];
    let answer = world.open(&world.authorization(text(&client, "client_id"), &bad)).await;
    assert_eq!((answer.status(), answer.headers().get(LOCATION)), (StatusCode::BAD_REQUEST, None));
    let page = answer.text().await.unwrap();
    // The answer is the same, in a link.
    let link = page.split_once("<a href=\"").unwrap().1.split_once('"').unwrap().0.replace("&amp;", "&");
    assert!(link.starts_with(site), "{link}");
    assert_eq!(parameter(&link, "error").as_deref(), Some("invalid_scope"));
    assert_eq!(parameter(&link, "state").as_deref(), Some("a state"));
    assert_eq!(parameter(&link, "iss").as_ref(), Some(&world.addresses.issuer));
}

#[tokio::test]
async fn an_app_on_the_persons_machine_chooses_its_port() {
    let world = World::start().await;
    let metadata = json!({ "redirect_uris": ["http://127.0.0.1/back"], "token_endpoint_auth_method": "none" });
    let client = world.register(metadata).await;
    let client = text(&client, "client_id");
    let own = "http://127.0.0.1:49152/back";
    let code = world.code_for(client, &[("redirect_uri", Some(own))]).await;
    // The code is for this port.
    let other = [("redirect_uri", "http://127.0.0.1:49153/back")];
    assert_eq!(world.redeem(client, &code, &other).await, refused("invalid_grant"));
    let code = world.code_for(client, &[("redirect_uri", Some(own))]).await;
    world.redeem(client, &code, &[("redirect_uri", own)]).await.unwrap();
}

#[tokio::test]
async fn a_state_that_is_too_long_is_not_kept() {
    let world = World::start().await;
    let client = world.client("Test").await;
    for (length, status) in [(2_000, StatusCode::OK), (2_001, StatusCode::BAD_REQUEST)] {
        let state = "a".repeat(length);
        let answer = world.open(&world.authorization(&client, &[("state", Some(&state))])).await;
        assert_eq!((answer.status(), answer.headers().get(LOCATION)), (status, None), "{length}");
    }
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_the_clients() {
    let world = World::start().await;
    let client = world.client("Test").await;
    let longer = format!("{}/more", world.addresses.redirect_uri());
    for change in [
        ("redirect_uri", Some("https://attacker.example.com/")),
        ("redirect_uri", Some(longer.as_str())),
        ("redirect_uri", None),
        ("client_id", Some("nobody")),
        ("client_id", None),
    ] {
        let answer = world.open(&world.authorization(&client, &[change])).await;
        assert_eq!((answer.status(), answer.headers().get(LOCATION)), (StatusCode::BAD_REQUEST, None), "{change:?}");
    }
    let twice = world.authorization(&client, &[]) + "&redirect_uri=https://attacker.example.com/";
    assert_eq!(world.open(&twice).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_code_is_for_who_asked_for_it() {
    let world = World::start().await;
    let (client, other) = (world.client("Test").await, world.client("Other").await);
    let wrong = random_text();
    for (change, error) in [
        (("code_verifier", wrong.as_str()), "invalid_grant"),
        (("code_verifier", ""), "invalid_grant"),
        (("redirect_uri", "https://attacker.example.com/"), "invalid_grant"),
        (("resource", world.addresses.introspected.as_str()), "invalid_target"),
        (("client_id", other.as_str()), "invalid_grant"),
        (("code", "guessed"), "invalid_grant"),
        (("grant_type", "client_credentials"), "unauthorized_client"),
        (("grant_type", "password"), "unsupported_grant_type"),
    ] {
        let code = world.code(&client).await;
        assert_eq!(world.redeem(&client, &code, &[change]).await, refused(error), "{change:?}");
    }
    let tokens = world.redeem(&client, &world.code(&client).await, &[]).await.unwrap();
    assert_eq!(text(&tokens, "scope"), "notes:read");
}

#[tokio::test]
async fn a_code_that_comes_again_ends_what_it_was_used_for() {
    let world = World::start().await;
    let client = world.client("Test").await;
    let code = world.code(&client).await;
    let tokens = world.redeem(&client, &code, &[]).await.unwrap();
    assert!(world.active(text(&tokens, "access_token")).await);

    assert_eq!(world.redeem(&client, &code, &[]).await, refused("invalid_grant"));
    assert!(!world.active(text(&tokens, "access_token")).await);
    assert_eq!(world.refresh(&client, text(&tokens, "refresh_token"), &[]).await, refused("invalid_grant"));
}

#[tokio::test]
async fn a_refresh_token_that_comes_again_ends_what_came_of_it() {
    let world = World::start().await;
    let (client, other) = (world.client("Test").await, world.client("Other").await);
    let first = world.redeem(&client, &world.code(&client).await, &[]).await.unwrap();
    let stolen = text(&first, "refresh_token");
    assert_eq!(world.refresh(&other, stolen, &[]).await, refused("invalid_grant"));
    assert_eq!(world.refresh(&client, stolen, &[("scope", "notes:write")]).await, refused("invalid_scope"));
    let elsewhere = [("resource", world.addresses.introspected.as_str())];
    assert_eq!(world.refresh(&client, stolen, &elsewhere).await, refused("invalid_target"));

    let second = world.refresh(&client, stolen, &[]).await.unwrap();
    assert_ne!(text(&second, "refresh_token"), stolen);
    assert!(world.active(text(&second, "access_token")).await);
    assert_eq!(world.refresh(&client, stolen, &[]).await, refused("invalid_grant"));
    assert_eq!(world.refresh(&client, text(&second, "refresh_token"), &[]).await, refused("invalid_grant"));
    assert!(!world.active(text(&second, "access_token")).await);
}

#[tokio::test]
async fn what_is_expired_is_refused() {
    let world = World::with(Lifetimes { code: Duration::ZERO, ..Lifetimes::default() }).await;
    let client = world.client("Test").await;
    let code = world.code(&client).await;
    assert_eq!(world.redeem(&client, &code, &[]).await, refused("invalid_grant"));

    let world = World::with(Lifetimes { access_token: Duration::ZERO, ..Lifetimes::default() }).await;
    let client = world.client("Test").await;
    let tokens = world.redeem(&client, &world.code(&client).await, &[]).await.unwrap();
    assert!(!world.active(text(&tokens, "access_token")).await);
    let call = world.http.post(&world.addresses.resource).bearer_auth(text(&tokens, "access_token"));
    assert_eq!(call.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_form_counts_only_from_the_browser_that_was_shown_it() {
    let world = World::start().await;
    let client = world.client("Test").await;
    let page = world.open(&world.authorization(&client, &[])).await;
    let (cookie, page) = (cookie(&page), page.text().await.unwrap());
    let form = Form::first_in(&page).unwrap();
    let (request, csrf) = (form.hidden[0], form.hidden[1]);
    assert_eq!((request.0, csrf.0), ("request", "csrf"));
    let alice = [("username", ALICE.name), ("password", ALICE.password)];

    // Another site's form: the cookie may come along, but not what is in the page.
    for forged in [vec![request], vec![request, ("csrf", "")], vec![request, ("csrf", "guessed")]] {
        let answer = world.submit(&cookie, "/login", &[forged.as_slice(), &alice].concat()).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{forged:?}");
    }
    // An attacker's own page in the browser of somebody else.
    let other = world.open(&world.authorization(&client, &[])).await;
    let answer = world.submit(&self::cookie(&other), "/login", &[&[request, csrf], alice.as_slice()].concat()).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    // Consent without a login.
    let answer = world.submit(&cookie, "/consent", &[request, csrf, ("decision", "allow")]).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    // A wrong password shows the page again.
    let wrong = [request, csrf, ("username", "alice"), ("password", "builder")];
    let answer = world.submit(&cookie, "/login", &wrong).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.text().await.unwrap().contains("do not belong together"));

    // Who knew the session before the login does not have it afterwards.
    let signed_in = world.submit(&cookie, "/login", &[&[request, csrf], alice.as_slice()].concat()).await;
    let fresh = self::cookie(&signed_in);
    assert_ne!(fresh, cookie);
    let consent = format!("{}{}", world.addresses.issuer, location(&signed_in));
    let old = world.http.get(&consent).header(COOKIE, &cookie).send().await.unwrap();
    assert_eq!(old.status(), StatusCode::BAD_REQUEST);
    let page = world.http.get(&consent).header(COOKIE, &fresh).send().await.unwrap().text().await.unwrap();
    let csrf = Form::first_in(&page).unwrap().hidden[1];
    let forged = world.submit(&fresh, "/consent", &[request, ("csrf", "guessed"), ("decision", "allow")]).await;
    assert_eq!(forged.status(), StatusCode::BAD_REQUEST);

    // No is an answer, too, and only once.
    let decision = [request, csrf, ("decision", "deny")];
    let back = location(&world.submit(&fresh, "/consent", &decision).await);
    assert_eq!(parameter(&back, "error").as_deref(), Some("access_denied"));
    assert_eq!(world.submit(&fresh, "/consent", &decision).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_a_client_calls_itself_is_text() {
    let world = World::start().await;
    let client = world.client("<script>alert(1)</script>\"'\u{1b}[2J").await;
    let page = world.open(&world.authorization(&client, &[])).await;
    let headers = page.headers().clone();
    let page = page.text().await.unwrap();
    assert!(!page.contains("<script"), "{page}");
    // Isolated, so that letters for another direction turn around nothing that this page says.
    assert!(page.contains("<bdi>&lt;script&gt;alert(1)&lt;/script&gt;"), "{page}");
    assert!(!page.contains('\u{1b}'));
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'self';"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(headers["x-frame-options"], "DENY");
}

#[tokio::test]
async fn registration_gives_nobody_more_than_an_id() {
    let world = World::start().await;
    let good = |redirect_uri: &str| json!({ "redirect_uris": [redirect_uri], "token_endpoint_auth_method": "none" });
    assert_eq!(world.register(good("com.example.app:/back")).await["redirect_uris"][0], "com.example.app:/back");
    assert_eq!(world.register(good("javascript:alert(1)")).await["error"], "invalid_redirect_uri");
    for metadata in [
        json!({ "redirect_uris": ["https://app.example.com/"], "grant_types": ["client_credentials"] }),
        json!({ "redirect_uris": ["https://app.example.com/"], "grant_types": [JWT_BEARER] }),
        json!({ "redirect_uris": ["https://app.example.com/"], "token_endpoint_auth_method": "private_key_jwt" }),
        json!({}),
        json!([]),
    ] {
        assert_eq!(world.register(metadata).await["error"], "invalid_client_metadata");
    }
    let often =
        json!({ "redirect_uris": ["https://app.example.com/"], "grant_types": vec!["authorization_code"; 1000] });
    assert_eq!(world.register(often).await["grant_types"], json!(["authorization_code"]));
    // With a secret, which then is needed, and good for as long as the registration.
    let client = world.register(json!({ "redirect_uris": ["https://app.example.com/"] })).await;
    assert!(client["client_secret_expires_at"].as_u64() > client["client_id_issued_at"].as_u64());
    let id = text(&client, "client_id");
    assert_eq!(world.redeem(id, "guessed", &[]).await, refused("invalid_client"));
}

#[tokio::test]
async fn clients_prove_who_they_are() {
    let world = World::start().await;
    let ask = |id: &'static str, secret: &'static str, resource: String| {
        let request = world.http.post(world.at("/token")).basic_auth(id, Some(secret));
        request.form(&[("grant_type", "client_credentials"), ("resource", &resource)]).send()
    };
    let (id, secret) = NIGHTLY_JOB;
    let resource = world.addresses.resource.clone();
    let wrong = ask(id, "guessed", resource.clone()).await.unwrap();
    assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED);
    assert!(wrong.headers()["www-authenticate"].to_str().unwrap().starts_with("Basic realm="));
    assert_eq!(verdict(wrong).await, refused("invalid_client"));
    // Nothing may come after it, as in a form.
    assert_eq!(verdict(ask(id, "nightly-secret=&a", resource.clone()).await.unwrap()).await, refused("invalid_client"));
    assert_eq!(verdict(ask(id, "", resource.clone()).await.unwrap()).await, refused("invalid_client"));
    assert_eq!(verdict(ask(id, secret, String::new()).await.unwrap()).await, refused("invalid_target"));
    // It has a secret, but not for this.
    let (other, other_secret) = ASSISTANT;
    let unfit = ask(other, other_secret, resource.clone()).await.unwrap();
    assert_eq!(verdict(unfit).await, refused("unauthorized_client"));

    let tokens = verdict(ask(id, secret, resource).await.unwrap()).await.unwrap();
    assert_eq!(tokens.get("refresh_token"), None);
    // Only protected servers may ask about tokens.
    let token = text(&tokens, "access_token");
    let anyone = world.post("/introspect", &[("token", token)]).await;
    assert_eq!(anyone.status(), StatusCode::UNAUTHORIZED);
    let client = world.http.post(world.at("/introspect")).basic_auth(id, Some(secret));
    assert_eq!(client.form(&[("token", token)]).send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    assert!(world.active(token).await);
    assert!(!world.active("guessed").await);
}

#[tokio::test]
async fn a_token_is_for_one_server() {
    let world = World::start().await;
    let client = world.client("Test").await;
    let tokens = world.redeem(&client, &world.code(&client).await, &[]).await.unwrap();
    let token = text(&tokens, "access_token");
    for (resource, status) in
        [(&world.addresses.resource, StatusCode::OK), (&world.addresses.introspected, StatusCode::UNAUTHORIZED)]
    {
        let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
        let answer = world.http.post(resource).bearer_auth(token).json(&list).send().await.unwrap();
        assert_eq!(answer.status(), status, "{resource}");
    }
}

#[tokio::test]
async fn a_token_is_exchanged_by_the_server_it_is_for_and_in_the_name_of_a_person() {
    let world = World::start().await;
    let client = world.client("Test").await;
    let tokens = world.redeem(&client, &world.code(&client).await, &[]).await.unwrap();
    let token = text(&tokens, "access_token");
    let exchange = |(id, secret): (&'static str, &'static str), changes: &[(&'static str, &str)]| {
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", token),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
            ("resource", &world.addresses.calendar),
            ("scope", "events:read"),
        ];
        let changed = |(name, value)| {
            let changed = changes.iter().find(|(changed, _)| *changed == name);
            (name, changed.map_or(value, |(_, value)| *value).to_owned())
        };
        let form = form.map(changed);
        let request = world.http.post(world.at("/token")).basic_auth(id, Some(secret)).form(&form);
        async { verdict(request.send().await.unwrap()).await }
    };
    let exchanged = exchange(NOTES_SERVER, &[]).await.unwrap();
    assert_eq!(exchanged["issued_token_type"], "urn:ietf:params:oauth:token-type:access_token");
    assert_eq!(exchanged.get("refresh_token"), None);
    for (token, status) in [(text(&exchanged, "access_token"), StatusCode::OK), (token, StatusCode::UNAUTHORIZED)] {
        let request = world.http.get(format!("{}/next", world.addresses.calendar)).bearer_auth(token);
        assert_eq!(request.send().await.unwrap().status(), status);
    }
    let job = world.http.post(world.at("/token")).basic_auth(NIGHTLY_JOB.0, Some(NIGHTLY_JOB.1));
    let job = job.form(&[("grant_type", "client_credentials"), ("resource", &world.addresses.resource)]);
    let of_the_job = verdict(job.send().await.unwrap()).await.unwrap();
    for (changes, error) in [
        (&[("subject_token", "guessed")][..], "invalid_request"),
        (&[("subject_token", text(&exchanged, "access_token"))], "invalid_request"),
        (&[("subject_token", text(&of_the_job, "access_token"))], "invalid_request"),
        (&[("subject_token_type", "urn:ietf:params:oauth:token-type:id_token")], "invalid_request"),
        (&[("resource", &*world.addresses.introspected)], "invalid_target"),
        (&[("resource", "https://calendar.example.com")], "invalid_target"),
        (&[("scope", "notes:read")], "invalid_scope"),
    ] {
        assert_eq!(exchange(NOTES_SERVER, changes).await, refused(error), "{changes:?}");
    }
    assert_eq!(exchange(NIGHTLY_JOB, &[]).await, refused("unauthorized_client"));
    // No other grant leads to the calendar.
    let job = world.http.post(world.at("/token")).basic_auth(NIGHTLY_JOB.0, Some(NIGHTLY_JOB.1));
    let job = job.form(&[("grant_type", "client_credentials"), ("resource", &world.addresses.calendar)]);
    assert_eq!(verdict(job.send().await.unwrap()).await, refused("invalid_target"));
}

#[tokio::test]
async fn an_assertion_is_for_one_client_one_server_and_one_time() {
    let world = World::start().await;
    let good = world.assertion();
    let tokens = world.assert(&good).await.unwrap();
    assert_eq!(text(&tokens, "scope"), "notes:read");
    assert_eq!(tokens.get("refresh_token"), None);
    assert_eq!(world.assert(&good).await, refused("invalid_grant"));

    for (bad, error) in [
        (IdJag { iss: "https://idp.example.com".to_owned(), ..world.assertion() }, "invalid_grant"),
        (IdJag { aud: "https://other.example.com".to_owned(), ..world.assertion() }, "invalid_grant"),
        (IdJag { client_id: NIGHTLY_JOB.0.to_owned(), ..world.assertion() }, "invalid_grant"),
        (IdJag { sub: "employee-0".to_owned(), ..world.assertion() }, "invalid_grant"),
        (IdJag { exp: now() - 1, iat: now() - 60, ..world.assertion() }, "invalid_grant"),
        // Not in the last second either, at whose end it would be forgotten that it was used.
        (IdJag { exp: now(), iat: now() - 60, ..world.assertion() }, "invalid_grant"),
        (IdJag { iat: now() + 60, exp: now() + 120, ..world.assertion() }, "invalid_grant"),
        (IdJag { exp: now() + 3600, ..world.assertion() }, "invalid_grant"),
        (IdJag { resource: "https://other.example.com/mcp".to_owned(), ..world.assertion() }, "invalid_target"),
        (IdJag { scope: Some("notes:admin".to_owned()), ..world.assertion() }, "invalid_scope"),
    ] {
        assert_eq!(world.assert(&bad).await, refused(error), "{bad:?}");
    }
}

#[tokio::test]
async fn an_assertion_is_one_by_type_and_signature() {
    let world = World::start().await;
    let enterprise = &world.parties.enterprise;
    // What else the enterprise signs.
    for typ in ["JWT", "at+jwt"] {
        let signed = enterprise.sign(typ, &world.assertion()).unwrap();
        assert_eq!(world.assert_signed(&signed).await, refused("invalid_grant"), "{typ}");
    }
    let id_token = enterprise.sign_in(ALICE.enterprise_subject.unwrap()).unwrap();
    assert_eq!(world.assert_signed(&id_token).await, refused("invalid_grant"));
    // One for later.
    let mut later = serde_json::to_value(world.assertion()).unwrap();
    later["nbf"] = json!(now() + 30);
    assert_eq!(world.assert_signed(&enterprise.sign(ID_JAG, &later).unwrap()).await, refused("invalid_grant"));
    // A list of servers.
    let mut several = serde_json::to_value(world.assertion()).unwrap();
    several["aud"] = json!([world.addresses.issuer, "https://other.example.com"]);
    let signed = enterprise.sign(ID_JAG, &several).unwrap();
    assert_eq!(world.assert_signed(&signed).await, refused("invalid_grant"));
    // The claims of one, the signature of another; the key of somebody else; nothing that is a JWT.
    let (one, other) = (world.assertion(), world.assertion());
    let (one, other) = (enterprise.sign(ID_JAG, &one).unwrap(), enterprise.sign(ID_JAG, &other).unwrap());
    let mixed = format!("{}.{}", one.rsplit_once('.').unwrap().0, other.rsplit_once('.').unwrap().1);
    assert_eq!(world.assert_signed(&mixed).await, refused("invalid_grant"));
    let foreign = SigningKey::generate().unwrap().sign(ID_JAG, &world.assertion()).unwrap();
    assert_eq!(world.assert_signed(&foreign).await, refused("invalid_grant"));
    assert_eq!(world.assert_signed("a.b.c").await, refused("invalid_grant"));
    // A client without the grant, with one that was made for it.
    let for_job = IdJag { client_id: NIGHTLY_JOB.0.to_owned(), ..world.assertion() };
    let form = [("grant_type", JWT_BEARER), ("assertion", &enterprise.sign(ID_JAG, &for_job).unwrap())];
    let request = world.http.post(world.at("/token")).basic_auth(NIGHTLY_JOB.0, Some(NIGHTLY_JOB.1)).form(&form);
    assert_eq!(verdict(request.send().await.unwrap()).await, refused("unauthorized_client"));
}

#[tokio::test]
async fn a_document_is_the_clients_own_and_small() {
    let world = World::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let document = |id: String, more: Value| {
        let mut document = json!({ "client_id": id, "redirect_uris": [world.addresses.redirect_uri()] });
        document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        get(async move || Json(document))
    };
    let own = |path: &str| format!("{origin}{path}");
    let documents = Router::new()
        .route("/good", document(own("/good"), json!({ "client_name": "Good" })))
        .route("/copied", document(own("/good"), json!({})))
        .route("/secret", document(own("/secret"), json!({ "token_endpoint_auth_method": "client_secret_basic" })))
        .route("/large", document(own("/large"), json!({ "client_name": "a".repeat(6000) })))
        .route("/script", document(own("/script"), json!({ "redirect_uris": ["javascript:alert(1)"] })))
        .route("/moved", get(axum::response::Redirect::temporary("/good")));
    let server = tokio::spawn(async move { axum::serve(listener, documents).await });
    for (path, status) in [
        ("/good", StatusCode::OK),
        ("/copied", StatusCode::BAD_REQUEST),
        ("/secret", StatusCode::BAD_REQUEST),
        ("/large", StatusCode::BAD_REQUEST),
        ("/script", StatusCode::BAD_REQUEST),
        ("/moved", StatusCode::BAD_REQUEST),
        ("/missing", StatusCode::BAD_REQUEST),
    ] {
        let answer = world.open(&world.authorization(&own(path), &[])).await;
        assert_eq!(answer.status(), status, "{path}");
    }
    server.abort();
}

#[tokio::test]
async fn clients_that_are_web_pages_reach_what_they_need_and_no_more() {
    let world = World::start().await;
    let preflight = |path: &str| {
        let request = world.http.request(reqwest::Method::OPTIONS, world.at(path));
        request.header("origin", "https://app.example.com").send()
    };
    for path in ["/.well-known/oauth-authorization-server", "/jwks", "/register", "/token"] {
        let answer = preflight(path).await.unwrap();
        assert_eq!(answer.status(), StatusCode::NO_CONTENT, "{path}");
        assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    }
    for path in ["/authorize", "/login", "/consent", "/introspect"] {
        let answer = preflight(path).await.unwrap();
        assert_eq!(answer.headers().get("access-control-allow-origin"), None, "{path}");
    }
}

#[tokio::test]
async fn a_browser_goes_through_the_pages() {
    let world = World::start().await;
    let client = world.client("Test").await;
    // Nobody is at the client's address here, which is how far the browser should come.
    let error = Browser::of("alice", "wonderland").unwrap().open(&world.authorization(&client, &[])).await.unwrap_err();
    assert!(error.to_string().contains("404"), "{error}");
}
