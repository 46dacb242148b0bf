//! `ent-rejeu suivre`, the real program, at the door of the real `ent`.

use crate::stories::flux::motifs;
use anyhow::{Context, Result, ensure};
use domain::absences::{Appel, AppelCommand, Seance};
use domain::{CompteId, DivisionId, EnseignementId, PersonneId, journee};
use ledger::clock::{Clock, SystemClock};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use recits::faults::{Ent, Issuer, environment, program, wait};
use recits::{Bench, PORTAIL, auditeur, exploitant, portail};
use serde_json::Value;
use std::fs::{File, OpenOptions};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// How long what must happen may take, on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(90);

/// A record, `ent` before it with its door open, and files.
struct Porte {
    ent: Ent,
    bench: Bench,
    issuer: Issuer,
    url: String,
    acts: u32,
    folder: TempDir,
}

impl Porte {
    async fn ouvrir() -> Result<Self> {
        let bench = Bench::open_at(SystemClock.now()).await?;
        let folder = tempfile::tempdir()?;
        let path = |name: &str| folder.path().join(name);
        let issuer = Issuer::new(&path("jwks.json"))?;
        let flux = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut environment = environment(&bench, folder.path()).await?;
        environment.insert("ENT_FLUX".to_owned(), flux.to_string());
        let ent = Ent::new(environment, path("ent.log"))?;
        let mut porte = Self { ent, bench, issuer, url: format!("http://{flux}"), acts: 0, folder };
        porte.ent.start().await?;
        Ok(porte)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Opens so many rolls, by another process than `ent`.
    async fn agir(&mut self, times: u32) -> Result<()> {
        for _ in 0..times {
            self.acts += 1;
            let name = self.acts.to_string();
            self.bench.clock.set(SystemClock.now());
            let maintenant = self.bench.clock.now();
            let seance = Seance {
                enseignement: EnseignementId::derived(&[&name]),
                auditoire: DivisionId::derived(&["6A"]).into(),
                date: journee(maintenant),
                debut: "00:00:00".parse()?,
                fin: "23:59:00".parse()?,
            };
            let enseignant = PersonneId::derived(&["enseignante"]);
            let command = AppelCommand::OuvrirAppel { seance, enseignant, maintenant };
            let context = self.bench.context(&portail(PORTAIL), &[&name]);
            self.bench.record::<Appel>(context, seance.appel(), command).await?;
        }
        Ok(())
    }

    async fn head(&self) -> Result<i64> {
        Ok(self.bench.journals().await?.first().context("no journal")?.1)
    }

    /// Starts the program; what it says is appended to `{name}` and `{name}.err`.
    fn suivre(&self, name: &str, who: CompteId, arguments: &[&str]) -> Result<Suivi> {
        let (out, err) = (self.path(name), self.path(&format!("{name}.err")));
        let append = |path| OpenOptions::new().create(true).append(true).open(path);
        let mut command = Command::new(program("ent-rejeu")?);
        command.env_clear().env("ENT_JETON_AUDITEUR", self.issuer.token(who, SystemClock.now())?);
        command.args(["suivre", "--porte", &self.url, "--portail", PORTAIL]).args(arguments);
        command.stdin(Stdio::null()).stdout(append(&out)?).stderr(append(&err)?).kill_on_drop(true);
        Ok(Suivi { child: command.spawn()?, out, err })
    }

    /// Waits until all that stands on the record was told as JSON: the positions, in that order.
    async fn all_told(&self, suivi: &Suivi) -> Result<Vec<i64>> {
        let all = wait::until("the whole record told", PATIENCE, async || {
            let told = suivi.positions()?;
            Ok((told.last() == Some(&self.head().await?)).then_some(told))
        });
        all.await.with_context(|| std::fs::read_to_string(&suivi.err).unwrap_or_default())
    }
}

/// The program at work.
struct Suivi {
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

impl Suivi {
    fn positions(&self) -> Result<Vec<i64>> {
        positions(&self.out)
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        let id = self.child.id().context("it has ended")?;
        Ok(kill(Pid::from_raw(id.cast_signed()), signal)?)
    }

