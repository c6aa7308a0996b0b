//! Functions with their bodies as tokens.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt as _};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Signature, Token, Visibility, token};

use super::attributes;

/// A method with its body as tokens. rustc reports errors in the body.
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    /// Set if all attributes are valid. rustc has reported the others.
    pub(super) has_all_attrs: bool,
    pub(super) visibility: Visibility,
    defaultness: Option<Token![default]>,
    pub(crate) sig: Signature,
    /// The braces of the body, or a semicolon.
    body: TokenTree,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let (attrs, has_all_attrs) = attributes::outer(input)?;
        Ok(Self {
            attrs,
            has_all_attrs,
            visibility: input.parse()?,
            defaultness: input.parse()?,
            sig: input.parse()?,
            body: if input.peek(token::Brace) || input.peek(Token![;]) {
                input.parse()?
            } else {
                return Err(input.error("expected a body"));
            },
        })
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.append_all(&self.attrs);
        self.visibility.to_tokens(tokens);
        self.defaultness.to_tokens(tokens);
        self.sig.to_tokens(tokens);
        self.body.to_tokens(tokens);
    }
}
