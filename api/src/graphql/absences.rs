//! Absences in GraphQL: rolls here, what becomes of absences in the files below.

mod assiduite;
mod dossier;
mod mutations;
mod oubli;
mod reglement;
mod saisies;
mod statistiques;
mod suivi;
mod vie_scolaire;

pub use dossier::DossierAbsence;
pub use mutations::VieScolaireMutation;
pub use suivi::AbsencesSubscription;
pub use vie_scolaire::{AbsenceCollective, Dispense, VieScolaireQuery};

use super::annuaire::{Enseignement, Personne};
use super::context::{Here, fault};
use super::errors::Refus;
use super::ids::{global, key};
use super::named::{appel_id, eleve_id, enseignement_id};
use super::payload::{payload, tell};
use super::position::Position;
use super::stored::stored;
use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use chrono::{NaiveDate, NaiveTime};
use commands::absences::{Ligne, SeanceDemandee};
use commands::rights::Action;
use commands::rights_of;
use domain::AppelId;
use domain::absences::{NatureDIncident, Presence};
use projections::absences::{self as views, Appels};
use saisies::NatureIncidentDAppel;
use uuid::Uuid;

/// The view that these queries wait for.
const VIEW: (&str, i32) = (Appels::NAME, Appels::VERSION);

/// Queries of rolls.
#[derive(Default)]
pub struct AbsencesQuery;

#[Object]
impl AbsencesQuery {
    /// Un appel.
    async fn appel(&self, ctx: &Context<'_>, id: ID, apres: Option<Position>) -> Result<Option<Appel>> {
        ctx.requete()?.reach(VIEW, apres.as_ref()).await?;
        match key("Appel", &id) {
            Some(id) => Appel::load(ctx, id).await,
            None => Ok(None),
        }
    }
}

/// L'appel d'une séance.
pub struct Appel(pub views::Appel);

#[Object]
/// L'appel d'une séance.
impl Appel {
    pub async fn id(&self) -> ID {
        global("Appel", self.0.id)
    }

    /// Jour de la séance.
    async fn date(&self) -> NaiveDate {
        self.0.date
    }

    /// Début, heure locale.
    async fn debut(&self) -> NaiveTime {
        self.0.debut
    }

    /// Fin, heure locale.
    async fn fin(&self) -> NaiveTime {
        self.0.fin
    }

    /// L'appel est clos : il ne change plus que par corrections.
    async fn clos(&self) -> bool {
        self.0.clos
    }

    /// Nombre d'absents.
    async fn absents(&self) -> i32 {
        i32::from(self.0.absents)
    }

    /// Nombre de retards.
    async fn retards(&self) -> i32 {
        i32::from(self.0.retards)
    }

    /// Ce qui est enseigné.
    async fn enseignement(&self, ctx: &Context<'_>) -> Result<Option<Enseignement>> {
        Enseignement::load(ctx, self.0.enseignement).await
    }

    /// Qui a ouvert l'appel.
    async fn enseignant(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.enseignant).await
    }

    /// Les départs, passages à l'infirmerie et oublis de carnet.
    async fn incidents(&self, ctx: &Context<'_>) -> Result<Vec<IncidentDAppel>> {
        let rows = ctx.requete()?.loaders().incidents_of.load_one(self.0.id).await.map_err(fault)?;
        Ok(rows.unwrap_or_default().into_iter().map(IncidentDAppel).collect())
    }

    /// Les jours où l'appel a été rappelé à qui l'a ouvert.
    async fn rappels(&self, ctx: &Context<'_>) -> Result<Vec<NaiveDate>> {
        let rows = Appels::rappels(ctx.requete()?.views(), &[self.0.id]).await.map_err(fault)?;
        Ok(rows.into_iter().map(|(_, le)| le).collect())
    }

    /// Les élèves absents, en retard, ou dont la ligne a été corrigée.
    async fn lignes(&self, ctx: &Context<'_>) -> Result<Vec<LigneAppel>> {
        let rows = ctx.requete()?.loaders().lignes_of.load_one(self.0.id).await.map_err(fault)?;
        Ok(rows.unwrap_or_default().into_iter().map(LigneAppel).collect())
    }
}

