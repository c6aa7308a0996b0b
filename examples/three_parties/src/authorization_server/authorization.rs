//! The authorization endpoint (RFC 6749 §4.1, with PKCE): a browser arrives with a client's request, its person signs in
//! and decides, and the browser goes back to the client with a code.

use std::sync::Arc;

use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Form, Query, State};
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use url::Url;

use super::clients::{Client, GrantType};
use super::error::OAuthError;
use super::pages::{self, Problem};
use super::redirect_uri;
use super::sessions::Session;
use super::store::{Code, Grant};
use super::{AuthorizationServer, Resource};
use crate::signing::{random_text, same_secret};

/// Limits a client's `state`, which is stored until the person decides.
const LONGEST_STATE: usize = 2_000;

/// A client's request to a person, after every check.
#[derive(Clone)]
pub(super) struct AuthorizationRequest {
    pub(super) client: Client,
    pub(super) redirect_uri: String,
    state: Option<String>,
    challenge: String,
    pub(super) resource: String,
    pub(super) scopes: Vec<String>,
    /// The session of the browser that it came with.
    session: String,
}

#[derive(Deserialize)]
pub(super) struct Parameters {
    client_id: Option<String>,
    redirect_uri: Option<String>,
    response_type: Option<String>,
    state: Option<String>,
    scope: Option<String>,
    resource: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
}

/// `GET /authorize`
pub(super) async fn begin(
    State(server): State<Arc<AuthorizationServer>>,
    headers: HeaderMap,
    parameters: Result<Query<Parameters>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(parameters) = parameters.map_err(|_| Problem("The request has a parameter twice."))?;

    // Until these two are known to belong together, nobody is sent anywhere: it could be to an attacker.
    let client_id = parameters.client_id.as_deref().unwrap_or_default();
    let client = server.client(client_id).await.map_err(|_| Problem::UNKNOWN_CLIENT)?;
    let redirect_uri = (parameters.redirect_uri.clone())
        .filter(|uri| redirect_uri::is_one_of(uri, &client.redirect_uris))
        .ok_or(Problem("The application wants you to be sent to an address that is not one of its own."))?;
    if parameters.state.as_ref().is_some_and(|state| state.len() > LONGEST_STATE) {
        return Err(Problem("The application asks for too much to be remembered."));
    }

    let (resource, scopes, challenge) = match server.check(&parameters, &client) {
        Ok(asked) => asked,
        Err(error) => {
            let address = server.refusal(&redirect_uri, parameters.state.as_deref(), error)?;
            return Ok(turn_back(&address, error));
        }
    };
    let session = match server.session(&headers) {
        Some(session) => session,
        None => server.start_session(None)?,
    };
    let (state, session_id) = (parameters.state, session.id.clone());
    let request =
        AuthorizationRequest { client, redirect_uri, state, challenge, resource, scopes, session: session_id };
    let id = random_text();
    server.store().requests.insert(id.clone(), request.clone(), server.settings.lifetimes.session)?;

    let page = match session.person {
        None => pages::login(&id, &session, &request, None),
        Some(person) => server.consent_page(&id, &session, &request, person),
    };
    Ok(([(SET_COOKIE, session.set_cookie())], page).into_response())
}

#[derive(Deserialize)]
pub(super) struct Login {
    request: String,
    csrf: String,
    username: String,
    password: String,
}

/// `POST /login`
pub(super) async fn login(
    State(server): State<Arc<AuthorizationServer>>,
    headers: HeaderMap,
    form: Result<Form<Login>, FormRejection>,
) -> Result<Response, Problem> {
    let Form(form) = form.map_err(|_| Problem::FORM)?;
    let (session, request) = server.pending(&headers, &form.request, Some(&form.csrf))?;
    let person = server.settings.people.iter().find(|person| person.name == form.username);
    // As long for people who are not known, so that nobody finds out who is.
    let right = same_secret(person.map_or("", |person| person.password), &form.password);
    let Some(person) = person.filter(|_| right) else {
        return Ok(pages::login(&form.request, &session, &request, Some(&form.username)));
    };

    let signed_in = server.start_session(Some(person.name))?;
    let request = AuthorizationRequest { session: signed_in.id.clone(), ..request };
    let mut store = server.store();
    store.sessions.remove(&session.id);
    store.requests.insert(form.request.clone(), request, server.settings.lifetimes.session)?;
    let next = Redirect::to(&format!("/consent?request={}", form.request));
    Ok(([(SET_COOKIE, signed_in.set_cookie())], next).into_response())
}

#[derive(Deserialize)]
pub(super) struct Ask {
    request: String,
}

/// `GET /consent`
pub(super) async fn ask(
    State(server): State<Arc<AuthorizationServer>>,
    headers: HeaderMap,
    query: Result<Query<Ask>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(ask) = query.map_err(|_| Problem::FORM)?;
    let (session, request) = server.pending(&headers, &ask.request, None)?;
    let person = session.person.ok_or(Problem::FORM)?;
    Ok(server.consent_page(&ask.request, &session, &request, person))
}

