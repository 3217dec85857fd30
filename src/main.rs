//! The program. What it does, `runstate::commands` says. It chooses the allocator of memory.

/// A create allocates some hundred times, and two threads of the server work on it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    runstate::commands::main()
}
