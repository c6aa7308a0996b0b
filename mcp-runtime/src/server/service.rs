//! A server with everything that can be made once, and the way from a method name to its result.

use std::borrow::Cow;
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use serde::Serialize;
use serde_json::value::RawValue;

use super::Server;
use super::arguments::Arguments;
use super::call::{Call, RequestContext};
use super::constraints::PreparedParameter;
use super::schema::define;
use super::table::{ServerInfo, Tool};
use crate::auth::{ScopeSet, with_token};
use crate::panics::catch;
use crate::protocol::error::{Error, shown};
use crate::protocol::message::{Params, Request};
use crate::protocol::response::{Members, push};
use crate::protocol::tools::ToolResult;
use crate::protocol::version::ProtocolVersion;

/// How long a client may keep what the tables say: they change with a new build only, and then a client should not
/// take long to notice. In milliseconds.
const TTL_MS: u64 = 300_000;

pub(crate) struct Service<S: 'static> {
    server: Arc<S>,
    tools: HashMap<&'static str, PreparedTool<S>>,
    /// What every modern result ends with.
    modern_tail: Members,
    discover: Members,
    /// The answer to `tools/list` in each version.
    lists: [ToolList; 4],
}

struct ToolList {
    version: ProtocolVersion,
    /// The list of all tools.
    whole: Members,
    /// What it is made of: the definitions of the tools, in their order, and what follows the list.
    definitions: Vec<Members>,
    tail: Members,
}

pub(crate) struct PreparedTool<S: 'static> {
    tool: &'static Tool<S>,
    parameters: Vec<PreparedParameter>,
}

/// A request that was understood: an answer that is already known, or a call to be made.
pub(crate) enum Operation<'a, S: 'static> {
    Known(Cow<'a, [u8]>),
    Call { tool: &'a PreparedTool<S>, arguments: Result<Arguments<'a>, Error> },
}

impl<S: Server> Service<S> {
    pub(crate) fn new(server: S) -> Self {
        let mut modern_tail =
            b",\"resultType\":\"complete\",\"_meta\":{\"io.modelcontextprotocol/serverInfo\":".to_vec();
        push(&mut modern_tail, &Implementation::of(&S::INFO, ProtocolVersion::V2026_07_28));
        modern_tail.push(b'}');
        let cacheable = |scope: &str| {
            let mut tail = format!(",\"ttlMs\":{TTL_MS},\"cacheScope\":\"{scope}\"").into_bytes();
            tail.extend_from_slice(&modern_tail);
            tail
        };
        // A list that is not the same for everyone is for nobody else.
        let is_filtered = S::TOOLS.iter().any(|tool| tool.hidden);
        let lists = lists::<S>(&cacheable(if is_filtered { "private" } else { "public" }));
        let mut tools = HashMap::new();
        for tool in S::TOOLS {
            let parameters = tool.parameters.iter().map(PreparedParameter::new).collect();
            let clash = tools.insert(tool.name, PreparedTool { tool, parameters });
            // Only `#[cfg]`s that are true together get here; the macro refuses everything else.
            assert!(clash.is_none(), "two tools of `{}` are named `{}`", S::INFO.name, tool.name);
        }
        Self { server: Arc::new(server), tools, discover: discover::<S>(&cacheable("public")), lists, modern_tail }
    }

    /// Finds what a request asks for. Nothing is run yet, so that its scopes can be checked first. `covers` says whether
    /// the caller has some scopes, and so what there is for them to see.
    pub(crate) fn operation<'a>(
        &'a self,
        request: &Request<'a>,
        version: ProtocolVersion,
        covers: impl Fn(&ScopeSet) -> bool,
    ) -> Result<Operation<'a, S>, Error> {
        match (&*request.method, version.is_modern()) {
            ("tools/call", _) => self.call(&request.params),
            ("tools/list", _) => self.list(&request.params, version, covers),
            ("server/discover", true) => Ok(Operation::Known((&*self.discover).into())),
            ("initialize", false) => initialize::<S>(&request.params),
            ("ping", false) => Ok(Operation::Known((&[][..]).into())),
            (method, _) => Err(Error::method_not_found(method)),
        }
    }

    fn call<'a>(&'a self, params: &Params<'a>) -> Result<Operation<'a, S>, Error> {
        let Some(name) = params.name()? else {
            return Err(Error::invalid_params("Invalid params: `name` is missing"));
        };
        let Some(tool) = self.tools.get(&*name) else {
            return Err(Error::invalid_params(format!("Unknown tool: {}", shown(&name))));
        };
        // What is wrong with the arguments is the business of a caller that may call the tool, so it waits its turn.
        let arguments = Arguments::parse(params.arguments, &tool.parameters);
        Ok(Operation::Call { tool, arguments })
    }

    fn list(
        &self,
        params: &Params<'_>,
        version: ProtocolVersion,
        covers: impl Fn(&ScopeSet) -> bool,
    ) -> Result<Operation<'_, S>, Error> {
        if params.cursor.is_some() {
            return Err(Error::invalid_params("Invalid params: unknown cursor; the list has one page"));
        }
        let Some(list) = self.lists.iter().find(|list| list.version == version) else {
            return Ok(Operation::Known((&[][..]).into()));
        };
        let is_visible = |tool: &Tool<S>| !tool.hidden || covers(tool.scopes);
        if S::TOOLS.iter().all(is_visible) {
            return Ok(Operation::Known((&*list.whole).into()));
        }
        let visible = S::TOOLS.iter().zip(&list.definitions).filter(|(tool, _)| is_visible(tool));
        Ok(Operation::Known(join(visible.map(|(_, definition)| definition), &list.tail).into()))
    }

    /// Runs an operation and gives the members of its result.
    pub(crate) async fn run<'a>(
        &'a self,
        operation: Operation<'a, S>,
        request: &Arc<RequestContext>,
        version: ProtocolVersion,
    ) -> Result<Cow<'a, [u8]>, Error> {
        match operation {
            Operation::Known(members) => Ok(members),
            Operation::Call { tool, arguments } => {
                let result = match arguments {
                    Ok(arguments) => self.invoke(tool, arguments, request).await,
                    Err(error) => Err(error),
                };
                let result = match result {
                    Err(error) if error.code().is_none() => ToolResult::error(error.message()),
                    other => other?,
                };
                let mut members = result.write(version);
                if version.is_modern() {
                    members.extend_from_slice(&self.modern_tail);
                }
                Ok(members.into())
            }
        }
    }

    async fn invoke(
        &self,
        tool: &PreparedTool<S>,
        arguments: Arguments<'_>,
        request: &Arc<RequestContext>,
    ) -> Result<ToolResult, Error> {
        // The glue itself only makes the future; all of the user's code runs when that is polled.
        let future = (tool.tool.glue)(Call::new(&self.server, arguments, request));
        let caught = catch(AssertUnwindSafe(with_token(request.token.clone(), future))).await;
        caught.unwrap_or_else(|_| {
            tracing::error!(tool = tool.tool.name, "the tool panicked");
            Err(Error::internal("The tool panicked"))
        })
    }
}

