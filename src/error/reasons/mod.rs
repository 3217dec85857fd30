//! Why a request is refused: a type for each kind of reason, and its text beside it. The code that
//! finds a mistake only names the reason, and where it is.
//!
//! A text is a whole sentence, unless a place comes before it (`requests[0].id: …`). Texts that Graph
//! or Microsoft's OData library write are repeated exactly. Wherever a reason says what was `found`
//! or `expected`, that is a noun with its article; an `of` is the qualified name of a type; a `name`
//! is as the client wrote it; an `index` counts from 0, a `column` from 1.

#![expect(missing_docs, reason = "the text of a reason says what it is, and what its fields are")]

mod batch;
mod body;
mod expression;
mod header;
mod json;
mod option;
mod permission;
mod sign_in;
mod syntax;
mod twin;
mod url;
mod value;

pub use batch::{BatchReason, ItemReason};
pub use body::BodyReason;
pub use expression::{ExpressionReason, LiteralForm};
pub use header::{FormatReason, HeaderReason};
pub use json::{JsonFault, JsonReason};
pub use option::{OptionReason, Place};
pub use permission::ForbiddenReason;
pub use sign_in::SignInReason;
pub use syntax::SyntaxReason;
pub use twin::TwinReason;
pub use url::{UrlPart, UrlReason};
pub use value::ValueReason;

use std::borrow::Cow;

/// How much of a name or an option's value a text repeats, in characters.
const NAME: usize = 40;
/// How much of a literal a text repeats, in characters.
const LITERAL: usize = 60;
/// How much of a URL a text repeats, in characters.
const URL: usize = 200;

/// The beginning of a text of the client's, so that an error does not repeat all of a long one.
fn cut(text: &str, length: usize) -> Cow<'_, str> {
    match text.char_indices().nth(length) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
    }
}

/// The name of a query option with its `$`; a parameter alias has its `@` already, and an unknown
/// option may have its `$`.
fn option_name(name: &str) -> String {
    let sign = if name.starts_with(['@', '$']) { "" } else { "$" };
    format!("{sign}{}", cut(name, NAME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(cut("short", NAME), "short");
        assert_eq!(cut(&"é".repeat(41), NAME), format!("{}…", "é".repeat(40)));
    }
}
