//! How a server introduces itself: `server/discover`, and the handshake of the older versions.

use std::collections::HashMap;

use serde::Serialize;

use super::catalog::{Catalog, Operation, missing};
use super::declare::rows::ServerInfo;
use crate::protocol::client::TASKS;
use crate::protocol::error::Error;
use crate::protocol::icon::Icon;
use crate::protocol::params::Params;
use crate::protocol::response::{Members, push};
use crate::protocol::version::ProtocolVersion;

impl Catalog {
    /// The members of `server/discover`, which end with `tail`.
    pub(super) fn discover(&self, tail: &[u8]) -> Members {
        let mut out = b"\"supportedVersions\":".to_vec();
        push(&mut out, &ProtocolVersion::SUPPORTED.map(ProtocolVersion::as_str));
        self.push_capabilities(&mut out, ProtocolVersion::V2026_07_28);
        self.push_instructions(&mut out);
        out.extend_from_slice(tail);
        out
    }

    /// The handshake of the older versions.
    pub(super) fn initialize(&self, params: &Params<'_>) -> Result<Operation<'static>, Error> {
        let Some(requested) = params.protocol_version()? else { return Err(missing("protocolVersion")) };
        let version = ProtocolVersion::agreed(&requested);
        let mut out = format!("\"protocolVersion\":\"{version}\"").into_bytes();
        self.push_capabilities(&mut out, version);
        out.extend_from_slice(b",\"serverInfo\":");
        push(&mut out, &Implementation::of(&self.info, version));
        self.push_instructions(&mut out);
        Ok(Operation::Known(out.into()))
    }

    fn push_instructions(&self, out: &mut Members) {
        if let Some(instructions) = self.info.instructions {
            out.extend_from_slice(b",\"instructions\":");
            push(out, &instructions);
        }
    }

    fn push_capabilities(&self, out: &mut Members, version: ProtocolVersion) {
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
        out.extend_from_slice(b",\"capabilities\":");
        let capabilities = Capabilities {
            completions: offers.completions.then_some(plain),
            extensions: tasks.then(|| HashMap::from([(TASKS, plain)])),
            // Any method may log, and which ones do is not in the tables.
            logging: plain,
            prompts: offers.prompts.then_some(listed),
            resources: offers.resources.then_some(Capability { subscribe: self.announces, ..listed }),
            tools: offers.tools.then_some(listed),
        };
        push(out, &capabilities);
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
