//! How much memory and CPU thousands of waiting subscriptions cost the real program.

use anyhow::Result;
use clap::Parser;
use recits::subscriptions::{Layout, Settings, measure};
use std::path::PathBuf;
use std::time::Duration;

/// Opens idle subscriptions to the rolls of one division on the real program, first one on
/// each socket, then as many as a socket may have, and prints what they cost.
#[derive(Parser)]
#[command(
    name = "subscriptions",
    after_help = "Examples:\n  \
        ulimit -n 20000 && subscriptions            10,000 of them\n  \
        subscriptions 500 --idle 10\n\n\
        Each socket is a file on both sides: raise `ulimit -n` above their number."
)]
struct Arguments {
    /// How many subscriptions
    #[arg(default_value_t = 10_000)]
    subscriptions: usize,
    /// Subscriptions on one socket, in the second layout
    #[arg(long, default_value_t = 32)]
    operations: usize,
    /// Seconds during which nothing happens
    #[arg(long, default_value_t = 30)]
    idle: u64,
    /// Data directory of the demonstration, filled if it is empty
    #[arg(long, value_name = "DIR", default_value = "target/subscriptions")]
    data: PathBuf,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let settings = Settings { data: arguments.data, idle: Duration::from_secs(arguments.idle) };
    for operations in [1, arguments.operations.max(1)] {
        let sockets = arguments.subscriptions.div_ceil(operations);
        print!("{}", measure(&settings, Layout { sockets, operations }).await?);
    }
    Ok(())
}
