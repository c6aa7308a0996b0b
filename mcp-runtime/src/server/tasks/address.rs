//! Ids of tasks that every instance can read: the instance that runs the task, its principal and its scopes.

use serde::{Deserialize, Serialize};

use super::task::TaskOwner;
use crate::auth::{Principal, ProtectedResource, RequiredScopes};
use crate::backplane::codec::{decode, encode};
use crate::backplane::envelope::InstanceName;
use crate::backplane::link::Link;

/// The purpose of the envelope in an id.
const PURPOSE: &str = "task";

/// The address of a task, which its id has.
pub(crate) struct TaskAddress {
    /// The instance that runs the task.
    pub(super) owner: InstanceName,
    pub(super) principal: Principal,
    /// The scopes of the tool. Absent if this version of the program does not declare them.
    pub(crate) needed: Option<RequiredScopes>,
}

#[derive(Serialize, Deserialize)]
struct Content {
    principal: Principal,
    scopes: Vec<String>,
}

impl TaskAddress {
    /// Returns a new id. No two are the same, because no two envelopes are.
    pub(super) fn seal(link: &Link, owner: &TaskOwner) -> String {
        let scopes = owner.needed.scopes().iter().map(|scope| (*scope).to_owned()).collect();
        link.envelopes().seal_text(PURPOSE, &encode(&Content { principal: owner.principal.clone(), scopes }))
    }

    /// Opens an id, if an instance of this server made it.
    pub(super) fn open(link: &Link, resource: Option<&ProtectedResource>, id: &str) -> Option<Self> {
        let (owner, content) = link.envelopes().open_text(PURPOSE, id)?;
        let Content { principal, scopes } = decode(&content)?;
        let needed = match resource {
            Some(resource) => resource.scopes_named(&scopes),
            None => scopes.is_empty().then(|| RequiredScopes::Composed(Box::default())),
        };
        Some(Self { owner, principal, needed })
    }
}
