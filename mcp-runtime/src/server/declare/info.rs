//! The introduction of a server in generated code.

use std::time::Duration;

use crate::protocol::icon::Icon;
use crate::server::rates::rate::Rate;

/// The introduction of a server.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct ServerInfo {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) title: Option<&'static str>,
    pub(crate) instructions: Option<&'static str>,
    pub(crate) website: Option<&'static str>,
    pub(crate) icons: &'static [Icon],
    pub(crate) dialect: Dialect,
    /// The time limit of items without one of their own.
    pub(crate) time_limit: Option<Duration>,
    /// The rate of all requests of an account.
    pub(crate) rate: Option<Rate>,
}

/// The tolerance of a server for models and clients that are not exact.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dialect {
    /// Set if a text is replaced by its content where no text is expected.
    pub(crate) lenient: bool,
    /// Set if published schemas have no references.
    pub(crate) inline_schemas: bool,
}

impl Dialect {
    pub(crate) const EXACT: Self = Self { lenient: false, inline_schemas: false };
}

impl ServerInfo {
    /// The introduction of a server whose attribute does not compile.
    pub const UNDECLARED: Self = Self::new("", "");

    pub const fn new(name: &'static str, version: &'static str) -> Self {
        Self {
            name,
            version,
            title: None,
            instructions: None,
            website: None,
            icons: &[],
            dialect: Dialect::EXACT,
            time_limit: None,
            rate: None,
        }
    }

    pub const fn title(mut self, title: &'static str) -> Self {
        self.title = Some(title);
        self
    }

    pub const fn instructions(mut self, instructions: &'static str) -> Self {
        self.instructions = Some(instructions);
        self
    }

    pub const fn website(mut self, url: &'static str) -> Self {
        self.website = Some(url);
        self
    }

    pub const fn icons(mut self, icons: &'static [Icon]) -> Self {
        self.icons = icons;
        self
    }

    pub const fn timeout_ms(mut self, milliseconds: u64) -> Self {
        self.time_limit = Some(Duration::from_millis(milliseconds));
        self
    }

    pub const fn lenient(mut self) -> Self {
        self.dialect.lenient = true;
        self
    }

    pub const fn inline_schemas(mut self) -> Self {
        self.dialect.inline_schemas = true;
        self
    }

    pub const fn rate(mut self, rate: Rate) -> Self {
        self.rate = Some(rate);
        self
    }
}
