//! The attributes of methods: `#[mcp::tool]` and the like.

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::ParseStream;
use syn::{Expr, ExprLit, Ident, Lit, LitBool, LitInt, LitStr, Token, token};

use super::entries::{equals, flag, other_value, parse_entries, rate, string, strings, until_comma, value};
use super::guard::{GuardNames, guards};
use super::icon::{Icon, icons};
use super::json::Json;
use super::keys::Place;
use super::kind::Kind;
use super::timeout::Timeout;
use super::value_form::ValueForm;
use crate::errors::Errors;

/// The advice for a description that is not a literal.
const DESCRIPTION: &str = "; write it as a doc comment, or `#[doc = include_str!(\"…\")]`";

/// The entries of `#[mcp::tool(…)]` and the like.
pub(crate) struct MethodAttribute {
    pub(crate) name: Option<LitStr>,
    pub(crate) title: Option<LitStr>,
    pub(crate) description: Option<LitStr>,
    pub(crate) scopes: Option<(Ident, Vec<LitStr>)>,
    pub(crate) hidden: Option<(Ident, bool)>,
    pub(crate) rate: Option<(Ident, LitStr)>,
    pub(crate) guards: GuardNames,
    pub(crate) icons: Vec<Icon>,
    pub(crate) meta: Option<Json>,
    pub(crate) blocking: Option<(Ident, bool)>,
    pub(crate) timeout: Option<Timeout>,
    pub(crate) specific: AttributeKind,
    /// All keys, including unknown ones.
    pub(crate) typed: Vec<Ident>,
    /// Set if every entry is valid. Otherwise, an absent key may be misspelled.
    pub(crate) complete: bool,
}

/// The entries that only one kind of attribute has.
pub(crate) enum AttributeKind {
    Tool(ToolAttribute),
    Resource(Box<ResourceAttribute>),
    Prompt,
    Completion(CompletionAttribute),
}

/// The entries that only `#[mcp::tool]` has.
#[derive(Default)]
pub(crate) struct ToolAttribute {
    pub(crate) read_only: Option<bool>,
    pub(crate) destructive: Option<(Ident, bool)>,
    pub(crate) idempotent: Option<bool>,
    pub(crate) open_world: Option<bool>,
    pub(crate) input_schema: Option<(Ident, Json)>,
    pub(crate) task: Option<Task>,
    pub(crate) lenient: Option<bool>,
}

/// The support of a tool for tasks.
#[derive(Clone, Copy)]
pub(crate) enum Task {
    Optional,
    Required,
}

/// The entries that only `#[mcp::resource]` has.
#[derive(Default)]
pub(crate) struct ResourceAttribute {
    /// The URI before the keys.
    pub(crate) uri: Option<LitStr>,
    pub(crate) mime_type: Option<LitStr>,
    pub(crate) size: Option<(Ident, LitInt)>,
    pub(crate) ttl_ms: Option<LitInt>,
    pub(crate) audience: Option<(Ident, Vec<LitStr>)>,
    pub(crate) priority: Option<Expr>,
    pub(crate) last_modified: Option<LitStr>,
    /// The method that lists the resources of a template.
    pub(crate) list: Option<Ident>,
}

/// The entries that only `#[mcp::completion]` has.
#[derive(Default)]
pub(crate) struct CompletionAttribute {
    pub(crate) prompt: Option<(Ident, LitStr)>,
    pub(crate) resource: Option<(Ident, LitStr)>,
    pub(crate) argument: Option<LitStr>,
}

impl MethodAttribute {
    /// Creates the entries of an attribute that is a near miss.
    pub(crate) fn unknown(kind: Kind) -> Self {
        Self {
            name: None,
            title: None,
            description: None,
            scopes: None,
            hidden: None,
            rate: None,
            guards: None,
            icons: Vec::new(),
            meta: None,
            blocking: None,
            timeout: None,
            specific: match kind {
                Kind::Tool => AttributeKind::Tool(ToolAttribute::default()),
                Kind::Resource => AttributeKind::Resource(Box::default()),
                Kind::Prompt => AttributeKind::Prompt,
                Kind::Completion => AttributeKind::Completion(CompletionAttribute::default()),
            },
            typed: Vec::new(),
            complete: false,
        }
    }

