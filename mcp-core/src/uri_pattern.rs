//! Ways to read a URI by a template.

use std::collections::HashSet;

use crate::decoded_uri::{Character, DecodedUri};
use crate::uri_template::Part;

/// Separators of values of variables that do not take everything; clients escape them in values.
pub(crate) const SEPARATORS: [u8; 6] = *b"/?#&;,";

/// The URIs of a template without its parameters, as a nondeterministic automaton: it can tell which of several ways to
/// read a URI there are, and compare two templates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UriPattern(Vec<Element>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Element {
    /// This character, escaped or not.
    Literal(u8),
    /// One character of a variable.
    Value { spans: bool },
    /// Any further ones.
    Rest { spans: bool },
}

/// Indices of elements that may come next, in ascending order.
type States = Vec<usize>;

impl UriPattern {
    /// Takes literals as they stand in a normal form.
    pub(crate) fn exact(parts: &[Part]) -> Self {
        Self::new(parts, |literal| literal.bytes().collect())
    }

    /// Takes literals as they are when a URI is decoded.
    pub(crate) fn decoded(parts: &[Part]) -> Self {
        Self::new(parts, |literal| DecodedUri::new(literal).octets().collect())
    }

    /// Takes literals as they are when a URI is decoded and folded, like [`DecodedUri::folded`].
    pub(crate) fn folded(parts: &[Part]) -> Self {
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

    fn new(parts: &[Part], literal: impl Fn(&str) -> Vec<u8>) -> Self {
        let mut elements = Vec::new();
        for part in parts {
            match part {
                Part::Literal(text) => elements.extend(literal(text).into_iter().map(Element::Literal)),
                Part::Variable { spans, .. } => {
                    elements.extend([Element::Value { spans: *spans }, Element::Rest { spans: *spans }]);
                }
            }
        }
        Self(elements)
    }

    /// Returns `true` if there is a way to read a decoded URI, or what is in front of its parameters, by this pattern:
    /// each character that was escaped separates, or does not.
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

    /// Returns `true` if some URI is one of both.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.find(other, |this, other| this && other)
    }

    /// Returns `true` if every URI of the other is one of this.
    pub(crate) fn contains(&self, other: &Self) -> bool {
        !self.find(other, |this, other| other && !this)
    }

    /// Returns `true` if `wanted` holds for some text, given which of the two patterns match it.
    ///
    /// Few sets of states can be reached: which variables may go on is decided by the last separator, and which
    /// literals have begun by the last few characters.
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

    /// Every character that makes a difference, and one that makes none.
    fn alphabet(&self, other: &Self) -> Vec<u8> {
        // A normal form has ASCII only.
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
            // No variable is next to another one, so that one step ends each.
            if let Some(Element::Rest { .. }) = self.0.get(reached) {
                next.push(reached + 1);
            }
        }
        next.sort_unstable();
        next.dedup();
    }
}
