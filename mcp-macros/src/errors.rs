//! Collection of errors.

use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::ToTokens;

/// The errors of an expansion, which are reported together.
#[derive(Default)]
pub(crate) struct Errors(Vec<syn::Error>);

impl Errors {
    /// Reports `message` under all of `tokens`.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    pub(crate) fn push(&mut self, error: syn::Error) {
        self.0.push(error);
    }

    /// Returns the value, or reports the error under `tokens`.
    pub(crate) fn check<T, E: Display>(
        &mut self,
        tokens: impl ToTokens,
        context: &str,
        result: Result<T, E>,
    ) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.at(tokens, format_args!("{context}: {error}"));
                None
            }
        }
    }

    /// Combines all errors into one.
    pub(crate) fn into_error(self) -> Option<syn::Error> {
        self.0.into_iter().reduce(|mut all, error| {
            all.combine(error);
            all
        })
    }

    /// Returns the `compile_error!`s, if there are errors.
    pub(crate) fn into_compile_errors(self) -> Option<TokenStream> {
        (!self.0.is_empty()).then(|| self.0.into_iter().map(syn::Error::into_compile_error).collect())
    }

    /// Returns the messages of all errors.
    #[cfg(test)]
    pub(crate) fn messages(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }
}
