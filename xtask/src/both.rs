//! Two things at once, where most of the time goes into waiting for a network.

use std::thread;

use crate::workspace::Outcome;

/// Does both at the same time, and waits for both.
pub(crate) fn both<A: Send, B>(
    first: impl FnOnce() -> Outcome<A> + Send,
    second: impl FnOnce() -> Outcome<B>,
) -> Outcome<(A, B)> {
    let (first, second) = thread::scope(|scope| {
        let first = scope.spawn(first);
        let second = second();
        (first.join(), second)
    });
    Ok((first.map_err(|_| "a part of the command panicked".to_owned())??, second?))
}
