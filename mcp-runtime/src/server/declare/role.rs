//! The roles of blocks, and the traits that each role implements.
//!
//! A role holds by coherence. `Open` and its like are implemented once, for every block whose role obeys a trait of this
//! module. These traits and the roles are of this crate and have no parameters. No other crate can implement them, or
//! assume that this crate never will, so that an implementation of `Open` by hand always conflicts. An equality
//! (`Role = Open`), or a parameter that can be a type of the user, would break this, because rustc could then tell the two
//! implementations apart.

use crate::auth::DeclaredProtection;

/// A role that a block can have.
pub trait Role {
    /// The protection that a block of this role declares.
    type Protection: 'static;

    /// Returns the protection of the block. Open servers and parts have none.
    fn protection(declared: Self::Protection) -> Option<&'static DeclaredProtection>;
}

/// A role of a server.
pub trait OfServer: Role {}

/// A role of a server that may be served to everyone.
pub trait OfOpen: OfServer {}

/// A role of a server that may be served with a verifier.
pub trait OfProtected: OfServer + Role<Protection = &'static DeclaredProtection> {}

/// A role of a part.
pub trait OfPart: Role {}

/// The role of a server without an `issuer` and a `resource`.
#[derive(Debug)]
pub struct Open(());

impl Role for Open {
    type Protection = ();

    fn protection((): ()) -> Option<&'static DeclaredProtection> {
        None
    }
}

#[diagnostic::do_not_recommend]
impl OfServer for Open {}

#[diagnostic::do_not_recommend]
impl OfOpen for Open {}

/// The role of a server with an `issuer` and a `resource`.
#[derive(Debug)]
pub struct Protected(());

impl Role for Protected {
    type Protection = &'static DeclaredProtection;

    fn protection(declared: Self::Protection) -> Option<&'static DeclaredProtection> {
        Some(declared)
    }
}

#[diagnostic::do_not_recommend]
impl OfServer for Protected {}

#[diagnostic::do_not_recommend]
impl OfProtected for Protected {}

/// The role of a part.
#[derive(Debug)]
pub struct Part(());

impl Role for Part {
    type Protection = ();

    fn protection((): ()) -> Option<&'static DeclaredProtection> {
        None
    }
}

#[diagnostic::do_not_recommend]
impl OfPart for Part {}

/// The role of a server whose block does not compile.
///
/// Every use of it compiles, so that none is a further error.
#[derive(Debug)]
pub struct Undeclared(());

impl Role for Undeclared {
    type Protection = &'static DeclaredProtection;

    fn protection(declared: Self::Protection) -> Option<&'static DeclaredProtection> {
        Some(declared)
    }
}

#[diagnostic::do_not_recommend]
impl OfServer for Undeclared {}

#[diagnostic::do_not_recommend]
impl OfOpen for Undeclared {}

#[diagnostic::do_not_recommend]
impl OfProtected for Undeclared {}
