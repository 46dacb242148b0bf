//! Who belongs to the school asks for anything, with the ids of what is not his or hers: what is told and
//! what is brought about is held to family, class and post, as the school was made, and to no policy.

use super::demande::{Demande, Etendue, Schema};
use super::ecole::{Cercle, Vecue};
use super::etrangers::PERMIS;
use anyhow::{Context, Result, ensure};
use domain::annuaire::{EtatCivil, Origine, Parole, Personne, PersonneCommand, Profil, Source, Uai};
use domain::{CompteId, PersonneId, journee};
use ledger::clock::Clock;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use rand::SeedableRng;
use rand::rngs::StdRng;
use recits::{Ecole, personal};
use serde_json::json;
use sqlx::FromRow;
use uuid::Uuid;

/// Requests of a run.
const DEMANDES: u32 = 800;
/// What a family brings about of itself and of its own: who it is told of, what it justifies, signs, reads,
/// hands in, or has set right.
const FAMILLE: &[&str] = &[
    "absences.dossier.",
    "cahier_de_textes.copie.",
    "notes.bulletin.",
    "protection.",
    "vie_de_l_eleve.mot.",
];
/// What who works there begins, of whichever pupil, and then carries on alone.
const PERSONNEL: &[&str] = &[
    "publications.publication.",
    "vie_de_l_eleve.incident.",
    "vie_de_l_eleve.mot.",
    "vie_de_l_eleve.punition.",
    "vie_de_l_eleve.stage.",
];
/// All groupes of an établissement are one stream, which is not begun by each.
const GROUPES: &str = "annuaire.groupe.";

/// Somebody of the school, or who has the same post in another.
#[derive(Debug)]
struct Initie {
    compte: CompteId,
    /// What he or she may read of what was written about the first pupil and the division.
    cercles: &'static [Cercle],
    /// Himself or herself, and his or her children.
    siens: Vec<Uuid>,
    /// Works in the collège.
    personnel: bool,
}

/// Something that somebody brought about.
#[derive(Debug, FromRow)]
struct Acte {
    genre: String,
    /// Whom it is about, as the key under which it is sealed says.
    sujet: String,
    /// The same compte has begun that stream.
    commence: bool,
}

impl Initie {
    async fn new(
        ecole: &Ecole,
        compte: CompteId,
        cercles: &'static [Cercle],
        personnel: bool,
    ) -> Result<Self> {
        let children = "SELECT eleve FROM responsabilite WHERE responsable = $1";
        let mut siens: Vec<Uuid> =
            sqlx::query_scalar(children).bind(compte.0).fetch_all(&ecole.maison.bench.views).await?;
        siens.push(compte.0);
        Ok(Self { compte, cercles, siens, personnel })
    }

    /// What an answer says that is not this one's to read.
    fn trahi(&self, answer: &str) -> Vec<&'static str> {
        let others = Cercle::ALL.iter().filter(|cercle| !self.cercles.contains(cercle));
        let tus = others.map(|cercle| cercle.texte()).chain(["13.37", "ERREUR_INTERNE"]);
        tus.filter(|tu| answer.contains(*tu)).collect()
    }

    fn pouvait(&self, acte: &Acte) -> bool {
        let of = |genres: &[&str]| genres.iter().any(|genre| acte.genre.starts_with(genre));
        let sien = self.siens.iter().any(|one| acte.sujet == format!("personne:{one}"));
        let au_travail = of(PERSONNEL) && acte.commence || acte.genre.starts_with(GROUPES);
        of(PERMIS) || of(FAMILLE) && sien || self.personnel && au_travail
    }
}

/// A teacher of the collège who teaches nothing in the division.
async fn autre_enseignant(ecole: &Ecole) -> Result<CompteId> {
    let bench = &ecole.maison.bench;
    let personne = PersonneId::derived(&["enseigne ailleurs"]);
    let parole = Parole::de(Origine::Csv, &ecole.uai, journee(bench.clock.now()));
    let source = Source { origine: Origine::Csv, portee: ecole.uai.clone(), cle: "ailleurs".to_owned() };
    let etat_civil =
        EtatCivil { nom: "Fictif".to_owned(), prenom: "Camille".to_owned(), ..EtatCivil::default() };
    let commands = [
        PersonneCommand::EnregistrerPersonne { personne, source, etat_civil, parole: parole.clone() },
        PersonneCommand::RattacherPersonne {
            etablissement: ecole.uai.parse::<Uai>()?.etablissement(),
            profil: Profil::Enseignant,
            fonctions: vec![],
            parole,
        },
    ];
    for (number, command) in commands.into_iter().enumerate() {
        let context = bench.context(&"ac-lyon".parse()?, &["enseigne ailleurs", &number.to_string()]);
        bench.record::<Personne>(context, personne, command).await?;
    }
    bench.runner.catch_up().await?;
    Ok(personal(personne.0))
}

