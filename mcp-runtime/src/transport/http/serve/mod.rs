//! A server of its own: listening, and stopping without losing a request.

mod head_timer;
#[cfg(feature = "axum")]
mod router;
pub(crate) mod site;
mod summary;

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::HttpService;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio::task::JoinSet;

use self::head_timer::HeadTimer;
use crate::auth::ProtectedResource;
use crate::auth::gate::Gate;
use crate::latch::Latch;
use crate::server::{Server, Service};
use crate::transport::http::Http;
use crate::transport::http::request::origin::{authority, is_loopback};
use crate::transport::http::response::body::ResponseBody;
use crate::transport::http::response::expiry::A_YEAR;

/// The time that clients have at the end to ask how their tasks have ended: twice the time after which they should ask.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

#[expect(private_bounds, reason = "the two gates are chosen by the constructors")]
impl<S: Server, G: Gate> Http<S, G> {
    /// Listens on `address` and serves until SIGINT or SIGTERM.
    ///
    /// Requests in flight and running tasks are then finished, before it returns. A second signal cuts them off.
    ///
    /// It speaks HTTP/1.1 without TLS; put a proxy in front, or use [`router`](Self::router).
    ///
    /// # Errors
    /// When the address cannot be listened on. Before that, when the verifier was made for another resource or for other
    /// issuers than the server has, and so would refuse good tokens.
    pub async fn serve(self, address: impl ToSocketAddrs) -> io::Result<()> {
        self.check()?;
        let listener = bind(address).await?;
        let (first, second) = (signals(1)?, signals(2)?);
        tokio::select! {
            served = self.serve_until(listener, first) => served,
            () = second => Ok(()),
        }
    }

    /// Serves the connections of `listener` until `stop` is ready.
    ///
    /// Requests in flight and running tasks are then finished, before it returns.
    ///
    /// # Errors
    /// When the listener has no local address, or the verifier was made for another resource or for other issuers than
    /// the server has.
    pub async fn serve_until(self, listener: TcpListener, stop: impl Future<Output = ()>) -> io::Result<()> {
        let address = listener.local_addr()?;
        let (changes, service) = (self.changes(), Arc::clone(&self.service));
        let _end = TasksEnd(Arc::clone(&service));
        let shutdown_timeout = self.settings.limits.request.shutdown_timeout;
        // It is added to the current time, which has an end.
        let header_timeout = self.settings.limits.request.header_timeout.min(A_YEAR);
        let site = Arc::new(self.into_site(address.ip().is_loopback())?);
        announce(site.resource(), address);
        let sessions = site.sessions();
        // Dropping it cuts off what still runs.
        let mut connections = JoinSet::new();
        let serve = |(stream, peer): (TcpStream, SocketAddr),
                     keep_alive: bool,
                     stopping: &Arc<Latch>,
                     connections: &mut JoinSet<()>| {
            let site = Arc::clone(&site);
            let service = hyper::service::service_fn(move |request| site.handle(request, Some(peer)));
            let connection = http1::Builder::new()
                .timer(HeadTimer::new(header_timeout, Arc::clone(stopping)))
                .header_read_timeout(header_timeout)
                .keep_alive(keep_alive)
                .serve_connection(TokioIo::new(stream), service);
            while connections.try_join_next().is_some() {}
            connections.spawn(run(connection, Arc::clone(stopping)));
        };
        let (stopping, closing) = (Arc::<Latch>::default(), Arc::<Latch>::default());
        let mut stop = std::pin::pin!(stop);
        loop {
            tokio::select! {
                stream = accept(&listener) => serve(stream, true, &stopping, &mut connections),
                () = &mut stop => break,
            }
        }
        // First, because a stream is a request in flight that has no end of its own.
        changes.close();
        tracing::info!("stopping: finishing the requests in flight and the running tasks");
        stopping.set();
        let finished = async {
            // The client of a task learns how it ends by asking, so that it is let in as long as one runs.
            let mut tasks = std::pin::pin!(end_of_tasks(&service, shutdown_timeout));
            loop {
                tokio::select! {
                    biased;
                    () = &mut tasks => break,
                    stream = accept(&listener) => serve(stream, false, &closing, &mut connections),
                }
            }
            drop(listener);
            closing.set();
            while connections.join_next().await.is_some() {}
        };
        if tokio::time::timeout(shutdown_timeout, finished).await.is_err() {
            tracing::warn!(
                ?shutdown_timeout,
                "requests in flight were cut off; `limits.request.shutdown_timeout` gives them longer"
            );
        }
        // What goes on for clients that are gone.
        sessions.end_all();
        Ok(())
    }
}

