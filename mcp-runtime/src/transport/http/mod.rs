//! Streamable HTTP: one endpoint for every protocol version, and the metadata document beside it.

mod cors;
mod endpoint;
mod request;
mod response;
pub(crate) mod serve;
mod session;

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use self::endpoint::{Endpoint, Limits};
use self::request::origin::OriginPolicy;
use self::response::page::Page;
use self::serve::site::{Published, Site};
use self::session::id::SessionId;
use self::session::live::Sessions;
use super::MAX_SUBSCRIPTIONS;
use super::settings::service_settings;
#[cfg(feature = "testing")]
use crate::auth::ProtectedResource;
use crate::auth::gate::{Anyone, Bearer, Gate};
use crate::auth::{Audit, ForeignVerifier, Protection, TokenVerifier};
use crate::protocol::message::DEFAULT_MAX_DEPTH;
use crate::server::{Capacity, Open, Protected, Server, Service};
use crate::throttle::Throttle;

/// The default path of an open server.
const OPEN_PATH: &str = "/mcp";

/// Serves a server over Streamable HTTP.
///
/// [`Http::protected`] needs a verifier and asks it about every request; [`Http::open`] serves anyone. Which of the
/// two a server can be given to is decided by its `#[mcp::server]` attribute, when it compiles.
///
/// ```no_run
/// use mcp::{AccessToken, Http, StaticTokens};
///
/// struct Notes;
///
/// #[mcp::server(
///     issuer = "https://auth.example.com",
///     resource = "http://127.0.0.1:8000/mcp",
///     scopes = ["notes:read"],
/// )]
/// impl Notes {
///     /// List every note in the notebook.
///     #[mcp::tool]
///     async fn list_notes(&self) -> Vec<String> {
///         vec!["Buy milk".into(), "Ship the release".into()]
///     }
/// }
///
/// #[tokio::main]
/// async fn main() -> std::io::Result<()> {
///     let tokens = StaticTokens::new([("alice-token", AccessToken::ours("alice").with_scopes(["notes:read"]))]);
///     Http::protected(Notes, tokens).serve("127.0.0.1:8000").await
/// }
/// ```
#[must_use = "nothing is served until `serve` or `router` is called"]
pub struct Http<S, G> {
    service: Arc<Service>,
    gate: G,
    settings: Settings,
    server: PhantomData<fn() -> S>,
}

#[derive(Debug)]
struct Settings {
    /// The path of the endpoint, if it is not the default.
    path: Option<String>,
    hosts: Vec<String>,
    origins: Vec<String>,
    page: bool,
    limits: Limits,
    max_streams: usize,
    max_sessions: usize,
    header_timeout: Duration,
    shutdown_timeout: Duration,
}

impl<S, V> Http<S, Bearer<V>> {
    /// Serves `server` to callers whose bearer token `verifier` accepts.
    ///
    /// The endpoint is the path of the server's `resource`, unless [`path`](Self::path) says otherwise. What the server shares with other parts of a program goes
    /// into an `Arc` in one of its fields.
    pub fn protected(server: S, verifier: V) -> Self
    where
        S: Protected,
        V: TokenVerifier,
    {
        let resource = Protection::of::<S>().into_resource();
        Self::new(server, Bearer::new(verifier, resource))
    }

    /// Replaces issuer and resource, for an environment that is not the one in the source.
    ///
    /// A verifier that is made from a [`Protection`] is made from the same one: with a verifier for another resource, or
    /// for other issuers, the server does not start. It does not matter which of the two is written first.
    pub fn protection(mut self, protection: Protection<S>) -> Self {
        self.gate = self.gate.with_resource(protection.into_resource());
        self
    }

    /// Tells `hook` of every [`Decision`](crate::Decision): a closure, or what implements [`Audit`]. There is one hook; a
    /// second takes the place of the first.
    pub fn audit(mut self, hook: impl Audit) -> Self {
        self.gate = self.gate.with_audit(hook);
        self
    }

    /// Replaces the verifier by one of another issuer. Everything else stays.
    #[cfg(feature = "testing")]
    pub(crate) fn reissued<W>(self, verifier: W, protection: Protection<S>) -> Http<S, Bearer<W>> {
        let Self { service, gate, settings, server } = self;
        Http { service, gate: gate.with_verifier(verifier).with_resource(protection.into_resource()), settings, server }
    }
}

