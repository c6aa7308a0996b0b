//! Streamable HTTP: one endpoint for every protocol version, and the metadata document beside it.

mod cors;
mod endpoint;
mod request;
pub(crate) mod resource_server;
mod response;
mod room;
pub(crate) mod serve;
mod session;

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::sync::Arc;

use tokio::runtime::Handle;

use self::endpoint::Endpoint;
use self::request::origin::OriginPolicy;
use self::resource_server::ResourceServer;
use self::response::page::Page;
use self::serve::site::{MetadataRoutes, Readiness, Site};
use self::session::id::SessionId;
use self::session::live::Sessions;
use self::session::replicas::SessionReceiver;
#[cfg(feature = "testing")]
use crate::auth::ProtectedResource;
#[cfg(feature = "exchange")]
use crate::auth::TokenExchange;
use crate::auth::gate::{Anyone, Bearer, Gate};
use crate::auth::{Audit, ProofSetup, Protection, TokenVerifier};
use crate::backplane::Backplane;
use crate::backplane::envelope::{Envelopes, ReplicaKeys};
use crate::backplane::link::Link;
use crate::limits::Limits;
use crate::seal::StateKeys;
use crate::server::{Changes, DynamicTool, Layer, Open, PartOf, Protected, Rates, Server, Service};
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
    readiness: Option<String>,
    replicas: Option<Replicas>,
    single_use_in_outages: bool,
    limits: Limits,
    account_per_peer: bool,
    #[cfg(feature = "exchange")]
    exchange: Option<TokenExchange>,
}

/// The engine between the instances, and the keys that they share.
struct Replicas {
    engine: Arc<dyn Backplane>,
    keys: ReplicaKeys,
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

    /// Replaces issuer and resource, for another environment.
    ///
    /// A verifier that is built from a [`Protection`] is built from the same one. With a verifier for another resource
    /// or other issuers, the server does not start. The order of the two calls is irrelevant.
    pub fn protection(mut self, protection: Protection<S>) -> Self {
        let resource = protection.into_resource();
        self.service.shared().set_resource(resource.clone());
        self.gate = self.gate.with_resource(resource);
        self
    }

    /// Exchanges the tokens of callers for those of other APIs, which methods take as a [`Downstream`].
    ///
    /// The server does not start if the exchange is for another issuer, and neither if a method takes a `Downstream` and
    /// there is no exchange.
    ///
    /// [`Downstream`]: crate::Downstream
    #[cfg(feature = "exchange")]
    pub fn exchange(mut self, exchange: TokenExchange) -> Self {
        self.settings.exchange = Some(exchange);
        self
    }

    /// Returns the protection of this server for other routes of the program.
    ///
    /// Both have one verifier. The settings are those made so far: call this method after
    /// [`protection`](Self::protection), [`audit`](Self::audit) and [`limits`](Self::limits).
    ///
    /// ```no_run
    /// # struct Notes;
    /// # #[mcp::server(
    /// #     issuer = "https://auth.example.com",
    /// #     resource = "https://notes.example.com/mcp",
    /// #     scopes = ["notes:read"],
    /// # )]
    /// # impl Notes {
    /// #     /// List every note.
    /// #     #[mcp::tool]
    /// #     fn list_notes(&self) -> Vec<String> { vec![] }
    /// # }
    /// # fn app(tokens: mcp::StaticTokens) -> axum::Router {
    /// use axum::routing::get;
    ///
    /// let http = mcp::Http::protected(Notes, tokens);
    /// let export = get(|| async { "Buy milk" }).layer(http.resource_server().layer());
    /// axum::Router::new().route("/export", export).merge(http.router())
    /// # }
    /// ```
    #[must_use]
    pub fn resource_server(&self) -> ResourceServer<V> {
        let keys = Arc::clone(&self.service.shared().state_rules().keys);
        ResourceServer::sharing(&self.gate, self.settings.limits.clone(), keys)
    }

