//! What a signature's types tell, and how they are written where its lifetimes are unknown.

use syn::visit::{self, Visit};
use syn::visit_mut::VisitMut;
use syn::{Generics, Lifetime, Type, TypeImplTrait, TypeReference};

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
    use quote::ToTokens as _;
    use syn::parse_quote;

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
