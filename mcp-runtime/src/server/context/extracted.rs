//! Values that a server makes from a request, each once.

use std::any::{Any, TypeId};
use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

/// The values that were made from a request, by their types.
///
/// The list only grows, so that its values are borrowed while more are added. It is one word until it is used.
#[derive(Default)]
pub(crate) struct Extracted(OnceLock<Box<Node>>);

/// A value, or the reason for which the request has none.
pub(crate) type Extraction<T> = Result<T, Cow<'static, str>>;

struct Node {
    key: TypeId,
    /// An [`Extraction`] of the type.
    value: Box<dyn Any + Send + Sync>,
    next: Extracted,
}

impl Extracted {
    /// Returns the value of a type, if one was made.
    pub(crate) fn find<T: Send + Sync + 'static>(&self) -> Option<&Extraction<T>> {
        let mut at = self;
        while let Some(node) = at.0.get() {
            if node.key == TypeId::of::<T>() {
                return node.value.downcast_ref();
            }
            at = &node.next;
        }
        None
    }

    /// Adds the value of a type. A value that is there stays.
    pub(crate) fn insert<T: Send + Sync + 'static>(&self, value: Extraction<T>) {
        let mut node = Box::new(Node { key: TypeId::of::<T>(), value: Box::new(value), next: Self::default() });
        let mut at = self;
        while let Err(refused) = at.0.set(node) {
            node = refused;
            match at.0.get() {
                Some(present) if present.key != node.key => at = &present.next,
                _ => return,
            }
        }
    }
}

/// The output contains no value.
impl fmt::Debug for Extracted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extracted").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_has_one_value() {
        let extracted = Extracted::default();
        extracted.insert::<u8>(Ok(1));
        let first = extracted.find::<u8>();
        extracted.insert::<u16>(Err("none".into()));
        extracted.insert::<u8>(Ok(2));
        extracted.insert::<u32>(Ok(3));
        assert_eq!(first, Some(&Ok(1)));
        assert_eq!(extracted.find::<u8>(), Some(&Ok(1)));
        assert_eq!(extracted.find::<u16>(), Some(&Err("none".into())));
        assert_eq!(extracted.find::<u32>(), Some(&Ok(3)));
        assert_eq!(extracted.find::<u64>(), None);
    }
}
