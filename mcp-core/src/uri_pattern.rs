//! Automata that match URIs against templates.

use std::collections::HashSet;

use crate::decoded_uri::{Character, DecodedUri};
use crate::uri_template::TemplatePart;

/// The characters that end the value of a variable that is no span.
pub(crate) const SEPARATORS: [u8; 6] = *b"/?#&;,";

/// A nondeterministic automaton for the URIs of a template without its parameters.
///
/// The automaton follows every interpretation of an escaped character at once, and compares the URIs of two templates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UriPattern(Vec<Element>);

/// A transition of the automaton.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Element {
    /// The given character, escaped or not.
    Literal(u8),
    /// The first character of a variable.
    Value { spans: bool },
    /// Any number of further characters of a variable.
    Rest { spans: bool },
}

/// The indices of the elements that may come next, in ascending order.
type States = Vec<usize>;

impl UriPattern {
    /// Creates the pattern of URIs in normal form.
    pub(crate) fn exact(parts: &[TemplatePart]) -> Self {
        Self::new(parts, |literal| literal.bytes().collect())
    }

    /// Creates the pattern of URIs after [`DecodedUri::new`].
    pub(crate) fn decoded(parts: &[TemplatePart]) -> Self {
        Self::new(parts, |literal| DecodedUri::new(literal).octets().collect())
    }

    /// Creates the pattern of URIs after [`DecodedUri::folded`].
    pub(crate) fn folded(parts: &[TemplatePart]) -> Self {
        let literal = |literal: &str| {
            let folded = DecodedUri::new(literal).folded_piece();
            folded.into_iter().map(|character| character.byte).collect()
        };
        let mut this = Self::new(parts, literal);
        if this.0.last() == Some(&Element::Literal(b'/')) {
            this.0.pop();
        }
        this
    }

    fn new(parts: &[TemplatePart], literal: impl Fn(&str) -> Vec<u8>) -> Self {
        let mut elements = Vec::new();
        for part in parts {
            match part {
                TemplatePart::Literal(text) => elements.extend(literal(text).into_iter().map(Element::Literal)),
                TemplatePart::Variable { spans, .. } => {
                    elements.extend([Element::Value { spans: *spans }, Element::Rest { spans: *spans }]);
                }
            }
        }
        Self(elements)
    }

    /// Returns `true` if a decoded URI could match, with or without parameters.
    ///
    /// Each character that was escaped may be a separator, or a part of a value.
    pub(crate) fn could_match(&self, uri: &[Character]) -> bool {
        let mut states = self.start();
        let mut next = States::new();
        let mut has_query = false;
        for character in uri {
            let ends_path = matches!(character.byte, b'?' | b'#' | b';') || has_query && character.byte == b'&';
            if ends_path && self.accepts(&states) {
                return true;
            }
            has_query |= character.byte == b'?';
            self.step(&states, *character, &mut next);
            std::mem::swap(&mut states, &mut next);
            if states.is_empty() {
                return false;
            }
        }
        self.accepts(&states)
    }

    /// Returns `true` if some URI matches both patterns.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.find(other, |this, other| this && other)
    }

    /// Returns `true` if every URI that matches `other` also matches `self`.
    pub(crate) fn contains(&self, other: &Self) -> bool {
        !self.find(other, |this, other| other && !this)
    }

    /// Returns `true` if `wanted` holds for the matches of some text.
    ///
    /// The search visits every reachable pair of states. There are few: the last separator determines the variables
    /// that may continue, and the last few characters determine the literals that have begun.
    fn find(&self, other: &Self, wanted: impl Fn(bool, bool) -> bool) -> bool {
        let alphabet = self.alphabet(other);
        let mut seen = HashSet::new();
        let mut left = vec![(self.start(), other.start())];
        while let Some((these, others)) = left.pop() {
            if wanted(self.accepts(&these), other.accepts(&others)) {
                return true;
            }
            for byte in &alphabet {
                let character = Character { byte: *byte, was_escaped: false };
                let mut next = (States::new(), States::new());
                self.step(&these, character, &mut next.0);
                other.step(&others, character, &mut next.1);
                // Without a way to go on, the other has no more URIs.
                if !next.1.is_empty() && seen.insert(next.clone()) {
                    left.push(next);
                }
            }
        }
        false
    }

    /// Returns every character that either pattern distinguishes, and one that neither does.
    fn alphabet(&self, other: &Self) -> Vec<u8> {
        // No literal has this byte, because a normal form is ASCII.
        let mut alphabet = vec![0x80];
        alphabet.extend(SEPARATORS);
        for element in self.0.iter().chain(&other.0) {
            if let Element::Literal(byte) = element
                && !alphabet.contains(byte)
            {
                alphabet.push(*byte);
            }
        }
        alphabet
    }

    fn start(&self) -> States {
        vec![0]
    }

    fn accepts(&self, states: &[usize]) -> bool {
        states.last() == Some(&self.0.len())
    }

    fn step(&self, states: &[usize], character: Character, next: &mut States) {
        next.clear();
        let is_value = |spans: bool| spans || character.was_escaped || !SEPARATORS.contains(&character.byte);
        for state in states {
            let reached = match self.0.get(*state) {
                Some(Element::Literal(byte)) if *byte == character.byte => state + 1,
                Some(Element::Value { spans }) if is_value(*spans) => state + 1,
                Some(Element::Rest { spans }) if is_value(*spans) => *state,
                _ => continue,
            };
            next.push(reached);
            // One step suffices to leave a variable, because no variable is adjacent to another.
            if let Some(Element::Rest { .. }) = self.0.get(reached) {
                next.push(reached + 1);
            }
        }
        next.sort_unstable();
        next.dedup();
    }
}
