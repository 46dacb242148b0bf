//! The program `ent`: see `ent --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    api::program::main()
}
