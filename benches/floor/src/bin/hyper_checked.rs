//! On hyper, with what the specification asks for.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use floor::checks::{Refusal, admit, mirrors};
use floor::message::Request as Message;
use floor::{MAX_BODY, Outcome, Server, run, tools};
use http::header::{CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

fn main() -> Outcome {
    run(serve())
}

async fn serve() -> Outcome {
    let server = Arc::new(Server::from_environment()?);
    let listener = TcpListener::bind(("127.0.0.1", server.port)).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let server = Arc::clone(&server);
        tokio::spawn(async move {
            let service = service_fn(|request| handle(&server, request));
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn handle(server: &Server, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(match (request.method(), request.uri().path()) {
        (&Method::POST, "/mcp") => mcp(server, request).await,
        (&Method::GET, "/.well-known/oauth-protected-resource/mcp") => json(server.metadata.clone()),
        _ => status(StatusCode::NOT_FOUND),
    })
}

async fn mcp(server: &Server, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let caller = match admit(server, request.headers()) {
        Ok(caller) => caller,
        Err(Refusal::Plain(refusal)) => return status(refusal),
        Err(Refusal::Challenge(refusal)) => {
            let mut response = status(refusal);
            let challenge = HeaderValue::from_str(&server.challenge).expect("a challenge is a value of a header");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
            return response;
        }
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

fn json(body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
