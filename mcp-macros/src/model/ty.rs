//! Inspection and rewriting of the types in a signature.

use quote::ToTokens as _;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{GenericArgument, Generics, Lifetime, PathArguments, Type, TypeImplTrait, TypeReference, parse_quote};

/// Returns `true` if the type borrows from the request.
///
/// An owned value comes from the client. Only the `&` in the signature counts, because a macro cannot resolve names and
/// aliases of types.
pub(super) fn borrows(ty: &Type) -> bool {
    TypeFeatures::of(ty).borrows
}

/// Returns the first `impl Trait` in a type.
pub(super) fn impl_trait(ty: &Type) -> Option<&TypeImplTrait> {
    TypeFeatures::of(ty).impl_trait
}

pub(crate) fn mentions_lifetime(ty: &Type) -> bool {
    TypeFeatures::of(ty).lifetime
}

/// Returns the owned form of a borrowed text or list.
///
/// Neither the client nor the request has a value of such a type. Without this check, rustc would report `&'static str` in
/// terms of lifetimes.
pub(super) fn owned(ty: &Type) -> Option<String> {
    struct OwnedRewriter {
        found: bool,
    }

    impl VisitMut for OwnedRewriter {
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
    let mut own = OwnedRewriter { found: false };
    own.visit_type_mut(&mut ty);
    own.found.then(|| type_source(&ty))
}

/// Returns the shared form of a type with `&mut`.
///
/// Methods share the request.
pub(super) fn shared(ty: &Type) -> Option<String> {
    struct SharedRewriter {
        found: bool,
    }

    impl VisitMut for SharedRewriter {
        fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
            self.found |= reference.mutability.take().is_some();
            reference.lifetime = None;
            visit_mut::visit_type_reference_mut(self, reference);
        }
    }

    let mut ty = ty.clone();
    let mut share = SharedRewriter { found: false };
    share.visit_type_mut(&mut ty);
    share.found.then(|| type_source(&ty))
}

/// Returns the usual source text of a type.
fn type_source(ty: &Type) -> String {
    ty.to_token_stream().to_string().replace(' ', "").replace(',', ", ")
}

/// Returns `true` for a reference, also in tuples, arrays, `Option` and `Vec`.
///
/// Other types may treat a `'static` reference in their own way.
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

/// The features of a type, at any depth.
#[derive(Default)]
struct TypeFeatures<'a> {
    /// Set if the type has a reference that is not `'static`.
    borrows: bool,
    /// Set if the type names a lifetime, including `'_`.
    lifetime: bool,
    impl_trait: Option<&'a TypeImplTrait>,
}

impl<'a> TypeFeatures<'a> {
    fn of(ty: &'a Type) -> Self {
        let mut parts = Self::default();
        parts.visit_type(ty);
        parts
    }
}

impl<'a> Visit<'a> for TypeFeatures<'a> {
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

/// Replaces the method's lifetimes by `'_`, because tables do not declare them.
pub(super) fn without_lifetimes(ty: &Type, generics: &Generics) -> Type {
    struct LifetimeEraser<'a> {
        generics: &'a Generics,
    }

    impl VisitMut for LifetimeEraser<'_> {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            if self.generics.lifetimes().any(|param| param.lifetime == *lifetime) {
                *lifetime = Lifetime::new("'_", lifetime.span());
            }
        }
    }

    let mut ty = ty.clone();
    LifetimeEraser { generics }.visit_type_mut(&mut ty);
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
