//! The `relman` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    relman::cli::main()
}