    async fn end(mut self) -> Result<(ExitStatus, String, String)> {
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await??;
        Ok((ended, std::fs::read_to_string(&self.out)?, std::fs::read_to_string(&self.err)?))
    }
}

/// Positions told as JSON, without a line that is half written.
fn positions(out: &Path) -> Result<Vec<i64>> {
    let text = std::fs::read_to_string(out)?;
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let position = |line: &str| {
        let told: Value = serde_json::from_str(line).with_context(|| line.to_owned())?;
        told["position"].as_i64().context("no position")
    };
    whole.lines().map(position).collect()
}

fn dense(told: &[i64]) -> bool {
    told.iter().copied().eq(1..=i64::try_from(told.len()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_missed_or_doubled_before_live_or_while_ent_is_down() -> Result<()> {
    let mut porte = Porte::ouvrir().await?;
    porte.agir(150).await?;
    let suivi = porte.suivre("suivi", auditeur(), &["--json"])?;
    assert!(dense(&porte.all_told(&suivi).await?));
    porte.agir(5).await?;
    assert!(dense(&porte.all_told(&suivi).await?));
    porte.ent.kill().await?;
    porte.agir(5).await?;
    wait::until("the loss is told", PATIENCE, async || {
        Ok(std::fs::read_to_string(&suivi.err)?.contains("connexion perdue").then_some(()))
    })
    .await?;
    porte.ent.start().await?;
    assert!(dense(&porte.all_told(&suivi).await?));
    porte.agir(5).await?;
    let told = porte.all_told(&suivi).await?;
    assert!(dense(&told) && told.len() > 165, "{told:?}");
    suivi.signal(Signal::SIGTERM)?;
    let (ended, ..) = suivi.end().await?;
    assert_eq!(ended.code(), Some(0));
    porte.ent.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_killed_takes_up_again_with_the_last_act_twice_at_most() -> Result<()> {
    let mut porte = Porte::ouvrir().await?;
    porte.agir(300).await?;
    let reprise = porte.path("reprise.json").display().to_string();
    let arguments = ["--json", "--reprise", reprise.as_str()];
    // Each writes to a file of its own, whose last line a reader drops where it is torn.
    let mut told = Vec::new();
    for (n, enough) in [1, 60, 120].into_iter().enumerate() {
        let suivi = porte.suivre(&format!("suivi-{n}"), auditeur(), &arguments)?;
        wait::until("some acts told", PATIENCE, async || {
            Ok((suivi.positions()?.len() >= enough).then_some(()))
        })
        .await?;
        suivi.signal(Signal::SIGKILL)?;
        let out = suivi.out.clone();
        let (ended, ..) = suivi.end().await?;
        ensure!(ended.code().is_none(), "it had ended by itself: {ended}");
        told.extend(positions(&out)?);
    }
    // There is something left to tell, however far the last one came.
    porte.agir(1).await?;
    let suivi = porte.suivre("suivi", auditeur(), &arguments)?;
    told.extend(porte.all_told(&suivi).await?);
    let all = told.len();
    told.dedup();
    assert!(dense(&told), "missed, or doubled out of turn");
    assert!(all - told.len() <= 3, "{} doubled by three kills", all - told.len());
    suivi.signal(Signal::SIGINT)?;
    assert_eq!(suivi.end().await?.0.code(), Some(0));
    let after = porte.suivre("apres", auditeur(), &[&arguments[..], &["--jusqu-a-present"]].concat())?;
    let (ended, out, _) = after.end().await?;
    // A reading is put on the record anew when the hour has struck.
    let news: Vec<_> = out.lines().filter(|line| !line.contains("journal.consultation.faite")).collect();
    assert_eq!((ended.code(), news), (Some(0), vec![]), "all was told already");
    let other = porte.suivre("autre", auditeur(), &["--reprise", &reprise, "--fil", "absences.appel-a"])?;
    let (ended, _, err) = other.end().await?;
    assert_eq!(ended.code(), Some(2));
    assert!(err.contains("n'est pas un fichier de reprise de ce que l'on suit ici"), "{err}");
    porte.ent.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_reads_what_there_is_of_a_type_a_stream_or_from_a_place() -> Result<()> {
    let mut porte = Porte::ouvrir().await?;
    porte.agir(3).await?;
    let read = async |name: &str, arguments: &[&str]| {
        let arguments = [arguments, &["--jusqu-a-present"]].concat();
        let (ended, out, err) = porte.suivre(name, auditeur(), &arguments)?.end().await?;
        ensure!(ended.code() == Some(0), "{err}");
        anyhow::Ok(out.lines().map(str::to_owned).collect::<Vec<_>>())
    };
    let all = read("tout", &[]).await?;
    let first = all.first().context("nothing")?;
    assert!(first.starts_with(&format!("{PORTAIL}/")), "{first}");
    assert!(first.contains("/1  ") && first.contains("  ouverture d'un appel (enseignant)  "), "{first}");
    assert_eq!(read("appels", &["--type", "absences.", "--type", "notes."]).await?, all[..3]);
    let consultations = read("consultations", &["--type", "journal."]).await?;
    assert!(consultations.iter().all(|line| line.contains("consultation du journal")), "{consultations:?}");
    let (place, fil) = (first.split("  ").next(), first.rsplit("  ").next());
    let (place, fil) = (place.context("no place")?, fil.context("no stream")?);
    assert_eq!(read("fil", &["--fil", fil]).await?, all[..1]);
    assert_eq!(read("suite-du-fil", &["--fil", fil, "--depuis", "1"]).await?, Vec::<String>::new());
    assert_eq!(read("suite", &["--depuis", place, "--type", "absences."]).await?, all[1..3]);
    let json = read("json", &["--json", "--type", "absences."]).await?;
    let told: Value = serde_json::from_str(&json[0])?;
    assert_eq!(told["contenu"]["etat"], "ferme");
    let leaf: Value = serde_json::from_str(told["feuille"].as_str().context("no leaf")?)?;
    assert_eq!(leaf["type"], "absences.appel.ouvert");
    porte.ent.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_no_auditor_is_told_so_in_french_and_nothing_else() -> Result<()> {
    let mut porte = Porte::ouvrir().await?;
    porte.agir(1).await?;
    let (ended, out, err) = porte.suivre("intrus", exploitant(), &[])?.end().await?;
    assert_eq!((ended.code(), out.as_str()), (Some(2), ""));
    assert!(err.starts_with("ent-rejeu : la porte n'ouvre pas : ce jeton"), "{err}");
    File::create(porte.path("vide"))?;
    let vide = porte.path("vide").display().to_string();
    let (ended, _, err) = porte.suivre("sans", auditeur(), &["--jeton", &vide])?.end().await?;
    assert_eq!(ended.code(), Some(2));
    assert!(err.contains("il faut le jeton d'un auditeur"), "{err}");
    porte.ent.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reason_for_which_a_record_is_followed_is_put_on_it() -> Result<()> {
    let mut porte = Porte::ouvrir().await?;
    let arguments = ["--jusqu-a-present", "--motif", "Réclamation d'une famille"];
    let (ended, _, err) = porte.suivre("suivi", auditeur(), &arguments)?.end().await?;
    assert_eq!(ended.code(), Some(0), "{err}");
    assert_eq!(motifs(&porte.bench).await?, ["Réclamation d'une famille"]);
    porte.ent.stop().await
}
