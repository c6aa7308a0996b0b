//! Annotated methods.

use proc_macro2::{Span, TokenStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, LitStr, Meta, Path, Signature, Token};

use super::function::Function;
use super::kind::Annotation;
use super::{Description, Guard, Kind, MethodAttribute, Parameter};
use crate::errors::Errors;

/// An annotated method.
pub(crate) struct Method {
    pub(crate) attribute: MethodAttribute,
    /// The path of the attribute. `None` if only a near miss was found.
    pub(crate) path: Option<Path>,
    pub(crate) docs: Option<Description>,
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) signature: Signature,
    pub(crate) parameters: Vec<Parameter>,
}

/// A method with an attribute of this framework.
pub(super) enum AnnotatedMethod {
    Item(Box<Method>),
    Guard(Box<Guard>),
}

impl AnnotatedMethod {
    /// Removes and parses this framework's attributes of a method.
    ///
    /// Returns `None` if the method has neither an attribute nor a near miss.
    pub(super) fn take(method: &mut Function, krate: Option<&Path>, errors: &mut Errors) -> Option<Self> {
        let OwnAttributes { found, near_miss } = OwnAttributes::take(&mut method.attrs, krate, errors);
        let mut found = found.into_iter();
        let (annotation, attribute) = match (found.next(), near_miss) {
            (Some((annotation, first)), _) => {
                if let Some((_, second)) = found.next() {
                    let name = &method.sig.ident;
                    errors
                        .at(&second, format_args!("`{name}` is already a {annotation}; remove one of the attributes"));
                }
                (annotation, Some(first))
            }
            (None, Some(annotation)) => (annotation, None),
            (None, None) => return None,
        };
        let kind = match annotation {
            Annotation::Item(kind) => kind,
            Annotation::Guard => return Some(Self::Guard(Box::new(Guard::new(method, attribute.as_ref(), errors)))),
        };
        let mut entries = match &attribute {
            Some(attribute) => MethodAttribute::parse(kind, arguments_of(attribute, errors), errors),
            None => MethodAttribute::unknown(kind),
        };
        // A missing key may be in an attribute with a syntax error.
        entries.complete &= method.has_all_attrs;
        Some(Self::Item(Box::new(Method {
            attribute: entries,
            path: attribute.map(|attribute| attribute.path().clone()),
            docs: Description::of_docs(&method.attrs),
            cfgs: cfgs(&method.attrs).cloned().collect(),
            signature: method.sig.clone(),
            parameters: Parameter::take_all(&mut method.sig, errors),
        })))
    }
}

impl Method {
    pub(crate) fn kind(&self) -> Kind {
        self.attribute.kind()
    }

    /// Returns the name for clients. Defaults to the name of the method.
    pub(crate) fn name(&self) -> String {
        match &self.attribute.name {
            Some(name) => name.value(),
            None => unraw(&self.signature.ident),
        }
    }

    /// Returns the span of the name.
    pub(crate) fn name_span(&self) -> Span {
        self.attribute.name.as_ref().map_or_else(|| self.signature.ident.span(), LitStr::span)
    }
}

/// Returns an identifier without `r#`.
pub(crate) fn unraw(ident: &syn::Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#").map(str::to_owned).unwrap_or(text)
}

/// The attributes of this framework on an item.
pub(super) struct OwnAttributes {
    pub(super) found: Vec<(Annotation, Attribute)>,
    /// The meaning of an attribute that is nearly one of this framework.
    near_miss: Option<Annotation>,
}

impl OwnAttributes {
    pub(super) fn take(attributes: &mut Vec<Attribute>, krate: Option<&Path>, errors: &mut Errors) -> Self {
        let mut own = Self { found: Vec::new(), near_miss: None };
        attributes.retain(|attribute| match match_attribute(attribute, krate) {
            AttributeMatch::Own(annotation) => {
                own.found.push((annotation, attribute.clone()));
                false
            }
            AttributeMatch::NearMiss { meant, message } => {
                errors.at(attribute.path(), message);
                own.near_miss = Some(meant);
                false
            }
            AttributeMatch::Foreign => true,
        });
        own
    }
}

/// The relation of an attribute to this framework.
enum AttributeMatch {
    Own(Annotation),
    NearMiss { meant: Annotation, message: String },
    Foreign,
}

/// Matches an attribute against `#[tool]`, `#[mcp::tool]` and the like, and near misses.
fn match_attribute(attribute: &Attribute, krate: Option<&Path>) -> AttributeMatch {
    let path = attribute.path();
    let Some((last, prefix)) = split(path) else { return AttributeMatch::Foreign };
    if let Some(annotation) = own_annotation(path, krate) {
        return AttributeMatch::Own(annotation);
    }
    let near_miss = |meant, message| AttributeMatch::NearMiss { meant, message };
    let tool = Annotation::Item(Kind::Tool);
    if let Some(meant) = Annotation::named(&last) {
        let name = prefix.join("::");
        let message = format!(
            "`#[{name}::{meant}]` is of another crate; in a block of this one, write `#[mcp::{meant}]`, or `crate = {name}` \
             above if that is your name for this crate"
        );
        return near_miss(meant, message);
    }
    if is_own(&last, path, krate) {
        let meant = Annotation::closest(&last);
        let remedy = match meant {
            Some(meant) => format!("write `#[mcp::{meant}]`"),
            None => format!("there are {}", Annotation::ALL.map(|known| format!("`#[mcp::{known}]`")).join(", ")),
        };
        return near_miss(meant.unwrap_or(tool), format!("there is no `#[mcp::{last}]` for a method; {remedy}"));
    }
    if path.is_ident("mcp") {
        return near_miss(tool, "`#[mcp]` is no attribute; write `#[mcp::tool]` for a tool".to_owned());
    }
    if path.is_ident("arg") {
        return near_miss(tool, "`#[arg]` is for a parameter; put it in front of one".to_owned());
    }
    match conditional_annotation(attribute) {
        Some(meant) => {
            let message =
                format!("whether a method is a {meant} can't be conditional; put `#[cfg]` on the whole method");
            near_miss(meant, message)
        }
        None => AttributeMatch::Foreign,
    }
}

