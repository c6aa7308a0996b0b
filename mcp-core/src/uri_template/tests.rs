//! Tests of templates.

use super::values::is_value;
use super::*;
use crate::resource_uri::ResourceUriError;
use crate::url::UrlError;

fn template(text: &str) -> UriTemplate {
    UriTemplate::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Returns the values as `name=value`, or `-` without a match.
fn matched(text: &str, uri: &str) -> String {
    let template = template(text);
    let Some(values) = template.match_uri(uri) else { return "-".to_owned() };
    values.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_operator_is_taken_apart() {
    let cases = [
        ("notes://{id}", "notes://7", "id=7"),
        ("notes://{id}", "notes://", "-"),
        ("notes://{id}", "notes://a/b", "-"),
        ("notes://{id}", "note://7", "-"),
        ("notes://{id}", "NOTES://7", "-"),
        ("notes://{id}", "notes://7?a", "-"),
        ("users://{mail}", "users://bob+1@example.com", "mail=bob+1@example.com"),
        ("test://template/{id}/data", "test://template/123/data", "id=123"),
        ("test://template/{id}/data", "test://template//data", "-"),
        ("test://template/{id}/data", "test://template/1/2/data", "-"),
        ("test://template/{id}/data", "test://template/123/data/", "-"),
        ("map:{x,y}", "map:1,2", "x=1 y=2"),
        ("map:{x,y}", "map:1,2,3", "-"),
        ("file:///{+path}", "file:///a/b?c#d", "path=a/b?c#d"),
        ("file:///{+path}", "file:///", "-"),
        ("a:b{#part}", "a:b#x/y,z", "part=x/y,z"),
        ("a:b{#part}", "a:b", "-"),
        ("a:{name}{.kind}", "a:x.png", "name=x kind=png"),
        ("a:{name}{.kind}", "a:x.tar.gz", "name=x kind=tar.gz"),
        ("a:b{.x,y}", "a:b.1.2", "x=1 y=2"),
        ("a:b{/x,y}", "a:b/1/2", "x=1 y=2"),
        ("a:b{/x,y}", "a:b/1/2/3", "-"),
        ("a:b{;x,y}", "a:b;x=1;y=2", "x=1 y=2"),
        ("a:b{;x,y}", "a:b;y=2", "y=2"),
        ("a:b{;x,y}", "a:b;x", "x="),
        ("a:b{;x,y}", "a:b?x=1", "-"),
        ("a:b{?x,y}", "a:b?y=2&x=1", "y=2 x=1"),
        ("a:b{?x,y}", "a:b", ""),
        ("a:b{?x,y}", "a:b?x=", "x="),
        ("a:b{?x,y}", "a:b?x", "x="),
        ("a:b{?x,y}", "a:b?", "-"),
        ("a:b{?x,y}", "a:b?x=1&", "-"),
        ("a:b{?x,y}", "a:b?x=1&x=2", "-"),
        ("a:b{?x,y}", "a:b?z=1", "-"),
        ("a:b{?x,y}", "a:b?X=1", "-"),
        ("a:b{?x,y}", "a:b?x=1#top", "-"),
        ("a:b{?x,y}", "a:b&x=1", "-"),
        ("a:b{?x,y}", "a:b?x=1?y=2&y=a=b", "x=1?y=2 y=a=b"),
        ("a:b?fixed=1{&x}", "a:b?fixed=1&x=2", "x=2"),
        ("a:b?fixed=1{&x}", "a:b?fixed=1", ""),
        ("a:b?fixed=1{&x}", "a:b?fixed=2&x=2", "-"),
        ("a:b?c=1&d={d}{&x}{&y}", "a:b?c=1&d=3&y=5&x=4", "d=3 y=5 x=4"),
        ("a:{id}{;rev}{?q}", "a:7;rev=2?q=3", "id=7 rev=2 q=3"),
        ("a:{id}{;rev}{?q}", "a:7?q=3;x", "id=7 q=3;x"),
        ("a:{id}{;rev}{?q}", "a:7;q=3", "-"),
        ("a:{id}{;rev}{?q}", "a:7;rev=2&q=3", "id=7 rev=2&q=3"),
        ("a:1;2/{id}{;rev}", "a:1;2/7;rev=2", "id=7 rev=2"),
    ];
    for (text, uri, expected) in cases {
        assert_eq!(matched(text, uri), expected, "{text} of {uri}");
    }
}

#[test]
fn text_that_could_be_part_of_a_value_ends_it_where_it_is_first_found() {
    let cases = [
        ("logs:{year}-{month}", "logs:2026-07", "year=2026 month=07"),
        ("logs:{year}-{month}", "logs:2026-07-28", "year=2026 month=07-28"),
        ("logs:{year}-{month}", "logs:-07-28", "year=-07 month=28"),
        ("logs:{year}-{month}", "logs:2026-", "-"),
        ("logs:{year}-{month}", "logs:--", "-"),
        ("logs:{year}-{month}", "logs:---", "year=- month=-"),
        ("a:{name}.txt", "a:x.txt.txt", "name=x.txt"),
        ("a:{name}.txt", "a:.txt", "-"),
        ("a:{x}.{y}/c{z}", "a:1.2.3/c4", "x=1 y=2.3 z=4"),
        ("a:{x}aa{y}aa", "a:aaaaaa", "x=a y=a"),
        ("a:{x}aa{y}aa", "a:aaaaa", "-"),
    ];
    for (text, uri, expected) in cases {
        assert_eq!(matched(text, uri), expected, "{text} of {uri}");
    }
}

#[test]
fn what_takes_everything_leaves_the_others_theirs() {
    let cases = [
        ("git://{repo}/{+path}/blob/{name}.{kind}", "git://r/a/b/blob/c.d.rs", "repo=r path=a/b name=c.d kind=rs"),
        ("git://{repo}/{+path}/blob/{name}.{kind}", "git://r/blob/c.rs", "-"),
        ("git://{repo}/{+path}/blob/{name}.{kind}", "git://r//blob/c.rs", "-"),
        ("a:{+x}/{y}", "a:1/2/3", "x=1/2 y=3"),
        ("a:{+x}/{y}", "a:1", "-"),
        ("a:{+x}{/y}{.z}", "a:1/2/3.4", "x=1/2 y=3 z=4"),
        ("a:{+x}{?q}", "a:1/2?q=3", "x=1/2 q=3"),
        ("a:{+x}{?q}", "a:1/2", "x=1/2"),
        ("a:{+x}{?q}", "a:1?2?q=3", "-"),
        ("a:b-{+x}-b", "a:b-b", "-"),
        ("a:b-{+x}-b", "a:b--b", "-"),
        ("a:b-{+x}-b", "a:b---b", "x=-"),
    ];
    for (text, uri, expected) in cases {
        assert_eq!(matched(text, uri), expected, "{text} of {uri}");
    }
}

#[test]
fn values_are_decoded_once_and_must_be_text() {
    let cases = [
        ("a%2Fb", "id=a/b"),
        ("%252F", "id=%2F"),
        ("%C3%BC", "id=ü"),
        ("ü", "id=ü"),
        ("a+b", "id=a+b"),
        ("%00", "id=\0"),
        ("%2", "-"),
        ("%", "-"),
        ("%zz", "-"),
        ("%+1", "-"),
        ("%C3", "-"),
        ("%FF%FE", "-"),
        ("%%32%35", "-"),
        ("%ü", "-"),
    ];
    for (value, expected) in cases {
        assert_eq!(matched("a:{id}", &format!("a:{value}")), expected, "{value}");
        let expected = expected.replace("id=", "q=");
        assert_eq!(matched("a:b{?q}", &format!("a:b?q={value}")), expected, "{value}");
    }
}

/// Compares matches of short texts with those of an exhaustive search.
#[test]
fn agrees_with_a_search_through_all_possibilities() {
    fn search(parts: &[TemplatePart], text: &str) -> bool {
        match parts.split_first() {
            None => text.is_empty(),
            Some((TemplatePart::Literal(literal), rest)) => {
                text.strip_prefix(&**literal).is_some_and(|text| search(rest, text))
            }
            Some((TemplatePart::Variable { spans, .. }, rest)) => (1..=text.len())
                .filter(|end| text.is_char_boundary(*end))
                .any(|end| (*spans || is_value(&text[..end])) && search(rest, &text[end..])),
        }
    }
    let alphabet = ['a', '-', '/'];
    let templates = [
        "a:{x}",
        "a:{x}a",
        "a:{x}-{y}",
        "a:{x}-a{y}",
        "a:{x}-{y}-",
        "a:{x}a/{y}",
        "a:{x}--{y}",
        "a:{x}a{y}a{z}",
        "a:{+x}",
        "a:{+x}-{y}",
        "a:{x}-{+y}",
        "a:{x}/{+y}/{z}",
        "a:{x}a{+y}-{z}a",
        "a:{+x}aa",
        "a:a{+x}a{y}-",
        "a:{x}-/{y}",
        "a:{x}a-a{y}/",
    ];
    let mut texts = vec![String::new()];
    let mut all = texts.clone();
    for _ in 0..7 {
        texts = texts.iter().flat_map(|text| alphabet.map(|c| format!("{text}{c}"))).collect();
        all.extend_from_slice(&texts);
    }
    for text in templates {
        let template = template(text);
        for uri in &all {
            let uri = format!("a:{uri}");
            let values = template.match_uri(&uri);
            assert_eq!(values.is_some(), search(&template.parts, &uri), "{text} of {uri}");
            let Some(values) = values else { continue };
            // The values put the URI together again.
            let mut values = values.iter().map(|(_, value)| &**value);
            let again: String = (template.parts.iter())
                .map(|part| match part {
                    TemplatePart::Literal(literal) => literal,
                    TemplatePart::Variable { .. } => values.next().expect("a value for every variable"),
                })
                .collect();
            assert_eq!(again, uri, "{text}");
        }
    }
}

#[test]
fn a_long_uri_takes_no_longer_than_its_length() {
    let long = |text: &str| text.repeat(1 << 20);
    assert_eq!(template("a:{w}a{x}a{y}a{z}b").match_uri(&format!("a:{}", long("a"))), None);
    assert_eq!(template("a:{+w}aab{x}aab{y}").match_uri(&format!("a:{}", long("aa"))), None);
    assert_eq!(template("a:b{?q}").match_uri(&format!("a:b?{}", long("q=1&"))), None);
    let uri = format!("a:{}", long("x/"));
    assert_eq!(template("a:{+path}").match_uri(&uri).map(|values| values[0].1.len()), Some(uri.len() - 2));
}

#[test]
fn variables_are_told_with_whether_they_may_be_absent() {
    let template = template("a:{x}{/y}{?z}");
    let variables: Vec<_> = template.variables().map(|variable| (variable.name, variable.optional)).collect();
    assert_eq!(variables, [("x", false), ("y", false), ("z", true)]);
    assert_eq!(template.to_string(), "a:{x}{/y}{?z}");
}

#[test]
fn templates_clash_when_only_names_and_parameters_differ() {
    let clash = |one: &str, other: &str| template(one).clashes_with(&template(other));
    assert!(clash("a:{id}", "a:{name}"));
    assert!(clash("a:{id}", "a:{id}{?q}"));
    assert!(clash("a:b{/x}", "a:b/{y}"));
    assert!(!clash("a:{id}", "a:{+id}"));
    assert!(!clash("a:{id}", "b:{id}"));
    assert!(!clash("a:{id}", "a:{id}/x"));
}

#[test]
fn refuses_what_could_be_taken_apart_in_two_ways_or_in_none() {
    use UriTemplateError as E;
    let text = |text: &str| text.to_owned();
    let cases = [
        ("{id}", E::Uri(ResourceUriError::MissingScheme)),
        ("notes/{id}", E::Uri(ResourceUriError::MissingScheme)),
        ("{scheme}://x", E::Uri(ResourceUriError::MissingScheme)),
        ("Notes:{id}", E::Uri(ResourceUriError::UpperCaseScheme(text("notes")))),
        ("a: {id}", E::Uri(ResourceUriError::Character(UrlError::Forbidden(' ')))),
        ("a:{id", E::Unclosed),
        ("a:id}", E::Unopened),
        ("a:{id}}", E::Unopened),
        ("a:{{id}}", E::Operator('{')),
        ("a:{}", E::Name(text(""))),
        ("a:{+}", E::Name(text(""))),
        ("a:{x,,y}", E::Name(text(""))),
        ("a:{x, y}", E::Name(text(" y"))),
        ("a:{x.}", E::Name(text("x."))),
        ("a:{note-id}", E::Name(text("note-id"))),
        ("a:{x%20}", E::Name(text("x%20"))),
        ("a:{x}/{x}", E::Twice(text("x"))),
        ("a:{x}{?x}", E::Twice(text("x"))),
        ("a:{!x}", E::Operator('!')),
        ("a:{x:3}", E::Prefix(text("x"))),
        ("a:{x*}", E::Explode(text("x"))),
        ("a:{?x*}", E::Explode(text("x"))),
        ("a:{x}{y}", E::Adjacent(text("x"), text("y"))),
        ("a:{x}{+y}", E::Adjacent(text("x"), text("y"))),
        ("a:{+x}/{+y}", E::TwoSpans(text("x"), text("y"))),
        ("a:{+x,y}", E::TwoSpans(text("x"), text("y"))),
        ("a:{+x}{#y}", E::TwoSpans(text("x"), text("y"))),
        ("a:b{?x}/c", E::BehindParameters(text("/c"))),
        ("a:b{?x}{y}", E::BehindParameters(text("{y}"))),
        ("a:b{?x}{#y}", E::BehindParameters(text("{#y}"))),
        ("a:b{#y}{?x}", E::BehindFragment('?')),
        ("a:b{?x}{;y}", E::BehindQuery),
        ("a:b?c{;y}", E::BehindQuery),
        ("a:{+x}{;y}", E::BehindSpan { name: text("x"), operator: ';' }),
        ("a:?{+x}{&y}", E::BehindSpan { name: text("x"), operator: '&' }),
        ("a:b{?x}{?y}", E::SecondQuery),
        ("a:b{?x}{&y}", E::SecondQuery),
        ("a:b?c=1{?x}", E::QueryStarted),
        ("a:b{&x}", E::QueryNotStarted),
    ];
    for (text, expected) in cases {
        assert_eq!(UriTemplate::parse(text), Err(expected), "{text}");
    }
}

type Values = &'static [(&'static str, &'static str)];

#[test]
fn a_template_expands_to_a_uri_that_it_matches_with_the_same_values() {
    let cases: [(&str, Values, &str); 13] = [
        ("notes://{id}", &[("id", "17")], "notes://17"),
        ("notes://{id}", &[("id", "a/b?c#d&e;f,g%2F ü")], "notes://a%2Fb%3Fc%23d%26e%3Bf%2Cg%252F%20%C3%BC"),
        ("notes://x{.id}{/page}", &[("page", "2"), ("id", "a")], "notes://x.a/2"),
        ("notes://{year}-{month}", &[("year", "2026"), ("month", "1-2")], "notes://2026-1-2"),
        ("files://{+path}", &[("path", "a/b c?d%2F")], "files://a/b%20c%3Fd%252F"),
        ("files://a{#part}", &[("part", "x/y")], "files://a#x/y"),
        ("notes://all{?q,lang}", &[], "notes://all"),
        ("notes://all{?q,lang}", &[("lang", "de")], "notes://all?lang=de"),
        ("notes://all{?q,lang}", &[("lang", "de"), ("q", "")], "notes://all?q=&lang=de"),
        ("notes://all?x=1{&q}", &[("q", "a&b")], "notes://all?x=1&q=a%26b"),
        ("notes://{id}{;v}{?q,r}", &[("id", "1"), ("v", "2"), ("r", "3")], "notes://1;v=2?r=3"),
        ("notes://{id}{?q}", &[("id", "1?q=2"), ("q", "3")], "notes://1%3Fq%3D2?q=3"),
        ("files://{+path}{?q}", &[("path", "1?q=2"), ("q", "3")], "files://1%3Fq=2?q=3"),
    ];
    for (template, values, expected) in cases {
        let template = UriTemplate::parse(template).expect("a template");
        assert_eq!(template.expand(values).as_deref(), Ok(expected), "{template}");
    }
}

#[test]
fn values_that_no_uri_has_are_refused() {
    use super::ExpansionError as E;

    let cases: [(&str, Values, E); 8] = [
        ("notes://{id}", &[], E::Missing("id".to_owned())),
        ("notes://{id}", &[("id", "1"), ("page", "2")], E::Unknown("page".to_owned())),
        ("notes://{id}", &[("id", "1"), ("id", "2")], E::Unmatched),
        ("notes://{id}", &[("id", "")], E::Unmatched),
        ("notes://{id}", &[("id", "..")], E::Unmatched),
        ("files://{+path}", &[("path", "a/../b")], E::Unmatched),
        ("notes://{year}-{month}", &[("year", "20-26"), ("month", "1")], E::Unmatched),
        ("notes://{id}/x", &[("id", ".")], E::Unmatched),
    ];
    for (template, values, expected) in cases {
        let template = UriTemplate::parse(template).expect("a template");
        assert_eq!(template.expand(values), Err(expected), "{template}");
    }
}
