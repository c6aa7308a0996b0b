//! Traits of types that wrap others, such as `Result<T, E>`.
//!
//! In an error about a type without a trait, rustc quotes the implementations for other types, unless they are marked
//! `do_not_recommend`. The mark also hides errors inside of a wrapper. Each of these traits therefore has one
//! implementation for all wrappers, which rustc never quotes. It has two conditions: the type is a wrapper, and the type
//! inside has the trait.

/// Gives two traits one message, because rustc uses the second one's for a type inside of a wrapper.
macro_rules! with_message {
    ([$($message:tt)*] $first:item $second:item) => {
        $($message)*
        $first

        $($message)*
        $second
    };
}
pub(crate) use with_message;

/// Implements a wrapper trait for the types that wrap others.
macro_rules! wrappers {
    ($name:ident: $([$($generics:tt)*] $wrapper:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> $name for $wrapper {
            type Whole = Self;

            fn whole(self) -> Self {
                self
            }
        }
    )*};
}
pub(crate) use wrappers;
