use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The text of the doc comments among `attributes`, without the indentation that comment markers bring along.
pub(crate) fn doc_text(attributes: &[Attribute]) -> Option<String> {
    let lines: Vec<String> = attributes.iter().filter_map(doc_value).collect();
    let lines: Vec<&str> = lines.iter().flat_map(|text| text.split('\n')).map(str::trim_end).collect();
    let indent = lines
        .iter()
        .filter(|line| !line.is_empty())
        .map(|line| line.len() - line.trim_start_matches(' ').len())
        .min()
        .unwrap_or_default();
    let text: Vec<&str> = lines.iter().map(|line| line.get(indent..).unwrap_or_default()).collect();
    let text = text.join("\n").trim().to_owned();
    (!text.is_empty()).then_some(text)
}

pub(crate) fn is_doc(attribute: &Attribute) -> bool {
    attribute.path().is_ident("doc")
}

fn doc_value(attribute: &Attribute) -> Option<String> {
    match &attribute.meta {
        Meta::NameValue(meta) if is_doc(attribute) => match &meta.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn markers_and_common_indentation_are_left_out() {
        let attributes: Vec<Attribute> = vec![
            parse_quote!(#[doc = " Add a note."]),
            parse_quote!(#[doc = ""]),
            parse_quote!(#[inline]),
            parse_quote!(#[doc = "   - indented"]),
            parse_quote!(#[doc(hidden)]),
        ];
        assert_eq!(doc_text(&attributes).as_deref(), Some("Add a note.\n\n  - indented"));
        assert_eq!(doc_text(&[]), None);
        assert_eq!(doc_text(&[parse_quote!(#[doc = "  "])]), None);
    }
}
