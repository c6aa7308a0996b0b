//! An authorization server that answers what a test wants, and shows what it was asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

/// An authorization server that answers what it is told to.
pub(crate) struct AuthorizationServer {
    pub(crate) url: String,
    state: Arc<State>,
    requests: mpsc::UnboundedReceiver<String>,
}

struct State {
    reply: Mutex<Reply>,
    replies_by_token: Mutex<HashMap<String, Reply>>,
    open: watch::Sender<bool>,
    requests: mpsc::UnboundedSender<String>,
}

#[derive(Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: vec![("content-type", "application/json".to_owned())], body: body.into() }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl AuthorizationServer {
    pub(crate) async fn start(path: &str, reply: Reply) -> Self {
        Self::start_on(TcpListener::bind("127.0.0.1:0").await.expect("a free port"), path, reply)
    }

    pub(crate) fn start_on(listener: TcpListener, path: &str, reply: Reply) -> Self {
        let (sender, requests) = mpsc::unbounded_channel();
        let state = Arc::new(State {
            reply: Mutex::new(reply),
            replies_by_token: Mutex::default(),
            open: watch::Sender::new(true),
            requests: sender,
        });
        let url = format!("http://{}{path}", listener.local_addr().expect("an address"));
        let app = Router::new().fallback({
            let state = state.clone();
            move |request| answer(state, request)
        });
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, state, requests }
    }

    pub(crate) fn reply(&self, reply: Reply) {
        *self.state.reply.lock().unwrap() = reply;
    }

    pub(crate) fn reply_to(&self, token: &str, reply: Reply) {
        self.state.replies_by_token.lock().unwrap().insert(token.to_owned(), reply);
    }

    /// Gives all tokens the one answer again.
    pub(crate) fn reply_to_all(&self) {
        self.state.replies_by_token.lock().unwrap().clear();
    }

    /// Holds every answer back until [`release`](Self::release).
    pub(crate) fn hold(&self) {
        self.state.open.send_replace(false);
    }

    pub(crate) fn release(&self) {
        self.state.open.send_replace(true);
    }

    /// The next request, once it comes.
    pub(crate) async fn next(&mut self) -> String {
        self.requests.recv().await.expect("a server")
    }

    /// The requests that came since the last time.
    pub(crate) fn asked(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.requests.try_recv().ok()).collect()
    }
}

async fn answer(state: Arc<State>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    let body = String::from_utf8(body.to_vec()).expect("text");
    let mut headers: Vec<_> = parts
        .headers
        .iter()
        .filter(|(name, _)| !["host", "content-length"].contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {}\n", value.to_str().expect("text")))
        .collect();
    headers.sort();
    let reply = {
        let replies = state.replies_by_token.lock().unwrap();
        let by_token = body.split(['&', '=']).find_map(|part| replies.get(part)).cloned();
        by_token.unwrap_or_else(|| state.reply.lock().unwrap().clone())
    };
    state.requests.send(format!("{} {}\n{}\n{body}", parts.method, parts.uri, headers.concat())).expect("a test");
    state.open.subscribe().wait_for(|open| *open).await.expect("a server");
    let mut response = Response::builder().status(reply.status);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    response.body(reply.body.into()).expect("a response")
}
