//! All that is held about a person, as a zip file in open formats: a page to read, tables, and
//! every fact of the record whose content is about that person, as JSON Lines, with what others
//! say of that person.
//!
//! It is read page by page and written to the disk: memory is bounded whatever there is. It says
//! what is about the person and never who wrote it, for that is about somebody else. Marks of an
//! evaluation that is not published are left out until it is, and so is what is said of a period
//! before its bulletins are (RGPD, art. 15.4).

mod mentions;

use super::tableur::Tableur;
use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use commands::{Commands, UseCaseError};
use domain::notes::{AppreciationEvent, Bulletin, ConseilDeClasse, Evaluation};
use domain::{Aggregate, Event, PersonneId};
use ledger::feed::{Content, Fact, FeedError, facts_about};
use projections::PageOf;
use projections::absences::Appels;
use projections::annuaire::{Annuaire, Identites, Personne};
use projections::notes::{Bulletins, Notes, Periodes};
use projections::pieces as vues;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use uuid::Uuid;
use zip::ZipWriter;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;

/// Facts or lines that are read at a time.
const PAGE: i64 = 500;

/// A person's data on the disk, in a file that goes with the last who holds it.
pub struct Dossier {
    /// The file.
    pub fichier: File,
    /// How many facts it has.
    pub faits: u64,
    /// Its SHA-256, in hexadecimal.
    pub empreinte: String,
}

