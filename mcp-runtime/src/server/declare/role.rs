//! The roles of blocks, and the traits by which they decide what a block is.
//!
//! A role holds by coherence. `Open` and its like are implemented once, for every block whose role obeys a trait of this
//! module. These traits and the roles are of this crate and have no parameters. So nobody else can implement the ones for
//! the others, and rustc lets nobody else assume that this crate never will: an implementation of `Open` by hand always
//! conflicts. An equality (`Role = Open`), or a parameter that can be a type of the user, would break this, because rustc
//! could then tell the two implementations apart.

use crate::auth::DeclaredProtection;

/// A role that a block can have.
pub trait Role {
    /// The protection that a block of this role declares.
    type Protection: 'static;

    /// Returns who protects the block, if its role says so: neither an open server nor a part does.
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

/// The role of a server whose attribute has no `issuer` and no `resource`.
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

/// The role of a server whose attribute has both.
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
/// It may be used in every way, so that no use of it is a further error.
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
