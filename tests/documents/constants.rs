//! The constants of the source by their names, with the numbers that they stand for. Times are in
//! seconds.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use syn::{BinOp, Expr, Item, ItemConst, Lit};

use crate::document::{files, read, root};

/// The constants of the source.
pub(crate) struct Constants(Vec<Constant>);

/// A constant, and where it is.
pub(crate) struct Constant {
    module: String,
    name: String,
    value: Expr,
}

impl Constants {
    /// Those of the server and of the crates beside it. The simulated fleet is a client: what limits it
    /// limits nobody else.
    pub(crate) fn read() -> Self {
        let folders = ["src", "crates"].into_iter().filter(|folder| root().join(folder).exists());
        let files = folders.flat_map(|folder| files(folder, "rs"));
        let files = files.filter(|file| !file.contains("src/simulate/"));
        Self(files.flat_map(|file| constants_of(&file)).collect())
    }

    /// The numbers of a constant, named `NAME` or, where the name is in several files,
    /// `module::NAME`: one, or those of an array or a range.
    pub(crate) fn numbers(&self, name: &str) -> Vec<f64> {
        let constant = self.find(name);
        let numbers = self.evaluate(&constant.value);
        let numbers = numbers.unwrap_or_else(|| panic!("{name} is no number"));
        let is_in_milliseconds = constant.name.ends_with("_MS");
        numbers.into_iter().map(|it| if is_in_milliseconds { it / 1000.0 } else { it }).collect()
    }

    /// Every name of a constant that is a limit by its name, with its module.
    pub(crate) fn limits(&self) -> impl Iterator<Item = (&str, &str)> {
        let starts = ["MAX_", "MIN_", "MOST", "LONGEST", "LARGEST"];
        let ends = ["TIMEOUT", "LIMIT", "DEADLINE"];
        let is_limit = move |name: &str| {
            starts.iter().any(|start| name.starts_with(start))
                || ends.iter().any(|end| name.ends_with(end))
        };
        let limits = self.0.iter().filter(move |it| is_limit(&it.name));
        limits.map(|it| (it.module.as_str(), it.name.as_str()))
    }

    /// The one constant of this name.
    pub(crate) fn find(&self, written: &str) -> &Constant {
        let (module, name) = match written.rsplit_once("::") {
            Some((module, name)) => (Some(module), name),
            None => (None, written),
        };
        let found = self.0.iter().filter(|it| it.name == name);
        let found: Vec<_> = found.filter(|it| module.is_none_or(|own| own == it.module)).collect();
        let modules: Vec<&str> = found.iter().map(|it| it.module.as_str()).collect();
        assert_eq!(found.len(), 1, "{written} is to be one constant, and is in {modules:?}");
        found[0]
    }

    fn evaluate(&self, value: &Expr) -> Option<Vec<f64>> {
        let one = |value: &Expr| match self.evaluate(value)?.as_slice() {
            [number] => Some(*number),
            _ => None,
        };
        match value {
            Expr::Lit(literal) => number(&literal.lit).map(|number| vec![number]),
            Expr::Binary(pair) => {
                let (left, right) = (one(&pair.left)?, one(&pair.right)?);
                match pair.op {
                    BinOp::Mul(_) => Some(vec![left * right]),
                    BinOp::Add(_) => Some(vec![left + right]),
                    _ => None,
                }
            }
            Expr::Array(array) => array.elems.iter().map(one).collect(),
            Expr::Range(range) => {
                Some(vec![one(range.start.as_deref()?)?, one(range.end.as_deref()?)?])
            }
            Expr::Call(call) => {
                let Expr::Path(function) = &*call.func else { return None };
                let seconds = match function.path.segments.last()?.ident.to_string().as_str() {
                    "from_secs" => 1.0,
                    "from_millis" => 0.001,
                    _ => return None,
                };
                Some(vec![one(call.args.first()?)? * seconds])
            }
            Expr::Path(path) => Some(self.numbers(&path.path.segments.last()?.ident.to_string())),
            _ => None,
        }
    }
}

/// The constants at the top of a file; its module is called like the file, or like the folder of a
/// `mod.rs`.
fn constants_of(file: &str) -> Vec<Constant> {
    let module = file.trim_end_matches(".rs").trim_end_matches("/mod").rsplit('/').next().unwrap();
    let items =
        syn::parse_file(&read(file)).unwrap_or_else(|error| panic!("{file}: {error}")).items;
    let constants = items.into_iter().filter_map(|item| match item {
        Item::Const(ItemConst { ident, expr, .. }) => {
            let name = ident.to_string();
            Some(Constant { module: module.to_owned(), name, value: *expr })
        }
        _ => None,
    });
    constants.collect()
}

/// A number, or one in a text: `"10000"`, `"1 day"`.
fn number(literal: &Lit) -> Option<f64> {
    match literal {
        Lit::Int(number) => number.base10_parse().ok(),
        Lit::Float(number) => number.base10_parse().ok(),
        Lit::Str(text) => match text.value().split_once(' ') {
            None => text.value().parse().ok(),
            Some((number, unit)) => Some(number.parse::<f64>().ok()? * UNITS.get(unit)?),
        },
        _ => None,
    }
}

/// The units that a document may use, and what each multiplies a number with. Of a time, it is the
/// number of seconds.
pub(crate) static UNITS: LazyLock<BTreeMap<&str, f64>> = LazyLock::new(|| {
    let units = [
        ("bits", 1.0),
        ("bytes", 1.0),
        ("characters", 1.0),
        ("entities", 1.0),
        ("versions", 1.0),
        ("KiB", 1024.0),
        ("KiB/s", 1024.0),
        ("MiB", 1024.0 * 1024.0),
        ("s", 1.0),
        ("minute", 60.0),
        ("minutes", 60.0),
        ("hour", 3600.0),
        ("hours", 3600.0),
        ("day", 86_400.0),
        ("days", 86_400.0),
    ];
    BTreeMap::from(units)
});
