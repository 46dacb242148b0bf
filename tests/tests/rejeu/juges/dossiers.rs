//! An evidence bundle before those who hold it to its manifests (`bagit`, `sha256sum -c`), to its
//! seals (its own script, on openssl), and each proof to its leaf (`proofbundle`).

use super::{asked, juges, text, verifier_key};
use crate::rejeu::histoire::{Falsification, Histoire};
use crate::rejeu::prouver::{Dossier, Sac, flip, said};
use crate::rejeu::sceaux::rewrite;
use crate::rejeu::tamper;
use anyhow::{Context, Result};
use domain::AnneeScolaire;
use ledger::feed::Journal;
use ledger::sealer::log::Log;
use ledger::tlog::cosignature::WitnessKey;
use recits::horodateur::Horodateur;
use recits::{PORTAIL, portail};
use replay_tools::verdict::Verdict;
use std::fs;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

fn journal() -> Log {
    Log::Journal(Journal { portail: portail(PORTAIL), annee: AnneeScolaire(2026) })
}

/// What is done to a bundle.
type Change = (&'static str, fn(&Sac) -> Result<()>);

const CHANGES: [Change; 10] = [
    ("a byte of a leaf", |sac| flip(&sac.fait(3).join("feuille.json"), 30)),
    ("a byte of a sealed payload", |sac| flip(&sac.fait(3).join("charge.json"), 5)),
    ("a byte of an opened payload", |sac| flip(&sac.fait(3).join("contenu.json"), 12)),
    ("a byte of a proof", |sac| flip(&sac.fait(3).join("preuve.tlog-proof"), 40)),
    ("a byte of a proof of the meta-journal", |sac| flip(&tete(sac).join("meta.tlog-proof"), 40)),
    ("a byte of a head", |sac| flip(&tete(sac).join("checkpoint"), 20)),
    ("a byte of a token", |sac| flip(&jeton(sac)?, 900)),
    ("a removed file", |sac| Ok(fs::remove_file(sac.fait(3).join("feuille.json"))?)),
    ("a removed event", |sac| Ok(fs::remove_dir_all(sac.fait(3))?)),
    ("a reordered pair", |sac| {
        let [one, other, aside] = [sac.fait(2), sac.fait(3), sac.racine.with_extension("a-part")];
        fs::rename(&one, &aside)?;
        fs::rename(&other, &one)?;
        Ok(fs::rename(&aside, &other)?)
    }),
];

fn tete(sac: &Sac) -> PathBuf {
    sac.racine.join("data/journaux/0690001b-2026-4")
}

fn jeton(sac: &Sac) -> Result<PathBuf> {
    let folder = fs::read_dir(sac.racine.join("data/horodatages"))?.next().context("no timestamp")??;
    Ok(folder.path().join("jeton.tsr"))
}

/// Whether each of the three takes a bundle.
fn takes(juges: &Path, sac: &Sac) -> Result<[(&'static str, bool); 3]> {
    let bag = asked(juges, "bagit.py", &["--validate", "--quiet", text(&sac.racine)])?;
    Ok([
        ("bagit", bag.status.success()),
        ("sha256sum", sac.manifest("manifest-sha256.txt")?),
        ("verify.sh", sac.verify(&[])?.status.success()),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_holds_a_bundle_to_its_manifests_refuses_whatever_was_changed() -> Result<()> {
    let (Some(juges), Some(autorite)) = (juges()?, Horodateur::open()?) else { return Ok(()) };
    let dossier = Dossier::scelle().await?;
    dossier.clos("2026-11-26T08:00:00Z").await?;
    dossier.dated(&autorite).await?;
    assert_eq!(dossier.dresse("preuve.zip", &[]).await.0, Verdict::Valide);
    for (judge, taken) in takes(&juges, &dossier.ouvert("preuve.zip")?)? {
        assert!(taken, "{judge} does not take what nobody changed");
    }
    for (what, change) in CHANGES {
        let sac = dossier.ouvert("preuve.zip")?;
        change(&sac)?;
        for (judge, taken) in takes(&juges, &sac)? {
            assert!(!taken, "{judge} takes {what}");
        }
    }
    Ok(())
}

/// A proof, judged.
struct Preuve<'a> {
    juges: &'a Path,
    leaf: PathBuf,
    proof: PathBuf,
    log: String,
    witness: Option<String>,
}

impl Preuve<'_> {
    fn holds(&self) -> Result<bool> {
        let mut arguments = vec!["verify-proof", "--payload-file", text(&self.leaf)];
        arguments.extend(["--log-vkey", &self.log, text(&self.proof)]);
        if let Some(witness) = &self.witness {
            arguments.extend(["--witness-vkey", witness, "--threshold", "1"]);
        }
        Ok(asked(self.juges, "proofbundle", &arguments)?.status.success())
    }

    /// While one of the two files is another.
    fn holds_with(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) -> Result<bool> {
        let before = fs::read(path)?;
        let mut changed = before.clone();
        change(&mut changed);
        assert_ne!(before, changed, "{} is what it was", path.display());
        fs::write(path, changed)?;
        let holds = self.holds();
        fs::write(path, before)?;
        holds
    }

    /// Changes one after the other, none of which it may take.
    fn refuses_changes(&self) -> Result<()> {
        assert!(self.holds()?, "{}", self.proof.display());
        assert!(!self.holds_with(&self.leaf, |leaf| leaf[10] ^= 1)?, "a byte of the leaf");
        let text = fs::read_to_string(&self.proof)?;
        let last = text.trim_end().len() - 10;
        let index = text.find("index ").context("no index")? + 6;
        for at in [index, 40, last] {
            let flip = |proof: &mut Vec<u8>| proof[at] = if proof[at] == b'A' { b'B' } else { proof[at] ^ 1 };
            assert!(!self.holds_with(&self.proof, flip)?, "byte {at} of the proof");
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verifier_of_proofs_that_we_did_not_write_takes_no_leaf_for_another() -> Result<()> {
    let Some(juges) = juges()? else { return Ok(()) };
    let dossier = Dossier::scelle().await?;
    let witness = dossier.witnessed().await?;
    assert_eq!(dossier.dresse("preuve.zip", &[]).await.0, Verdict::Valide);
    let sac = dossier.ouvert("preuve.zip")?;
    let leaf = |number: usize| sac.fait(number).join("feuille.json");
    let log = verifier_key(&dossier.sealer, &journal())?;
    let proof = sac.fait(3).join("preuve.tlog-proof");
    let of = |leaf| Preuve { juges: &juges, leaf, proof: proof.clone(), log: log.clone(), witness: None };
    let meta = Preuve {
        leaf: tete(&sac).join("checkpoint"),
        proof: tete(&sac).join("meta.tlog-proof"),
        log: verifier_key(&dossier.sealer, &Log::Meta)?,
        witness: Some(witness),
        ..of(leaf(3))
    };
    of(leaf(3)).refuses_changes()?;
    meta.refuses_changes()?;
    assert!(!of(leaf(4)).holds()?, "the next event in its place: a reordered pair");
    // A tree of what is left, or of another order, under the head that was signed.
    let leaves = (1..=4).map(|number| fs::read(leaf(number))).collect::<Result<Vec<_>, _>>()?;
    let head = fs::read_to_string(tete(&sac).join("checkpoint"))?;
    for falsification in Falsification::ALL {
        let forged = falsification.of(&leaves, 2);
        fs::write(sac.fait(1).join("feuille.json"), &forged[2])?;
        let told = Histoire::of(forged).proof(2, &head).await?.to_string();
        let before = fs::read(&proof)?;
        fs::write(&proof, told)?;
        assert!(!of(leaf(1)).holds()?, "{falsification:?}");
        fs::write(&proof, before)?;
    }
    let other = WitnessKey::of("temoin.rectorat.fr", &Zeroizing::new([5; 32])).context("no key")?;
    assert!(!Preuve { witness: Some(other.verifier_key()), ..meta }.holds()?, "nobody else cosigned it");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_of_a_history_rewritten_under_the_houses_own_key_lacks_its_witness_and_nothing_else()
-> Result<()> {
    let Some(juges) = juges()? else { return Ok(()) };
    let mut dossier = Dossier::scelle().await?;
    let witness = dossier.witnessed().await?;
    let policy = dossier.policy(&witness)?;
    // Whoever has the database and the keys rewrites an event, and seals as if for the first time.
    rewrite(&dossier.bench).await?;
    for table in ["cosignatures", "checkpoints", "meta"] {
        tamper(&dossier.bench, &format!("DELETE FROM ledger.{table}")).await?;
    }
    fs::remove_dir_all(dossier.bench.tiles())?;
    dossier.sealer = dossier.bench.sealer()?;
    assert_eq!(dossier.sealer.pass().await?, 1);
    dossier.sealer.consign().await?;
    assert_eq!(dossier.dresse("reecrit.zip", &["--temoins", &policy]).await.0, Verdict::Valide);
    let sac = dossier.ouvert("reecrit.zip")?;
    assert!(fs::read_to_string(sac.fait(2).join("feuille.json"))?.contains("inspecteur"));
    for (judge, taken) in takes(&juges, &sac)? {
        assert!(taken, "{judge} cannot know");
    }
    assert!(said(&sac.verify(&[])?).contains("sans contreseing de rectorat"));
    let mut preuve = Preuve {
        juges: &juges,
        leaf: sac.fait(2).join("feuille.json"),
        proof: sac.fait(2).join("preuve.tlog-proof"),
        log: verifier_key(&dossier.sealer, &journal())?,
        witness: None,
    };
    assert!(preuve.holds()?, "it cannot know either");
    preuve.witness = Some(witness);
    assert!(!preuve.holds()?, "but no witness cosigned that");
    assert!(dossier.witnessed().await.is_err(), "nor will");
    Ok(())
}
