//! The names in a source file: full paths, identifiers, methods, string literals and numbers.
//! Resolves `crate`, `self`, `super` and the file's own imports, renamed or not. Unit tests and
//! comments are left out.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Expr, ExprMethodCall, FieldValue, Ident, ImplItem, Item, ItemExternCrate, ItemMod,
    ItemUse, Lit, Member, Path, UseTree, VisRestricted,
};

use crate::sources::is_test;
use crate::tokens;

/// How many imports of imports are followed.
const MAX_RENAMES: usize = 8;

/// The names of one file.
pub(crate) struct Names {
    /// `crate::plan::Plan`, `sqlx::query`; a glob import ends in `*`.
    pub(crate) paths: BTreeSet<String>,
    pub(crate) identifiers: BTreeSet<String>,
    /// The names of the methods that are called.
    pub(crate) methods: BTreeSet<String>,
    pub(crate) texts: BTreeSet<String>,
    pub(crate) integers: BTreeSet<u64>,
    /// The string literals given to fields of structs, each with the name of the field.
    pub(crate) fields: BTreeSet<(String, String)>,
}

impl Names {
    /// Reads the file of a module, whose path begins with `crate` or with the name of its crate.
    pub(crate) fn of_file(file: &syn::File, module: &str) -> Self {
        let module = module.split("::").map(str::to_owned).collect();
        let mut reader = Reader { module, ..Reader::default() };
        reader.visit_file(file);
        let paths = reader.paths.iter().flat_map(|path| reader.resolve(path, MAX_RENAMES));
        Self {
            paths: paths.map(|path| path.join("::")).collect(),
            identifiers: reader.identifiers,
            methods: reader.methods,
            texts: reader.texts,
            integers: reader.integers,
            fields: reader.fields,
        }
    }
}

/// A path as it is written, and the module in which it is written.
#[derive(Clone)]
struct Written {
    module: Vec<String>,
    segments: Vec<String>,
}

/// The full path of a path that begins with `crate`, `self` or `super`. The root of the crate, from
/// which every room can be reached, is `crate::*`.
fn from_root(written: &Written) -> Option<Vec<String>> {
    let mut module = written.module.clone();
    let mut rest = written.segments.as_slice();
    while let Some((first, after)) = rest.split_first() {
        match first.as_str() {
            "crate" => module.truncate(1),
            "runstate" if module[0] == "crate" => module.truncate(1),
            "self" => {}
            "super" => drop(module.pop()),
            _ => break,
        }
        rest = after;
    }
    let is_root = module.len() < 2 && rest.is_empty();
    let all = is_root.then(|| "*".to_owned());
    let is_relative = rest.len() < written.segments.len();
    is_relative.then(|| module.iter().chain(rest).cloned().chain(all).collect())
}

/// Collects the names in a file.
#[derive(Default)]
pub(crate) struct Reader {
    module: Vec<String>,
    paths: Vec<Written>,
    /// The paths of each imported name. Imports in inner modules and functions are included; a name
    /// that is imported twice has both paths.
    imports: BTreeMap<String, Vec<Written>>,
    identifiers: BTreeSet<String>,
    methods: BTreeSet<String>,
    texts: BTreeSet<String>,
    integers: BTreeSet<u64>,
    fields: BTreeSet<(String, String)>,
}

impl Reader {
    /// Records a path that is used.
    pub(crate) fn path(&mut self, segments: Vec<String>) {
        self.paths.push(Written { module: self.module.clone(), segments });
    }

    /// Records a path that is imported under a name.
    pub(crate) fn import(&mut self, name: &str, segments: Vec<String>) {
        self.path(segments.clone());
        let written = Written { module: self.module.clone(), segments };
        self.imports.entry(name.to_owned()).or_default().push(written);
    }

    pub(crate) fn identifier(&mut self, name: &str) {
        self.identifiers.insert(name.to_owned());
    }

    pub(crate) fn method(&mut self, name: &str) {
        self.methods.insert(name.to_owned());
    }

    pub(crate) fn literal(&mut self, literal: &Lit) {
        match literal {
            Lit::Str(text) => drop(self.texts.insert(text.value())),
            Lit::ByteStr(text) => {
                self.texts.insert(String::from_utf8_lossy(&text.value()).into_owned());
            }
            Lit::Int(number) => self.integers.extend(number.base10_parse::<u64>()),
            _ => {}
        }
    }

