//! The problems of a value, and the rules that it breaks.

/// Limits the problems that are listed for one argument.
pub(super) const MAX_PROBLEMS: usize = 100;

/// A part of a value that its type or schema does not allow.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) path: String,
    pub(super) message: String,
    pub(super) cause: Cause,
}

/// The rule that a part of a value breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// The type does not read the value.
    Type,
    /// A size, which may also be a rule of the type.
    Size,
    /// A limit that only the schema has.
    Limit,
    /// The schema does not describe the value, so its limits cannot be checked.
    Unchecked,
}

/// The problems of one value, up to a limit.
#[derive(Debug, Default)]
pub(super) struct Problems {
    /// The first problems, and the first violation, which no type detects.
    pub(super) list: Vec<Problem>,
    /// The number of problems for which the type may refuse the value.
    pub(super) misfits: usize,
    pub(super) has_violation: bool,
}

impl Problems {
    /// Counts a problem. Returns `true` if the list has room for it.
    pub(super) fn count(&mut self, cause: Cause) -> bool {
        let is_first_violation = cause != Cause::Type && !self.has_violation;
        self.has_violation |= is_first_violation;
        // The type does not know the limits of the schema.
        self.misfits += usize::from(cause != Cause::Limit);
        is_first_violation || self.list.len() < MAX_PROBLEMS
    }

    pub(super) fn extend(&mut self, others: Self) {
        let misfits = self.misfits + others.misfits;
        for problem in others.list {
            if self.count(problem.cause) {
                self.list.push(problem);
            }
        }
        self.misfits = misfits;
    }
}
