//! Contents that are too long for an event: received and read chunk by chunk, and swept.

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use domain::pieces::{Depot, FicheDePiece, FormatDePiece, Objet, Piece, PieceCommand};
use domain::{Aggregate, CopieId, PersonneId, PieceId, Retention};
use ledger::blobs::{Announced, Blobs, Brought, Reading, Remains};
use ledger::clock::Clock;
use ledger::keys::{KeyName, Subject};
use recits::{Bench, portail};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::slice::from_ref;

/// More than a chunk, and the beginning of another.
const LONGUEUR: usize = (1 << 20) + 12_345;

struct Depots {
    bench: Bench,
    blobs: Blobs,
    folder: tempfile::TempDir,
}

fn noe() -> PersonneId {
    PersonneId::derived(&["Noé"])
}

fn name(now: DateTime<Utc>) -> KeyName {
    let retention = Retention::Scolarite;
    KeyName { subject: Subject::Personne(noe()), retention, period: retention.periode(now) }
}

async fn depots() -> Result<Depots> {
    let (bench, folder) = (Bench::open().await?, tempfile::tempdir()?);
    let blobs = Blobs::in_folder(folder.path(), bench.base().app(), bench.keys.clone())?;
    Ok(Depots { bench, blobs, folder })
}

impl Depots {
    /// Receives a content, in pieces that are no chunks.
    async fn receive(&self, id: PieceId, content: &[u8]) -> Result<()> {
        let now = self.bench.clock.now();
        // More is announced than comes.
        let coming = Announced { by: noe().0, size: content.len() as u64 + 1, at: now };
        let mut incoming = self.blobs.receive(id.0, name(now), coming).await?;
        for bytes in content.chunks(100_000) {
            incoming.write(bytes).await?;
        }
        let whole = incoming.finish().await?;
        assert_eq!((whole.size, whole.sha256.len()), (content.len() as u64, 64));
        Ok(whole.label(b"devoir.pdf").await?)
    }

    /// The one file that is kept.
    fn file(&self) -> Result<PathBuf> {
        let folder = std::fs::read_dir(self.folder.path())?.next().context("nothing is kept")??;
        Ok(std::fs::read_dir(folder.path())?.next().context("nothing is kept")??.path())
    }
}

/// What a crash leaves of one that was coming.
fn broken_off(depots: &Depots, at: DateTime<Utc>) -> Result<PathBuf> {
    let left = depots.folder.path().join("ab");
    std::fs::create_dir_all(&left)?;
    let left = left.join("abc#1");
    std::fs::File::create(&left)?.set_modified(at.into())?;
    Ok(left)
}

#[tokio::test]
async fn what_a_crash_broke_off_is_swept_and_what_still_comes_is_not() -> Result<()> {
    let depots = depots().await?;
    let now = depots.bench.clock.now();
    let (id, coming) = (PieceId::derived(&["1"]), Announced { by: noe().0, size: 3, at: now });
    let mut incoming = depots.blobs.receive(id.0, name(now), coming).await?;
    incoming.write(b"3/4").await?;
    // By the clock of the story, and not by the machine's.
    std::fs::File::options().write(true).open(depots.file()?)?.set_modified(now.into())?;
    let left = broken_off(&depots, now - TimeDelta::hours(2))?;
    assert_eq!(depots.blobs.sweep_unfinished(now - TimeDelta::hours(1)).await?, 1);
    assert!(!left.exists());
    incoming.finish().await?.label(b"devoir.pdf").await?;
    assert!(depots.blobs.read(id.0).await?.is_some());
    Ok(())
}

#[tokio::test]
async fn what_was_broken_off_waits_no_more_after_a_while() -> Result<()> {
    let depots = depots().await?;
    let now = depots.bench.clock.now();
    let coming = Announced { by: noe().0, size: 20 << 20, at: now };
    drop(depots.blobs.receive(PieceId::derived(&["1"]).0, name(now), coming).await?);
    depots.receive(PieceId::derived(&["2"]), b"3/4").await?;
    let brought = async |since: DateTime<Utc>| depots.blobs.brought(noe().0, Piece::TYPE, since).await;
    assert_eq!(brought(now).await?, Brought { recent: 2, waiting: 2, bytes: (20 << 20) + 3 });
    let later = now + TimeDelta::hours(1);
    assert_eq!(brought(later).await?, Brought { recent: 2, waiting: 1, bytes: 3 });
    Ok(())
}

async fn whole(mut reading: Reading) -> Result<Vec<u8>> {
    let mut content = Vec::new();
    while let Some(bytes) = reading.chunk().await? {
        content.extend_from_slice(&bytes);
    }
    Ok(content)
}