fn announce(resource: Option<&ProtectedResource>, address: SocketAddr) {
    tracing::info!(%address, resource = resource.map(|resource| &*resource.url), "listening");
    if let Some(resource) = resource
        && contradicts(authority(&resource.origin), address)
    {
        tracing::warn!(
            %address,
            resource = &*resource.url,
            "the resource is a loopback address, but not the one that is listened on, so clients are sent to the \
             wrong place; set `resource` in `#[mcp::server]` or with `Protection::resource`"
        );
    }
}

/// Cuts tasks off when it is dropped, however serving comes to its end.
struct TasksEnd(Arc<Service>);

impl Drop for TasksEnd {
    fn drop(&mut self) {
        self.0.shared().abort_tasks();
    }
}

/// Waits until no task runs, and some time longer for clients to ask how theirs has ended. Those that take too long are
/// cut off before the requests are, so that their clients can be told.
async fn end_of_tasks(service: &Arc<Service>, shutdown_timeout: Duration) {
    let last_answers = (shutdown_timeout / 10).min(LAST_ANSWERS);
    let had_tasks = match tokio::time::timeout(shutdown_timeout - last_answers, service.shared().finish_tasks()).await {
        Ok(had_tasks) => had_tasks,
        Err(_) => {
            tracing::warn!(
                ?shutdown_timeout,
                "tasks were cut off; `limits.request.shutdown_timeout` gives them longer"
            );
            service.shared().abort_tasks();
            true
        }
    };
    if had_tasks {
        tokio::time::sleep(last_answers).await;
    }
}

/// The next connection, with its other end.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Answers are written in one piece; waiting for more would only delay them.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "TCP_NODELAY was not set");
                }
                return (stream, peer);
            }
            Err(error) => wait_after(&error).await,
        }
    }
}

/// Runs a connection to its end. When the server stops, that is after the request in flight, or at once if there is none;
/// a head of which a part has come has a second to arrive. An `async fn` has room for a connection twice, 624 bytes as
/// its argument and as many as its variable.
fn run<S>(mut connection: http1::Connection<TokioIo<TcpStream>, S>, stopping: Arc<Latch>) -> impl Future<Output = ()>
where
    S: HttpService<Incoming, ResBody = ResponseBody, Error = Infallible> + Unpin,
{
    let mut stop = Box::pin({
        let stopping = Arc::clone(&stopping);
        async move { stopping.wait().await }
    });
    let (mut is_waiting, mut is_told) = (false, false);
    poll_fn(move |cx| {
        // One look is enough to be woken: a task has the same waker all its life.
        if !is_waiting {
            is_waiting = true;
            let _ = stop.as_mut().poll(cx);
        }
        let mut connection = Pin::new(&mut connection);
        if !is_told && stopping.is_true() {
            is_told = true;
            connection.as_mut().graceful_shutdown();
        }
        connection.poll(cx).map(|ended| {
            if let Err(error) = ended {
                tracing::debug!(%error, "connection ended");
            }
        })
    })
}

/// Listens, or says where it could not.
async fn bind(address: impl ToSocketAddrs) -> io::Result<TcpListener> {
    let addresses: Vec<SocketAddr> = tokio::net::lookup_host(address).await?.collect();
    TcpListener::bind(&*addresses).await.map_err(|error| {
        let names: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        io::Error::new(error.kind(), format!("cannot listen on {}: {error}", names.join(", ")))
    })
}

/// Returns `true` if a loopback resource has another port than the listener, or the listener more than loopback.
///
/// A public resource is behind a proxy, whose target is unknown.
fn contradicts(authority: &str, address: SocketAddr) -> bool {
    let port = authority.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
    is_loopback(authority) && (port.unwrap_or(80) != address.port() || !address.ip().is_loopback())
}

/// Ready when the process was asked to stop so many times. The handlers are in place when this returns.
#[cfg(unix)]
fn signals(count: usize) -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        for _ in 0..count {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
    })
}

/// Ready when the process was asked to stop so many times. The handlers are in place when this returns.
#[cfg(windows)]
fn signals(count: usize) -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        for _ in 0..count {
            interrupt.recv().await;
        }
    })
}

/// A client that is gone already is nothing; a lack of file descriptors needs a moment.
async fn wait_after(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(%error, "a connection could not be accepted");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loopback_resource_must_be_where_the_server_listens() {
        let local = "127.0.0.1:8000";
        for (authority, address, expected) in [
            (local, "127.0.0.1:8000", false),
            (local, "127.0.0.1:8001", true),
            (local, "0.0.0.0:8000", true),
            ("[::1]:8000", "[::1]:8000", false),
            ("localhost", "127.0.0.1:80", false),
            ("localhost", "127.0.0.1:8000", true),
            ("mcp.example.com", "0.0.0.0:8000", false),
            ("mcp.example.com", "127.0.0.1:8000", false),
        ] {
            assert_eq!(contradicts(authority, address.parse().unwrap()), expected, "{authority} at {address}");
        }
    }
}
