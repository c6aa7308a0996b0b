//! The names of keys in other frameworks, with advice for each.

mod anywhere;
mod arg;
mod block;
mod method;

use self::anywhere::ANYWHERE;
use self::arg::{ARG, ICON};
use self::block::{PART, SERVER};
use self::method::{COMPLETION, METHOD, PROMPT, RESOURCE, TOOL};
use super::keys::{Place, fold};
use super::kind::Kind;

/// Names with one meaning, in any case, and the advice for them.
type Advice = (&'static [&'static str], &'static str);

/// Returns the advice for a name that is no key.
pub(super) fn advice(place: Place, folded: &str) -> Option<&'static str> {
    let tables: &[&[Advice]] = match place {
        Place::Server => &[SERVER],
        Place::Part => &[PART],
        Place::Method(Kind::Tool) => &[TOOL, METHOD],
        Place::Method(Kind::Resource) => &[RESOURCE, METHOD],
        Place::Method(Kind::Prompt) => &[PROMPT, METHOD],
        Place::Method(Kind::Completion) => &[COMPLETION],
        Place::Arg => &[ARG],
        Place::Icon => &[ICON],
    };
    let entries = tables.iter().copied().chain([ANYWHERE]).flatten();
    let found = entries.filter(|(names, _)| names.iter().any(|name| fold(name) == folded));
    found.map(|(_, advice)| *advice).next()
}
