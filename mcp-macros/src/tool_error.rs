//! `#[derive(ToolError)]`: the errors of a type whose texts clients read.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Attribute, Data, DeriveInput, Path, parse_quote};

use crate::errors::Errors;

/// The content of the attributes of a type or a variant.
#[derive(Default)]
struct Keys {
    shown: bool,
    krate: Option<Path>,
}

/// Writes the implementation, or the mistakes.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let keys = read(&input.attrs, true, &mut errors);
    let shown = shown(&input, keys.shown, &mut errors);
    if let Some(errors) = errors.into_compile_errors() {
        return errors;
    }
    let krate = keys.krate.unwrap_or_else(|| parse_quote!(::mcp));
    let ty = &input.ident;
    let (impl_generics, ty_generics, where_clause) = input.generics.split_for_impl();
    // With the span of the name, so that rustc reports once that the type is no error.
    let trait_ = quote_spanned!(ty.span()=> <Self as #krate::ToolError>);
    quote! {
        #[automatically_derived]
        impl #impl_generics #krate::ToolError for #ty #ty_generics #where_clause {
            fn tool_error(self) -> #krate::Error {
                #[allow(unreachable_patterns)]
                match self {
                    #shown => #trait_::shown(self),
                    _ => #trait_::masked(self),
                }
            }
        }
    }
}

/// Returns the pattern of the errors that clients read.
fn shown(input: &DeriveInput, all: bool, errors: &mut Errors) -> TokenStream {
    let variants: Vec<TokenStream> = match &input.data {
        Data::Enum(data) => (data.variants.iter())
            .filter(|variant| read(&variant.attrs, false, errors).shown)
            .map(|variant| {
                let name = &variant.ident;
                quote!(Self::#name { .. })
            })
            .collect(),
        Data::Struct(_) | Data::Union(_) => Vec::new(),
    };
    if all {
        return quote!(_);
    }
    if variants.is_empty() {
        let ty = &input.ident;
        let place = if matches!(input.data, Data::Enum(_)) { "each variant" } else { "the type" };
        errors.at(
            ty,
            format_args!(
                "clients read no error of `{ty}`; write `#[tool_error(shown)]` above {place} that they may read, or \
                 remove `ToolError`, because other errors are only logged anyway"
            ),
        );
    }
    quote!(#(#variants)|*)
}

/// Reads the attributes of the type, which may name the crate, or of a variant.
fn read(attributes: &[Attribute], of_type: bool, errors: &mut Errors) -> Keys {
    let mut keys = Keys::default();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("tool_error")) {
        let read = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("shown") {
                keys.shown = true;
                Ok(())
            } else if of_type && meta.path.is_ident("crate") {
                keys.krate = Some(meta.value()?.parse()?);
                Ok(())
            } else {
                Err(meta.error("unknown key; write `#[tool_error(shown)]` above an error that clients may read"))
            }
        });
        if let Err(error) = read {
            errors.push(error);
        }
    }
    keys
}