impl Appel {
    /// The roll, for who may read it.
    pub async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let row = ctx.requete()?.loaders().appels.load_one(id).await.map_err(fault)?;
        Ok(Self::permitted(ctx, row.into_iter().collect()).await?.pop())
    }

    /// The rolls of a division or a groupe on a day, those that who asks may read.
    pub async fn of(
        ctx: &Context<'_>,
        auditoire: Uuid,
        date: NaiveDate,
        apres: Option<&Position>,
    ) -> Result<Vec<Self>> {
        let requete = ctx.requete()?;
        requete.reach(VIEW, apres).await?;
        let rows = Appels::of_auditoire(requete.views(), auditoire, date).await.map_err(fault)?;
        Self::permitted(ctx, rows).await
    }

    /// Of these rolls, those that who asks may read.
    async fn permitted(ctx: &Context<'_>, rows: Vec<views::Appel>) -> Result<Vec<Self>> {
        let requete = ctx.requete()?;
        let taught: Vec<_> = rows.iter().map(|row| row.enseignement).collect();
        let enseignements = requete.loaders().enseignements.load_many(taught).await.map_err(fault)?;
        let today = requete.commands().today();
        let mut permitted = Vec::new();
        for row in rows {
            let Some(enseignement) = enseignements.get(&row.enseignement) else { continue };
            if requete.may(Action::LireAppel, &rights_of::enseignement(enseignement, today)).await? {
                permitted.push(Self(row));
            }
        }
        Ok(permitted)
    }
}

/// Comment un élève est vu dans un appel.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
pub enum EtatPresence {
    /// Là depuis le début.
    Present,
    /// Pas là.
    Absent,
    /// Arrivé en retard.
    EnRetard,
}

fn etat(word: &str) -> EtatPresence {
    match word {
        "absent" => EtatPresence::Absent,
        "en_retard" => EtatPresence::EnRetard,
        _ => EtatPresence::Present,
    }
}

/// Une ligne d'un appel.
pub struct LigneAppel(views::AppelLigne);

#[Object]
/// Une ligne d'un appel.
impl LigneAppel {
    /// L'élève.
    async fn eleve(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.eleve).await
    }

    /// Son état.
    async fn etat(&self) -> EtatPresence {
        etat(&self.0.etat)
    }

    /// Minutes de retard.
    async fn minutes(&self) -> Option<i32> {
        self.0.minutes.map(i32::from)
    }

    /// Motif de la correction, si la ligne a été corrigée après la clôture.
    async fn motif(&self) -> Option<&str> {
        self.0.motif.as_deref()
    }
}

/// Ce qui est arrivé à un élève pendant une séance.
pub struct IncidentDAppel(views::AppelIncident);

#[Object]
/// Ce qui est arrivé à un élève pendant une séance.
impl IncidentDAppel {
    /// L'élève.
    async fn eleve(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.eleve).await
    }

    async fn nature(&self) -> Result<NatureIncidentDAppel> {
        stored::<NatureDIncident, _>(&self.0.nature)
    }

    /// Heure locale.
    async fn heure(&self) -> Option<NaiveTime> {
        self.0.heure
    }

    /// Pourquoi il a été noté après la clôture.
    async fn motif(&self) -> Option<&str> {
        self.0.motif.as_deref()
    }
}

/// Une absence ou un retard, vu de l'élève et de sa famille.
pub struct AbsenceEleve(pub views::Absence);

#[Object]
/// Une absence ou un retard, vu de l'élève et de sa famille.
impl AbsenceEleve {
    /// Jour.
    async fn date(&self) -> NaiveDate {
        self.0.date
    }

    /// Absence ou retard.
    async fn etat(&self) -> EtatPresence {
        etat(&self.0.etat)
    }

    /// Minutes de retard.
    async fn minutes(&self) -> Option<i32> {
        self.0.minutes.map(i32::from)
    }

    /// Motif de la correction, si l'appel a été corrigé.
    async fn motif(&self) -> Option<&str> {
        self.0.motif.as_deref()
    }

    /// Début de la séance, heure locale.
    async fn debut(&self) -> Option<NaiveTime> {
        Some(self.0.debut)
    }

    /// La matière de la séance.
    async fn matiere(&self) -> Option<&str> {
        self.0.matiere.as_deref()
    }
}

/// La séance dont on fait l'appel.
#[derive(InputObject)]
pub struct OuvrirAppelInput {
    /// Identifiant de la commande : la même demande renvoyée reçoit la même réponse.
    client_mutation_id: Option<Uuid>,
    enseignement_id: ID,
    date: NaiveDate,
    debut: NaiveTime,
    fin: NaiveTime,
}

