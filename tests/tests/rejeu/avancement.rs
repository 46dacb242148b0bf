//! Who waits before a terminal sees how far a verification is; what reads the same program
//! through a pipe gets nothing but what it says.

use super::bench;
use anyhow::{Result, ensure};
use nix::pty::{OpenptyResult, Winsize, openpty};
use nix::sys::termios::Termios;
use recits::Bench;
use recits::faults::program;
use secrecy::ExposeSecret;
use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

/// As wide as the bar needs to say all of it.
const FENETRE: Winsize = Winsize { ws_row: 24, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0 };

/// The program before this record, with the keys.
pub fn verifier(bench: &Bench) -> Result<Command> {
    let mut command = Command::new(program("ent-rejeu")?);
    command.env_clear().env("ENT_AUDITEUR_URL", bench.base().auditor_url().expose_secret());
    command.env("ENT_KEK_FILE", bench.kek_file()).env("TERM", "xterm");
    command.arg("verifier").stdin(Stdio::null()).stdout(Stdio::piped());
    Ok(command)
}

/// All that was shown on a terminal. Once nobody writes there any more, Linux says that it cannot
/// be read (EIO): that is its end.
fn shown(master: OwnedFd) -> String {
    let (mut terminal, mut all, mut bytes) = (File::from(master), Vec::new(), [0; 1024]);
    while let Ok(read @ 1..) = terminal.read(&mut bytes) {
        all.extend_from_slice(&bytes[..read]);
    }
    String::from_utf8_lossy(&all).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verification_tells_a_terminal_how_far_it_is() -> Result<()> {
    let bench = bench().await?;
    let OpenptyResult { master, slave } = openpty(&FENETRE, None::<&Termios>)?;
    let mut command = verifier(&bench)?;
    let child = command.stderr(slave).spawn()?;
    // It keeps the program's end of the terminal, which would never come to its own.
    drop(command);
    let (shown, output) = (shown(master), child.wait_with_output()?);
    let said = String::from_utf8(output.stdout)?;
    ensure!(output.status.success(), "{said}\n{shown}");
    // That it is cleared at its end is seen too: an escape sequence follows.
    assert!(shown.contains("0690001b 2026-2027") && shown.contains("/4 événements, encore"), "{shown:?}");
    assert!(shown.contains('\u{1b}'), "{shown:?}");
    assert!(said.contains("Verdict : VALIDE") && !said.contains("encore"), "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verification_shows_no_progress_where_there_is_no_terminal() -> Result<()> {
    let output = verifier(&bench().await?)?.stderr(Stdio::piped()).output()?;
    let said = String::from_utf8(output.stdout)?;
    assert!(output.status.success() && said.contains("Verdict : VALIDE"), "{said}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    Ok(())
}