#[tokio::test]
async fn a_content_longer_than_a_chunk_is_read_back_and_a_changed_byte_is_found() -> Result<()> {
    let depots = depots().await?;
    let (id, content) = (PieceId::derived(&["1"]), vec![b'e'; LONGUEUR]);
    depots.receive(id, &content).await?;
    let found = depots.blobs.find(id.0).await?.context("not found")?;
    assert_eq!(found.label.as_slice(), b"devoir.pdf");
    let reading = depots.blobs.read(id.0).await?.context("not found")?;
    assert!(whole(reading).await? == content);

    let file = depots.file()?;
    let mut kept = std::fs::read(&file)?;
    assert!(!kept.windows(20).any(|window| window == &content[..20]), "it is kept in the clear");
    let last = kept.len() - 1;
    kept[last] ^= 1;
    std::fs::write(&file, &kept)?;
    let reading = depots.blobs.read(id.0).await?.context("not found")?;
    assert!(whole(reading).await.is_err());
    kept.truncate((1 << 20) + 16 + 32);
    std::fs::write(&file, &kept)?;
    let reading = depots.blobs.read(id.0).await?.context("not found")?;
    assert!(whole(reading).await.is_err(), "cut off between two chunks");
    kept.truncate(32);
    std::fs::write(&file, &kept)?;
    assert!(depots.blobs.read(id.0).await.is_err(), "cut off before the first chunk");
    std::fs::remove_file(&file)?;
    assert!(depots.blobs.read(id.0).await?.is_none(), "lost");
    Ok(())
}

#[tokio::test]
async fn what_the_store_still_has_is_told_and_which_keys_open_it() -> Result<()> {
    let depots = depots().await?;
    let (id, now) = (PieceId::derived(&["1"]), depots.bench.clock.now());
    let other = KeyName { retention: Retention::Office, period: Retention::Office.periode(now), ..name(now) };
    let names = BTreeSet::from([name(now), other.clone()]);
    let keys = depots.bench.keys.for_names(&names).await?;
    let (own, other) = (keys[&name(now)].clone(), keys[&other].clone());
    for content in [vec![b'e'; LONGUEUR], vec![b'e'; 3]] {
        assert_eq!(depots.blobs.remains(id.0, from_ref(&own)).await?, Remains::Gone);
        depots.receive(id, &content).await?;
        for (keys, expected) in [
            (vec![], Remains::Sealed),
            (vec![other.clone()], Remains::Sealed),
            (vec![other.clone(), own.clone()], Remains::Open),
        ] {
            assert_eq!(depots.blobs.remains(id.0, &keys).await?, expected);
        }
        // What is listed is not asked: the bytes are.
        sqlx::query("DELETE FROM ledger.blobs").execute(&depots.bench.owner).await?;
        assert_eq!(depots.blobs.remains(id.0, from_ref(&own)).await?, Remains::Open);
        std::fs::remove_file(depots.file()?)?;
    }
    Ok(())
}

#[tokio::test]
async fn what_no_event_claims_is_swept() -> Result<()> {
    let depots = depots().await?;
    let (claimed, forgotten) = (PieceId::derived(&["1"]), PieceId::derived(&["2"]));
    for id in [claimed, forgotten] {
        depots.receive(id, b"3/4").await?;
    }
    let now = depots.bench.clock.now();
    let brought = async || depots.blobs.brought(noe().0, Piece::TYPE, now).await;
    assert_eq!(brought().await?, Brought { recent: 2, waiting: 2, bytes: 6 });
    let fiche = FicheDePiece {
        nom: "devoir.pdf".to_owned(),
        format: FormatDePiece::Pdf,
        empreinte: "0".repeat(64),
        taille: 3,
    };
    let command = PieceCommand::JoindrePiece {
        depot: Some(Depot { personne: noe(), deposant: noe(), le: now, fiche }),
        fiches: vec![noe()],
        par: noe(),
        objet: Objet::Copie { copie: CopieId::derived(&["1"]) },
        maintenant: now,
    };
    let context = depots.bench.context(&portail("0690001b"), &["joindre"]);
    depots.bench.record::<Piece>(context, claimed, command).await?;
    assert_eq!(brought().await?, Brought { recent: 2, waiting: 1, bytes: 3 });

    assert_eq!(depots.blobs.sweep(Piece::TYPE, now).await?, 0, "they have just come");
    assert_eq!(depots.blobs.sweep(Piece::TYPE, now + TimeDelta::days(2)).await?, 1);
    assert!(depots.blobs.find(forgotten.0).await?.is_none());
    assert_eq!(brought().await?, Brought { recent: 0, waiting: 0, bytes: 0 });
    assert!(depots.blobs.read(claimed.0).await?.is_some());
    Ok(())
}