/// Une ligne à saisir.
#[derive(InputObject)]
pub struct PointageInput {
    eleve_id: ID,
    etat: EtatPresence,
    /// Minutes de retard, si l'élève est en retard.
    minutes: Option<u16>,
}

/// Des lignes d'un appel ouvert.
#[derive(InputObject)]
pub struct PointerElevesInput {
    client_mutation_id: Option<Uuid>,
    appel_id: ID,
    #[graphql(validator(min_items = 1, max_items = 200))]
    pointages: Vec<PointageInput>,
}

/// L'appel à clore.
#[derive(InputObject)]
pub struct CloreAppelInput {
    client_mutation_id: Option<Uuid>,
    appel_id: ID,
}

/// La ligne à corriger.
#[derive(InputObject)]
pub struct CorrigerAppelInput {
    client_mutation_id: Option<Uuid>,
    appel_id: ID,
    pointage: PointageInput,
    /// Pourquoi : la famille le lit.
    motif: String,
}

payload!(
    /// Réponse d'`ouvrirAppel`.
    OuvrirAppelPayload, appel: Appel, AppelId, VIEW, load
);
payload!(
    /// Réponse de `pointerEleves`.
    PointerElevesPayload, appel: Appel, AppelId, VIEW, load
);
payload!(
    /// Réponse de `cloreAppel`.
    CloreAppelPayload, appel: Appel, AppelId, VIEW, load
);
payload!(
    /// Réponse de `corrigerAppel`.
    CorrigerAppelPayload, appel: Appel, AppelId, VIEW, load
);

async fn load(ctx: &Context<'_>, appel: AppelId) -> Result<Option<Appel>> {
    Appel::load(ctx, appel.0).await
}

fn ligne(input: &PointageInput) -> Result<Ligne, Refus> {
    let eleve = eleve_id(&input.eleve_id)?;
    let presence = match input.etat {
        EtatPresence::Present => Presence::Present,
        EtatPresence::Absent => Presence::Absent,
        EtatPresence::EnRetard => Presence::EnRetard { minutes: input.minutes.unwrap_or_default() },
    };
    Ok(Ligne { eleve, presence })
}

/// Mutations of rolls.
#[derive(Default)]
pub struct AbsencesMutation;

#[Object]
impl AbsencesMutation {
    /// Ouvre l'appel d'une séance.
    async fn ouvrir_appel(&self, ctx: &Context<'_>, input: OuvrirAppelInput) -> Result<OuvrirAppelPayload> {
        tell!(ctx, "ouvrirAppel", input, OuvrirAppelPayload, |commands, demande| {
            let seance = SeanceDemandee {
                enseignement: enseignement_id(&input.enseignement_id)?,
                date: input.date,
                debut: input.debut,
                fin: input.fin,
            };
            Ok(commands.ouvrir_appel(demande, seance).await?)
        })
    }

    /// Saisit des absents et des retardataires ; le dernier mot compte jusqu'à la clôture.
    async fn pointer_eleves(
        &self,
        ctx: &Context<'_>,
        input: PointerElevesInput,
    ) -> Result<PointerElevesPayload> {
        tell!(ctx, "pointerEleves", input, PointerElevesPayload, |commands, demande| {
            let appel = appel_id(&input.appel_id)?;
            let lignes = input.pointages.iter().map(ligne).collect::<Result<Vec<_>, _>>()?;
            Ok((appel, commands.pointer_eleves(demande, appel, &lignes).await?))
        })
    }

    /// Clôt l'appel : qui n'a pas été nommé était là.
    async fn clore_appel(&self, ctx: &Context<'_>, input: CloreAppelInput) -> Result<CloreAppelPayload> {
        tell!(ctx, "cloreAppel", input, CloreAppelPayload, |commands, demande| {
            let appel = appel_id(&input.appel_id)?;
            Ok((appel, commands.clore_appel(demande, appel).await?))
        })
    }

    /// Corrige une ligne d'un appel clos, avec son motif.
    async fn corriger_appel(
        &self,
        ctx: &Context<'_>,
        input: CorrigerAppelInput,
    ) -> Result<CorrigerAppelPayload> {
        tell!(ctx, "corrigerAppel", input, CorrigerAppelPayload, |commands, demande| {
            let appel = appel_id(&input.appel_id)?;
            let ligne = ligne(&input.pointage)?;
            let recorded = commands.corriger_appel(demande, appel, ligne, input.motif.clone()).await?;
            Ok((appel, recorded))
        })
    }
}
