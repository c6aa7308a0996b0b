//! Validation of icons and media types.

use mcp_core::{IconSize, IconSource, MediaType};
use syn::LitStr;

use crate::errors::Errors;
use crate::parse;

/// An image that clients can show.
pub(crate) struct Icon {
    pub(crate) src: String,
    pub(crate) mime_type: Option<String>,
    pub(crate) sizes: Vec<String>,
    pub(crate) theme: Option<String>,
}

impl Icon {
    pub(super) fn all(icons: &[parse::Icon], errors: &mut Errors) -> Vec<Self> {
        icons.iter().filter_map(|icon| Self::new(icon, errors)).collect()
    }

    fn new(icon: &parse::Icon, errors: &mut Errors) -> Option<Self> {
        let src = errors.check(&icon.src, "invalid icon", IconSource::parse(icon.src.value()));
        for size in &icon.sizes {
            errors.check(size, "invalid size of an icon", IconSize::parse(size.value()));
        }
        if let Some(theme) = &icon.theme
            && !matches!(&*theme.value(), "light" | "dark")
        {
            errors.at(theme, "a theme is `\"light\"` or `\"dark\"`");
        }
        Some(Self {
            src: src?.as_str().to_owned(),
            mime_type: media_type(icon.mime_type.as_ref(), errors),
            sizes: icon.sizes.iter().map(LitStr::value).collect(),
            theme: icon.theme.as_ref().map(LitStr::value),
        })
    }
}

pub(super) fn media_type(literal: Option<&LitStr>, errors: &mut Errors) -> Option<String> {
    let literal = literal?;
    errors.check(literal, "invalid `mime_type`", MediaType::parse(literal.value()))?;
    Some(literal.value())
}