/// The CPE of the other collège.
async fn autre_cpe(ecole: &Ecole) -> Result<CompteId> {
    let sql = "SELECT r.personne FROM rattachement r JOIN etablissement e ON e.id = r.etablissement
               WHERE e.uai <> $1 AND r.profil = 'vie_scolaire' AND NOT EXISTS (
                   SELECT FROM rattachement s JOIN etablissement f ON f.id = s.etablissement
                   WHERE s.personne = r.personne AND f.uai = $1)
               ORDER BY 1 LIMIT 1";
    let views = &ecole.maison.bench.views;
    let found: Option<Uuid> = sqlx::query_scalar(sql).bind(&ecole.uai).fetch_optional(views).await?;
    Ok(personal(found.context("no CPE in the other collège")?))
}

/// Somebody of each kind who is not concerned by the first pupil.
async fn inities(ecole: &Ecole) -> Result<Vec<Initie>> {
    const ENSEIGNE: &[Cercle] = &[Cercle::College, Cercle::Personnels, Cercle::DivisionEtPersonnels];
    const CAMARADE: &[Cercle] = &[Cercle::College, Cercle::Division, Cercle::DivisionEtPersonnels];
    Ok(vec![
        Initie::new(ecole, autre_enseignant(ecole).await?, ENSEIGNE, true).await?,
        Initie::new(ecole, ecole.autre_parent, CAMARADE, false).await?,
        Initie::new(ecole, personal(ecole.autre_eleve), CAMARADE, false).await?,
        Initie::new(ecole, autre_cpe(ecole).await?, &[], false).await?,
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn who_belongs_to_the_school_learns_and_changes_what_is_his_own_and_no_more() -> Result<()> {
    let vecue = Vecue::ouvrir().await?;
    let schema = Schema::servi();
    let inities = inities(&vecue.ecole).await?;
    let fields = schema.portes();
    let asked = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u64>());
    let handle = tokio::runtime::Handle::current();
    tokio::task::block_in_place(|| {
        TestRunner::new(Config { cases: DEMANDES, failure_persistence: None, ..Config::default() }).run(
            &asked,
            |(who, field, seed)| {
                let (who, (root, field)) = (who.get(&inities), field.get(&fields));
                let rng = &mut StdRng::seed_from_u64(seed);
                let demande = schema.demande(root, field, &vecue.urne, Etendue::Tout, rng);
                let learned = handle.block_on(ask(&vecue, who, &demande));
                learned.map_err(|error| TestCaseError::fail(format!("{error:#}")))
            },
        )
    })?;
    for who in &inities {
        let actes = actes(&vecue.ecole, who).await?;
        let others: Vec<_> = actes.iter().filter(|acte| !who.pouvait(acte)).collect();
        assert!(others.is_empty(), "{who:?} has brought about {others:?}");
    }
    vecue.ecole.maison.close().await
}

/// It is not for want of asking: who is of a circle is told what is written for it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_for_a_circle_is_read_in_it() -> Result<()> {
    let vecue = Vecue::ouvrir().await?;
    let ecole = &vecue.ecole;
    let query = "query($p: String!, $g: ID!, $t: ID!, $s: ID!) {
        portail(nom: $p) { actualites(first: 5) { nodes { titre } } } groupe(id: $g) { libelle }
        travail: node(id: $t) { ... on Travail { titre } } seance: node(id: $s) { ... on Seance { titre } } }";
    let id = |kind: &str| vecue.urne.ids[kind][0].clone();
    let variables = json!({ "p": ecole.portail, "g": id("Groupe"), "t": id("Travail"), "s": id("Seance") });
    for who in inities(ecole).await? {
        let told = ecole.maison.answer(Some(who.compte), query, variables.clone()).await?.to_string();
        for cercle in who.cercles {
            ensure!(told.contains(cercle.texte()), "{who:?} does not read {cercle:?}: {told}");
        }
        ensure!(who.trahi(&told).is_empty(), "{who:?}: {told}");
    }
    vecue.ecole.maison.close().await
}

/// What somebody brought about, from the beginning on.
async fn actes(ecole: &Ecole, who: &Initie) -> Result<Vec<Acte>> {
    let sql = "SELECT e.event_type AS genre, k.subject AS sujet,
                      EXISTS (SELECT FROM ledger.events f
                              WHERE (f.aggregate_type, f.aggregate_id, f.sequence)
                                  = (e.aggregate_type, e.aggregate_id, 1::bigint)
                                AND f.metadata -> 'actor' ->> 'compte' = $1) AS commence
               FROM ledger.events e JOIN ledger.keys k ON k.id = e.key_id
               WHERE e.metadata -> 'actor' ->> 'compte' = $1 ORDER BY e.portail, e.annee, e.position";
    let owner = &ecole.maison.bench.owner;
    Ok(sqlx::query_as(sql).bind(who.compte.to_string()).fetch_all(owner).await?)
}

async fn ask(vecue: &Vecue, who: &Initie, demande: &Demande) -> Result<()> {
    let Demande { document, variables } = demande;
    let answer = vecue.ecole.maison.answer(Some(who.compte), document, variables.clone()).await?.to_string();
    let told = who.trahi(&answer);
    ensure!(told.is_empty(), "{who:?} is told {told:?}\n{document}\n{variables}\n{answer}");
    Ok(())
}
