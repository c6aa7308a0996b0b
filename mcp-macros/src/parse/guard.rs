//! Guards: methods that decide about requests, and the keys that name them.

use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative as _;
use syn::{Attribute, Ident, LitStr, Path, Signature, Token, Visibility, token};

use super::Parameter;
use super::entries::{equals, list, other_value};
use super::function::Function;
use super::method::{arguments_of, cfgs};
use super::value_form::ValueForm;
use crate::errors::Errors;

/// A method with `#[mcp::guard]`.
pub(crate) struct Guard {
    /// The path of the attribute. `None` if only a near miss was found.
    pub(crate) path: Option<Path>,
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    pub(crate) parameters: Vec<Parameter>,
}

impl Guard {
    /// Parses a guard. `attribute` is `None` for a near miss.
    pub(super) fn new(method: &mut Function, attribute: Option<&Attribute>, errors: &mut Errors) -> Self {
        if let Some(attribute) = attribute
            && !arguments_of(attribute, errors).is_empty()
        {
            errors.at(attribute, "a guard has no settings; write `#[mcp::guard]`");
        }
        Self {
            path: attribute.map(|attribute| attribute.path().clone()),
            cfgs: cfgs(&method.attrs).cloned().collect(),
            visibility: method.visibility.clone(),
            signature: method.sig.clone(),
            parameters: Parameter::take_all(&mut method.sig, errors),
        }
    }
}

/// The guards that a key names, with the key.
pub(crate) type GuardNames = Option<(Ident, Vec<Path>)>;

/// Parses `= same_tenant`, `= [active, same_tenant]` or `= Tracker::same_tenant`.
pub(super) fn guards(key: &Ident, input: ParseStream<'_>) -> syn::Result<GuardNames> {
    equals(key, input, ValueForm::Like("name"))?;
    let guards =
        if input.peek(token::Bracket) { list(input, |item| guard(key, item))? } else { vec![guard(key, input)?] };
    if guards.is_empty() {
        return Err(syn::Error::new(key.span(), "`guard` is empty; name a guard, or remove the key"));
    }
    Ok(Some((key.clone(), guards)))
}

fn guard(key: &Ident, input: ParseStream<'_>) -> syn::Result<Path> {
    if let Ok(text) = input.fork().parse::<LitStr>() {
        return Err(syn::Error::new(
            text.span(),
            format_args!("a guard has no quotes; write `{key} = {}`", text.value()),
        ));
    }
    let fork = input.fork();
    let path = fork.parse::<Path>().ok().filter(|_| fork.is_empty() || fork.peek(Token![,]));
    let Some(path) = path else {
        let name = input.fork().parse::<Path>().map_or_else(|_| "name".to_owned(), |path| source(&path));
        return Err(other_value(key, input, &format!("the name of a method; write `{key} = {name}`")));
    };
    input.advance_to(&fork);
    Ok(path)
}

/// Returns the usual source text of a path.
pub(crate) fn source(path: &Path) -> String {
    quote::quote!(#path).to_string().replace(' ', "")
}
