//! After any erasures in any order: journals verify with their seals, every proof that was ever
//! given still proves its leaf, nothing that was erased can be read anywhere in the database, and
//! views equal those that are rebuilt from zero, and themselves once they are purged again.
//!
//! Every text that is recorded carries the name of the key under which it is sealed, so that
//! it can be looked for in every column of every table.

use super::ecrits::{
    QUOI, begins, created, found, of_a_class, of_a_pupil, opened, payload, personne_of, written,
};
use anyhow::{Context, Result, ensure};
use domain::absences::{Appel, AppelEvent, Presence};
use domain::annuaire::{EtatCivil, Origine, Personne, PersonneEvent, Provenance, Source};
use domain::notes::{Evaluation, EvaluationEvent, Resultat};
use domain::publications::Publication;
use domain::{Aggregate, AppelId, CleId, EvaluationId, Event, PublicationId, Retention};
use ledger::clock::Clock;
use ledger::envelope::{Stream, leaf_hash};
use ledger::erasure::Erasure;
use ledger::feed::Journal;
use ledger::sealer::Sealer;
use ledger::sealer::log::Log;
use ledger::tlog::Hash;
use ledger::tlog::maison::PublicKeys;
use ledger::tlog::text::Proof;
use ledger::unit::{Position, Unit};
use ledger::verify::{Means, verify_journal};
use projections::runner::differences;
use proptest::prelude::*;
use proptest::test_runner::Config;
use recits::{Bench, PORTAIL, portail};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Each case has a database of its own.
const CASES: u32 = 8;
const SHRINKS: u32 = 20;
/// How many things there are to write: those of a roll, an evaluation, a person and a publication, of
/// a pupil's life, and of the other classes.
const ALL: u8 = 6 + QUOI[0] + QUOI[1];

/// One thing that happens.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Something is written about a person or, without one, by the portal.
    Write { what: u8, stream: u8, personne: u8 },
    /// The views read everything.
    Follow,
    /// What is recorded is sealed, and proofs of it are given.
    Seal,
    /// The keys of one name under which something is written are destroyed.
    Erase { which: u8 },
    /// The next school year begins.
    Turn,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        12 => (0..ALL, 0..3u8, 0..3u8).prop_map(|(what, stream, personne)| Step::Write { what, stream, personne }),
        2 => Just(Step::Follow),
        2 => Just(Step::Seal),
        3 => any::<u8>().prop_map(|which| Step::Erase { which }),
        1 => Just(Step::Turn),
    ];
    proptest::collection::vec(step, 5..60)
}