    pub(crate) fn parse(kind: Kind, tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut this = Self::unknown(kind);
        let mut has_uri = true;
        let tokens = match &mut this.specific {
            AttributeKind::Resource(resource) => match leading_uri(tokens) {
                Ok((uri, rest)) => {
                    resource.uri = uri;
                    rest
                }
                Err((error, rest)) => {
                    errors.push(error);
                    has_uri = false;
                    rest
                }
            },
            _ => tokens,
        };
        let entries = parse_entries(Place::Method(kind), tokens, errors, |key, name, input| {
            match (&mut this.specific, name) {
                (_, "name") => this.name = Some(string(key, input, "")?),
                (_, "title") => this.title = Some(string(key, input, "")?),
                (_, "description") => this.description = Some(string(key, input, DESCRIPTION)?),
                (_, "scopes") => this.scopes = Some((key.clone(), strings(key, input)?)),
                (_, "hidden") => this.hidden = Some((key.clone(), flag(key, input)?)),
                (_, "rate") => this.rate = Some((key.clone(), rate(key, input)?)),
                (_, "guard") => this.guards = guards(key, input)?,
                (_, "icons") => this.icons = icons(key, input)?,
                (_, "meta") => {
                    this.meta = Some(Json::parse_object(key, input, "{ \"com.example/color\": \"red\" }")?);
                }
                (_, "timeout") => this.timeout = Some(Timeout::parse(key, input)?),
                (_, "blocking") => this.blocking = Some((key.clone(), flag(key, input)?)),
                (AttributeKind::Tool(tool), name) => tool.read(key, name, input)?,
                (AttributeKind::Resource(resource), name) => resource.read(key, name, input)?,
                (AttributeKind::Completion(completion), name) => completion.read(key, name, input)?,
                (AttributeKind::Prompt, _) => {}
            }
            Ok(())
        });
        Self { typed: entries.typed, complete: entries.complete && has_uri, ..this }
    }

    pub(crate) fn kind(&self) -> Kind {
        match self.specific {
            AttributeKind::Tool(_) => Kind::Tool,
            AttributeKind::Resource(_) => Kind::Resource,
            AttributeKind::Prompt => Kind::Prompt,
            AttributeKind::Completion(_) => Kind::Completion,
        }
    }
}

/// Splits off the URI before the keys of a resource.
///
/// The rest of an error does not contain the tokens in place of a URI.
fn leading_uri(tokens: TokenStream) -> Result<(Option<LitStr>, TokenStream), (syn::Error, TokenStream)> {
    const FORM: &str =
        "the URI of a resource is a string literal in front of the keys; write `#[mcp::resource(\"notes://all\")]`";
    let mut rest = tokens.clone().into_iter();
    match rest.next() {
        Some(TokenTree::Ident(ident)) => {
            let name = ident.to_string();
            let is_key = mcp_core::closest(&name, Place::Method(Kind::Resource).keys().iter().copied()).is_some();
            let next = rest.clone().next();
            let has_value = matches!(next, Some(TokenTree::Punct(punct)) if matches!(punct.as_char(), '=' | ':'));
            if is_key || has_value {
                return Ok((None, tokens));
            }
            let error = syn::Error::new(ident.span(), FORM);
            Err((error, rest.skip_while(|token| !is_comma(token)).skip(1).collect()))
        }
        Some(first) => {
            let Ok(uri) = syn::parse2::<LitStr>(first.clone().into()) else {
                let rest = rest.skip_while(|token| !is_comma(token)).skip(1).collect();
                return Err((syn::Error::new(first.span(), FORM), rest));
            };
            match rest.next() {
                Some(token) if !is_comma(&token) => {
                    let error = syn::Error::new(token.span(), "expected `,`");
                    Err((error, std::iter::once(token).chain(rest).collect()))
                }
                _ => Ok((Some(uri), rest.collect())),
            }
        }
        None => Ok((None, tokens)),
    }
}

fn is_comma(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',')
}