    /// The full paths that a path in the source may mean.
    fn resolve(&self, written: &Written, renames: usize) -> Vec<Vec<String>> {
        if let Some(path) = from_root(written) {
            return vec![path];
        }
        let mut paths = vec![written.segments.clone()];
        let Some((first, rest)) = written.segments.split_first() else { return Vec::new() };
        let imports = self.imports.get(first).into_iter().flatten();
        for import in imports.filter(|it| renames > 0 && it.segments.first() != Some(first)) {
            let imported = self.resolve(import, renames - 1);
            paths.extend(imported.into_iter().map(|path| [&path, rest].concat()));
        }
        paths
    }

    /// The imports of a `use`, each with the path that leads to it.
    fn use_tree(&mut self, mut prefix: Vec<String>, tree: &UseTree) {
        match tree {
            UseTree::Path(path) => {
                prefix.push(path.ident.to_string());
                self.use_tree(prefix, &path.tree);
            }
            UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.use_tree(prefix.clone(), tree));
            }
            UseTree::Glob(_) => {
                prefix.push("*".into());
                self.path(prefix);
            }
            UseTree::Name(name) => self.use_name(prefix, &name.ident, None),
            UseTree::Rename(rename) => self.use_name(prefix, &rename.ident, Some(&rename.rename)),
        }
    }

    fn use_name(&mut self, mut path: Vec<String>, name: &Ident, rename: Option<&Ident>) {
        if name != "self" || path.is_empty() {
            path.push(name.to_string());
        }
        let last = path.last().cloned().unwrap_or_default();
        self.import(&rename.map_or(last, Ident::to_string), path);
    }
}

impl<'file> Visit<'file> for Reader {
    fn visit_item(&mut self, item: &'file Item) {
        if !is_test(attributes_of(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'file ImplItem) {
        let is_test = match item {
            ImplItem::Fn(function) => is_test(&function.attrs),
            ImplItem::Const(constant) => is_test(&constant.attrs),
            _ => false,
        };
        if !is_test {
            visit::visit_impl_item(self, item);
        }
    }

    /// The name of a module is a path for the module that declares it.
    fn visit_item_mod(&mut self, item: &'file ItemMod) {
        let name = item.ident.to_string();
        let segments = vec!["self".into(), name.clone()];
        let written = Written { module: self.module.clone(), segments };
        self.imports.entry(name).or_default().push(written);
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'file ItemUse) {
        self.use_tree(Vec::new(), &item.tree);
    }

    fn visit_item_extern_crate(&mut self, item: &'file ItemExternCrate) {
        let rename = item.rename.as_ref().map(|(_, rename)| rename);
        self.import(&rename.unwrap_or(&item.ident).to_string(), vec![item.ident.to_string()]);
    }

    /// `pub(crate)` and `pub(super)` refer to no room.
    fn visit_vis_restricted(&mut self, _: &'file VisRestricted) {}

    fn visit_path(&mut self, path: &'file Path) {
        self.path(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &'file ExprMethodCall) {
        self.method(&call.method.to_string());
        visit::visit_expr_method_call(self, call);
    }

    fn visit_field_value(&mut self, field: &'file FieldValue) {
        if let (Member::Named(name), Expr::Lit(literal)) = (&field.member, &field.expr)
            && let Lit::Str(text) = &literal.lit
        {
            self.fields.insert((name.to_string(), text.value()));
        }
        visit::visit_field_value(self, field);
    }

    fn visit_ident(&mut self, identifier: &'file Ident) {
        self.identifier(&identifier.to_string());
    }

    fn visit_lit(&mut self, literal: &'file Lit) {
        self.literal(literal);
    }

    fn visit_token_stream(&mut self, tokens: &'file TokenStream) {
        tokens::read(self, tokens.clone());
    }

    /// A string literal in an attribute may be a path: `#[serde(with = "crate::plan::value")]`.
    fn visit_attribute(&mut self, attribute: &'file Attribute) {
        if attribute.path().is_ident("doc") {
            return;
        }
        let mut texts = Reader::default();
        visit::visit_attribute(&mut texts, attribute);
        for text in texts.texts.iter().filter(|text| text.contains("::")) {
            if let Ok(tokens) = text.parse() {
                tokens::read(self, tokens);
            }
        }
        visit::visit_attribute(self, attribute);
    }
}

fn attributes_of(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(it) => &it.attrs,
        Item::Enum(it) => &it.attrs,
        Item::Fn(it) => &it.attrs,
        Item::Impl(it) => &it.attrs,
        Item::Macro(it) => &it.attrs,
        Item::Mod(it) => &it.attrs,
        Item::Static(it) => &it.attrs,
        Item::Struct(it) => &it.attrs,
        Item::Trait(it) => &it.attrs,
        Item::Type(it) => &it.attrs,
        Item::Use(it) => &it.attrs,
        _ => &[],
    }
}
