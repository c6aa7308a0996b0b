//! Types that hold what a method returns or takes, such as `Result<T, E>`.
//!
//! In an error about a type without a trait, rustc quotes our source: the implementations for other types, unless they
//! are marked `do_not_recommend`. Such a mark hides what is wrong inside of a type as well. So each of these traits has
//! one implementation for every type that holds others, which rustc never quotes. It has two conditions: that the type
//! holds others, which no mark spoils, and what these have to be.

/// Gives two traits one message: rustc takes that of the first for the type itself, and that of the second for one inside
/// of another.
macro_rules! with_message {
    ([$($message:tt)*] $first:item $second:item) => {
        $($message)*
        $first

        $($message)*
        $second
    };
}
pub(crate) use with_message;

/// Marks the types that hold others.
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
