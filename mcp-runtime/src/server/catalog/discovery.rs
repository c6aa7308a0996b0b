//! How a server introduces itself: `server/discover`, and the handshake of the older versions.

use std::collections::HashMap;

use serde::Serialize;

use super::{Catalog, Operation, TTL_MS, missing};
use crate::protocol::client::TASKS;
use crate::protocol::error::Error;
use crate::protocol::icon::Icon;
use crate::protocol::params::Params;
use crate::protocol::response::{CacheScope, ResultBody, ResultKind};
use crate::protocol::version::ProtocolVersion;
use crate::server::declare::rows::ServerInfo;

impl Catalog {
    /// Writes the result of `server/discover`.
    pub(super) fn discover(&self) -> Vec<u8> {
        let version = ProtocolVersion::V2026_07_28;
        let mut body = ResultBody::new();
        body.member("supportedVersions", &ProtocolVersion::SUPPORTED.map(ProtocolVersion::as_str));
        self.add_capabilities(&mut body, version);
        self.add_instructions(&mut body);
        self.finish(body, version, ResultKind::Cacheable { ttl_ms: TTL_MS, scope: CacheScope::Public })
    }

    /// Answers the handshake of the older versions.
    pub(super) fn initialize(&self, params: &Params<'_>) -> Result<Operation<'static>, Error> {
        let Some(requested) = params.protocol_version()? else { return Err(missing("protocolVersion")) };
        let version = ProtocolVersion::agreed(&requested);
        let mut body = ResultBody::new();
        body.member("protocolVersion", &version.as_str());
        self.add_capabilities(&mut body, version);
        body.member("serverInfo", &Implementation::of(&self.info, version));
        self.add_instructions(&mut body);
        Ok(Operation::Known(self.finish(body, version, ResultKind::Complete).into()))
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
        let offers = self.offers();
        let tasks = self.has_tasks && version.is_modern();
        let capabilities = Capabilities {
            completions: offers.completions.then_some(plain),
            extensions: tasks.then(|| HashMap::from([(TASKS, plain)])),
            // Any method may log, and which ones do is not in the tables.
            logging: plain,
            prompts: offers.prompts.then_some(listed),
            resources: offers.resources.then_some(Capability { subscribe: self.announces, ..listed }),
            tools: offers.tools.then_some(listed),
        };
        body.member("capabilities", &capabilities);
    }
}

/// `serverInfo`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Implementation {
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
    pub(super) fn of(info: &ServerInfo, version: ProtocolVersion) -> Self {
        Self {
            name: info.name,
            title: info.title.filter(|_| version.has_titles()),
            version: info.version,
            website_url: info.website.filter(|_| version.has_icons()),
            icons: if version.has_icons() { info.icons } else { &[] },
        }
    }
}
