//! The program. What it does, `runstate::commands` says. It chooses the allocator of memory.

/// A create allocates some hundred times, and two threads of the server work on it. The feature `no_thp`
/// avoids huge pages, which take 14 MiB more where 1,000 connections are open.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    runstate::commands::main()
}
