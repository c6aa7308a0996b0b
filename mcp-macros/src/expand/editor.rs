//! Imports of the keys that were written, so that rust-analyzer completes and documents them.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote};
use syn::Path;

use crate::parse::{Block, BlockAttribute, Place};

/// Writes imports of the keys of every attribute of a block, for rust-analyzer alone.
///
/// They are items of `__private::keys`. Unknown keys are among them, because the cursor is in one while a key is typed.
pub(super) fn keys(block: &Block, krate: &Path) -> TokenStream {
    let attribute = match &block.attribute {
        BlockAttribute::Server(server) => (Place::Server, &*server.typed),
        BlockAttribute::Part(part) => (Place::Part, &*part.typed),
    };
    let methods = block.methods.iter().flat_map(|method| {
        let args = method.parameters.iter().filter_map(|parameter| parameter.arg.as_ref());
        let args = args.map(|(_, arg)| (Place::Arg, &*arg.typed));
        std::iter::once((Place::Method(method.kind()), &*method.attribute.typed)).chain(args)
    });
    let uses = std::iter::once(attribute).chain(methods).filter_map(|(place, typed)| {
        let module = Ident::new(place.module()?, Span::call_site());
        // A keyword, such as `crate`, is no name of an item.
        let keys: Vec<&Ident> =
            typed.iter().filter(|key| syn::parse2::<Ident>(key.to_token_stream()).is_ok()).collect();
        (!keys.is_empty()).then(|| quote!(use #krate::__private::keys::#module::{#(#keys as _),*};))
    });
    let uses: Vec<TokenStream> = uses.collect();
    if uses.is_empty() {
        return TokenStream::new();
    }
    // rustc warns of a `cfg` that it does not know, and an `#[allow]` would be an error where the user forbids that. So
    // all of it is inside of one that rustc knows, and that rust-analyzer sets as well.
    quote! {
        #[cfg(miri)]
        #[allow(unexpected_cfgs)]
        const _: () = {
            #[cfg(rust_analyzer)]
            {
                #(#uses)*
            }
        };
    }
}