    /// Replaces the verifier by one of another issuer. Everything else stays.
    #[cfg(feature = "testing")]
    pub(crate) fn reissued<W>(self, verifier: W, protection: Protection<S>) -> Http<S, Bearer<W>> {
        let Self { service, gate, settings, server } = self;
        let gate = gate.with_verifier(verifier);
        Http { service, gate, settings, server }.protection(protection)
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

    /// Gives each address an account, whose shares of the [limits](Limits#shares) count. Defaults to none.
    ///
    /// The address is that of the connection's other end: set this only if clients connect directly, because all
    /// clients of a proxy have one address. A network of IPv6 with 64 bits is one address. Behind
    /// [`router`](Self::router), the app has to serve with `into_make_service_with_connect_info::<SocketAddr>()`.
    ///
    /// ```
    /// # struct Notes;
    /// # #[mcp::server]
    /// # impl Notes {
    /// #     /// List every note.
    /// #     #[mcp::tool]
    /// #     fn list_notes(&self) -> Vec<String> { vec![] }
    /// # }
    /// let http = mcp::Http::open(Notes).account_per_peer();
    /// # let _ = http;
    /// ```
    pub fn account_per_peer(mut self) -> Self {
        self.settings.account_per_peer = true;
        self
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

    /// Adds a part of the server, which is a block of another type.
    ///
    /// # Panics
    /// A tool, a resource or a prompt of the part has the name of one that is there already.
    #[track_caller]
    pub fn with<P: PartOf<S>>(self, part: P) -> Self {
        self.service.compose(part);
        self
    }

    /// Adds a tool that is known at run time only.
    ///
    /// # Panics
    /// A tool that does not fit the server panics. [`Changes::add_tool`](crate::Changes::add_tool) returns an error instead.
    #[track_caller]
    pub fn tool(self, tool: DynamicTool) -> Self {
        self.service.compose_tool(tool);
        self
    }

    /// Replaces all limits.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.service.set_limits(&limits);
        self.settings.limits = limits;
        self
    }

    /// Replaces rates of the attributes.
    ///
    /// Requests to an open server have no caller, and therefore no rate. With a rate for an unknown item, the server
    /// does not start.
    pub fn rates(self, rates: Rates) -> Self
    where
        S: Protected,
    {
        self.service.set_rates(rates);
        self
    }

    /// Sets the keys that seal sessions and the states of requests.
    ///
    /// Defaults to one random key. The first seals, and all of them open. Keys are 32 random bytes, secret like passwords.
    ///
    /// Several instances behind one address need the same keys. To exchange one, put the new one first everywhere, after all
    /// instances have it in second place. Remove the old one when nothing sealed with it is good any more. A client that
    /// brings what was sealed with other keys is a warning in the log.
    ///
    /// ```
    /// # struct Notes;
    /// # #[mcp::server]
    /// # impl Notes {
    /// #     /// List every note.
    /// #     #[mcp::tool]
    /// #     fn list_notes(&self) -> Vec<String> { vec![] }
    /// # }
    /// # let (new, old) = ([1; 32], [2; 32]);
    /// let http = mcp::Http::open(Notes).state_keys([new, old]);
    /// # let _ = http;
    /// ```
    pub fn state_keys(self, keys: impl IntoIterator<Item = [u8; 32]>) -> Self {
        self.service.shared().set_state_keys(StateKeys::new(keys));
        self
    }

    /// Connects this instance to the others of the server, by an engine such as `Redis` (feature `redis`).
    ///
    /// Clients then need no instance of their own:
    /// - A change that one instance announces reaches the listeners of all.
    /// - The answer to a question reaches the instance that asked, and a cancellation the one that runs the request.
    /// - A client that reconnects to a stream reads on where it stopped, as long as the instance of the stream lives.
    /// - A session that its client ends is refused by every instance. Its log level and its subscriptions hold at all.
    /// - A tool that one instance disables is disabled at all.
    /// - An answer that is valid once is used once, and a [`Rate`](crate::Rate) counts the requests at all instances.
    ///
    /// The keys are those of [`state_keys`](Self::state_keys), too, which this replaces. Every instance needs the same
    /// ones. A request without a session sends the engine nothing, and neither does one in a session that the instance
    /// knows. A request with a rate sends something when the instance takes a further part of the rate, a twentieth.
    ///
    /// If the engine is down, each instance goes on alone. A request that needs another instance gets a 503 within two
    /// seconds, and its client tries again. It is then unknown if an answer was taken; the same answer again has one
    /// effect. Once the engine is back, every listener is told all changes that it asked for, because some of them may be
    /// lost. Sessions that ended meanwhile are refused.
    ///
    /// ```
    /// # struct Notes;
    /// # #[mcp::server]
    /// # impl Notes {
    /// #     /// List every note.
    /// #     #[mcp::tool]
    /// #     fn list_notes(&self) -> Vec<String> { vec![] }
    /// # }
    /// fn instance(engine: impl mcp::backplane::Backplane, key: [u8; 32]) -> impl Sized {
    ///     mcp::Http::open(Notes).replicas(engine, [key])
    /// }
    /// ```
    ///
    /// # Panics
    /// There is no key.
    #[track_caller]
    #[expect(clippy::panic, reason = "there is no server to go on with, and it can only be seen when it is built")]
    pub fn replicas(mut self, engine: impl Backplane, keys: impl IntoIterator<Item = [u8; 32]>) -> Self {
        let keys: Vec<_> = keys.into_iter().collect();
        let Some(shared) = ReplicaKeys::new(keys.iter().copied()) else {
            panic!("instances share at least one key; write `.replicas(engine, [key])`");
        };
        self.settings.replicas = Some(Replicas { engine: Arc::new(engine), keys: shared });
        self.state_keys(keys)
    }

    /// Accepts what is valid once also while the engine of [`replicas`](Self::replicas) is down. Defaults to `false`.
    ///
    /// The answer to a question with [`once`](crate::Question::once) is used once over all instances, and so is a proof of
    /// possession (DPoP, RFC 9449 §11.1). Both need the engine. By default, a request with one of them gets a 503 while
    /// the engine is down. With `true`, each instance then accepts it once, by its own memory.
    pub fn single_use_in_outages(mut self, accepted: bool) -> Self {
        self.settings.single_use_in_outages = accepted;
        self
    }

    /// Puts a [`Layer`] around every method. The layer that is added last is the outermost.
    pub fn layer(self, layer: impl Layer) -> Self {
        self.service.add_layer(layer);
        self
    }

    /// Reports the decision about each request, and its end, to `hook`: a closure, or a type that implements [`Audit`].
    ///
    /// A second hook replaces the first. An open server makes no decisions.
    #[expect(private_bounds, reason = "the two gates are chosen by the constructors")]
    pub fn audit(mut self, hook: impl Audit) -> Self
    where
        G: Gate,
    {
        let hook: Arc<dyn Audit> = Arc::new(hook);
        self.gate = self.gate.with_audit(Arc::clone(&hook));
        self.service.shared().set_audit(hook);
        self
    }

    /// Returns the handle that changes the offer and announces changes.
    #[must_use]
    pub fn changes(&self) -> Changes {
        self.service.changes()
    }

    /// Sets the path of the endpoint, with a slash in front. Defaults to the path of the `resource`, and for an open
    /// server to `/mcp`.
    ///
    /// A protected server needs it behind a proxy that strips a prefix. Clients know it by the public address, which
    /// stays the `resource`. The metadata document is at two well-known paths. One has the path of the `resource` in
    /// it, where clients request it (RFC 9728 §3.1), the other has the mounted path. The proxy has to let one of the
    /// two through, beside the endpoint. For the resource `https://example.com/notes/mcp` and the path `/mcp`, nginx
    /// needs:
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
    /// Without this setting, a proxy that strips a prefix is reported in the log of [`serve`](Self::serve).
    ///
    /// # Panics
    /// `path` has no slash in front, or has a query, a fragment, or braces, which a router takes for placeholders.
    #[track_caller]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.settings.path = Some(checked_path(path.into()));
        self
    }

