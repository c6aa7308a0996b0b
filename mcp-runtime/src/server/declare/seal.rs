//! The seal of traits that generated code names and that only this crate implements.

/// The constant of a sealed trait: users cannot name its type.
///
/// A supertrait would seal it as well, but rustc would report that in place of the message of the trait.
#[derive(Debug)]
pub struct Seal;
