//! Batched reads: however many objects a query shows, one statement per kind. Nothing is
//! cached: a subscription lives as long as its reader.
//!
//! A batch is what is asked in one turn of a request's task: no timer is waited for, which
//! would hold every page up by a millisecond for each of its levels.

use async_graphql::dataloader::{DataLoader, Loader};
use domain::pieces::Objet;
use futures::future::BoxFuture;
use projections::PageOf;
use projections::absences::{
    Absence, AppelIncident, AppelLigne, Appels, Contact, CreneauDeDossier, Dossiers,
};
use projections::annuaire::{
    Annuaire, Division, Eleve, Enseignement, Etablissement, Groupe, Groupes, Membre, Personne, Rattachement,
};
use projections::notes::{
    Competence, Competences, CompetencesPubliees, Correction, Evaluation, Note, NotePubliee, Notes,
};
use projections::notifications::{Envoi, Envois, Prevenu};
use projections::pieces::{PieceJointe, Pieces};
use projections::portails::{Portail, Portails};
use projections::publications::{Publication, Publications, Signalement, Signalements};
use projections::vie_de_l_eleve::{
    Carnets, DestinataireDeMot, Incidents, Infirmeries, InstanceAvertie, NotificationDeSanction,
    Protagoniste, Sanctions, SignatureDeStage, Soin, Stages, SuiviDIncident, TuteurDeStage, Tuteurs,
    VisiteDeStage, professeurs_principaux,
};
use sqlx::PgPool;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use uuid::Uuid;

type Load<T, K = Uuid> = fn(PgPool, Vec<K>) -> BoxFuture<'static, sqlx::Result<HashMap<K, T>>>;

/// Loads rows of one kind by a key.
pub struct ByKey<T, K: 'static = Uuid> {
    pool: PgPool,
    load: Load<T, K>,
}

impl<T, K> Loader<K> for ByKey<T, K>
where
    T: Clone + Send + Sync + 'static,
    K: Clone + Eq + Hash + Send + Sync + 'static,
{
    type Value = T;
    type Error = Arc<sqlx::Error>;

    async fn load(&self, keys: &[K]) -> Result<HashMap<K, T>, Self::Error> {
        (self.load)(self.pool.clone(), keys.to_vec()).await.map_err(Arc::new)
    }
}