    /// Admits further values of `Host`, such as `notes.internal:8080`.
    ///
    /// Without it, the hosts of the `resource` are admitted. So are loopback ones if the resource is on loopback or the
    /// server listens there. Others get a 421, because a page may point its own name at this server (DNS rebinding). A
    /// host without a port is admitted with any.
    ///
    /// # Panics
    /// One is not a name or an address, perhaps with a port: no `Host` could ever match it.
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

    /// Admits further values of `Origin`, and lets their pages read responses (CORS).
    ///
    /// Only browsers send one. Without it, the origin of the `resource` is admitted, and loopback ones as for
    /// [`allow_hosts`](Self::allow_hosts). Others get a 403.
    ///
    /// For these origins, a preflight is answered without a token, and every response has the headers of CORS, refusals
    /// included. Pages may send `GET`, `POST` and `DELETE` with the headers of the protocol and of tools (`#[arg(header
    /// = "…")]`). They may read `WWW-Authenticate`, `Mcp-Session-Id`, `DPoP-Nonce` and `Retry-After`. The browser's own
    /// credentials, such as cookies, are never allowed. Don't add a layer for CORS around [`router`](Self::router): two
    /// values of a header are one too many. Everyone may read the metadata document.
    ///
    /// # Panics
    /// One is not a scheme and a host, perhaps with a port: no `Origin` could ever match it.
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