impl<S> Http<S, Anyone> {
    /// Serves `server` to anyone, at `/mcp` unless [`path`](Self::path) says otherwise.
    pub fn open(server: S) -> Self
    where
        S: Open,
    {
        Self::new(server, Anyone::new())
    }
}

impl<S, G> Http<S, G> {
    fn new(server: S, gate: G) -> Self
    where
        S: Server,
    {
        let service = Service::new(server);
        service.announce_changes();
        Self { service, gate, settings: Settings::default(), server: PhantomData }
    }

    service_settings!();

    /// Sets the path where the endpoint is mounted, with a slash in front. Defaults to the path of the `resource`, and for an
    /// open server to `/mcp`.
    ///
    /// A protected server needs it behind a proxy that strips a prefix. Clients know it by the public address, which stays the
    /// `resource`. The metadata document is at the well-known path with the path of the `resource` in it, which is where
    /// clients ask for it (RFC 9728 §3.1), and at the one with the mounted path in it. The proxy has to let one of the two
    /// through, beside the endpoint. For the resource `https://example.com/notes/mcp` and the path `/mcp`, nginx needs:
    ///
    /// ```text
    /// location /notes/ {
    ///     proxy_pass http://127.0.0.1:8000/;
    ///     proxy_set_header Host $http_host;
    /// }
    /// location /.well-known/oauth-protected-resource/notes/ {
    ///     proxy_pass http://127.0.0.1:8000;
    /// }
    /// ```
    ///
    /// A server without this setting that gets messages at the end of the path of its `resource` says so in the log, where
    /// [`serve`](Self::serve) is what it is served with.
    ///
    /// # Panics
    /// When `path` has no slash in front, or has a query, a fragment, or braces, which a router takes for placeholders.
    #[track_caller]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        let path = path.into();
        assert!(
            path.starts_with('/') && !path.contains(['{', '}', '?', '#']),
            "the path of an endpoint starts with `/` and is one path: no query, no fragment, no braces"
        );
        self.settings.path = Some(path);
        self
    }

    /// Admits further values of `Host`, such as `notes.internal:8080`.
    ///
    /// Without it, those are admitted that belong to the `resource`, and loopback ones when the resource is on
    /// loopback or the server listens there. Others get a 421: the request may be meant for another server, or come
    /// from a page that points a name of its own here (DNS rebinding). A host without a port is admitted with any.
    ///
    /// # Panics
    /// When one is not a name or an address, perhaps with a port: no `Host` could ever match it.
    #[track_caller]
    pub fn allow_hosts<T: Into<String>>(mut self, hosts: impl IntoIterator<Item = T>) -> Self {
        for host in hosts.into_iter().map(Into::into) {
            assert!(
                request::origin::is_authority(&host),
                "a host is a name or an address and perhaps a port, like `notes.internal:8080`"
            );
            self.settings.hosts.push(host);
        }
        self
    }

    /// Admits further values of `Origin`, such as `https://app.example.com`, and lets their pages read the answers (CORS).
    ///
    /// Only browsers send one. Without it, the origin of the `resource` is admitted, and loopback ones as for
    /// [`allow_hosts`](Self::allow_hosts). Others get a 403.
    ///
    /// For the origins that are named here, a preflight is answered without a token, and every response, refusals too, has
    /// the headers of CORS. Pages may send `GET`, `POST` and `DELETE` with the headers of the protocol, those that tools want
    /// to have repeated (`#[arg(header = "…")]`) among them; they may read `WWW-Authenticate`, `Mcp-Session-Id`, `DPoP-Nonce`
    /// and `Retry-After`. The browser's own credentials, such as cookies, are never allowed. Don't add a layer for CORS
    /// around [`router`](Self::router): two values of a header are one too many. Everyone may read the metadata document.
    ///
    /// # Panics
    /// When one is not a scheme and a host, perhaps with a port: no `Origin` could ever match it.
    #[track_caller]
    pub fn allow_origins<T: Into<String>>(mut self, origins: impl IntoIterator<Item = T>) -> Self {
        for origin in origins.into_iter().map(Into::into) {
            assert!(
                origin.split_once("://").is_some_and(|(_, authority)| request::origin::is_authority(authority)),
                "an origin is a scheme, a host and perhaps a port, like `https://app.example.com`"
            );
            self.settings.origins.push(origin);
        }
        self
    }

    /// Whether a person who opens the address of a protected server in a browser sees a page that says what it is and how
    /// to connect to it; they do by default. Its status is the 401 of every request without a token, and it says nothing
    /// that the metadata document does not.
    pub fn page(mut self, shown: bool) -> Self {
        self.settings.page = shown;
        self
    }

    /// The largest request body, in bytes; 4 MiB by default. A larger one gets a 413.
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.settings.limits.max_body_bytes = bytes;
        self
    }

    /// How deep a body may be nested; 128 by default. A deeper one gets a 400.
    ///
    /// More than 128 is of little use: that is where the parser stops in the value of an argument.
    pub fn max_json_depth(mut self, levels: usize) -> Self {
        self.settings.limits.max_json_depth = levels;
        self
    }

    /// How long a client may take to send a body; 30 seconds by default. A slower one gets a 408.
    pub fn body_timeout(mut self, limit: Duration) -> Self {
        self.settings.limits.body_timeout = limit;
        self
    }

    /// How long a stream may be silent; 15 seconds by default. Then a comment is sent, which clients ignore, because
    /// proxies close connections that are silent for long.
    pub fn keep_alive(mut self, interval: Duration) -> Self {
        self.settings.limits.keep_alive = interval;
        self
    }

    /// Sets the silence after which the response to a request becomes a stream. Defaults to 1 second.
    ///
    /// It counts from when a handler begins. The client gets the headers of a stream of server-sent events and a comment
    /// then, a further comment after each [`keep_alive`](Self::keep_alive), and the result as an event. Without that, a
    /// proxy or a client that waits for a first byte gives up on a slow handler: nginx after 60 seconds. A handler that
    /// answers or reports progress earlier makes no difference. With zero, each handler that does not answer at once
    /// answers in a stream; with [`Duration::MAX`], none does that is silent.
    pub fn stream_after(mut self, silence: Duration) -> Self {
        self.settings.limits.stream_after = silence;
        self
    }

    /// How many streams that last for long may be open at once, and how many requests may run in sessions; 10,000
    /// together by default. A further one gets a 503.
    ///
    /// Streams last for long on which clients listen for changes. A request in a session goes on when its client is
    /// disconnected.
    pub fn max_streams(mut self, streams: usize) -> Self {
        self.settings.max_streams = streams;
        self
    }

    /// How many resources a client may be told about, by one stream or in one session; 1000 by default. Asking for more
    /// is an error.
    pub fn max_subscriptions(mut self, resources: usize) -> Self {
        self.settings.limits.max_subscriptions = resources;
        self
    }

    /// How many messages of one request wait for a client that reads slowly or lost its connection, and in a session how
    /// many are kept for it to read again; 1024 by default. A handler goes on when there is room. Progress and log
    /// messages that it sends all the same, without waiting for anything in between or from another thread, are left
    /// out.
    pub fn max_queued_messages(mut self, messages: usize) -> Self {
        self.settings.limits.queued.messages = messages;
        self
    }

    /// How long the messages of one request may be together that wait or are kept in that way, in bytes; 1 MiB by
    /// default. A longer one waits, or is kept, alone.
    pub fn max_queued_bytes(mut self, bytes: usize) -> Self {
        self.settings.limits.queued.bytes = bytes;
        self
    }

    /// How many messages a batch may have, which only protocol version 2025-03-26 knows; 100 by default. A larger one
    /// gets a 400.
    pub fn max_batch(mut self, messages: usize) -> Self {
        self.settings.limits.max_batch = messages;
        self
    }

    /// How long a session lasts, with its handshake as the beginning; 24 hours by default. Then it gets a 404, and its
    /// client begins another one.
    ///
    /// Only older protocol versions have sessions. A session is in its id, sealed with the keys of
    /// [`state_keys`](Self::state_keys): any instance with the same keys serves it. What is live in it is where it
    /// began: its log level, its subscriptions, its streams, its unanswered questions, and that its client ended it. A
    /// balancer should send the requests of a session (`Mcp-Session-Id`) to the same instance.
    pub fn session_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.limits.session_lifetime = lifetime;
        self
    }

    /// In how many sessions something may be live at once; 10,000 by default. A further one takes the place of the one
    /// that was idle for longest, whose client loses its log level and its subscriptions, or gets a 503 if none is
    /// idle.
    pub fn max_sessions(mut self, sessions: usize) -> Self {
        self.settings.max_sessions = sessions;
        self
    }

    /// How long a request in a session goes on without its client, and how long its messages are kept; 60 seconds by
    /// default. A client of 2025-11-25 or before that comes back in time reads on where it stopped.
    pub fn resume_timeout(mut self, limit: Duration) -> Self {
        self.settings.limits.resume_timeout = limit;
        self
    }

    /// How long a client may take to send the head of a request, and how long a connection may be idle; 30 seconds
    /// by default. A slower one is disconnected. Once the server stops, the rest of a head has a second at most.
    /// [`router`](Self::router) leaves it to the surrounding app.
    pub fn header_timeout(mut self, limit: Duration) -> Self {
        self.settings.header_timeout = limit;
        self
    }

    /// Limits requests in flight and running tasks after a signal to stop. Defaults to 30 seconds. Anything that takes
    /// longer is cut off, except for a tool that is `blocking`: its thread runs to its end. A task that is cut off has
    /// failed.
    /// [`router`](Self::router) leaves it to the surrounding app.
    ///
    /// As long as a task runs, clients are let in to ask about it, but no further task begins. The last tenth of the
    /// time, a second at most, is theirs after the tasks have ended.
    pub fn shutdown_timeout(mut self, limit: Duration) -> Self {
        self.settings.shutdown_timeout = limit;
        self
    }
}