macro_rules! loaders {
    ($($(#[$doc:meta])* $name:ident: $value:ty $(, by $key:ty)? = |$pool:ident, $keys:ident| $load:expr;)*) => {
        /// The loaders of one request: what is asked at one time is one statement.
        pub struct Loaders { $($(#[$doc])* pub $name: DataLoader<ByKey<$value $(, $key)?>>),* }

        impl Loaders {
            pub(super) fn new(pool: &PgPool) -> Self {
                Self { $($name: {
                    let load: Load<$value $(, $key)?> = |$pool, $keys| Box::pin(async move { $load });
                    DataLoader::new(ByKey { pool: pool.clone(), load }, after_this_turn).delay(Duration::ZERO)
                }),* }
            }
        }
    };
}

loaders! {
    /// Établissements by id.
    etablissements: Etablissement = |pool, ids| one(Annuaire::etablissements(&pool, &ids).await?, |row| row.id);
    /// Divisions by id.
    divisions: Division = |pool, ids| one(Annuaire::divisions(&pool, &ids).await?, |row| row.id);
    /// Divisions of an établissement.
    divisions_of: Vec<Division> = |pool, ids| many(Annuaire::divisions_of(&pool, &ids).await?, |row| row.etablissement);
    /// Enseignements by id.
    enseignements: Enseignement = |pool, ids| one(Annuaire::enseignements(&pool, &ids).await?, |row| row.id);
    /// Enseignements of a division or a groupe.
    enseignements_of: Vec<Enseignement> =
        |pool, ids| many(Annuaire::enseignements_of(&pool, &ids).await?, |row| row.auditoire.id());
    /// Persons by id.
    personnes: Personne = |pool, ids| one(Annuaire::personnes(&pool, &ids).await?, |row| row.id);
    /// Pupils by id.
    eleves: Eleve = |pool, ids| one(Annuaire::eleves(&pool, &ids).await?, |row| row.personne.id);
    /// Where a person is attached.
    rattachements: Vec<Rattachement> =
        |pool, ids| many(Annuaire::rattachements(&pool, &ids).await?, |row| row.personne);
    /// Pupils of a division.
    eleves_of: Vec<Personne> = |pool, ids| {
        let rows = Annuaire::eleves_of(&pool, &ids).await?;
        let grouped = many(rows, |row| row.0)?;
        Ok(grouped.into_iter().map(|(id, rows)| (id, rows.into_iter().map(|row| row.1).collect())).collect())
    };
    /// Groupes by id.
    groupes: Groupe = |pool, ids| one(Groupes::by_ids(&pool, &ids).await?, |row| row.id);
    /// Open groupes of an établissement.
    groupes_of: Vec<Groupe> = |pool, ids| many(Groupes::of(&pool, &ids).await?, |row| row.etablissement);
    /// What was put into a groupe.
    membres_of: Vec<Membre> = |pool, ids| many(Groupes::membres(&pool, &ids).await?, |row| row.groupe);
    /// Who is in a groupe in the end.
    personnes_of: Vec<Personne> = |pool, ids| {
        let grouped = many(Groupes::personnes(&pool, &ids).await?, |row| row.0)?;
        Ok(grouped.into_iter().map(|(id, rows)| (id, rows.into_iter().map(|row| row.1).collect())).collect())
    };
    /// Rolls by id.
    appels: projections::absences::Appel = |pool, ids| one(Appels::by_ids(&pool, &ids).await?, |row| row.id);
    /// Lines of a roll.
    lignes_of: Vec<AppelLigne> = |pool, ids| many(Appels::lines(&pool, &ids).await?, |row| row.appel);
    /// What befell pupils in a roll.
    incidents_of: Vec<AppelIncident> =
        |pool, ids| many(Appels::incidents(&pool, &ids).await?, |row| row.appel);
    /// Spans of the file of an absence.
    creneaux_of: Vec<CreneauDeDossier> =
        |pool, ids| many(Dossiers::creneaux(&pool, &ids).await?, |row| row.dossier);
    /// Contacts with a family about an absence.
    contacts_of: Vec<Contact> =
        |pool, ids| many(Dossiers::contacts(&pool, &ids).await?, |row| row.dossier);
    /// Who is to be told of an absence.
    prevenus_of: Vec<Prevenu> = |pool, ids| many(Envois::prevenus(&pool, &ids).await?, |row| row.dossier);
    /// Envois by id.
    envois: Envoi = |pool, ids| one(Envois::by_ids(&pool, &ids).await?, |row| row.id);
    /// Professeurs principaux of a pupil, by a fiche of his or hers, which each comes after.
    principaux_of: Vec<(Uuid, Uuid)> =
        |pool, ids| many(professeurs_principaux(&pool, &ids).await?, |row| row.0);
    /// Who was in an incident.
    protagonistes_of: Vec<Protagoniste> =
        |pool, ids| many(Incidents::protagonistes(&pool, &ids).await?, |row| row.incident);
    /// What was done about an incident.
    suivis_of: Vec<SuiviDIncident> =
        |pool, ids| many(Incidents::suivis(&pool, &ids).await?, |row| row.incident);
    /// Who was warned of an incident.
    averties_of: Vec<InstanceAvertie> =
        |pool, ids| many(Incidents::averties(&pool, &ids).await?, |row| row.incident);
    /// Who is to acknowledge a word of the carnet.
    destinataires_of: Vec<DestinataireDeMot> =
        |pool, ids| many(Carnets::destinataires(&pool, &ids).await?, |row| row.mot);
    /// What was done at the infirmerie: for who has been found to have the right to health data.
    soins_of: Vec<Soin> = |pool, ids| many(Infirmeries::soins(&pool, &ids).await?, |row| row.passage);
    /// Who was notified of a sanction.
    notifications_of: Vec<NotificationDeSanction> =
        |pool, ids| many(Sanctions::notifications(&pool, &ids).await?, |row| row.sanction);
    /// Who has signed the convention of a stage.
    signatures_of: Vec<SignatureDeStage> =
        |pool, ids| many(Stages::signatures(&pool, &ids).await?, |row| row.stage);
    /// Visits of a stage.
    visites_of: Vec<VisiteDeStage> = |pool, ids| many(Stages::visites(&pool, &ids).await?, |row| row.stage);
    /// To whose account a stage is open.
    tuteurs_of: TuteurDeStage = |pool, ids| one(Tuteurs::de(&pool, &ids).await?, |row| row.stage);
    /// Evaluations by id.
    evaluations: Evaluation = |pool, ids| one(Notes::by_ids(&pool, &ids).await?, |row| row.id);
    /// Lines of the gradebook of an evaluation.
    notes_of: Vec<Note> = |pool, ids| many(Notes::gradebook(&pool, &ids).await?, |row| row.evaluation);
    /// Where pupils stand in the socle by an evaluation.
    competences_of: Vec<Competence> =
        |pool, ids| many(Competences::of_evaluations(&pool, &ids).await?, |row| row.evaluation);
    /// Pages of the evaluations of an enseignement.
    evaluations_of: Vec<Evaluation>, by PageOf = |pool, pages| Notes::of_enseignements(&pool, &pages).await;
    /// Pages of the published marks of a pupil.
    notes_of_pupil: Vec<NotePubliee>, by PageOf = |pool, pages| Notes::of_pupils(&pool, &pages).await;
    /// Pages of the published evaluations that show where a pupil stands.
    competences_of_pupil: Vec<CompetencesPubliees>, by PageOf =
        |pool, pages| Competences::publiees(&pool, &pages).await;
    /// Pages of the absences of a pupil.
    absences_of_pupil: Vec<Absence>, by PageOf = |pool, pages| Appels::of_pupils(&pool, &pages).await;
    /// Corrections of a mark, which its evaluation and its pupil name.
    corrections_of: Vec<Correction>, by (Uuid, Uuid) =
        |pool, notes| many(Notes::corrections(&pool, &notes).await?, |row| (row.evaluation, row.eleve));
    /// Files that accompany something.
    pieces_of: Vec<PieceJointe>, by Objet = |pool, objets| {
        let rows = Pieces::jointes(&pool, &objets).await?.into_iter();
        let rows = rows.filter_map(|row| Some((row.objet()?, row))).collect();
        let grouped = many(rows, |row: &(Objet, PieceJointe)| row.0)?;
        Ok(grouped.into_iter().map(|(id, rows)| (id, rows.into_iter().map(|row| row.1).collect())).collect())
    };
    /// Portals by label.
    portails: Portail, by String = |pool, ids| one(Portails::by_ids(&pool, &ids).await?, |row| row.id.clone());
    /// Publications by id.
    publications: Publication = |pool, ids| one(Publications::by_ids(&pool, &ids).await?, |row| row.id);
    /// Notices by id.
    signalements: Signalement = |pool, ids| one(Signalements::by_ids(&pool, &ids).await?, |row| row.id);
}

/// Loads once all that is being resolved at one time has asked.
fn after_this_turn(load: BoxFuture<'static, ()>) -> JoinHandle<()> {
    tokio::spawn(async {
        tokio::task::yield_now().await;
        load.await;
    })
}

fn one<T, K: Eq + Hash>(rows: Vec<T>, key: fn(&T) -> K) -> sqlx::Result<HashMap<K, T>> {
    Ok(rows.into_iter().map(|row| (key(&row), row)).collect())
}

fn many<T, K: Eq + Hash>(rows: Vec<T>, key: fn(&T) -> K) -> sqlx::Result<HashMap<K, Vec<T>>> {
    let mut grouped: HashMap<K, Vec<T>> = HashMap::new();
    for row in rows {
        grouped.entry(key(&row)).or_default().push(row);
    }
    Ok(grouped)
}