fn config() -> Config {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let cases = asked.unwrap_or(CASES);
    Config { cases, max_shrink_iters: SHRINKS, failure_persistence: None, ..Config::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn after_any_erasures_proofs_stand_contents_are_gone_and_views_are_those_of_a_replay(steps in steps()) {
        let found = tokio::runtime::Runtime::new().unwrap().block_on(live(&steps));
        prop_assert!(found.is_ok(), "{:?}", found);
    }
}

async fn live(steps: &[Step]) -> Result<()> {
    let mut school = School::open().await?;
    for step in steps {
        school.step(*step).await.with_context(|| format!("{step:?}"))?;
    }
    school.follow().await?;
    school.check().await
}

#[tokio::test]
async fn what_is_not_erased_is_found_where_the_property_looks() -> Result<()> {
    let mut school = School::open().await?;
    let mut seen = BTreeSet::new();
    school.write_all().await?;
    school.follow().await?;
    for mark in school.written.values() {
        if found(&school.bench, mark).await? > 0 {
            seen.insert(mark.clone());
        }
    }
    ensure!(seen.len() == school.written.len() && seen.len() >= 4, "{seen:?} of {:?}", school.written);
    Ok(())
}

#[tokio::test]
async fn every_class_of_contents_goes_but_that_which_proves_destructions() -> Result<()> {
    let mut school = School::open().await?;
    school.write_all().await?;
    school.follow().await?;
    school.step(Step::Seal).await?;
    let classes: BTreeSet<_> = school.written.keys().map(|name| name.1).collect();
    let all: BTreeSet<_> = Retention::ALL.iter().map(|class| class.as_str()).collect();
    ensure!(classes == all, "{classes:?}");
    let kept = |name: &Name| name.1 == Retention::Conservation.as_str();
    let (proofs, names): (Vec<_>, Vec<_>) = school.written.keys().cloned().partition(kept);
    for name in names {
        school.erase(name.clone()).await?;
        school.follow().await?;
        school.check().await.with_context(|| format!("{name:?}"))?;
    }
    ensure!(school.erased.len() >= Retention::ALL.len() - 1, "{:?}", school.erased);
    for name in proofs {
        ensure!(found(&school.bench, &school.written[&name]).await? > 0, "{name:?} is gone");
    }
    Ok(())
}

#[tokio::test]
async fn until_the_views_follow_they_keep_what_was_erased_and_not_longer() -> Result<()> {
    let mut school = School::open().await?;
    school.step(Step::Write { what: 4, stream: 0, personne: 0 }).await?;
    school.follow().await?;
    school.erase(school.name_of(0, Retention::Annuaire)).await?;
    ensure!(school.check().await.is_err(), "a view that has not followed shows the property's failure");
    school.follow().await?;
    school.check().await
}

#[tokio::test]
async fn a_view_that_is_rebuilt_while_something_is_erased_keeps_nothing_of_it() -> Result<()> {
    let mut school = School::open().await?;
    for what in [1, 0, 3, 2] {
        school.step(Step::Write { what, stream: 0, personne: 0 }).await?;
    }
    school.follow().await?;
    let (runner, view) = (school.bench.runner.clone(), projections::notes::Notes);
    let mut rebuild = runner.begin_rebuild(&view).await?;
    while rebuild.step().await?.is_some() {}
    school.erase(school.name_of(0, Retention::Scolarite)).await?;
    rebuild.switch().await?;
    school.follow().await?;
    school.check().await
}

/// What an erasure that broke proofs would do: the leaf goes, or is another, with its content.
#[tokio::test]
async fn an_erasure_that_touches_the_leaf_shows_the_propertys_failure() -> Result<()> {
    let redacted = r#"replace(metadata::text, '"commit":"', '"commit":"0')"#;
    let rehashed = format!(
        "UPDATE ledger.events SET metadata = {redacted}::json,
         leaf_hash = sha256('\\x00'::bytea || convert_to({redacted}, 'UTF8')) WHERE position = 2"
    );
    let removed = "DELETE FROM ledger.events WHERE position = 2".to_owned();
    for statement in [rehashed, removed] {
        let mut school = School::open().await?;
        for what in [1, 0, 3] {
            school.step(Step::Write { what, stream: 0, personne: 0 }).await?;
        }
        school.step(Step::Seal).await?;
        school.erase(school.name_of(0, Retention::Scolarite)).await?;
        school.follow().await?;
        school.check().await.context("an honest erasure")?;
        let mut tx = school.bench.owner.begin().await?;
        sqlx::raw_sql("SET LOCAL session_replication_role = replica").execute(&mut *tx).await?;
        let done = sqlx::raw_sql(&statement).execute(&mut *tx).await?;
        ensure!(done.rows_affected() == 1, "nothing was tampered with: {statement}");
        tx.commit().await?;
        ensure!(school.check_proofs().await.is_err(), "proofs do not tell: {statement}");
        ensure!(school.check().await.is_err(), "{statement}");
    }
    Ok(())
}

/// The name under which a key is filed: subject, class, year.
type Name = (String, &'static str, String);

struct School {
    bench: Bench,
    annee: i16,
    commands: u32,
    sequences: BTreeMap<Stream, u64>,
    /// The mark in texts under each living key.
    written: BTreeMap<Name, String>,
    erased: Vec<String>,
    sealer: Sealer,
    /// Proofs as they were given, whatever was erased since.
    given: Vec<(Position, Proof)>,
}

impl School {
    async fn open() -> Result<Self> {
        let bench = Bench::open().await?;
        let (sequences, written) = (BTreeMap::new(), BTreeMap::new());
        let (sealer, erased, given) = (bench.sealer()?, Vec::new(), Vec::new());
        Ok(Self { bench, annee: 2026, commands: 0, sequences, written, erased, sealer, given })
    }

    async fn step(&mut self, step: Step) -> Result<()> {
        match step {
            Step::Write { what, stream, personne } => self.write(what, stream, personne).await,
            Step::Follow => self.follow().await,
            Step::Seal => self.seal().await,
            Step::Erase { which } => self.erase_some(usize::from(which)).await,
            Step::Turn => {
                self.annee += 1;
                self.bench.clock.set(format!("{}-11-23T07:00:00Z", self.annee).parse()?);
                Ok(())
            }
        }
    }

    async fn follow(&self) -> Result<()> {
        Ok(self.bench.runner.catch_up().await?)
    }

    /// Seals every journal, and has the proof of each event given.
    async fn seal(&mut self) -> Result<()> {
        self.sealer.pass().await?;
        for (journal, head) in self.bench.journals().await? {
            for position in (1..=head).map(|position| journal.at(position)) {
                let proof = self.sealer.prove(&position).await?;
                self.given.push((position, proof.context("what is sealed is not proven")?));
            }
        }
        Ok(())
    }

    /// The name of the keys under which something about a subject is sealed now.
    fn name(&self, subject: String, class: Retention) -> Name {
        (subject, class.as_str(), class.periode(self.bench.clock.now()).to_string())
    }

    /// The same about a person.
    fn name_of(&self, personne: u8, class: Retention) -> Name {
        self.name(format!("personne:{}", personne_of(personne)), class)
    }

    /// Everything once, and of streams that have to be begun what goes on in them.
    async fn write_all(&mut self) -> Result<()> {
        for what in [1, 0, 3, 2, 4, 5].into_iter().chain(6..ALL).chain(6..ALL) {
            self.step(Step::Write { what, stream: 0, personne: 0 }).await?;
        }
        Ok(())
    }

    /// The mark of a text sealed under the key of a subject.
    fn mark(&mut self, subject: String, class: Retention) -> String {
        let name = self.name(subject, class);
        let fresh = format!("marque{}x{}z", self.erased.len(), self.written.len());
        self.written.entry(name).or_insert(fresh).clone()
    }

    async fn write(&mut self, what: u8, stream: u8, personne: u8) -> Result<()> {
        if let Some(what) = what.checked_sub(6) {
            return self.write_of_a_pupil(what, stream, personne).await;
        }
        let id = |kind: &str| uuid::Uuid::from_bytes([stream + kind.len() as u8; 16]);
        let eleve = personne_of(personne);
        let (about, of_portail) = (format!("personne:{eleve}"), format!("portail:{PORTAIL}"));
        let (kind, id, event) = match what {
            0 => {
                let motif = self.mark(about, Retention::Scolarite);
                let (avant, apres) = (Presence::Absent, Presence::Present);
                let event = AppelEvent::AppelCorrige { eleve, avant, apres, motif };
                (Appel::TYPE, id("appel").to_string(), Event::Appel(event))
            }
            1 => (Appel::TYPE, id("appel").to_string(), Event::Appel(opened(AppelId(id("appel"))))),
            2 => {
                let motif = self.mark(about, Retention::Scolarite);
                let apres = Resultat::Absent { compte_zero: false };
                let event = EvaluationEvent::NoteCorrigee { eleve, avant: None, apres, motif };
                (Evaluation::TYPE, id("evaluation").to_string(), Event::Evaluation(event))
            }
            3 => {
                let titre = self.mark(of_portail, Retention::Scolarite);
                let event = created(EvaluationId(id("evaluation")), titre);
                (Evaluation::TYPE, id("evaluation").to_string(), Event::Evaluation(event))
            }
            4 => {
                let nom = self.mark(about, Retention::Annuaire);
                let etat_civil = EtatCivil { nom, ..EtatCivil::default() };
                let source = Source { origine: Origine::Aaf, portee: "Lyon".into(), cle: eleve.to_string() };
                let provenance = Provenance::de(Origine::Aaf, "Lyon");
                let event =
                    PersonneEvent::PersonneEnregistree { personne: eleve, source, etat_civil, provenance };
                (Personne::TYPE, eleve.to_string(), Event::Personne(event))
            }
            _ => {
                let titre = self.mark(of_portail, Retention::Publication);
                let publication = PublicationId(id("publication"));
                (Publication::TYPE, publication.to_string(), Event::Publication(written(titre)))
            }
        };
        self.record_once(Stream { kind: kind.to_owned(), id }, event).await
    }

    /// Each pupil has streams of his or her own; the text of an event is the mark of its key.
    async fn write_of_a_pupil(&mut self, what: u8, stream: u8, personne: u8) -> Result<()> {
        let eleve = personne_of(personne);
        let class = what.checked_sub(QUOI[0]);
        // Those of the other classes share no stream, as one sanction is of one class.
        let apart = 9 * class.map_or(0, |class| class + 1);
        let key = Uuid::from_bytes([100 + 3 * stream + personne + apart; 16]);
        let of = |kind: &str| Stream { kind: kind.to_owned(), id: key.to_string() };
        let begun: BTreeSet<Stream> = self.sequences.keys().cloned().collect();
        let begun = |kind: &str| begun.contains(&of(kind));
        let write = |text: &str| match class {
            None => of_a_pupil(what, key, eleve, begun, text),
            Some(class) => Ok(of_a_class(class, key, eleve, begun, text)),
        };
        let (_, draft) = write("")?;
        let about = match draft.subject() {
            Some(personne) => format!("personne:{personne}"),
            None => format!("portail:{PORTAIL}"),
        };
        let mark = self.mark(about, draft.spec().retention);
        let (kind, event) = write(&mark)?;
        self.record_once(of(kind), event).await
    }

    /// A view has each thing once: what begins a stream begins it once.
    async fn record_once(&mut self, stream: Stream, event: Event) -> Result<()> {
        if begins(&event) && self.sequences.contains_key(&stream) {
            return Ok(());
        }
        self.record(stream, event).await
    }

    fn unit(&mut self) -> Unit {
        self.commands += 1;
        let command = self.commands.to_string();
        Unit::new(self.bench.context(&portail(PORTAIL), &[&command]), vec![])
    }

    async fn record(&mut self, stream: Stream, event: Event) -> Result<()> {
        let mut unit = self.unit();
        let sequence = self.sequences.entry(stream.clone()).or_default();
        *sequence += 1;
        let sequence = *sequence;
        unit.stage(stream, sequence, &event, payload(&event)?);
        self.bench.ledger.append(unit).await?;
        Ok(())
    }

    /// Erases one of the names that may be: the proof of what was destroyed stays.
    async fn erase_some(&mut self, which: usize) -> Result<()> {
        let may = |name: &&Name| name.1 != Retention::Conservation.as_str();
        let names: Vec<_> = self.written.keys().filter(may).cloned().collect();
        match names.get(which % names.len().max(1)) {
            Some(name) => self.erase(name.clone()).await,
            None => Ok(()),
        }
    }

    async fn erase(&mut self, name: Name) -> Result<()> {
        let (subject, class, period) = &name;
        let keys: Vec<Uuid> = sqlx::query_scalar(
            "SELECT id FROM ledger.keys
             WHERE subject = $1 AND retention = $2 AND period = $3 AND wrapped IS NOT NULL",
        )
        .bind(subject)
        .bind(*class)
        .bind(period)
        .fetch_all(&self.bench.owner)
        .await?;
        if keys.is_empty() {
            return Ok(());
        }
        let mut unit = self.unit();
        let stream = Stream { kind: "conservation.gel".into(), id: format!("dit {}", self.commands) };
        let said = Event::Gels(domain::conservation::GelEvent::GelLeve {
            gel: domain::GelId::derived(&["g"]),
            motif: "Essai".into(),
            par: domain::conservation::Auteur { compte: domain::CompteId::NONE, personne: None },
            le: "2026-11-23".parse()?,
        });
        unit.stage(stream, 1, &said, payload(&said)?);
        let keys = keys.into_iter().map(CleId).collect();
        self.bench.ledger.erase(unit, &Erasure { keys, unmoved: vec![] }).await?;
        if let Some(mark) = self.written.remove(&name) {
            self.erased.push(mark);
        }
        Ok(())
    }

    /// Verifies what was sealed, and what was recorded since, once it is sealed too.
    async fn check(&mut self) -> Result<()> {
        self.seal().await?;
        let keys = PublicKeys::read(&json!(self.sealer.verifier_keys(&Log::Meta)).to_string())?;
        let ring = self.bench.another_ring();
        for (journal, head) in self.bench.journals().await? {
            let means = Means { contents: Some(&ring), seals: Some(&keys) };
            let mut connection = self.bench.owner.acquire().await?;
            let verdict = verify_journal(&mut connection, &journal, means, |_| ()).await?;
            let whole = i64::try_from(verdict.leaves)? == head && verdict.sealed == head;
            ensure!(verdict.fault.is_none() && whole, "{verdict:?}");
        }
        self.check_proofs().await?;
        for mark in &self.erased {
            let places = found(&self.bench, mark).await?;
            ensure!(places == 0, "{mark} is still in {places} rows");
        }
        crate::projections::replay::check(&self.bench).await?;
        self.check_purged().await
    }

    /// What a procès-verbal looks for: purged once more, no view changes.
    async fn check_purged(&self) -> Result<()> {
        let lost: Vec<(String, String)> = sqlx::query_as(
            "SELECT DISTINCT e.aggregate_type, e.aggregate_id FROM ledger.events e
             JOIN ledger.keys k ON k.id = e.key_id WHERE k.wrapped IS NULL",
        )
        .fetch_all(&self.bench.owner)
        .await?;
        let lost: Vec<_> = lost.into_iter().map(|(kind, id)| Stream { kind, id }).collect();
        let (ring, mut connection) = (self.bench.another_ring(), self.bench.views.acquire().await?);
        for view in projections::all() {
            let forgotten = |stream: &&Stream| view.forgets().iter().any(|one| one.kind == stream.kind);
            let streams: Vec<_> = lost.iter().filter(forgotten).cloned().collect();
            let found = differences(&mut connection, &ring, &*view, &streams).await?;
            ensure!(found.is_empty(), "{}: {found:?}", view.name());
        }
        Ok(())
    }

    /// Every proof that was given is one of what stands at its place now.
    async fn check_proofs(&self) -> Result<()> {
        let rows: Vec<(String, i16, i64, String)> =
            sqlx::query_as("SELECT portail, annee, position, metadata::text FROM ledger.events")
                .fetch_all(&self.bench.owner)
                .await?;
        let leaves: BTreeMap<_, _> = rows
            .into_iter()
            .map(|(portail, annee, position, leaf)| ((portail, annee, position), leaf_hash(leaf.as_bytes())))
            .collect();
        for (position, proof) in &self.given {
            let place = (position.portail.to_string(), position.annee.0, position.position);
            let leaf = leaves.get(&place).with_context(|| format!("{place:?} is gone"))?;
            let journal = Journal { portail: position.portail.clone(), annee: position.annee };
            let keys = self.sealer.verifier_keys(&journal);
            let known = keys.iter().map(|key| key.key.as_str());
            proof.verify(Hash(*leaf), known).with_context(|| format!("{place:?}"))?;
        }
        Ok(())
    }
}