impl ToolAttribute {
    fn read(&mut self, key: &Ident, name: &str, input: ParseStream<'_>) -> syn::Result<()> {
        match name {
            "read_only" => self.read_only = Some(flag(key, input)?),
            "destructive" => self.destructive = Some((key.clone(), flag(key, input)?)),
            "idempotent" => self.idempotent = Some(flag(key, input)?),
            "open_world" => self.open_world = Some(flag(key, input)?),
            "task" => self.task = task(key, input)?,
            "lenient" => self.lenient = Some(flag(key, input)?),
            _ => {
                let schema = Json::parse_object(key, input, "{ \"type\": \"object\", … }")?;
                self.input_schema = Some((key.clone(), schema));
            }
        }
        Ok(())
    }
}

/// Parses an optional `= true`, `= false` or `= "required"`.
fn task(key: &Ident, input: ParseStream<'_>) -> syn::Result<Option<Task>> {
    let is_call = input.peek(token::Paren) || input.peek(Token![:]);
    let has_other_value = input.peek(Token![=]) && !input.peek2(LitBool);
    if !is_call && !has_other_value {
        return Ok(flag(key, input)?.then_some(Task::Optional));
    }
    let expected = format!("a flag, or `\"required\"`; write `{key}`, or `{key} = \"required\"`");
    if is_call {
        return Err(syn::Error::new(key.span(), format_args!("`{key}` is {expected}")));
    }
    input.parse::<Token![=]>()?;
    match input.fork().parse::<LitStr>() {
        Ok(text) if text.value() == "required" => {
            input.parse::<LitStr>()?;
            Ok(Some(Task::Required))
        }
        _ => Err(other_value(key, input, &expected)),
    }
}

impl ResourceAttribute {
    fn read(&mut self, key: &Ident, name: &str, input: ParseStream<'_>) -> syn::Result<()> {
        match name {
            "mime_type" => self.mime_type = Some(string(key, input, "")?),
            "list" => self.list = Some(method_name(key, input)?),
            "size" => self.size = Some((key.clone(), whole_number(key, input, "1024")?)),
            "ttl_ms" => self.ttl_ms = Some(whole_number(key, input, "60_000")?),
            "audience" => self.audience = Some((key.clone(), strings(key, input)?)),
            "priority" => {
                self.priority =
                    Some(value(key, input, ValueForm::Like("0.5"), "a number from 0.0 to 1.0; write one like `0.5`")?)
            }
            _ => self.last_modified = Some(string(key, input, "")?),
        }
        Ok(())
    }
}

impl CompletionAttribute {
    fn read(&mut self, key: &Ident, name: &str, input: ParseStream<'_>) -> syn::Result<()> {
        match name {
            "prompt" => self.prompt = Some((key.clone(), string(key, input, "")?)),
            "resource" => self.resource = Some((key.clone(), string(key, input, "")?)),
            _ => self.argument = Some(string(key, input, "")?),
        }
        Ok(())
    }
}

/// Parses `= name`, of a method in the same block.
fn method_name(key: &Ident, input: ParseStream<'_>) -> syn::Result<Ident> {
    equals(key, input, ValueForm::Like("notes"))?;
    let value = until_comma(input)?;
    if let Ok(name) = syn::parse2::<Ident>(value.clone()) {
        return Ok(name);
    }
    // `"notes"` and `Self::notes` name a method as well.
    let meant = match syn::parse2::<Expr>(value.clone()) {
        Ok(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) => syn::parse_str::<Ident>(&text.value()).ok(),
        Ok(Expr::Path(path)) => path.path.segments.last().map(|last| last.ident.clone()),
        _ => None,
    };
    let example = meant.map_or_else(|| "notes".to_owned(), |name| name.to_string());
    let message = format!("`{key}` names a method of this block; write `{key} = {example}`");
    Err(syn::Error::new_spanned(value, message))
}

/// Parses `= 60_000`.
fn whole_number(key: &Ident, input: ParseStream<'_>, example: &'static str) -> syn::Result<LitInt> {
    let form = ValueForm::Like(example);
    let expected = format!("a whole number from 0 on; write one like `{key} = {example}`");
    let expr: Expr = value(key, input, form, &expected)?;
    if let Expr::Lit(expr) = &expr
        && let Lit::Int(number) = &expr.lit
        && number.suffix().is_empty()
        && number.base10_parse::<u64>().is_ok()
    {
        return Ok(number.clone());
    }
    Err(syn::Error::new_spanned(&expr, format_args!("`{key}` is {expected}")))
}
