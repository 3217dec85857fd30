//! Embeds the files of `migrations/` in the program: writes the list that `schema.rs` includes. Knows
//! file names, no SQL.
//!
//! `sqlx::migrate!` would do the same, but a new file would not start a build, and the macro would have
//! all of `sqlx` compiled a second time for the build machine.

use std::error::Error;
use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=migrations");
    let directory = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("migrations");
    let mut names = Vec::new();
    for entry in fs::read_dir(&directory)? {
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
        writeln!(list, "({number}, {description:?}, include_str!({path:?})),")?;
    }
    list.push(']');
    fs::write(Path::new(&env::var("OUT_DIR")?).join("migrations.rs"), list)?;
    Ok(())
}

/// The number and the description in the name of a file: `0002_scripts.sql` is 2 and `scripts`.
fn parts(name: &str) -> Option<(i64, String)> {
    let (number, description) = name.strip_suffix(".sql")?.split_once('_')?;
    let is_number = number.len() == 4 && number.bytes().all(|digit| digit.is_ascii_digit());
    Some((number.parse().ok().filter(|_| is_number)?, description.replace('_', " ")))
}
