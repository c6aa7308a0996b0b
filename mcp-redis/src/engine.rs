//! The engine: its connections, and its operations.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use mcp_runtime::backplane::{Backplane, BackplaneFuture, Expected, Put, Recipient, Record, Unavailable};
use redis::{Cmd, FromRedisValue, RedisResult};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::commands;
use crate::error::RedisError;
use crate::health::Health;
use crate::inbox::Inbox;
use crate::route::{CONNECT_TIMEOUT, Connection, Route, within};

/// Limits the time of an operation. Two of them in a row stay below the two seconds of a [`Backplane`].
const TIMEOUT: Duration = Duration::from_millis(750);

/// The connection of an instance to a Redis or Valkey server.
///
/// Give it to `Http::replicas`. Every instance then shares with the others what only it would know otherwise.
///
/// ```no_run
/// # struct Notes;
/// # #[mcp::server]
/// # impl Notes {
/// #     /// List every note.
/// #     #[mcp::tool]
/// #     fn list_notes(&self) -> Vec<String> { vec![] }
/// # }
/// # async fn serve(key: [u8; 32]) -> Result<(), Box<dyn std::error::Error>> {
/// use mcp::{Http, Redis};
///
/// let redis = Redis::connect("rediss://notes:secret@redis.example.com").await?;
/// Http::open(Notes).replicas(redis, [key]).serve("127.0.0.1:8000").await?;
/// # Ok(())
/// # }
/// ```
///
/// # Addresses
/// An address is a URL: `redis://USER:PASSWORD@HOST:PORT/DATABASE`, of which only the host is required. The scheme
/// `rediss` is TLS, with the certificates that the system trusts. `redis+unix:///PATH?user=…&pass=…` is a socket.
/// [`connect_sentinel`](Self::connect_sentinel) and [`connect_cluster`](Self::connect_cluster) take several.
///
/// # The server
/// The server is Redis 5 or newer, or Valkey. All keys begin with `mcp:`. Messages between instances are in streams of
/// about 4096 messages, which expire a minute after the last. Records expire by themselves. Servers with other
/// resources or keys may share a Redis server.
///
/// The eviction policy must be `noeviction`, because an evicted record breaks promises: a session that was ended could
/// be used again. Another policy is logged as a warning at the start. A user of an access control list needs
///
/// ```text
/// ~mcp:* +eval +get +set +incrby +pttl +pexpire +time +xadd +xread +xrevrange +info
/// ```
///
/// # Failures
/// The connections are made again whenever they are lost. An operation takes at most 750 ms. After two timeouts in a
/// row, the server counts as down: one operation a second tests it, and every other one fails at once. The log has a
/// warning when the server becomes unavailable.
#[derive(Clone)]
pub struct Redis(Arc<Engine>);

struct Engine {
    route: Arc<Route>,
    /// The address for the log, without user and password.
    server: String,
    connection: Arc<Mutex<Option<Connection>>>,
    health: Health,
    inboxes: std::sync::Mutex<HashMap<String, InboxEntry>>,
}

/// An inbox, and the time of its last use.
type InboxEntry = (Arc<Mutex<Inbox>>, Instant);

impl Redis {
    /// Connects to a server.
    ///
    /// # Errors
    /// The URL is invalid, the server is unreachable, or it refuses the user or a command. The message says what to
    /// change.
    pub async fn connect(url: &str) -> Result<Self, RedisError> {
        Self::start(Route::to_server(url)).await
    }

    /// Connects to the master that sentinels name, and to its successor after a failover.
    ///
    /// The URL of the master has the master's name as the host, and its user, password and scheme. The sentinels have
    /// their own.
    ///
    /// ```no_run
    /// # async fn connect() -> Result<(), mcp::RedisError> {
    /// let sentinels = ["redis://10.0.0.1:26379", "redis://10.0.0.2:26379", "redis://10.0.0.3:26379"];
    /// let redis = mcp::Redis::connect_sentinel("redis://notes:secret@mymaster", &sentinels).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of [`connect`](Self::connect).
    pub async fn connect_sentinel(master: &str, sentinels: &[impl AsRef<str>]) -> Result<Self, RedisError> {
        Self::start(Route::by_sentinels(master, sentinels)).await
    }

    /// Connects to a cluster, by some of its nodes.
    ///
    /// ```no_run
    /// # async fn connect() -> Result<(), mcp::RedisError> {
    /// let redis = mcp::Redis::connect_cluster(&["redis://10.0.0.1", "redis://10.0.0.2"]).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of [`connect`](Self::connect). The nodes must have the same user, password and scheme.
    pub async fn connect_cluster(nodes: &[impl AsRef<str>]) -> Result<Self, RedisError> {
        Self::start(Route::to_cluster(nodes)).await
    }

    /// Makes a connection, and checks what every operation needs.
    async fn start(route: RedisResult<(Route, String)>) -> Result<Self, RedisError> {
        let (route, server) = route.map_err(|error| RedisError::of_url(&error))?;
        let check = async {
            let mut connection = route.open().await?;
            // Compares, and stores nothing, because no record has this version.
            let probe = commands::put("probe", &[], TIMEOUT, Expected::Version(0));
            within(CONNECT_TIMEOUT, connection.query::<commands::PutReply>(&probe)).await?;
            Ok(connection)
        };
        let connection = check.await.map_err(|error| RedisError::of_server(&server, &error))?;
        check_eviction(connection.clone(), &server).await;
        Ok(Self(Arc::new(Engine {
            route: Arc::new(route),
            server,
            connection: Arc::new(Mutex::new(Some(connection))),
            health: Health::default(),
            inboxes: std::sync::Mutex::default(),
        })))
    }
}

