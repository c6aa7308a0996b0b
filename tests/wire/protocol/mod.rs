//! The protocol versions, and each feature in all of them.

mod eras;
mod legacy;
mod modern;
