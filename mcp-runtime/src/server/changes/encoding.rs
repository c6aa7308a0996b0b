//! The form of a change in messages between instances.

use super::subscriptions::Change;

const TOOLS: u8 = 1;
const PROMPTS: u8 = 2;
const RESOURCES: u8 = 3;
const RESOURCE: u8 = 4;

impl Change {
    /// Writes the change.
    pub(crate) fn encode(&self) -> Vec<u8> {
        match self {
            Self::Tools => vec![TOOLS],
            Self::Prompts => vec![PROMPTS],
            Self::Resources => vec![RESOURCES],
            Self::Resource(uri) => [&[RESOURCE], uri.as_bytes()].concat(),
        }
    }

    /// Reads a change. Returns `None` for one of a newer version of the program.
    pub(crate) fn decode(message: &[u8]) -> Option<Self> {
        Some(match message.split_first()? {
            (&TOOLS, []) => Self::Tools,
            (&PROMPTS, []) => Self::Prompts,
            (&RESOURCES, []) => Self::Resources,
            (&RESOURCE, uri) => Self::Resource(str::from_utf8(uri).ok()?.into()),
            _ => return None,
        })
    }
}