impl<S: Server> Operation<'_, S> {
    /// The values that headers have to repeat, as far as the arguments could be read.
    #[cfg(feature = "http")]
    pub(crate) fn mirrored(&self) -> impl Iterator<Item = (&'static str, Option<&RawValue>)> {
        let arguments = match self {
            Self::Call { arguments: Ok(arguments), .. } => Some(arguments),
            _ => None,
        };
        arguments.into_iter().flat_map(Arguments::mirrored)
    }

    /// All that a caller needs, where that is more than what every request needs.
    #[cfg(feature = "http")]
    pub(crate) fn scopes(&self) -> Option<&'static ScopeSet> {
        match self {
            Self::Known(_) => None,
            Self::Call { tool, .. } => Some(tool.tool.scopes),
        }
    }
}

/// `serverInfo`.
#[derive(Serialize)]
struct Implementation {
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'static str>,
    version: &'static str,
}

impl Implementation {
    fn of(info: &ServerInfo, version: ProtocolVersion) -> Self {
        let title = info.title.filter(|_| version >= ProtocolVersion::V2025_06_18);
        Self { name: info.name, title, version: info.version }
    }
}

fn discover<S: Server>(tail: &[u8]) -> Members {
    let mut out = b"\"supportedVersions\":".to_vec();
    push(&mut out, &ProtocolVersion::SUPPORTED.map(ProtocolVersion::as_str));
    out.extend_from_slice(b",\"capabilities\":{\"tools\":{}}");
    push_instructions::<S>(&mut out);
    out.extend_from_slice(tail);
    out
}

/// The handshake of the older versions.
fn initialize<S: Server>(params: &Params<'_>) -> Result<Operation<'static, S>, Error> {
    let Some(requested) = params.protocol_version()? else {
        return Err(Error::invalid_params("Invalid params: `protocolVersion` is missing"));
    };
    let version = ProtocolVersion::agreed(&requested);
    let mut out =
        format!("\"protocolVersion\":\"{version}\",\"capabilities\":{{\"tools\":{{}}}},\"serverInfo\":").into_bytes();
    push(&mut out, &Implementation::of(&S::INFO, version));
    push_instructions::<S>(&mut out);
    Ok(Operation::Known(out.into()))
}

fn push_instructions<S: Server>(out: &mut Members) {
    if let Some(instructions) = S::INFO.instructions {
        out.extend_from_slice(b",\"instructions\":");
        push(out, &instructions);
    }
}

/// The answers to `tools/list`. The schemas are made once: each older version leaves out more of them.
fn lists<S: Server>(cacheable_tail: &[u8]) -> [ToolList; 4] {
    let mut definitions: Vec<_> = S::TOOLS.iter().map(define).collect();
    ProtocolVersion::SUPPORTED.map(|version| {
        definitions.iter_mut().for_each(|definition| definition.downgrade(version));
        let definitions = definitions.iter().map(|definition| {
            let mut out = Members::new();
            push(&mut out, definition);
            out
        });
        let definitions: Vec<_> = definitions.collect();
        let tail = if version.is_modern() { cacheable_tail.to_vec() } else { Members::new() };
        ToolList { version, whole: join(&definitions, &tail), definitions, tail }
    })
}

fn join<'a>(definitions: impl IntoIterator<Item = &'a Members>, tail: &[u8]) -> Members {
    let mut out = b"\"tools\":[".to_vec();
    for (index, definition) in definitions.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        out.extend_from_slice(definition);
    }
    out.push(b']');
    out.extend_from_slice(tail);
    out
}