/// Why it could not be written.
#[derive(Debug, thiserror::Error)]
pub enum DossierError {
    /// The record could not be read.
    #[error("the record")]
    Feed(#[from] FeedError),
    /// The views could not be read.
    #[error("the views")]
    Views(#[from] sqlx::Error),
    /// The disk did not take it.
    #[error("the file")]
    File(#[from] io::Error),
    /// It could not be put together.
    #[error("the archive")]
    Zip(#[from] ZipError),
    /// A fact could not be written as JSON.
    #[error("a fact as JSON")]
    Json(#[from] serde_json::Error),
    /// The page could not be written.
    #[error("the page")]
    Page(#[from] askama::Error),
    /// A file that accompanies something could not be read.
    #[error("a file")]
    Piece(#[from] UseCaseError),
}

/// The page to read first.
#[derive(Template)]
#[template(path = "mes_donnees.html")]
struct Index<'a> {
    fiches: &'a [Personne],
    le: DateTime<Utc>,
    faits: u64,
    effaces: u64,
    reserves: u64,
    absences: u64,
    notes: u64,
    pieces: Pieces,
}

/// The files that are the person's.
#[derive(Default)]
struct Pieces {
    jointes: u64,
    /// Of which there is nothing left to hand over.
    perdues: u64,
}

/// A dossier being written.
struct Ecriture<'a> {
    commands: &'a Commands,
    fiches: Vec<Uuid>,
    zip: ZipWriter<File>,
    faits: u64,
    effaces: u64,
    reserves: u64,
}

/// What of a fact's content is handed over.
enum Remis {
    /// All of it.
    Entier(Value),
    /// What of it is about the person: it has another digest than the journal commits to.
    Extrait(Value),
}

impl Dossier {
    /// Writes all that is held about a person, under whichever of his or her fiches.
    pub async fn of(commands: &Commands, personne: PersonneId) -> Result<Self, DossierError> {
        let fiches = Identites::fiches(commands.views(), &[personne.0]).await?;
        let fiches = fiches.into_iter().map(|(_, fiche)| fiche).collect();
        let zip = ZipWriter::new(tempfile::tempfile()?);
        let mut ecriture = Ecriture { commands, fiches, zip, faits: 0, effaces: 0, reserves: 0 };
        ecriture.faits().await?;
        ecriture.mentions().await?;
        let known = Annuaire::personnes(commands.views(), &ecriture.fiches).await?;
        ecriture.fiche(&known).await?;
        let absences = ecriture.absences().await?;
        let notes = ecriture.notes().await?;
        let pieces = ecriture.pieces().await?;
        let Ecriture { faits, effaces, reserves, .. } = ecriture;
        let le = commands.now();
        let index = Index { fiches: &known, le, faits, effaces, reserves, absences, notes, pieces };
        ecriture.begin("index.html")?;
        ecriture.zip.write_all(index.render()?.as_bytes())?;
        let mut fichier = ecriture.zip.finish()?;
        let empreinte = digest(&mut fichier)?;
        Ok(Self { fichier, faits, empreinte })
    }
}

impl Ecriture<'_> {
    fn begin(&mut self, name: &str) -> Result<(), ZipError> {
        self.zip.start_file(name, SimpleFileOptions::default())
    }

    async fn faits(&mut self) -> Result<(), DossierError> {
        self.begin("faits.jsonl")?;
        let personnes = self.personnes();
        let mut after = None;
        loop {
            let mut connection = self.commands.views().acquire().await?;
            let keys = self.commands.keys();
            let page = facts_about(&mut connection, keys, &personnes, after.as_ref(), PAGE).await?;
            drop(connection);
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.position.clone());
            let reserved = reserved(self.commands, &page).await?;
            for fact in &page {
                if reserved.contains(&fact.envelope.stream.id) {
                    self.reserves += 1;
                    continue;
                }
                self.effaces += u64::from(fact.event().is_none());
                self.fait(fact, Remis::Entier(contenu(fact)?))?;
            }
        }
    }

    /// Adds a fact, with what of its content is handed over.
    fn fait(&mut self, fact: &Fact, remis: Remis) -> Result<(), DossierError> {
        self.faits += 1;
        serde_json::to_writer(&mut self.zip, &line(fact, remis))?;
        Ok(self.zip.write_all(b"\n")?)
    }

    fn personnes(&self) -> Vec<PersonneId> {
        self.fiches.iter().copied().map(PersonneId).collect()
    }

    async fn fiche(&mut self, known: &[Personne]) -> Result<(), DossierError> {
        let attached = Annuaire::rattachements(self.commands.views(), &self.fiches).await?;
        let places: Vec<_> = attached.iter().map(|row| row.etablissement).collect();
        let houses = Annuaire::etablissements(self.commands.views(), &places).await?;
        self.begin("fiche.csv")?;
        let mut table = Tableur::new(&mut self.zip, &["fiche", "champ", "valeur"])?;
        for row in known {
            let id = row.id.to_string();
            let naissance = row.naissance.map(|day| day.to_string());
            let optional = [
                ("civilite", row.civilite.as_deref()),
                ("naissance", naissance.as_deref()),
                ("courriel", row.courriel.as_deref()),
            ];
            let always = [("nom", Some(row.nom.as_str())), ("prenom", Some(row.prenom.as_str()))];
            for (champ, valeur) in always.into_iter().chain(optional) {
                table.line([&*id, champ, valeur.unwrap_or_default()])?;
            }
            for place in attached.iter().filter(|place| place.personne == row.id) {
                let house = houses.iter().find(|house| house.id == place.etablissement);
                let house = house.map(|house| house.nom.as_str()).unwrap_or_default();
                table.line([&*id, "rattachement", &format!("{} ({house})", place.profil)])?;
            }
        }
        table.end()?;
        Ok(())
    }

    async fn absences(&mut self) -> Result<u64, DossierError> {
        self.begin("absences.csv")?;
        let mut lines = 0;
        let views = self.commands.views();
        let columns = ["jour", "debut", "matiere", "etat", "minutes", "motif_de_correction"];
        let mut table = Tableur::new(&mut self.zip, &columns)?;
        for fiche in &self.fiches {
            let mut page = first_page(*fiche);
            loop {
                let rows = Appels::of_pupils(views, &[page]).await?.remove(&page).unwrap_or_default();
                let Some(last) = rows.last() else { break };
                for row in &rows {
                    let minutes = row.minutes.map(|minutes| minutes.to_string()).unwrap_or_default();
                    table.line([
                        &*row.date.to_string(),
                        &row.debut.format("%H:%M").to_string(),
                        row.matiere.as_deref().unwrap_or_default(),
                        &row.etat,
                        &minutes,
                        row.motif.as_deref().unwrap_or_default(),
                    ])?;
                    lines += 1;
                }
                page.after = Some((last.date, last.appel));
            }
        }
        table.end()?;
        Ok(lines)
    }

    async fn notes(&mut self) -> Result<u64, DossierError> {
        self.begin("notes.csv")?;
        let mut lines = 0;
        let views = self.commands.views();
        let columns = ["jour", "matiere", "evaluation", "bareme", "coefficient", "resultat", "valeur"];
        let mut table = Tableur::new(&mut self.zip, &columns)?;
        for fiche in &self.fiches {
            let mut page = first_page(*fiche);
            loop {
                page.au = Some(self.commands.now());
                let rows = Notes::of_pupils(views, &[page]).await?.remove(&page).unwrap_or_default();
                let Some(last) = rows.last() else { break };
                for row in &rows {
                    let resultat = serde_json::to_value(row.resultat)?;
                    table.line([
                        &*row.date.to_string(),
                        row.matiere.as_deref().unwrap_or_default(),
                        &row.titre,
                        &row.bareme,
                        &row.coefficient,
                        resultat["type"].as_str().unwrap_or_default(),
                        row.valeur.as_deref().unwrap_or_default(),
                    ])?;
                    lines += 1;
                }
                page.after = Some((last.date, last.evaluation));
            }
        }
        table.end()?;
        Ok(lines)
    }
}

impl Ecriture<'_> {
    /// Adds the files that are the person's and can still be read, each under its id: what its name is,
    /// its fact says. One that the store has lost keeps nobody from the others.
    async fn pieces(&mut self) -> Result<Pieces, DossierError> {
        let (mut pieces, mut after) = (Pieces::default(), None);
        loop {
            let page = vues::Pieces::de(self.commands.views(), &self.fiches, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(pieces) };
            after = Some(last.id);
            for piece in &page {
                let Some(mut lecture) = self.commands.ouvrir_piece(piece).await? else {
                    pieces.perdues += 1;
                    continue;
                };
                self.begin(&format!("pieces/{}.{}", piece.id, piece.fiche.format.extension()))?;
                while let Some(octets) = lecture.suite().await? {
                    self.zip.write_all(&octets)?;
                }
                pieces.jointes += 1;
            }
        }
    }
}

/// The streams among these facts of which families may not read yet: evaluations, what teachers
/// and the conseil de classe say in a period, and bulletins, until they are published.
async fn reserved(commands: &Commands, page: &[Fact]) -> Result<BTreeSet<String>, sqlx::Error> {
    let (views, now) = (commands.views(), commands.now());
    let ids = |kind: &str| -> Vec<Uuid> {
        let of_kind = page.iter().filter(|fact| fact.envelope.stream.kind == kind);
        let named: BTreeSet<_> = of_kind.filter_map(|fact| fact.envelope.stream.id.parse().ok()).collect();
        named.into_iter().collect()
    };
    let (marks, bulletins, conseils) =
        (ids(Evaluation::TYPE), ids(Bulletin::TYPE), ids(ConseilDeClasse::TYPE));
    // Of appreciations the stream is of an enseignement, and the fact says in which period.
    let periodes: BTreeMap<_, _> = page.iter().filter_map(appreciated).collect();
    let asked: Vec<_> = conseils.iter().chain(periodes.values()).copied().collect();
    let mut published = BTreeSet::new();
    let rows = Notes::by_ids(views, &marks).await?.into_iter();
    published.extend(rows.filter(|row| row.is_visible(now)).map(|row| row.id));
    let rows = Bulletins::by_ids(views, &bulletins).await?.into_iter();
    published.extend(rows.filter(|row| row.is_visible(now)).map(|row| row.id));
    published.extend(Periodes::visibles(views, &asked, now).await?);
    let own = marks.iter().chain(&bulletins).chain(&conseils).filter(|id| !published.contains(id));
    let words = periodes.iter().filter(|(_, periode)| !published.contains(periode)).map(|(flux, _)| flux);
    Ok(own.chain(words).map(Uuid::to_string).collect())
}

fn appreciated(fact: &Fact) -> Option<(Uuid, Uuid)> {
    let Some(Event::Appreciations(event)) = fact.event() else { return None };
    let AppreciationEvent::AppreciationRedigee { periode, .. } = event;
    Some((fact.envelope.stream.id.parse().ok()?, periode.0))
}

fn first_page(of: Uuid) -> PageOf {
    PageOf { of, after: None::<(NaiveDate, Uuid)>, limit: PAGE, dossier: None, au: None }
}

fn contenu(fact: &Fact) -> serde_json::Result<Value> {
    match &fact.content {
        Content::Opened(event) => Ok(event.to_json()?["data"].take()),
        Content::Erased | Content::Unreadable(_) => Ok(Value::Null),
    }
}

/// A fact as it is handed over: what, when, where on the record, and not by whom.
fn line(fact: &Fact, remis: Remis) -> Value {
    let envelope = &fact.envelope;
    let (contenu, extrait) = match remis {
        Remis::Entier(contenu) => (contenu, false),
        Remis::Extrait(contenu) => (contenu, true),
    };
    json!({
        "place": fact.position.to_string(),
        "evenement": envelope.event_id,
        "type": envelope.event_type,
        "version": envelope.version,
        "jour": envelope.business_date,
        "enregistre_le": envelope.recorded_at,
        "efface": matches!(fact.content, Content::Erased),
        "extrait": extrait,
        "contenu": contenu,
    })
}

fn digest(file: &mut File) -> io::Result<String> {
    file.rewind()?;
    let (mut hash, mut piece) = (Sha256::new(), vec![0; 64 * 1024]);
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            return Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect());
        }
        hash.update(piece.get(..read).unwrap_or_default());
    }
}
