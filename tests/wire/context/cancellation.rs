//! Methods whose client cancels the request or disconnects.

use std::sync::Mutex;
use std::sync::mpsc;

use mcp::{Context, Http, Stdio};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::support::client::{call, deliver, modern_message};
use crate::support::stdio;

struct Worker {
    started: Mutex<Option<oneshot::Sender<()>>>,
    /// Gets `is_cancelled` before and after `cancelled` completes.
    ended: mpsc::Sender<[bool; 2]>,
}

#[mcp::server(name = "worker", version = "1")]
impl Worker {
    /// Work until nobody waits any more.
    #[mcp::tool(blocking)]
    fn work(&self, cx: &Context) -> &'static str {
        let before = cx.is_cancelled();
        self.started.lock().unwrap().take().unwrap().send(()).unwrap();
        Handle::current().block_on(cx.cancelled());
        self.ended.send([before, cx.is_cancelled()]).unwrap();
        "too late"
    }
}

fn worker() -> (Worker, oneshot::Receiver<()>, mpsc::Receiver<[bool; 2]>) {
    let ((started, has_started), (ended, has_ended)) = (oneshot::channel(), mpsc::channel());
    (Worker { started: Mutex::new(Some(started)), ended }, has_started, has_ended)
}

#[tokio::test]
async fn over_http_a_client_leaves() {
    let (worker, has_started, has_ended) = worker();
    let app = Http::open(worker).router();
    let request = tokio::spawn(async move { deliver(&app, call("", "work", "{}")).await });
    has_started.await.expect("the method runs");
    request.abort();
    assert!(request.await.is_err());
    let ended = tokio::task::spawn_blocking(move || has_ended.recv()).await.unwrap();
    assert_eq!(ended, Ok([false, true]));
}

#[tokio::test]
async fn over_stdio_a_client_cancels() {
    let (worker, has_started, has_ended) = worker();
    let mut client = stdio::Client::of(Stdio::new(worker));
    client.write(&modern_message("tools/call", r#""name":"work""#)).await;
    has_started.await.expect("the method runs");
    client.write(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#).await;
    let ended = tokio::task::spawn_blocking(move || has_ended.recv()).await.unwrap();
    assert_eq!(ended, Ok([false, true]));
    assert_eq!(client.finish().await, Vec::<String>::new());
}
