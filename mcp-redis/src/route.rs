//! The ways to a server: directly, by sentinels, or into a cluster.

use std::fmt;
use std::io;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{RoutingInfo, SingleNodeRoutingInfo};
use redis::sentinel::{SentinelClient, SentinelNodeConnectionInfo, SentinelServerType};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ConnectionInfo, ErrorKind, FromRedisValue,
    IntoConnectionInfo as _, RedisError, RedisResult, ServerErrorKind, TlsMode, from_redis_value,
};
use rustls::crypto::CryptoProvider;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// Limits the time until a connection is made, with TLS and the login.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Limits the time of one connection to a node of a cluster, and of a reply on it. Above that of any command.
const NODE_TIMEOUT: Duration = Duration::from_secs(2);

/// A way to the server that has the data now.
pub(crate) enum Route {
    Server(Client),
    /// A mutex, because the crate keeps its connections to the sentinels in the client.
    Sentinels(Mutex<SentinelClient>),
    Cluster(ClusterClient),
}

impl Route {
    /// Returns the way to one server, and its address.
    pub(crate) fn to_server(url: &str) -> RedisResult<(Self, String)> {
        let info = parse(url)?;
        let address = info.addr().to_string();
        Ok((Self::Server(Client::open(info)?), address))
    }

    /// Returns the way to a master, and its name.
    pub(crate) fn by_sentinels(master: &str, sentinels: &[impl AsRef<str>]) -> RedisResult<(Self, String)> {
        let master = parse(master)?;
        let mut node = SentinelNodeConnectionInfo::default().set_redis_connection_info(master.redis_settings().clone());
        let name = match master.addr() {
            ConnectionAddr::Tcp(name, _) => name.clone(),
            ConnectionAddr::TcpTls { host, .. } => {
                node = node.set_tls_mode(TlsMode::Secure);
                host.clone()
            }
            _ => return Err((ErrorKind::InvalidClientConfig, "the name of the master is missing").into()),
        };
        let client = SentinelClient::build(parse_all(sentinels)?, &name, Some(node), SentinelServerType::Master)?;
        Ok((Self::Sentinels(Mutex::new(client)), format!("the sentinels' master {name}")))
    }

    /// Returns the way to a cluster, and the addresses of the nodes.
    pub(crate) fn to_cluster(nodes: &[impl AsRef<str>]) -> RedisResult<(Self, String)> {
        let nodes = parse_all(nodes)?;
        let addresses: Vec<String> = nodes.iter().map(|node| node.addr().to_string()).collect();
        let client = ClusterClient::builder(nodes)
            // A command that is repeated after an error may happen twice.
            .retries(0)
            .connection_timeout(NODE_TIMEOUT)
            .response_timeout(NODE_TIMEOUT)
            .build()?;
        Ok((Self::Cluster(client), addresses.join(", ")))
    }

    /// Opens a new connection.
    pub(crate) async fn open(&self) -> RedisResult<Connection> {
        // Each command has a timeout where it is sent.
        let config = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        let open = async {
            Ok(match self {
                Self::Server(client) => {
                    Connection::Server(client.get_multiplexed_async_connection_with_config(&config).await?)
                }
                Self::Sentinels(client) => {
                    Connection::Server(client.lock().await.get_async_connection_with_config(&config).await?)
                }
                Self::Cluster(client) => Connection::Cluster(client.get_async_connection().await?),
            })
        };
        within(CONNECT_TIMEOUT, open).await
    }
}

/// Limits the time of something that the server does.
pub(crate) async fn within<T>(limit: Duration, reply: impl Future<Output = RedisResult<T>>) -> RedisResult<T> {
    timeout(limit, reply).await.unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into()))
}

fn parse_all(urls: &[impl AsRef<str>]) -> RedisResult<Vec<ConnectionInfo>> {
    urls.iter().map(|url| parse(url.as_ref())).collect()
}

fn parse(url: &str) -> RedisResult<ConnectionInfo> {
    let info = url.into_connection_info()?;
    if matches!(info.addr(), ConnectionAddr::TcpTls { .. }) && CryptoProvider::get_default().is_none() {
        // The crate `redis` takes the default of the process. It panics without one, if the program has several.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    Ok(info)
}

/// A connection, whose clones share it.
#[derive(Clone)]
pub(crate) enum Connection {
    Server(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl Connection {
    /// Sends a command, and returns its reply.
    pub(crate) async fn query<T: FromRedisValue>(&mut self, command: &Cmd) -> RedisResult<T> {
        match self {
            Self::Server(connection) => command.query_async(connection).await,
            Self::Cluster(connection) => match command.query_async(connection).await {
                // The command did not happen, and the connection knows the other node now.
                Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::Moved) => {
                    command.query_async(connection).await
                }
                reply => reply,
            },
        }
    }

    /// Sends a command without a key.
    pub(crate) async fn query_any_node<T: FromRedisValue>(&mut self, command: Cmd) -> RedisResult<T> {
        match self {
            Self::Server(connection) => command.query_async(connection).await,
            Self::Cluster(connection) => {
                let any = RoutingInfo::SingleNode(SingleNodeRoutingInfo::Random);
                Ok(from_redis_value(connection.route_command(command, any).await?.extract_error()?)?)
            }
        }
    }

    /// Returns `true` if the connection is useless after an error. That of a cluster repairs itself.
    pub(crate) fn ends_with(&self, error: &RedisError) -> bool {
        let is_replica =
            matches!(error.kind(), ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown));
        self.ends_with_timeout() && (is_replica || error.is_unrecoverable_error() || error.is_io_error())
    }

    /// Returns `true` if the connection is useless after a timeout, because it may be lost silently.
    pub(crate) fn ends_with_timeout(&self) -> bool {
        matches!(self, Self::Server(_))
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Route")
    }
}
