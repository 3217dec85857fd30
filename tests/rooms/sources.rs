//! The source files of the workspace, each with its module. Follows the tree of modules from the
//! root of each crate, as the compiler does. Knows no rule.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use syn::{Attribute, Item};

use crate::names::Names;

/// One source file; its unit tests are left out.
pub(crate) struct Source {
    /// Relative to the workspace.
    pub(crate) file: String,
    /// The path of its module: `plan::read`; in a crate of the workspace, `strict_http1::head`.
    pub(crate) module: String,
    /// Whether the whole file is compiled for unit tests only.
    pub(crate) is_test: bool,
    pub(crate) names: Names,
}

impl Source {
    /// Reads a text as if it were the file of this module of `src/`.
    pub(crate) fn of_text(module: &str, text: &str) -> Self {
        let syntax = syn::parse_file(text).unwrap_or_else(|error| panic!("{module}: {error}"));
        Self {
            file: format!("src/{}.rs", module.replace("::", "/")),
            module: module.to_owned(),
            is_test: false,
            names: Names::of_file(&syntax, &format!("crate::{module}")),
        }
    }

    /// Whether the file is one of these modules or is below one of them.
    pub(crate) fn is_within(&self, modules: &[impl AsRef<str>]) -> bool {
        modules.iter().any(|module| is_below(&self.module, module.as_ref()))
    }
}

/// Whether a path is this module or is below it.
pub(crate) fn is_below(path: &str, module: &str) -> bool {
    let rest = path.strip_prefix(module);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// The folder of the workspace.
pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The names of the workspace's crates besides the server, as code writes them.
pub(crate) fn members() -> BTreeSet<String> {
    let Ok(folders) = fs::read_dir(workspace().join("crates")) else { return BTreeSet::new() };
    let names = folders.map(|folder| folder.unwrap().file_name().into_string().unwrap());
    names.map(|name| name.replace('-', "_")).collect()
}

/// Every source file of `src/` and of the workspace's crates, except those of unit tests.
pub(crate) fn all() -> &'static [Source] {
    static ALL: LazyLock<Vec<Source>> = LazyLock::new(read_all);
    &ALL
}

fn read_all() -> Vec<Source> {
    let mut walk = Walk::default();
    let source = workspace().join("src");
    walk.file(&source.join("main.rs"), "crate::main", &source, false);
    walk.file(&source.join("lib.rs"), "crate", &source, false);
    let mut folders = vec![source];
    for member in members() {
        let source = workspace().join("crates").join(member.replace('_', "-")).join("src");
        walk.file(&source.join("lib.rs"), &member, &source, false);
        folders.push(source);
    }
    let read: BTreeSet<PathBuf> =
        walk.sources.iter().map(|source| workspace().join(&source.file)).collect();
    for file in folders.iter().flat_map(|folder| rust_files(folder)) {
        assert!(read.contains(&file), "{} is not a module of its crate", file.display());
    }
    walk.sources.retain(|source| !source.is_test);
    walk.sources
}

/// Every Rust file below a folder.
pub(crate) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let rust = files.into_iter().filter(|path| path.extension().is_some_and(|it| it == "rs"));
    rust.chain(folders.iter().flat_map(|folder| rust_files(folder))).collect()
}

/// Whether an item is compiled for unit tests only.
pub(crate) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).any(|attribute| {
        attribute.parse_args::<syn::Path>().is_ok_and(|condition| condition.is_ident("test"))
    })
}

#[derive(Default)]
struct Walk {
    sources: Vec<Source>,
}

impl Walk {
    /// Reads a module's file, and those of the modules that it declares; they are in `folder`.
    fn file(&mut self, file: &Path, path: &str, folder: &Path, is_test: bool) {
        let text = fs::read_to_string(file);
        let text = text.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let syntax = syn::parse_file(&text).unwrap_or_else(|it| panic!("{}: {it}", file.display()));
        self.sources.push(Source {
            file: file.strip_prefix(workspace()).unwrap().display().to_string(),
            module: path.strip_prefix("crate::").unwrap_or(path).to_owned(),
            is_test,
            names: Names::of_file(&syntax, path),
        });
        self.modules(&syntax.items, path, folder, is_test);
    }

    fn modules(&mut self, items: &[Item], path: &str, folder: &Path, is_test: bool) {
        for item in items {
            let Item::Mod(module) = item else { continue };
            let has_path = module.attrs.iter().any(|attribute| attribute.path().is_ident("path"));
            assert!(!has_path, "{path}: the file of {} has another name", module.ident);
            let name = module.ident.to_string();
            let is_test = is_test || self::is_test(&module.attrs);
            let path = format!("{path}::{name}");
            let below = folder.join(&name);
            let file = below.join("mod.rs");
            match &module.content {
                Some((_, items)) => self.modules(items, &path, &below, is_test),
                None if file.exists() => self.file(&file, &path, &below, is_test),
                None => self.file(&folder.join(format!("{name}.rs")), &path, &below, is_test),
            }
        }
    }
}
