//! Embeds the files of `migrations/` and `console/` in the program: writes the lists that `schema.rs` and
//! `embedded.rs` include. Knows file names, and of what the files say only that each migration declares
//! what it does to a database in use.
//!
//! `sqlx::migrate!` would do the same, but a new file would not start a build, and the macro would have
//! all of `sqlx` compiled a second time for the build machine.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use flate2::Compression;
use flate2::write::GzEncoder;

#[path = "src/upgrade/effect.rs"]
mod effect;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("migrations.rs"), migrations(&root.join("migrations"))?)?;
    // A debug build reads the folder at each request, so that a changed file shows on reload.
    let console = match env::var("PROFILE")?.as_str() {
        "debug" => "[]".into(),
        _ => console(&root.join("console"), &out)?,
    };
    fs::write(out.join("console.rs"), console)?;
    Ok(())
}

/// The list of migrations: number, description, text.
fn migrations(directory: &Path) -> Result<String> {
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-changed=src/upgrade/effect.rs");
    let mut names = Vec::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name().into_string().map_err(|_| "a file name is not UTF-8")?;
        if name.ends_with(".sql") {
            names.push(name);
        }
    }
    names.sort();

    let mut list = String::from("[\n");
    for (name, expected) in names.iter().zip(1_i64..) {
        let (number, description) = parts(name).ok_or(format!("{name} is not NNNN_name.sql"))?;
        if number != expected {
            return Err(format!("{name} should have the number {expected:04}").into());
        }
        let path = directory.join(name);
        effect::effects(number, &fs::read_to_string(&path)?)
            .map_err(|error| format!("{name} {error}"))?;
        writeln!(list, "({number}, {description:?}, include_str!({path:?})),")?;
    }
    list.push(']');
    Ok(list)
}

/// The list of the console's files: name, bytes as gzip.
fn console(directory: &Path, out: &Path) -> Result<String> {
    println!("cargo::rerun-if-changed=console");
    let (mut folders, mut files) = (vec![directory.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();

    let mut list = String::from("[\n");
    for (number, path) in files.iter().enumerate() {
        let name = path.strip_prefix(directory)?.to_str().ok_or("a file name is not UTF-8")?;
        let compressed = out.join(format!("console-{number}.gz"));
        fs::write(&compressed, gzip(&fs::read(path)?)?)?;
        writeln!(list, "({name:?}, include_bytes!({compressed:?}).as_slice()),")?;
    }
    list.push(']');
    Ok(list)
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// The number and the description in the name of a file: `0002_scripts.sql` is 2 and `scripts`.
fn parts(name: &str) -> Option<(i64, String)> {
    let (number, description) = name.strip_suffix(".sql")?.split_once('_')?;
    let is_number = number.len() == 4 && number.bytes().all(|digit| digit.is_ascii_digit());
    Some((number.parse().ok().filter(|_| is_number)?, description.replace('_', " ")))
}
