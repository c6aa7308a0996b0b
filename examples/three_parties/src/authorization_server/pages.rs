//! The pages that people see. `maud` escapes the names of clients, which anyone can choose.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use url::Url;

use super::Resource;
use super::authorization::AuthorizationRequest;
use super::error::OAuthError;
use super::sessions::Session;

pub(super) fn login(id: &str, session: &Session, request: &AuthorizationRequest, failed: Option<&str>) -> Response {
    let content = html! {
        h1 { "Sign in" }
        p.lead { "to continue to " strong { (name(request)) } }
        @if failed.is_some() {
            p.alert role="alert" { "This name and password do not belong together." }
        }
        form method="post" action="/login" {
            (hidden(id, session))
            label for="username" { "Name" }
            input #username name="username" value=(failed.unwrap_or_default()) autocomplete="username" required autofocus;
            label for="password" { "Password" }
            input #password name="password" type="password" autocomplete="current-password" required;
            button.primary { "Sign in" }
        }
        p.hint { "This is an example. Its people are " code { "alice" } " and " code { "bob" }
            ", with the passwords " code { "wonderland" } " and " code { "builder" } "." }
    };
    page(StatusCode::OK, "Sign in", &request.redirect_uri, &content)
}

/// Renders the question for consent. `before` are the scopes that the person allowed earlier.
pub(super) fn consent(
    id: &str,
    session: &Session,
    request: &AuthorizationRequest,
    resource: &Resource,
    person: &str,
    before: &[&str],
) -> Response {
    let scopes = resource.scopes.iter().filter(|(scope, _)| request.scopes.iter().any(|asked| asked == scope));
    let content = html! {
        h1 { strong { (name(request)) } " would like to use " (resource.name) }
        p.lead { "as " strong { (person) } }
        ul.scopes {
            @for (scope, meaning) in scopes {
                li {
                    span { (meaning) " " code { (scope) } }
                    @if before.contains(scope) { span.badge { "allowed before" } } @else { span.badge.new { "new" } }
                }
            }
        }
        dl {
            // An id that is an address says more than a name; a random one says nothing.
            @if Url::parse(&request.client.id).is_ok() { dt { "Application" } dd { (request.client.id) } }
            dt { "Sends you to" } dd { (place(&request.redirect_uri)) }
            dt { "Server" } dd { (resource.url) }
        }
        form method="post" action="/consent" {
            (hidden(id, session))
            div.choice {
                button name="decision" value="deny" { "Deny" }
                button.primary name="decision" value="allow" { "Allow" }
            }
        }
        p.hint { "Anyone can give an application any name. Allow this only if you have just started it." }
    };
    page(StatusCode::OK, "Allow access", &request.redirect_uri, &content)
}

/// Renders an application's mistake, with an optional way back to `address`, which has the answer.
pub(super) fn refusal(description: &str, address: &Url) -> Response {
    let content = html! {
        h1 { "This did not work" }
        p.lead { (description) }
        p { a href=(address) rel="noreferrer" { "Back to " (place(address.as_str())) } }
        p.hint { "Go there only if you have just come from there." }
    };
    page(StatusCode::BAD_REQUEST, "Problem", "", &content)
}

/// A mistake, for a person who can't be sent back to the application.
#[derive(Debug, Clone, Copy)]
pub(super) struct Problem(pub(super) &'static str);

impl Problem {
    pub(super) const UNKNOWN_CLIENT: Self = Self(
        "The application is not known here. If it has registered before this server was started, let it do so again.",
    );
    pub(super) const FORM: Self = Self("This page is too old, or was not opened in this browser.");
}

impl From<OAuthError> for Problem {
    fn from(error: OAuthError) -> Self {
        Self(error.description)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let content = html! {
            h1 { "This did not work" }
            p.lead { (self.0) }
            p.hint { "Go back to the application and start again." }
        };
        page(StatusCode::BAD_REQUEST, "Problem", "", &content)
    }
}

/// Renders the client's name, isolated so that text from right to left affects nothing else.
fn name(request: &AuthorizationRequest) -> Markup {
    html! { bdi { (request.client.name) } }
}

fn hidden(request: &str, session: &Session) -> Markup {
    html! {
        input type="hidden" name="request" value=(request);
        input type="hidden" name="csrf" value=(session.csrf());
    }
}

fn page(status: StatusCode, title: &str, redirect_uri: &str, content: &Markup) -> Response {
    crate::page::page(status, "Authorization server", title, &place(redirect_uri), content)
}

/// Returns the origin of an address, or the scheme of an app.
fn place(uri: &str) -> String {
    match Url::parse(uri) {
        Ok(url) if url.origin().is_tuple() => url.origin().ascii_serialization(),
        Ok(url) => format!("{}:", url.scheme()),
        Err(_) => String::new(),
    }
}
