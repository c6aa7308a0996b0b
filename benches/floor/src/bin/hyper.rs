//! A server on hyper that checks the bearer token, and nothing else of the specification.

use bytes::Bytes;
use floor::message::Request as Message;
use floor::on_hyper::{Endpoint, challenge, json, serve, status};
use floor::{MAX_BODY, Outcome, Server, run, tools};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;

struct TokenAlone;

fn main() -> Outcome {
    run(serve::<TokenAlone>())
}

impl Endpoint for TokenAlone {
    async fn answer(server: &Server, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let Some(caller) = server.caller(request.headers()) else {
            return challenge(server, StatusCode::UNAUTHORIZED);
        };
        let Ok(body) = Limited::new(request.into_body(), MAX_BODY).collect().await else {
            return status(StatusCode::BAD_REQUEST);
        };
        let body = body.to_bytes();
        match serde_json::from_slice::<Message<'_>>(&body) {
            Ok(message) => json(tools::answer(server, caller, &message)),
            Err(_) => status(StatusCode::BAD_REQUEST),
        }
    }
}
