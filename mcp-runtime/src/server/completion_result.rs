use super::result::{Failure, failed};
use crate::protocol::completion::Completion;
use crate::protocol::error::Error;

/// A type that a completion can return: a list of texts, best first, a [`Completion`] with how many there are, or a
/// `Result` of them.
///
/// There is no error for the model here: an `E` that implements `Display` is the message of a JSON-RPC error, which the
/// client reads in whole.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be returned from a completion",
    label = "not something that a completion can return",
    note = "return `Vec<String>`, `Vec<&'static str>`, `mcp::Completion`, or a `Result` of them"
)]
pub trait IntoCompletion {
    /// Turns the value into a result.
    ///
    /// # Errors
    /// When there is no answer.
    fn into_completion(self) -> Result<Completion, Error>;
}

impl<T: IntoCompletion, E: Failure> IntoCompletion for Result<T, E> {
    fn into_completion(self) -> Result<Completion, Error> {
        self.map_err(failed)?.into_completion()
    }
}

#[diagnostic::do_not_recommend]
impl IntoCompletion for Completion {
    fn into_completion(self) -> Result<Completion, Error> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Into<String>> IntoCompletion for Vec<T> {
    fn into_completion(self) -> Result<Completion, Error> {
        Ok(Completion::new(self))
    }
}

#[diagnostic::do_not_recommend]
impl<T: Into<String>, const N: usize> IntoCompletion for [T; N] {
    fn into_completion(self) -> Result<Completion, Error> {
        Ok(Completion::new(self))
    }
}
