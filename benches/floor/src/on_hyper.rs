//! The common parts of servers on hyper: all but the answer to a message.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::{Outcome, Server};

/// A handler of `POST /mcp`.
pub trait Endpoint: 'static {
    fn answer(server: &Server, request: Request<Incoming>) -> impl Future<Output = Response<Full<Bytes>>> + Send;
}

/// Serves until the program is ended.
pub async fn serve<E: Endpoint>() -> Outcome {
    let server = Arc::new(Server::from_environment()?);
    let listener = TcpListener::bind(("127.0.0.1", server.port)).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let server = Arc::clone(&server);
        tokio::spawn(async move {
            let service = service_fn(|request| handle::<E>(&server, request));
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn handle<E: Endpoint>(server: &Server, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(match (request.method(), request.uri().path()) {
        (&Method::POST, "/mcp") => E::answer(server, request).await,
        (&Method::GET, "/.well-known/oauth-protected-resource/mcp") => json(server.metadata.clone()),
        _ => status(StatusCode::NOT_FOUND),
    })
}

pub fn json(body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

pub fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

pub fn challenge(server: &Server, refusal: StatusCode) -> Response<Full<Bytes>> {
    let mut response = status(refusal);
    let challenge = HeaderValue::from_str(&server.challenge).expect("a challenge is a value of a header");
    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    response
}
