//! The introduction of a server: `server/discover`, and the handshake of the older versions.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;

use super::listing::TTL_MS;
use crate::protocol::client::TASKS;
use crate::protocol::icon::Icon;
use crate::protocol::response::{CacheScope, ResultBody, ResultKind, push};
use crate::protocol::version::ProtocolVersion;
use crate::server::declare::info::ServerInfo;

/// The introduction of a server to its clients.
pub(super) struct Introduction {
    pub(super) info: ServerInfo,
    pub(super) offers: Offers,
    pub(super) has_tasks: bool,
    /// Set if the transport can announce changes.
    pub(super) announces: bool,
}

/// The kinds of items that a server has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offers {
    pub(crate) tools: bool,
    pub(crate) resources: bool,
    pub(crate) prompts: bool,
    pub(crate) completions: bool,
}

impl Introduction {
    /// Writes the result of `server/discover`, with the `meta` of the server.
    pub(super) fn discover(&self, meta: &[u8]) -> Vec<u8> {
        let version = ProtocolVersion::V2026_07_28;
        let mut body = ResultBody::new();
        body.member("supportedVersions", &ProtocolVersion::SUPPORTED.map(ProtocolVersion::as_str));
        self.add_capabilities(&mut body, version);
        self.add_instructions(&mut body);
        body.finish(version, ResultKind::Cacheable { ttl_ms: TTL_MS, scope: CacheScope::Public }, meta)
    }

    /// Writes the result of `initialize`, the handshake of the older versions, without its end.
    pub(super) fn initialize(&self, version: ProtocolVersion) -> ResultBody {
        let mut body = ResultBody::new();
        body.member("protocolVersion", &version.as_str());
        self.add_capabilities(&mut body, version);
        body.member("serverInfo", &Implementation::new(&self.info, version));
        self.add_instructions(&mut body);
        body
    }

    fn add_instructions(&self, body: &mut ResultBody) {
        if let Some(instructions) = self.info.instructions {
            body.member("instructions", &instructions);
        }
    }

    fn add_capabilities(&self, body: &mut ResultBody, version: ProtocolVersion) {
        #[derive(Clone, Copy, Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Capability {
            #[serde(skip_serializing_if = "std::ops::Not::not")]
            list_changed: bool,
            #[serde(skip_serializing_if = "std::ops::Not::not")]
            subscribe: bool,
        }
        let plain = Capability { list_changed: false, subscribe: false };
        let listed = Capability { list_changed: self.announces, ..plain };
        #[derive(Serialize)]
        struct Capabilities {
            #[serde(skip_serializing_if = "Option::is_none")]
            completions: Option<Capability>,
            #[serde(skip_serializing_if = "Option::is_none")]
            extensions: Option<HashMap<&'static str, Capability>>,
            logging: Capability,
            #[serde(skip_serializing_if = "Option::is_none")]
            prompts: Option<Capability>,
            #[serde(skip_serializing_if = "Option::is_none")]
            resources: Option<Capability>,
            #[serde(skip_serializing_if = "Option::is_none")]
            tools: Option<Capability>,
        }
        let offers = self.offers;
        let tasks = self.has_tasks && version.is_modern();
        let capabilities = Capabilities {
            completions: offers.completions.then_some(plain),
            extensions: tasks.then(|| HashMap::from([(TASKS, plain)])),
            // Any method can log, and the tables do not record which ones do.
            logging: plain,
            prompts: offers.prompts.then_some(listed),
            resources: offers.resources.then_some(Capability { subscribe: self.announces, ..listed }),
            tools: offers.tools.then_some(listed),
        };
        body.member("capabilities", &capabilities);
    }
}

/// The `serverInfo` of results.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Implementation {
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'static str>,
    version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    website_url: Option<&'static str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    icons: &'static [Icon],
}

impl Implementation {
    fn new(info: &ServerInfo, version: ProtocolVersion) -> Self {
        Self {
            name: info.name,
            title: info.title.filter(|_| version.has_titles()),
            version: info.version,
            website_url: info.website.filter(|_| version.has_icons()),
            icons: if version.has_icons() { info.icons } else { &[] },
        }
    }
}

/// Writes the `_meta` of modern results.
pub(super) fn meta_of_results(info: &ServerInfo) -> Arc<[u8]> {
    #[derive(Serialize)]
    struct Meta {
        #[serde(rename = "io.modelcontextprotocol/serverInfo")]
        server_info: Implementation,
    }
    let mut json = Vec::new();
    push(&mut json, &Meta { server_info: Implementation::new(info, ProtocolVersion::V2026_07_28) });
    json.into()
}
