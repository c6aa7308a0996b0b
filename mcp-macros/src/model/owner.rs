//! Owners of blocks: servers, and the servers of parts.

use proc_macro2::Span;
use quote::ToTokens as _;
use syn::Type;

use super::{Server, type_name};
use crate::errors::Errors;
use crate::parse::{Block, BlockAttribute, PartAttribute};

/// The server that a block belongs to.
pub(crate) enum Owner {
    Server(Box<Server>),
    /// The server of a part, by its type.
    Part {
        of: Box<Type>,
    },
}

/// Returns the type of a part's server.
pub(super) fn of(block: &Block, part: &PartAttribute, errors: &mut Errors) -> Option<Type> {
    let ty = &block.item.self_ty;
    if part.of.is_none() && part.complete {
        errors.at(
            ty,
            "a part says which server it is one of; write `#[mcp::part(of = Server)]`, with the type of that server",
        );
    }
    if is_part_of_itself(block) {
        let name = type_name(ty);
        errors.push(syn::Error::new(
            Span::call_site(),
            format_args!(
                "`{name}` can't be a part of itself, because a type has one block; move these methods into its \
                 `#[mcp::server]` block, or into one of another type: `#[mcp::part(of = {name})] impl Other`"
            ),
        ));
    }
    part.of.clone()
}

/// Returns `true` if `of` names the type of the block itself.
pub(crate) fn is_part_of_itself(block: &Block) -> bool {
    let BlockAttribute::Part(part) = &block.attribute else { return false };
    part.of.as_ref().is_some_and(|of| {
        let of = text(of);
        of == "Self" || of == text(&block.item.self_ty)
    })
}

fn text(ty: &Type) -> String {
    match ty {
        // A fragment of a declarative macro comes in a group.
        Type::Group(group) => text(&group.elem),
        Type::Paren(paren) => text(&paren.elem),
        other => other.to_token_stream().to_string().trim_start_matches("self :: ").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn a_type_is_no_part_of_itself_however_it_is_named() {
        for (of, ty, expected) in [
            (quote!(Notes), quote!(Notes), true),
            (quote!(Self), quote!(Notes), true),
            (quote!(self::Notes), quote!(Notes), true),
            (quote!(Notes), quote!(self::Notes), true),
            (quote!((Notes)), quote!(Notes), true),
            (quote!(Notes<T>), quote!(Notes<T>), true),
            (quote!(Notes<u8>), quote!(Notes<u16>), false),
            (quote!(other::Notes), quote!(Notes), false),
            (quote!(Library), quote!(Notes), false),
        ] {
            let mut errors = Errors::default();
            let attribute = PartAttribute::parse(quote!(of = #of), &mut errors);
            let attribute = BlockAttribute::Part(Box::new(attribute));
            let block = Block::parse(attribute, quote!(impl #ty {}), &mut errors).expect("a block");
            assert_eq!(is_part_of_itself(&block), expected, "{of} of {ty}");
        }
    }
}
