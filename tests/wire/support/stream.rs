//! Streams of server-sent events, one message at a time.

use axum::Router;
use axum::body::Body;
use http::{Request, Response};
use http_body_util::BodyExt as _;

use super::client::{deliver, modern_message, post};

/// A stream that a client reads.
pub(crate) struct Stream(Body);

impl Stream {
    /// Sends a request whose answer is a stream.
    pub(crate) async fn open(app: &Router, request: Request<Body>) -> Self {
        Self::of(deliver(app, request).await)
    }

    pub(crate) fn of(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        assert_eq!(parts.status, 200);
        for (name, value) in
            [("content-type", "text/event-stream"), ("cache-control", "no-store"), ("x-accel-buffering", "no")]
        {
            assert_eq!(parts.headers[name], value, "{name}");
        }
        Self(body)
    }

    /// The next piece, which is a whole event; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<String> {
        let frame = self.0.frame().await?.expect("a stream does not break");
        let data = frame.into_data().expect("data").to_vec();
        Some(String::from_utf8(data).expect("UTF-8"))
    }

    /// The id and the message of the next event.
    pub(crate) async fn identified(&mut self) -> (String, String) {
        let event = self.next().await.expect("an event");
        let fields = event
            .strip_prefix("event: message\nid: ")
            .and_then(|event| event.strip_suffix("\n\n")?.split_once("\ndata: "));
        let (id, message) = fields.unwrap_or_else(|| panic!("no event with an id and a message: {event:?}"));
        (id.to_owned(), message.to_owned())
    }

    /// The message of the next event, which has nothing else.
    pub(crate) async fn message(&mut self) -> String {
        let event = self.next().await.expect("an event");
        let message = event.strip_prefix("event: message\ndata: ").and_then(|event| event.strip_suffix("\n\n"));
        message.unwrap_or_else(|| panic!("no event with a message alone: {event:?}")).to_owned()
    }

    /// The message of the next event that has one, whatever else it has.
    pub(crate) async fn any_message(&mut self) -> String {
        loop {
            let event = self.next().await.expect("an event");
            if let Some(data) = event.lines().find_map(|line| line.strip_prefix("data: ")) {
                return data.to_owned();
            }
        }
    }
}

/// A request for changes, with this id.
pub(crate) fn listen(id: &str, notifications: &str) -> Request<Body> {
    let params = format!(r#""notifications":{{{notifications}}}"#);
    let body = modern_message("subscriptions/listen", &params).replacen(r#""id":1"#, &format!(r#""id":{id}"#), 1);
    post(&[("mcp-protocol-version", "2026-07-28"), ("mcp-method", "subscriptions/listen")], body)
}
