//! Parts, and tools at run time, on their way into a server.

use std::any::TypeId;
use std::sync::Arc;

use super::composition_error::CompositionError;
use super::prepared::{DYNAMIC, PreparedBlock, required};
use crate::auth::DeclaredProtection;
use crate::server::Part;
use crate::server::call::dynamic::DynamicTool;
use crate::server::declare::info::Dialect;

/// A part with an erased type, or a tool at run time, before its server prepares it.
pub(crate) struct NewPart {
    /// The type of its server. A tool fits every server.
    pub(crate) server: Option<TypeId>,
    /// The name of the part's type, for messages.
    pub(crate) name: &'static str,
    prepare: Box<Prepare>,
}

/// Prepares a block for a server with this protection.
type Prepare =
    dyn FnOnce(Option<&'static DeclaredProtection>, Dialect, MaxNames) -> Result<PreparedBlock, CompositionError>;

/// The limit of the names of tools that are known at run time only.
type MaxNames = usize;

impl NewPart {
    pub(crate) fn new<P: Part>(part: P) -> Self {
        let prepare =
            Box::new(|protection, dialect, _| PreparedBlock::new(&Arc::new(part), required(protection), dialect));
        Self { server: Some(TypeId::of::<P::Of>()), name: P::NAME, prepare }
    }

    /// Makes a block of one tool that is known at run time only.
    pub(crate) fn of_tool(tool: DynamicTool) -> Self {
        let prepare = Box::new(|protection, dialect, names| PreparedBlock::of_tool(tool, protection, dialect, names));
        Self { server: None, name: DYNAMIC, prepare }
    }

    /// Prepares the part for a server with this protection.
    pub(crate) fn prepare(
        self,
        protection: Option<&'static DeclaredProtection>,
        dialect: Dialect,
        max_names: MaxNames,
    ) -> Result<PreparedBlock, CompositionError> {
        (self.prepare)(protection, dialect, max_names)
    }
}
