//! The auditor's program `ent-rejeu`; what it does is in the library.

use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("error"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let (mut out, mut err) = (std::io::stdout().lock(), std::io::stderr());
    replay_tools::run(std::env::args_os(), &mut out, &mut err).await.into()
}