    /// Sets the path of a readiness probe, such as `/ready`. Defaults to none.
    ///
    /// [`serve`](Self::serve) responds to a GET for it without a token, whatever its `Host`: with a 200 if the verifier
    /// can decide about tokens, and with a 503 otherwise. The log has the reason, and the response does not. What the
    /// verifier lacks is fetched by [`warm_up`](TokenVerifier::warm_up), so that the probes of a new instance also warm
    /// it up. An outage of an authorization server whose keys are cached does not make an instance unready. A server that
    /// stops is not ready.
    ///
    /// [`router`](Self::router) leaves such a route to the surrounding app, which can call `warm_up`.
    ///
    /// # Panics
    /// `path` has no slash in front, or has a query, a fragment, or braces.
    #[track_caller]
    pub fn readiness(mut self, path: impl Into<String>) -> Self {
        self.settings.readiness = Some(checked_path(path.into()));
        self
    }

    /// Shows a page to people who open the address in a browser. Defaults to `true`.
    ///
    /// The page of a protected server describes the server and how to connect to it. Its status is the 401 of every request
    /// without a token. It contains what the metadata document contains, and the APIs that methods call in the name of
    /// their caller, unless these are hidden.
    pub fn page(mut self, shown: bool) -> Self {
        self.settings.page = shown;
        self
    }
}

#[expect(private_bounds, reason = "the two gates are chosen by the constructors")]
impl<S: Server, G: Gate> Http<S, G> {
    /// Checks that good tokens would be accepted, and that each rate is one of an item.
    pub(crate) fn check(&self) -> io::Result<()> {
        self.gate.check(Some(S::NAME))?;
        #[cfg(feature = "exchange")]
        self.check_exchange()?;
        Ok(self.service.check_rates()?)
    }

