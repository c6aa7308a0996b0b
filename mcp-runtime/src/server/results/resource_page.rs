//! The return types of lists of resources.

use super::failure::Failure;
use crate::protocol::error::Error;
use crate::protocol::resource_page::{ResourceEntry, ResourcePage};
use crate::server::declare::wrapper::{with_message, wrappers};

with_message! {
[
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be returned from a list of resources",
    label = "not a page of resources",
    note = "return `mcp::ResourcePage`, `Vec<mcp::ResourceEntry>`, or a `Result` of them",
    note = "a method that returns a future is written as an `async fn` that returns what the future does"
)]
]

/// A type that the list of a template can return.
///
/// It is a [`ResourcePage`], a `Vec` of all entries, or a `Result` of either. An error is reported like that of a resource.
pub trait IntoResourcePage {
    /// Turns the value into a page.
    ///
    /// # Errors
    /// There is no page.
    fn into_resource_page(self) -> Result<ResourcePage, Error>;
}

/// A wrapper of a type that a list returns.
#[doc(hidden)]
pub trait PageWrapper {
    /// The wrapper itself. rustc does not report a condition on it for other types.
    type Whole;

    fn whole(self) -> Self::Whole;
}
}

wrappers!(PageWrapper: [T, E] Result<T, E>);

/// A [`PageWrapper`] of a type that a list can return.
pub trait WrappedPage {
    fn convert(self) -> Result<ResourcePage, Error>;
}

impl<W: PageWrapper> IntoResourcePage for W
where
    W::Whole: WrappedPage,
{
    fn into_resource_page(self) -> Result<ResourcePage, Error> {
        self.whole().convert()
    }
}

impl<T: IntoResourcePage, E: Failure> WrappedPage for Result<T, E> {
    fn convert(self) -> Result<ResourcePage, Error> {
        self.map_err(Failure::into_error)?.into_resource_page()
    }
}

#[diagnostic::do_not_recommend]
impl IntoResourcePage for ResourcePage {
    fn into_resource_page(self) -> Result<ResourcePage, Error> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl IntoResourcePage for Vec<ResourceEntry> {
    fn into_resource_page(self) -> Result<ResourcePage, Error> {
        Ok(ResourcePage::new(self))
    }
}
