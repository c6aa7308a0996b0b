//! The choice of a form, for a type that has several.

use std::borrow::Cow;

use super::path::Path;
use super::problems::{Cause, Problems};
use super::words::{self, choice, got, one_of};
use super::{Fitter, is_equal, unread};
use crate::json::tree::{Json, Node};
use crate::json::truncate::truncated;
use crate::server::catalog::schema::shape::{Kind, Shape};

impl Fitter<'_> {
    /// Fits the value to its form, or to the nearest one.
    pub(super) fn fit_form(&mut self, forms: &[Shape], json: &mut Json<'_>, path: &Path<'_>) {
        let forms: Vec<&Shape> = forms.iter().map(|form| self.shapes.resolve(form)).collect();
        if let Some(variants) = variants(&forms)
            && let Some(given) = variant_of(json)
            && !variants.contains(&given)
        {
            // Only variants without fields, and so without limits, are read from a text.
            let cause = if json.as_text().is_some() { Cause::Type } else { unread(forms.iter().copied(), json) };
            return self.problem(path, cause, || {
                format!("expected {}, got {}", one_of(&variants), mcp_core::json_string(truncated(&given)))
            });
        }
        let admitting: Vec<&Shape> = forms.iter().copied().filter(|form| self.admits(form, json)).collect();
        if let Node::Array(items) = &json.node
            && !admitting.is_empty()
            && forms.iter().any(|form| form.is_limited() && self.may_be_read_from_items(form, items))
        {
            let message = || "expected an object with the names of its members, got an array".to_owned();
            return self.problem(path, Cause::Unchecked, message);
        }
        let tagged = with_tag_of(&admitting, json);
        match (&admitting[..], &tagged[..]) {
            ([], _) => {
                let kinds: Vec<Kind> = forms.iter().flat_map(|form| self.kinds(form)).collect();
                let cause = unread(forms.iter().copied(), json);
                self.problem(path, cause, || format!("expected {}, got {}", words::kinds(&kinds), got(json)));
            }
            (_, []) => self.wrong_tag(&admitting, json, path),
            (_, [only]) => self.fit(only, json, path),
            (_, several) => self.fit_nearest(several, json, path),
        }
    }

    /// Fits the value to the form with the fewest misfits.
    fn fit_nearest(&mut self, forms: &[&Shape], json: &mut Json<'_>, path: &Path<'_>) {
        let others = std::mem::take(&mut self.problems);
        let mut nearest: Option<(Json<'_>, Problems)> = None;
        for form in forms {
            if nearest.is_some() && !self.spend(json.weight()) {
                break;
            }
            let mut candidate = json.clone();
            self.fit(form, &mut candidate, path);
            let problems = std::mem::take(&mut self.problems);
            // Types read the first form that matches.
            let is_read = problems.misfits == 0;
            if nearest.as_ref().is_none_or(|(_, least)| problems.misfits < least.misfits) {
                nearest = Some((candidate, problems));
            }
            if is_read {
                break;
            }
        }
        self.problems = others;
        if let Some((candidate, problems)) = nearest {
            *json = candidate;
            self.problems.extend(problems);
        }
    }

    /// Returns `true` if serde can read a struct of several forms from an array.
    ///
    /// serde reads the items as the fields in their order, except for those at the end with a default.
    fn may_be_read_from_items(&self, shape: &Shape, items: &[Json<'_>]) -> bool {
        let shape = self.shapes.resolve(shape);
        let takes = |name: &String| {
            shape.properties.get(name).is_some_and(|property| items.iter().any(|item| self.admits(property, item)))
        };
        let is_taken = |item: &Json<'_>| shape.properties.values().any(|property| self.admits(property, item));
        // The fields of several types at once have no known order.
        let is_any = !shape.all.is_empty() && !items.is_empty();
        if is_any || shape.forms.iter().any(|form| self.may_be_read_from_items(form, items)) {
            return true;
        }
        !shape.properties.is_empty()
            && (shape.required.len()..=shape.properties.len()).contains(&items.len())
            && shape.required.iter().all(takes)
            && items.iter().all(is_taken)
    }

    /// Reports the known tags, for an object without one of them.
    fn wrong_tag(&mut self, forms: &[&Shape], json: &Json<'_>, path: &Path<'_>) {
        let tags: Vec<(&str, String)> = forms
            .iter()
            .flat_map(|form| &form.properties)
            .filter(|(_, shape)| shape.is_tag())
            .map(|(name, shape)| (&**name, choice(&shape.choices[0])))
            .collect();
        let Some((tag, _)) = tags.first() else { return };
        let path = Path::Member(path, tag);
        let mut choices: Vec<String> = Vec::new();
        for (_, choice) in tags.iter().filter(|(name, _)| name == tag) {
            if !choices.contains(choice) {
                choices.push(choice.clone());
            }
        }
        match member(json, tag) {
            Some(value) => {
                let cause = unread(forms.iter().copied(), json);
                self.problem(&path, cause, || format!("expected {}, got {}", one_of(&choices), got(value)));
            }
            None => self.missing(&path, unread(forms.iter().copied(), json)),
        }
    }
}

/// Returns the variants of an enum whose forms are texts or objects with one member.
fn variants(forms: &[&Shape]) -> Option<Vec<String>> {
    let mut variants = Vec::new();
    for form in forms {
        match form.only_member() {
            Some(name) => variants.push(name.to_owned()),
            None if form.kinds == [Kind::Text] && !form.choices.is_empty() => {
                variants.extend(form.choices.iter().map(choice));
            }
            None => return None,
        }
    }
    Some(variants)
}

/// Returns the variant of such an enum that a value names.
fn variant_of(json: &Json<'_>) -> Option<String> {
    match &json.node {
        Node::Scalar(_) => json.as_text().map(Cow::into_owned),
        Node::Object(members) => match &members[..] {
            [(name, _)] => Some(name.clone().into_owned()),
            _ => None,
        },
        Node::Array(_) => None,
    }
}

/// Returns the forms with the tag of the value, and those without a tag.
fn with_tag_of<'s>(forms: &[&'s Shape], json: &Json<'_>) -> Vec<&'s Shape> {
    let fits = |form: &&&Shape| {
        let mut tags = form.properties.iter().filter(|(_, shape)| shape.is_tag());
        tags.all(|(name, shape)| member(json, name).is_some_and(|value| is_equal(&shape.choices[0], value)))
    };
    match &json.node {
        Node::Object(members) => {
            let of_member = |form: &&&Shape| match form.only_member() {
                Some(name) => members.iter().any(|(given, _)| given == name),
                None => true,
            };
            forms.iter().filter(fits).filter(of_member).copied().collect()
        }
        _ => forms.to_vec(),
    }
}

fn member<'j>(json: &'j Json<'_>, name: &str) -> Option<&'j Json<'j>> {
    match &json.node {
        Node::Object(members) => members.iter().find(|(given, _)| given == name).map(|(_, value)| value),
        _ => None,
    }
}
