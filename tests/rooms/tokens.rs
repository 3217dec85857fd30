//! The names in the tokens of a macro, which are not parsed syntax: paths, groups of imports,
//! methods and literals.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::names::Reader;

/// Records all names in the tokens.
pub(crate) fn read(reader: &mut Reader, tokens: TokenStream) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut rest = tokens.as_slice();
    let mut before: Option<&TokenTree> = None;
    while let Some((first, after)) = rest.split_first() {
        let mut next = after;
        match first {
            TokenTree::Group(group) => read(reader, group.stream()),
            TokenTree::Literal(literal) => reader.literal(&syn::Lit::new(literal.clone())),
            TokenTree::Ident(name) if before.is_some_and(|it| is(it, '.')) => {
                reader.identifier(&name.to_string());
                if matches!(after.first(), Some(TokenTree::Group(_))) {
                    reader.method(&name.to_string());
                }
            }
            TokenTree::Ident(_) => {
                let is_import = before.is_some_and(|it| it.to_string() == "use");
                next = path(reader, Vec::new(), rest, is_import);
            }
            TokenTree::Punct(_) => {}
        }
        before = rest.get(rest.len() - next.len() - 1);
        rest = next;
    }
}

/// Records the path at the start of the tokens, or several paths if it ends in a group. Returns the
/// tokens after it.
fn path<'tokens>(
    reader: &mut Reader,
    mut path: Vec<String>,
    tokens: &'tokens [TokenTree],
    is_import: bool,
) -> &'tokens [TokenTree] {
    let rest = match tokens {
        [TokenTree::Ident(name), rest @ ..] => {
            reader.identifier(&name.to_string());
            if name != "self" || path.is_empty() {
                path.push(name.to_string());
            }
            rest
        }
        [glob, rest @ ..] if is(glob, '*') => {
            path.push("*".into());
            reader.path(path);
            return rest;
        }
        [TokenTree::Group(group), rest @ ..] if group.delimiter() == Delimiter::Brace => {
            let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
            for tree in tokens.split(|token| is(token, ',')) {
                self::path(reader, path.clone(), tree, true);
            }
            return rest;
        }
        _ => {
            reader.path(path);
            return tokens;
        }
    };
    match rest {
        [first, second, rest @ ..] if is(first, ':') && is(second, ':') => {
            self::path(reader, path, rest, is_import)
        }
        [TokenTree::Ident(word), TokenTree::Ident(name), rest @ ..]
            if is_import && word == "as" =>
        {
            reader.import(&name.to_string(), path);
            rest
        }
        _ if is_import => {
            let name = path.last().cloned().unwrap_or_default();
            reader.import(&name, path);
            rest
        }
        // `pub(crate)` and the receiver of a method refer to no room.
        _ if matches!(&*path, [word] if ["crate", "self", "super"].contains(&word.as_str())) => {
            rest
        }
        _ => {
            reader.path(path);
            rest
        }
    }
}

fn is(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}
