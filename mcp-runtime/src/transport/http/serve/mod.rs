//! A server of its own: listening, and stopping without losing a request.

mod acceptor;
mod activity;
mod alarm;
mod connection;
mod connections;
mod descriptors;
#[cfg(feature = "axum")]
mod router;
mod service;
mod signals;
pub(crate) mod site;
mod socket;
mod summary;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, ToSocketAddrs};

use self::acceptor::Acceptor;
use self::connection::ConnectionSettings;
use self::connections::Connections;
use self::signals::{Stop, signals};
use crate::auth::ProtectedResource;
use crate::auth::gate::Gate;
use crate::server::{Server, Service};
use crate::transport::http::Http;
use crate::transport::http::request::origin::{authority, is_loopback};
use crate::transport::http::response::expiry::A_YEAR;

/// The time that clients have at the end to ask how their tasks have ended: twice the time after which they should ask.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// The number of connections below which a default limit is reported.
const FEW_CONNECTIONS: usize = 512;

#[expect(private_bounds, reason = "the two gates are chosen by the constructors")]
impl<S: Server, G: Gate> Http<S, G> {
    /// Listens on `address` and serves until SIGINT or SIGTERM.
    ///
    /// Requests in flight and running tasks are then finished, before it returns. A second signal cuts them off. After a
    /// SIGTERM, new connections are accepted for some time more
    /// ([`shutdown_delay`](crate::ConnectionLimits::shutdown_delay)), because load balancers still send requests.
    ///
    /// It speaks HTTP/1.1 without TLS; put a proxy in front, or use [`router`](Self::router).
    ///
    /// # Errors
    /// The address cannot be listened on. Before that, the verifier was made for another resource or for other
    /// issuers than the server has, and so would refuse good tokens.
    pub async fn serve(self, address: impl ToSocketAddrs) -> io::Result<()> {
        self.check()?;
        let listener = bind(address).await?;
        let (first, second) = (signals(1)?, signals(2)?);
        tokio::select! {
            served = self.accept(listener, first) => served,
            _ = second => Ok(()),
        }
    }

    /// Serves the connections of `listener` until `stop` is ready.
    ///
    /// Requests in flight and running tasks are then finished, before it returns.
    ///
    /// # Errors
    /// The listener has no local address, or the verifier was made for another resource or for other issuers than
    /// the server has.
    pub async fn serve_until(self, listener: TcpListener, stop: impl Future<Output = ()>) -> io::Result<()> {
        self.accept(listener, async {
            stop.await;
            Stop::AtOnce
        })
        .await
    }

    async fn accept(self, listener: TcpListener, stop: impl Future<Output = Stop>) -> io::Result<()> {
        let address = listener.local_addr()?;
        let (changes, service) = (self.changes(), Arc::clone(&self.service));
        let _end = TasksEnd(Arc::clone(&service));
        let limits = &self.settings.limits;
        let shutdown_timeout = limits.request.shutdown_timeout;
        let shutdown_delay = limits.connections.shutdown_delay.min(A_YEAR);
        let settings = ConnectionSettings::of(limits);
        let limit = limits.connections.open;
        let site = Arc::new(self.into_site(address.ip().is_loopback())?);
        let sessions = site.sessions();
        let limit_or_default = limit.unwrap_or_else(descriptors::default_connections);
        let connections = Connections::new(Arc::clone(&site), settings, limit_or_default);
        // Otherwise no answer to a question could arrive.
        service.shared().budget().lasting.set_limit(connections.limit() - connections.limit() / 4);
        announce(site.resource(), address, connections.limit());
        if limit.is_none() {
            warn_of_few(connections.limit());
        }
        // The first request finds no tool that another instance has disabled.
        service.load_offer().await;
        let mut acceptor = Acceptor::new(listener, connections);
        let stop = acceptor.accept_until(stop).await;
        acceptor.connections.leave();
        let shutdown_delay = match stop {
            Stop::AtOnce => Duration::ZERO,
            Stop::AfterDelay => shutdown_delay,
        };
        if !shutdown_delay.is_zero() {
            tracing::info!(?shutdown_delay, "stopping: accepting connections for some time more");
            acceptor.accept_until(tokio::time::sleep(shutdown_delay)).await;
        }
        tracing::info!("stopping: finishing the requests in flight and the running tasks");
        let requests = async {
            acceptor.close().await;
            // The client of a task learns how it ends by asking, so that it is let in as long as one runs.
            acceptor.accept_until(end_of_tasks(&service, shutdown_timeout)).await;
            acceptor.into_connections()?.end_of_all().await;
            io::Result::Ok(())
        };
        // A stream is a request in flight that has no end of its own. Clients listen again, and not all at the same time.
        let finished = async { tokio::join!(changes.close_within(shutdown_delay), requests).1 };
        match tokio::time::timeout(shutdown_timeout, finished).await {
            Ok(finished) => finished?,
            Err(_) => tracing::warn!(
                ?shutdown_timeout,
                "requests in flight were cut off; `limits.request.shutdown_timeout` gives them longer"
            ),
        }
        // What goes on for clients that are gone.
        sessions.end_all();
        service.leave().await;
        Ok(())
    }
}

/// Reports a limit of connections that the process has by default, and that a busy server reaches.
fn warn_of_few(connections: usize) {
    if connections < FEW_CONNECTIONS {
        tracing::warn!(
            connections,
            "the server accepts few connections at once, by the number of files that the process may open (`ulimit -n`); \
             allow more files, or set `limits.connections.open`"
        );
    }
}

fn announce(resource: Option<&ProtectedResource>, address: SocketAddr, connections: usize) {
    tracing::info!(%address, resource = resource.map(|resource| &*resource.url), connections, "listening");
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
