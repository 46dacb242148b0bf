//! The auditor's program `ent-rejeu`; what it does is in the library.

use mimalloc::MiMalloc;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // What the client of EventStoreDB says of a lost connection, `suivre` says in French.
    let usual = || EnvFilter::new("error,eventstore=off");
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| usual());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let (mut out, mut err) = (std::io::stdout().lock(), std::io::stderr());
    replay_tools::run(std::env::args_os(), &mut out, &mut err).await.into()
}
