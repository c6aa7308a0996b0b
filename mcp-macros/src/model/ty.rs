//! What a signature's types tell, and how they are written where its lifetimes are unknown.

use quote::ToTokens as _;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{GenericArgument, Generics, Lifetime, PathArguments, Type, TypeImplTrait, TypeReference, parse_quote};

/// The one rule: what borrows comes from the request, what is owned comes from the client. Types are not looked at by
/// name; the `&` has to be in the signature, because what an alias stands for can't be seen here.
pub(super) fn borrows(ty: &Type) -> bool {
    Parts::of(ty).borrows
}

/// The first `impl Trait` in a type.
pub(super) fn impl_trait(ty: &Type) -> Option<&TypeImplTrait> {
    Parts::of(ty).impl_trait
}

pub(crate) fn mentions_lifetime(ty: &Type) -> bool {
    Parts::of(ty).lifetime
}

/// Returns what to write in place of a type with a borrowed text or list in it, which neither a client nor a request has.
///
/// Serde reads no `&'static str`, and rustc would say so in terms of lifetimes.
pub(super) fn owned(ty: &Type) -> Option<String> {
    struct Own {
        found: bool,
    }

    impl VisitMut for Own {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            visit_mut::visit_type_mut(self, ty);
            if let Type::Reference(reference) = ty {
                match &*reference.elem {
                    Type::Slice(slice) => {
                        let item = &slice.elem;
                        *ty = parse_quote!(Vec<#item>);
                    }
                    Type::Path(path) if path.path.is_ident("str") => *ty = parse_quote!(String),
                    _ => return,
                }
                self.found = true;
            }
        }
    }

    if !borrows(ty) && !is_static_inside(ty) {
        return None;
    }
    let mut ty = ty.clone();
    let mut own = Own { found: false };
    own.visit_type_mut(&mut ty);
    own.found.then(|| written(&ty))
}

/// Returns what to write in place of a type that borrows something to change it. What a request carries is shared.
pub(super) fn shared(ty: &Type) -> Option<String> {
    struct Share {
        found: bool,
    }

    impl VisitMut for Share {
        fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
            self.found |= reference.mutability.take().is_some();
            reference.lifetime = None;
            visit_mut::visit_type_reference_mut(self, reference);
        }
    }

    let mut ty = ty.clone();
    let mut share = Share { found: false };
    share.visit_type_mut(&mut ty);
    share.found.then(|| written(&ty))
}

/// Returns a type as one would write it.
fn written(ty: &Type) -> String {
    ty.to_token_stream().to_string().replace(' ', "").replace(',', ", ")
}

/// Returns `true` for a reference that is `'static`, also in tuples, arrays, and the containers that serde reads as their
/// items. What another type does with one is not known.
fn is_static_inside(ty: &Type) -> bool {
    match ty {
        Type::Reference(_) => true,
        Type::Array(array) => is_static_inside(&array.elem),
        Type::Tuple(tuple) => tuple.elems.iter().any(is_static_inside),
        Type::Group(group) => is_static_inside(&group.elem),
        Type::Paren(paren) => is_static_inside(&paren.elem),
        Type::Path(path) => path.path.segments.last().is_some_and(|last| match &last.arguments {
            PathArguments::AngleBracketed(arguments) if last.ident == "Option" || last.ident == "Vec" => {
                arguments.args.iter().any(|argument| match argument {
                    GenericArgument::Type(ty) => is_static_inside(ty),
                    _ => false,
                })
            }
            _ => false,
        }),
        _ => false,
    }
}

/// What there is anywhere in a type.
#[derive(Default)]
struct Parts<'a> {
    /// A reference that is not `'static`.
    borrows: bool,
    /// A lifetime that has a name, be it `'_`.
    lifetime: bool,
    impl_trait: Option<&'a TypeImplTrait>,
}

impl<'a> Parts<'a> {
    fn of(ty: &'a Type) -> Self {
        let mut parts = Self::default();
        parts.visit_type(ty);
        parts
    }
}