    /// Checks that there is an exchange for the APIs that methods call, and that it is for the server's tokens.
    #[cfg(feature = "exchange")]
    fn check_exchange(&self) -> io::Result<()> {
        let server = S::NAME;
        let problem = match (&self.settings.exchange, self.service.target()) {
            (None, Some((item, target))) => format!(
                "`{item}` of the server `{server}` takes a token for {target}, and the server exchanges none; write \
                 `Http::protected(…).exchange(TokenExchange::builder(&protection)….build()?)`"
            ),
            (Some(exchange), _) if !self.issues(exchange.issuer()) => format!(
                "the tokens of `{}` are exchanged, which is no issuer of the server `{server}`; build the exchange from the \
                 `protection` of the server",
                exchange.issuer()
            ),
            _ => return Ok(()),
        };
        Err(io::Error::new(io::ErrorKind::InvalidInput, problem))
    }

    /// Returns `true` for an issuer of the server.
    #[cfg(feature = "exchange")]
    fn issues(&self, issuer: &str) -> bool {
        self.gate.resource().is_some_and(|resource| resource.issuers.iter().any(|known| known == issuer))
    }

    /// Puts everything together. `local` says whether only this machine can connect.
    pub(crate) fn into_site(self, local: bool) -> io::Result<Site<G>> {
        self.check()?;
        let Self { service, mut gate, settings, .. } = self;
        let resource = gate.resource();
        let origin = resource.map(|resource| &*resource.origin);
        let origins = OriginPolicy::new(origin, local, settings.hosts, settings.origins);
        let by_default = || resource.map_or(Cow::Borrowed(OPEN_PATH), |resource| resource.endpoint.clone());
        let path = settings.path.map_or_else(by_default, Cow::Owned);
        let metadata = resource.map(|resource| MetadataRoutes::new(resource, &path));
        let session_purpose = SessionId::purpose(resource.map_or(&*path, |resource| &*resource.url));
        let page = resource.filter(|_| settings.page).map(|resource| Page::new(resource, &service.catalog().targets()));
        let link = settings.replicas.map(|Replicas { engine, keys }| {
            let server = resource.map_or_else(|| path.clone().into_owned(), |resource| resource.url.to_string());
            Link::new(engine, Envelopes::new(keys, server), settings.single_use_in_outages)
        });
        let shared = service.shared();
        gate.set_up_proofs(ProofSetup {
            limits: settings.limits.proofs.clone(),
            keys: Arc::clone(&shared.state_rules().keys),
            link: link.clone(),
        });
        let sessions = Sessions::new(shared.budget(), &settings.limits, Arc::clone(shared.listeners()), link.clone());
        if let Some(link) = link {
            Handle::try_current()
                .map_err(|_| io::Error::other("`replicas` needs a tokio runtime to start the server in"))?;
            service.connect(link, SessionReceiver::new(&sessions));
        }
        Ok(Site {
            path,
            readiness: settings.readiness.map(|path| Arc::new(Readiness::new(path))),
            metadata,
            near_misses: Throttle::default(),
            endpoint: Arc::new(Endpoint {
                auditor: service.shared().auditor(),
                session_purpose,
                sessions,
                service,
                gate,
                origins,
                page,
                limits: settings.limits,
                account_per_peer: settings.account_per_peer,
                #[cfg(feature = "exchange")]
                exchange: settings.exchange,
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

/// Shows no key.
impl fmt::Debug for Replicas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replicas").finish_non_exhaustive()
    }
}

/// Returns a path that a router takes as it is.
#[track_caller]
fn checked_path(path: String) -> String {
    assert!(
        path.starts_with('/') && !path.contains(['{', '}', '?', '#']),
        "the path of an endpoint starts with `/` and is one path: no query, no fragment, no braces"
    );
    path
}

/// Shows neither the server, nor the verifier, nor the keys.
impl<S, G> fmt::Debug for Http<S, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            path: None,
            hosts: Vec::new(),
            origins: Vec::new(),
            page: true,
            readiness: None,
            replicas: None,
            single_use_in_outages: false,
            limits: Limits::default(),
            account_per_peer: false,
            #[cfg(feature = "exchange")]
            exchange: None,
        }
    }
}
