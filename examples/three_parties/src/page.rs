//! The common frame of the pages of authorization server and client.

use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_FRAME_OPTIONS};
use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

/// Returns a page without scripts, foreign content and frames.
///
/// Its forms are sent to its own origin, which may redirect to the origin `next`.
pub(crate) fn page(status: StatusCode, party: &str, title: &str, next: &str, content: &Markup) -> Response {
    let policy = format!(
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' {next}"
    );
    let html = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                link rel="stylesheet" href="/style.css";
            }
            body { main { p.party { (party) } (content) } }
        }
    };
    let headers = [
        (CONTENT_SECURITY_POLICY, policy.trim_end()),
        (X_FRAME_OPTIONS, "DENY"),
        // Other sites do not learn the addresses, which have a person's requests in them.
        (REFERRER_POLICY, "same-origin"),
        (CACHE_CONTROL, "no-store"),
    ];
    (status, headers, Html(html.into_string())).into_response()
}

/// `GET /style.css`
pub(crate) async fn style() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("style.css")).into_response()
}