impl<'a> Visit<'a> for Parts<'a> {
    fn visit_type_reference(&mut self, reference: &'a TypeReference) {
        let is_static = reference.lifetime.as_ref().is_some_and(|lifetime| lifetime.ident == "static");
        self.borrows |= !is_static;
        visit::visit_type_reference(self, reference);
    }

    fn visit_lifetime(&mut self, _: &'a Lifetime) {
        self.lifetime = true;
    }

    fn visit_type_impl_trait(&mut self, ty: &'a TypeImplTrait) {
        self.impl_trait.get_or_insert(ty);
    }
}

/// The type with the lifetimes of the method left to be inferred, because the table does not know them.
pub(super) fn without_lifetimes(ty: &Type, generics: &Generics) -> Type {
    struct Erase<'a> {
        generics: &'a Generics,
    }

    impl VisitMut for Erase<'_> {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            if self.generics.lifetimes().any(|param| param.lifetime == *lifetime) {
                *lifetime = Lifetime::new("'_", lifetime.span());
            }
        }
    }

    let mut ty = ty.clone();
    Erase { generics }.visit_type_mut(&mut ty);
    ty
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_anywhere_borrows_unless_it_is_static() {
        let borrowed: [Type; 4] = [
            parse_quote!(&str),
            parse_quote!(Option<&AccessToken>),
            parse_quote!((u8, &'a Parts)),
            parse_quote!(&'a mut Vec<u8>),
        ];
        assert!(borrowed.iter().all(borrows));
        let owned: [Type; 4] =
            [parse_quote!(String), parse_quote!(&'static str), parse_quote!(Cow<'_, str>), parse_quote!(Maybe)];
        assert!(!owned.iter().any(borrows));
    }

    #[test]
    fn a_borrowed_text_or_list_has_an_owned_form() {
        let cases: [(Type, Option<&str>); 12] = [
            (parse_quote!(&str), Some("String")),
            (parse_quote!(&'static str), Some("String")),
            (parse_quote!(&mut str), Some("String")),
            (parse_quote!(Option<&'a str>), Some("Option<String>")),
            (parse_quote!(Option<&'static str>), Some("Option<String>")),
            (parse_quote!(&[&str]), Some("Vec<String>")),
            (parse_quote!((u8, Vec<&'static [u8]>)), Some("(u8, Vec<Vec<u8>>)")),
            (parse_quote!(&AccessToken), None),
            (parse_quote!(&'static AccessToken), None),
            (parse_quote!(Option<&AccessToken>), None),
            (parse_quote!(Marker<&'static str>), None),
            (parse_quote!(Cow<'static, str>), None),
        ];
        for (ty, expected) in cases {
            assert_eq!(owned(&ty).as_deref(), expected, "{}", ty.to_token_stream());
        }
    }

    #[test]
    fn what_is_borrowed_to_be_changed_has_a_shared_form() {
        assert_eq!(shared(&parse_quote!(&'a mut mcp::AccessToken)).as_deref(), Some("&mcp::AccessToken"));
        assert_eq!(shared(&parse_quote!(Option<&mut AccessToken>)).as_deref(), Some("Option<&AccessToken>"));
        assert_eq!(shared(&parse_quote!(&AccessToken)), None);
    }

    #[test]
    fn an_anonymous_type_is_found_inside_of_others() {
        let ty: Type = parse_quote!(Result<Vec<impl Display>, Error>);
        assert_eq!(impl_trait(&ty).map(|ty| ty.to_token_stream().to_string()).as_deref(), Some("impl Display"));
        assert!(impl_trait(&parse_quote!(Result<Vec<String>, Error>)).is_none());
    }

    #[test]
    fn only_the_lifetimes_of_the_method_are_left_to_be_inferred() {
        let generics: Generics = parse_quote!(<'a>);
        let ty = without_lifetimes(&parse_quote!(Pair<&'a str, &'static str, Of<'a>, Other<'b>>), &generics);
        let expected: Type = parse_quote!(Pair<&'_ str, &'static str, Of<'_>, Other<'b>>);
        assert_eq!(ty.to_token_stream().to_string(), expected.to_token_stream().to_string());
    }
}