#[derive(Deserialize)]
pub(super) struct Consent {
    request: String,
    csrf: String,
    decision: Decision,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Decision {
    Allow,
    Deny,
}

/// `POST /consent`
pub(super) async fn decide(
    State(server): State<Arc<AuthorizationServer>>,
    headers: HeaderMap,
    form: Result<Form<Consent>, FormRejection>,
) -> Result<Response, Problem> {
    let Form(form) = form.map_err(|_| Problem::FORM)?;
    let (session, request) = server.pending(&headers, &form.request, Some(&form.csrf))?;
    let person = session.person.ok_or(Problem::FORM)?;
    // A request is decided once.
    server.store().requests.remove(&form.request).ok_or(Problem::FORM)?;
    if let Decision::Deny = form.decision {
        let denied = OAuthError::new("access_denied", "The person did not allow it");
        return Ok(go(&server.refusal(&request.redirect_uri, request.state.as_deref(), denied)?));
    }
    let code = server.issue_code(&request, person)?;
    Ok(go(&server.answer(&request.redirect_uri, request.state.as_deref(), &[("code", &code)])?))
}

impl AuthorizationServer {
    /// Checks resource, scopes and code challenge, whose failures are reported to the client.
    fn check(&self, parameters: &Parameters, client: &Client) -> Result<(String, Vec<String>, String), OAuthError> {
        if parameters.response_type.as_deref() != Some("code") {
            return Err(OAuthError::new("unsupported_response_type", "`response_type` must be `code`"));
        }
        if !client.grants.contains(&GrantType::AuthorizationCode) {
            return Err(OAuthError::new("unauthorized_client", "This client does not act for people"));
        }
        let challenge = parameters.code_challenge.clone().unwrap_or_default();
        // A digest of SHA-256 in base64url has 43 characters. `plain`, the default of the RFC, protects nobody.
        if parameters.code_challenge_method.as_deref() != Some("S256") || challenge.len() != 43 {
            return Err(OAuthError::invalid_request("PKCE with `code_challenge_method=S256` is required"));
        }
        let resource = (parameters.resource.as_deref()).and_then(|url| self.resource(url));
        let resource = resource.ok_or(OAuthError::invalid_target())?;
        let scopes = resource.scopes(parameters.scope.as_deref())?;
        Ok((resource.url.clone(), scopes, challenge))
    }

    /// Returns the request of a page, if this browser was shown that page.
    fn pending(
        &self,
        headers: &HeaderMap,
        id: &str,
        csrf: Option<&str>,
    ) -> Result<(Session, AuthorizationRequest), Problem> {
        let session = self.session(headers).ok_or(Problem::FORM)?;
        if csrf.is_some_and(|csrf| !session.showed(csrf)) {
            return Err(Problem::FORM);
        }
        let request = self.store().requests.find(id).cloned().ok_or(Problem::FORM)?;
        if request.session == session.id { Ok((session, request)) } else { Err(Problem::FORM) }
    }

    fn consent_page(&self, id: &str, session: &Session, request: &AuthorizationRequest, person: &str) -> Response {
        let Some(resource) = self.resource(&request.resource) else { return Problem::FORM.into_response() };
        let store = self.store();
        let before = store.allowed(&request.client.id, person, &request.resource);
        pages::consent(id, session, request, resource, person, &before)
    }

    fn issue_code(&self, request: &AuthorizationRequest, person: &str) -> Result<String, OAuthError> {
        let (code, grant_id) = (random_text(), random_text());
        let grant = Grant {
            client: request.client.id.clone(),
            subject: person.to_owned(),
            resource: request.resource.clone(),
            scopes: request.scopes.clone(),
        };
        let entry = Code {
            grant: grant_id.clone(),
            client: request.client.id.clone(),
            redirect_uri: request.redirect_uri.clone(),
            challenge: request.challenge.clone(),
            used: false,
        };
        let mut store = self.store();
        store.grants.insert(grant_id, grant, self.settings.lifetimes.refresh_token)?;
        store.codes.insert(code.clone(), entry, self.settings.lifetimes.code)?;
        Ok(code)
    }

    fn refusal(&self, redirect_uri: &str, state: Option<&str>, error: OAuthError) -> Result<Url, Problem> {
        self.answer(redirect_uri, state, &[("error", error.code), ("error_description", error.description)])
    }

    /// Returns the client's address with an answer in it, and the issuer (RFC 9207).
    ///
    /// The issuer keeps a client of several servers from mixing up their answers.
    fn answer(&self, redirect_uri: &str, state: Option<&str>, answer: &[(&str, &str)]) -> Result<Url, Problem> {
        let mut url = Url::parse(redirect_uri).map_err(|_| Problem::FORM)?;
        url.query_pairs_mut()
            .extend_pairs(answer)
            .extend_pairs(state.map(|state| ("state", state)))
            .append_pair("iss", &self.settings.issuer);
        Ok(url)
    }
}

/// Answers a request that was refused before a person decided.
///
/// Because anyone can register a client, a link to this endpoint must not redirect people to any site (RFC 9700
/// §4.11.2). Only a program on their own machine gets the error without a question.
fn turn_back(address: &Url, error: OAuthError) -> Response {
    if redirect_uri::is_loopback(address.as_str()) { go(address) } else { pages::refusal(error.description, address) }
}

fn go(address: &Url) -> Response {
    Redirect::to(address.as_str()).into_response()
}

impl Resource {
    /// Reads the scopes of a request, each of which has to be one of this resource.
    pub(super) fn scopes(&self, requested: Option<&str>) -> Result<Vec<String>, OAuthError> {
        let requested = requested.filter(|scopes| !scopes.is_empty()).unwrap_or(self.default_scope);
        let mut scopes: Vec<String> = Vec::new();
        for scope in requested.split(' ') {
            if !self.scopes.iter().any(|(known, _)| *known == scope) {
                return Err(OAuthError::invalid_scope());
            }
            if !scopes.iter().any(|known| known == scope) {
                scopes.push(scope.to_owned());
            }
        }
        Ok(scopes)
    }
}
