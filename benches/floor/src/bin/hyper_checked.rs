//! A server on hyper with the checks that the specification requires.

use bytes::Bytes;
use floor::checks::{Refusal, admit, mirrors};
use floor::message::Request as Message;
use floor::on_hyper::{Endpoint, challenge, json, serve, status};
use floor::{MAX_BODY, Outcome, Server, run, tools};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;

struct AllChecks;

fn main() -> Outcome {
    run(serve::<AllChecks>())
}

impl Endpoint for AllChecks {
    async fn answer(server: &Server, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let caller = match admit(server, request.headers()) {
            Ok(caller) => caller,
            Err(Refusal::Plain(refusal)) => return status(refusal),
            Err(Refusal::Challenge(refusal)) => return challenge(server, refusal),
        };
        let (parts, body) = request.into_parts();
        let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
            return status(StatusCode::BAD_REQUEST);
        };
        let body = body.to_bytes();
        match serde_json::from_slice::<Message<'_>>(&body) {
            Ok(message) if mirrors(&parts.headers, &message) => json(tools::answer(server, caller, &message)),
            _ => status(StatusCode::BAD_REQUEST),
        }
    }
}