/// Warns if the server may evict records.
async fn check_eviction(mut connection: Connection, server: &str) {
    let memory = within(TIMEOUT, connection.query_any_node::<String>(commands::memory())).await;
    // Not every user may ask.
    let Ok(memory) = memory else { return };
    let policy = memory.lines().find_map(|line| line.strip_prefix("maxmemory_policy:"));
    if let Some(policy) = policy.filter(|policy| *policy != "noeviction") {
        tracing::warn!(server, policy, "Redis may evict records; set its `maxmemory-policy` to `noeviction`");
    }
}

impl Engine {
    /// Runs an operation, and notes how it went.
    async fn run<T: FromRedisValue, R>(
        &self,
        command: &Cmd,
        read: impl FnOnce(T) -> RedisResult<R>,
    ) -> Result<R, Unavailable> {
        if !self.health.admits() {
            return Err(Unavailable);
        }
        let attempt = async { read(self.attempt(command).await?) };
        match timeout(TIMEOUT, attempt).await {
            Ok(Ok(outcome)) => {
                self.health.succeed(&self.server);
                Ok(outcome)
            }
            Ok(Err(error)) => {
                self.health.fail(&self.server, &error);
                Err(Unavailable)
            }
            Err(_) => {
                self.disconnect(Connection::ends_with_timeout);
                self.health.time_out(&self.server, TIMEOUT);
                Err(Unavailable)
            }
        }
    }

    async fn attempt<T: FromRedisValue>(&self, command: &Cmd) -> RedisResult<T> {
        let reply = self.connection().await?.query(command).await;
        if let Err(error) = &reply {
            self.disconnect(|connection| connection.ends_with(error));
        }
        reply
    }

    /// Returns the connection of all operations, a new one if there is none.
    async fn connection(&self) -> RedisResult<Connection> {
        let mut connection = Arc::clone(&self.connection).lock_owned().await;
        if let Some(connection) = &*connection {
            return Ok(connection.clone());
        }
        let route = Arc::clone(&self.route);
        // A task, so that a connection that takes longer than the operation is made all the same.
        let opening = tokio::spawn(async move { Ok(connection.insert(route.open().await?).clone()) });
        opening.await.unwrap_or_else(|_| Err(io::Error::other("the runtime ends").into()))
    }

    /// Drops the connection if it is useless, so that the next operation makes another one.
    fn disconnect(&self, is_useless: impl FnOnce(&Connection) -> bool) {
        // A locked one is being made.
        if let Ok(mut connection) = self.connection.try_lock() {
            connection.take_if(|connection| is_useless(connection));
        }
    }

    /// Returns the inbox of an instance, and drops those of names that are not in use any more.
    fn inbox(&self, instance: &str) -> Arc<Mutex<Inbox>> {
        let mut inboxes = self.inboxes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((inbox, used)) = inboxes.get_mut(instance) {
            *used = Instant::now();
            return Arc::clone(inbox);
        }
        inboxes.retain(|_, (inbox, used)| Arc::strong_count(inbox) > 1 || used.elapsed() < commands::STREAM_LIFETIME);
        let inbox = Arc::new(Mutex::new(Inbox::new(instance)));
        inboxes.insert(instance.to_owned(), (Arc::clone(&inbox), Instant::now()));
        inbox
    }

    /// Waits for a message to an instance.
    async fn receive(&self, instance: &str) -> Result<Vec<u8>, Unavailable> {
        let inbox = self.inbox(instance);
        inbox.lock().await.next(&self.route).await.map_err(|error| {
            self.health.miss(&self.server, &error);
            Unavailable
        })
    }
}

impl Backplane for Redis {
    fn send<'a>(&'a self, to: Recipient<'a>, message: &'a [u8]) -> BackplaneFuture<'a, ()> {
        Box::pin(async move { self.0.run(&commands::send(to, message), Ok).await })
    }

    fn receive<'a>(&'a self, instance: &'a str) -> BackplaneFuture<'a, Vec<u8>> {
        Box::pin(self.0.receive(instance))
    }

    fn get<'a>(&'a self, key: &'a str) -> BackplaneFuture<'a, Option<Record>> {
        let read = |stored: Option<Vec<u8>>| stored.map(|stored| commands::record(&stored)).transpose();
        Box::pin(async move { self.0.run(&commands::get(key), read).await })
    }

    fn put<'a>(
        &'a self,
        key: &'a str,
        value: &'a [u8],
        lifetime: Duration,
        expected: Expected,
    ) -> BackplaneFuture<'a, Put> {
        Box::pin(async move { self.0.run(&commands::put(key, value, lifetime, expected), commands::outcome).await })
    }

    fn add<'a>(&'a self, key: &'a str, amount: u64, lifetime: Duration) -> BackplaneFuture<'a, u64> {
        Box::pin(async move { self.0.run(&commands::add(key, amount, lifetime), Ok).await })
    }
}

/// Shows the server, without user and password.
impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("server", &self.0.server).finish_non_exhaustive()
    }
}
