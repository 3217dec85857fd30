//! Which room imports which. `graph.txt` is the exact graph: the test fails for an import that is
//! not listed, and for a listed one that no file needs. Each module with a line there is a room,
//! and so is each other module at the top of `src/`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::sources::{self, Source, is_below, members};

const EXPECTED: &str = include_str!("graph.txt");
/// The imports that make a cycle: a request of a batch is answered like any other request, and so is one
/// with which the test twin reads the contents of a tenant.
const CIRCLES: &[(&str, &str)] =
    &[("endpoints::batch", "endpoints"), ("endpoints::twin", "endpoints")];

/// The imports of each room, each with the file and the path that need it.
type Imports = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// The rooms that each room imports.
#[derive(PartialEq, Eq)]
pub(crate) struct Graph(BTreeMap<String, BTreeSet<String>>);

impl Graph {
    pub(crate) fn expected() -> Self {
        Self::parse(EXPECTED)
    }

    /// Reads lines of the form `room: room room`.
    pub(crate) fn parse(text: &str) -> Self {
        let lines = text.lines().map(|line| {
            let (room, imported) = line.split_once(' ').unwrap_or((line, ""));
            let room = room.strip_suffix(':').unwrap_or_else(|| panic!("no room in {line:?}"));
            (room.to_owned(), imported.split_whitespace().map(str::to_owned).collect())
        });
        Self(lines.collect())
    }

    /// The imports of files, by the rooms of this graph.
    fn imports_of(&self, sources: &[Source]) -> Imports {
        let members = members();
        let mut imports = Imports::new();
        for source in sources.iter().filter(|source| source.module != "crate") {
            let room = self.room(&source.module);
            let imported = imports.entry(room.clone()).or_default();
            for path in &source.names.paths {
                let is_member = members.iter().any(|member| is_below(path, member));
                let target = path.strip_prefix("crate::").or(is_member.then_some(path));
                let Some(target) = target.map(|path| self.room(path)) else { continue };
                if target != room {
                    let evidence = format!("{} names {path}", source.file);
                    imported.entry(target).or_default().insert(evidence);
                }
            }
        }
        imports
    }

    /// The imports of files that this graph does not permit.
    pub(crate) fn violations(&self, sources: &[Source]) -> Vec<String> {
        let mut violations = Vec::new();
        for (room, imported) in self.imports_of(sources) {
            for (target, evidence) in imported {
                if !self.0.get(&room).is_some_and(|permitted| permitted.contains(&target)) {
                    let evidence = evidence.into_iter().next().unwrap_or_default();
                    violations.push(format!("{room} may not import {target}: {evidence}"));
                }
            }
        }
        violations
    }

    /// The room of a module, or of an item by its path.
    pub(crate) fn room(&self, path: &str) -> String {
        let listed = self.0.keys().filter(|room| is_below(path, room)).max_by_key(|it| it.len());
        let top = path.split("::").next().unwrap_or_default();
        listed.map_or_else(|| top.to_owned(), Clone::clone)
    }

    pub(crate) fn has(&self, room: &str) -> bool {
        self.0.contains_key(room)
    }

    fn to_text(&self) -> String {
        let mut text = String::new();
        for (room, imported) in &self.0 {
            write!(text, "{room}:").unwrap();
            imported.iter().for_each(|room| write!(text, " {room}").unwrap());
            text.push('\n');
        }
        text
    }
}

#[test]
fn each_room_imports_exactly_the_rooms_that_the_graph_lists() {
    let expected = Graph::expected();
    let sources = sources::all();
    let imports = expected.imports_of(sources);
    let found = imports.into_iter().map(|(room, imported)| (room, imported.into_keys().collect()));
    let found = Graph(found.collect());
    let unused = expected.0.iter().flat_map(|(room, permitted)| {
        let imported = found.0.get(room);
        let unused =
            permitted.iter().filter(move |it| !imported.is_some_and(|of| of.contains(*it)));
        unused.map(move |it| format!("{room} need not be permitted to import {it}"))
    });
    let differences: Vec<String> = expected.violations(sources).into_iter().chain(unused).collect();
    assert!(
        found == expected,
        "{}\nIf each import is right, the whole of tests/rooms/graph.txt is:\n{}",
        differences.join("\n"),
        found.to_text()
    );
}

#[test]
fn the_graph_has_no_cycle_besides_the_permitted_ones() {
    let Graph(mut rooms) = Graph::expected();
    for (inner, outer) in CIRCLES {
        let is_there = rooms.get_mut(*inner).is_some_and(|imported| imported.remove(*outer));
        assert!(is_there, "{inner} does not import {outer}");
    }
    // Rooms without imports are removed until no room is left.
    while !rooms.is_empty() {
        let leaves: Vec<String> =
            rooms.iter().filter(|(_, it)| it.is_empty()).map(|(room, _)| room.clone()).collect();
        assert!(!leaves.is_empty(), "these rooms import each other:\n{}", Graph(rooms).to_text());
        leaves.iter().for_each(|leaf| drop(rooms.remove(leaf)));
        rooms.values_mut().for_each(|imported| imported.retain(|it| !leaves.contains(it)));
    }
}