/// Returns the meaning of `#[tool]`, `#[mcp::tool]` and the like.
pub(super) fn own_annotation(path: &Path, krate: Option<&Path>) -> Option<Annotation> {
    Annotation::ALL.into_iter().find(|known| path.is_ident(known.name()) || is_own(known.name(), path, krate))
}

/// Returns `true` if `path` is `mcp::name`, or `name` in the renamed crate.
pub(super) fn is_own(name: &str, path: &Path, krate: Option<&Path>) -> bool {
    let Some((last, prefix)) = split(path) else { return false };
    let renamed = || {
        krate.is_some_and(|krate| {
            krate.segments.iter().map(|segment| segment.ident.to_string()).eq(prefix.iter().cloned())
        })
    };
    last == name && (prefix == ["mcp"] || renamed())
}

fn split(path: &Path) -> Option<(String, Vec<String>)> {
    let mut names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    Some((names.pop()?, names))
}

/// Returns the attribute of this framework that a `#[cfg_attr]` names.
fn conditional_annotation(attribute: &Attribute) -> Option<Annotation> {
    if !attribute.path().is_ident("cfg_attr") {
        return None;
    }
    let metas = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()?;
    metas.iter().skip(1).find_map(|meta| Annotation::named(&meta.path().segments.last()?.ident.to_string()))
}

pub(super) fn cfgs(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"))
}

/// Returns the tokens in the parentheses of an attribute.
pub(super) fn arguments_of(attribute: &Attribute, errors: &mut Errors) -> TokenStream {
    match &attribute.meta {
        Meta::Path(_) => TokenStream::new(),
        Meta::List(list) => list.tokens.clone(),
        Meta::NameValue(meta) => {
            let path = &meta.path;
            let name = quote::quote!(#path).to_string().replace(' ', "");
            errors.at(meta, format_args!("`{name}` takes its settings in parentheses: `#[{name}(…)]`"));
            TokenStream::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    fn found(attribute: &Attribute, krate: Option<&Path>) -> Result<Option<Annotation>, String> {
        match match_attribute(attribute, krate) {
            AttributeMatch::Own(annotation) => Ok(Some(annotation)),
            AttributeMatch::NearMiss { message, .. } => Err(message),
            AttributeMatch::Foreign => Ok(None),
        }
    }

    #[test]
    fn the_attribute_is_known_by_its_path() {
        let cases: [(Attribute, Option<Annotation>); 9] = [
            (parse_quote!(#[tool]), Some(Annotation::Item(Kind::Tool))),
            (parse_quote!(#[mcp::tool(read_only)]), Some(Annotation::Item(Kind::Tool))),
            (parse_quote!(#[::mcp::prompt]), Some(Annotation::Item(Kind::Prompt))),
            (parse_quote!(#[mcp::resource("notes://all")]), Some(Annotation::Item(Kind::Resource))),
            (parse_quote!(#[completion(prompt = "a")]), Some(Annotation::Item(Kind::Completion))),
            (parse_quote!(#[mcp::guard]), Some(Annotation::Guard)),
            (parse_quote!(#[inline]), None),
            (parse_quote!(#[tracing::instrument]), None),
            (parse_quote!(#[cfg_attr(x, inline)]), None),
        ];
        for (attribute, expected) in cases {
            assert_eq!(found(&attribute, None), Ok(expected));
        }
        let renamed: Path = parse_quote!(vendored::framework);
        assert_eq!(
            found(&parse_quote!(#[vendored::framework::tool]), Some(&renamed)),
            Ok(Some(Annotation::Item(Kind::Tool)))
        );
    }

    #[test]
    fn a_near_miss_is_told_what_to_write() {
        let cases: [(Attribute, &str); 7] = [
            (parse_quote!(#[rmcp::tool(description = "…")]), "write `#[mcp::tool]`"),
            (parse_quote!(#[rmcp::prompt]), "write `#[mcp::prompt]`"),
            (parse_quote!(#[vendored::framework::tool]), "`crate = vendored::framework`"),
            (parse_quote!(#[mcp::tools]), "write `#[mcp::tool]`"),
            (parse_quote!(#[mcp::ressource]), "write `#[mcp::resource]`"),
            (
                parse_quote!(#[mcp::method]),
                "there are `#[mcp::tool]`, `#[mcp::resource]`, `#[mcp::prompt]`, `#[mcp::completion]`, `#[mcp::guard]`",
            ),
            (parse_quote!(#[cfg_attr(unix, mcp::completion)]), "put `#[cfg]`"),
        ];
        for (attribute, expected) in cases {
            assert!(
                found(&attribute, None).is_err_and(|message| message.contains(expected)),
                "{expected}: {:?}",
                found(&attribute, None)
            );
        }
    }
}
