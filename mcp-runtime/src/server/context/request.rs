//! The context of a request, made from the request and its caller.

use std::net::SocketAddr;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::SystemTime;

use tracing::Span;

use super::extracted::Extracted;
use super::head::HttpParts;
use super::{Context, Metadata, ProgressReporter};
use crate::auth::AccessToken;
use crate::latch::Latch;
use crate::protocol::client::Client;
use crate::protocol::error::Error;
use crate::protocol::logging::LogLevel;
use crate::protocol::message::Request;
use crate::protocol::version::ProtocolVersion;
use crate::server::asking::fingerprint::RequestFingerprint;
use crate::server::asking::open_questions::OpenQuestions;
use crate::server::asking::rounds::Rounds;
use crate::server::asking::{Asker, Route};
use crate::server::changes::ServerHandle;
use crate::server::declare::item::ItemId;
use crate::server::exchange::Outbox;
use crate::server::record::span::SpanFields;
#[cfg(feature = "opentelemetry")]
use crate::server::record::telemetry::{self, SpanCaller};

/// The source of borrowed parameters: everything about a request but its message.
#[doc(hidden)]
#[derive(Debug)]
pub struct RequestContext {
    /// The item, if the request is about a single one.
    pub(crate) item: Option<ItemId>,
    pub(crate) context: Context,
    pub(crate) extracted: Extracted,
}

/// The caller of a request, as its transport knows it.
#[derive(Default)]
pub(crate) struct Caller {
    pub(crate) token: Option<AccessToken>,
    pub(crate) parts: Option<Arc<HttpParts>>,
    /// The client from the handshake of an older version.
    pub(crate) client: Option<Client>,
    /// The lowest level of log messages for this session.
    pub(crate) log_level: Option<LogLevel>,
    /// The open questions of the connection. Without these, the client cannot be asked.
    pub(crate) questions: Option<Arc<OpenQuestions>>,
    /// The name of the session in logs.
    pub(crate) session: Option<String>,
    /// The other end of the connection.
    pub(crate) peer: Option<SocketAddr>,
}

#[cfg(feature = "opentelemetry")]
impl Caller {
    /// Returns the attributes of the request's span.
    fn of_span<'a>(&'a self, token: Option<&'a AccessToken>) -> SpanCaller<'a> {
        #[cfg(feature = "http")]
        let http = self.parts.as_ref().map(|parts| match parts.version {
            http::Version::HTTP_2 => "2",
            http::Version::HTTP_10 => "1.0",
            _ => "1.1",
        });
        #[cfg(not(feature = "http"))]
        let http = None;
        SpanCaller { token, peer: self.peer, http }
    }
}

impl RequestContext {
    /// Returns the token of the caller.
    pub(crate) fn token(&self) -> Option<&AccessToken> {
        self.context.fingerprint.token()
    }

    /// Creates the context of a request.
    ///
    /// # Errors
    /// The params about the client are invalid, or the state of an earlier round is.
    pub(crate) fn new(
        server: Arc<dyn ServerHandle>,
        request: &Request<'_>,
        item: Option<ItemId>,
        version: ProtocolVersion,
        mut caller: Caller,
        outbox: Outbox,
    ) -> Result<Arc<Self>, Error> {
        let params = &request.params;
        let (info, capabilities, log_level) = if version.is_modern() {
            let level = params.log_level().map(LogLevel::parse).transpose()?;
            (OnceLock::new(), params.client_capabilities().cloned().unwrap_or_default(), level)
        } else {
            let client = caller.client.take().unwrap_or_default();
            (OnceLock::from(client.info), client.capabilities, caller.log_level)
        };
        let can_ask = matches!(&*request.method, "tools/call" | "prompts/get" | "resources/read");
        let fingerprint = RequestFingerprint::of(caller.token.take(), request);
        let asker = OnceLock::new();
        if can_ask && version.is_modern() && params.goes_on() {
            let shared = server.shared();
            let rounds = Rounds::resume(&shared.state_rules(), fingerprint.clone(), params, SystemTime::now())?;
            let route = Route::Rounds(Box::new(rounds));
            let _ = asker.set(Asker::new(route, outbox.clone(), shared.question_timeout()));
        }
        let progress = params.progress_token()?;
        let metadata = Metadata::new(params.is_traced());
        let span = if tracing::enabled!(target: "mcp::request", tracing::Level::INFO) {
            // Errors in these are reported where the method needs them.
            let (name, uri) = (params.name().ok().flatten(), params.uri().ok().flatten());
            let of = |method: &str, target| if request.method == method { target } else { None };
            let fields = SpanFields {
                method: &request.method,
                version,
                id: request.id.as_json(),
                tool: of("tools/call", name.as_deref()),
                prompt: of("prompts/get", name.as_deref()),
                resource: uri.as_deref(),
                session: caller.session.as_deref(),
                trace: metadata.trace(&request.message, caller.parts.as_deref()),
            };
            let span = fields.span();
            #[cfg(feature = "opentelemetry")]
            {
                telemetry::join(&span, fields.trace);
                telemetry::describe(&span, &caller.of_span(fingerprint.token()));
            }
            span
        } else {
            Span::none()
        };
        // Built in its place: it is large.
        Ok(Arc::new(Self {
            item,
            context: Context {
                version,
                can_ask,
                asker,
                questions: caller.questions,
                outbox,
                server,
                fingerprint,
                info,
                capabilities: capabilities.for_version(version),
                metadata,
                progress: progress.map(|token| ProgressReporter { token: token.to_owned(), last: Mutex::default() }),
                log_level,
                ended: Latch::default(),
                undecided: AtomicBool::new(false),
                parts: caller.parts,
                span,
                session: caller.session,
                peer: caller.peer,
            },
            extracted: Extracted::default(),
        }))
    }
}
