//! The program. What it does, `runstate::commands` says.

fn main() -> std::process::ExitCode {
    runstate::commands::main()
}