#[expect(private_bounds, reason = "the two gates are chosen by the constructors")]
impl<S: Server, G: Gate> Http<S, G> {
    /// Checks that good tokens would be accepted.
    pub(crate) fn check(&self) -> Result<(), ForeignVerifier> {
        self.gate.check(S::NAME)
    }

    /// Puts everything together. `local` says whether only this machine can connect.
    pub(crate) fn into_site(self, local: bool) -> Result<Site<G>, ForeignVerifier> {
        self.check()?;
        let Self { service, gate, settings, .. } = self;
        let resource = gate.resource();
        let origin = resource.map(|resource| &*resource.origin);
        let origins = OriginPolicy::new(origin, local, settings.hosts, settings.origins);
        let by_default = || resource.map_or(Cow::Borrowed(OPEN_PATH), |resource| resource.endpoint.clone());
        let path = settings.path.map_or_else(by_default, Cow::Owned);
        let metadata = resource.map(|resource| Published::new(resource, &path));
        let session_purpose = SessionId::purpose(resource.map_or(&*path, |resource| &*resource.url));
        let page = resource.filter(|_| settings.page).map(Page::new);
        Ok(Site {
            path,
            metadata,
            near_misses: Throttle::default(),
            endpoint: Arc::new(Endpoint {
                session_purpose,
                sessions: Sessions::new(
                    settings.max_sessions,
                    settings.limits.queued.messages,
                    Arc::clone(service.listeners()),
                ),
                service,
                gate,
                origins,
                page,
                limits: settings.limits,
                permits: Arc::new(Semaphore::new(settings.max_streams.min(Semaphore::MAX_PERMITS))),
            }),
        })
    }

