//! `notifications/message`: messages for the client's log.

use serde::{Deserialize, Serialize};

use super::error::Error;
use crate::json::truncate::truncated;

/// The severity of a log message (RFC 5424 §6.2.1).
///
/// A more important level compares greater.
///
/// ```
/// use mcp::LogLevel;
///
/// assert!(LogLevel::Error > LogLevel::Info);
/// assert_eq!(LogLevel::Warning.as_str(), "warning");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// For those who look for a fault.
    Debug,
    /// The usual course of things.
    Info,
    /// Usual, but worth a notice.
    Notice,
    /// Something may go wrong.
    Warning,
    /// Something went wrong.
    Error,
    /// A part of the server is broken.
    Critical,
    /// Somebody must act at once.
    Alert,
    /// The server can't be used.
    Emergency,
}

impl LogLevel {
    const ALL: [Self; 8] = [
        Self::Debug,
        Self::Info,
        Self::Notice,
        Self::Warning,
        Self::Error,
        Self::Critical,
        Self::Alert,
        Self::Emergency,
    ];

    /// Returns the name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
            Self::Alert => "alert",
            Self::Emergency => "emergency",
        }
    }

    /// Reads the name of a level.
    pub(crate) fn parse(name: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|level| level.as_str() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::as_str).join(", ");
            Error::invalid_params(format!(
                "Invalid params: unknown log level '{}'; the levels are {names}",
                truncated(name)
            ))
        })
    }
}

/// The `params` of `notifications/message`.
#[derive(Serialize)]
pub(crate) struct LogMessage<T> {
    pub(crate) level: LogLevel,
    pub(crate) data: T,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_ordered_and_have_one_name() {
        assert!(LogLevel::ALL.is_sorted());
        for level in LogLevel::ALL {
            assert_eq!(LogLevel::parse(level.as_str()).expect("known"), level);
            assert_eq!(serde_json::to_value(level).expect("JSON"), level.as_str());
        }
        for name in ["", "INFO", "warn", "trace"] {
            let error = LogLevel::parse(name).expect_err(name);
            assert_eq!(error.code(), Some(-32602));
        }
    }
}