    /// Returns the server with all its parts.
    #[cfg(feature = "testing")]
    pub(crate) fn service(&self) -> &Service {
        &self.service
    }

    /// Returns the protected resource, if there is one.
    #[cfg(feature = "testing")]
    pub(crate) fn resource(&self) -> Option<&ProtectedResource> {
        self.gate.resource()
    }

    /// Returns the path of an open server.
    #[cfg(feature = "testing")]
    pub(crate) fn open_path(&self) -> &str {
        self.settings.path.as_deref().unwrap_or(OPEN_PATH)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            path: None,
            hosts: Vec::new(),
            origins: Vec::new(),
            page: true,
            limits: Limits {
                max_body_bytes: 4 * 1024 * 1024,
                max_json_depth: DEFAULT_MAX_DEPTH,
                max_batch: 100,
                max_subscriptions: MAX_SUBSCRIPTIONS,
                queued: Capacity::default(),
                body_timeout: Duration::from_secs(30),
                keep_alive: Duration::from_secs(15),
                stream_after: Duration::from_secs(1),
                resume_timeout: Duration::from_secs(60),
                session_lifetime: Duration::from_secs(24 * 60 * 60),
            },
            max_streams: 10_000,
            max_sessions: 10_000,
            header_timeout: Duration::from_secs(30),
            shutdown_timeout: Duration::from_secs(30),
        }
    }
}
