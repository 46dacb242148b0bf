//! Mutations of an emploi du temps by hand.

use super::SEMAINES;
use super::semaine::Motif;
use crate::graphql::annuaire::Etablissement;
use crate::graphql::context::Here;
use crate::graphql::errors::Refus;
use crate::graphql::ids::key;
use crate::graphql::jour::JourDeSemaine;
use crate::graphql::named::cours_id;
use crate::graphql::payload::{payload, tell};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use chrono::{NaiveDate, NaiveTime};
use commands::Commands;
use commands::cahier_de_textes::CoursDemande;
use domain::annuaire::Uai;
use domain::cahier_de_textes::{Modification, Plage, Rang, Semaines};
use domain::{AnneeScolaire, CoursId, EnseignementId, EtablissementId, PersonneId};
use projections::cahier_de_textes::EmploisDuTemps;
use uuid::Uuid;

/// Les semaines où un cours a lieu.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
pub enum Alternance {
    /// Toutes.
    Toutes,
    /// Celles que l'établissement dit A.
    A,
    /// Les autres.
    B,
}

/// Le cours à placer.
#[derive(InputObject)]
pub struct PlacerCoursInput {
    client_mutation_id: Option<Uuid>,
    uai: String,
    /// L'année de début de l'année scolaire.
    annee: i16,
    /// Identifiant du cours, au choix de qui le place.
    cours: Uuid,
    /// Ce qui est enseigné : les enseignants et les classes s'ensuivent.
    #[graphql(validator(min_items = 1, max_items = 20))]
    enseignement_ids: Vec<ID>,
    jour: JourDeSemaine,
    debut: NaiveTime,
    fin: NaiveTime,
    #[graphql(validator(max_items = 20))]
    salles: Vec<String>,
    semaines: Alternance,
}

/// Le cours à retirer.
#[derive(InputObject)]
pub struct RetirerCoursInput {
    client_mutation_id: Option<Uuid>,
    uai: String,
    annee: i16,
    cours_id: ID,
}

/// Ce qui change d'une séance ; ce qui n'est pas dit reste.
#[derive(InputObject)]
pub struct ChangementInput {
    date: Option<NaiveDate>,
    debut: Option<NaiveTime>,
    fin: Option<NaiveTime>,
    #[graphql(validator(max_items = 20))]
    salles: Option<Vec<String>>,
    /// Qui enseigne ce jour-là.
    #[graphql(validator(max_items = 20))]
    enseignant_ids: Option<Vec<ID>>,
}

/// La séance d'un cours à changer : annulée, changée, ou rétablie si rien n'est dit.
#[derive(InputObject)]
pub struct ModifierOccurrenceInput {
    client_mutation_id: Option<Uuid>,
    uai: String,
    cours_id: ID,
    /// Le jour où ce cours a lieu d'ordinaire.
    date: NaiveDate,
    annulee: Option<Motif>,
    changee: Option<ChangementInput>,
}

/// Les semaines A.
#[derive(InputObject)]
pub struct FixerSemainesAInput {
    client_mutation_id: Option<Uuid>,
    uai: String,
    annee: i16,
    /// Un jour de chacune.
    #[graphql(validator(max_items = 53))]
    jours: Vec<NaiveDate>,
}

payload!(
    /// Réponse de `placerCours`.
    PlacerCoursPayload, etablissement: Etablissement, EtablissementId, SEMAINES, load
);
payload!(
    /// Réponse de `retirerCours`.
    RetirerCoursPayload, etablissement: Etablissement, EtablissementId, SEMAINES, load
);
payload!(
    /// Réponse de `modifierOccurrence`.
    ModifierOccurrencePayload, etablissement: Etablissement, EtablissementId, SEMAINES, load
);
payload!(
    /// Réponse de `fixerSemainesA`.
    FixerSemainesAPayload, etablissement: Etablissement, EtablissementId, SEMAINES, load
);

async fn load(ctx: &Context<'_>, id: EtablissementId) -> Result<Option<Etablissement>> {
    Etablissement::load(ctx, id.0).await
}

fn uai(text: &str) -> Result<Uai, Refus> {
    text.parse().map_err(|error| Refus::invalid("uai", error))
}

/// The change that is asked for, if one is.
fn modification(input: &ModifierOccurrenceInput) -> Result<Option<Modification>, Refus> {
    let changed = match (input.annulee, &input.changee) {
        (Some(_), Some(_)) => {
            let message = "Une séance est annulée ou changée : choisissez.";
            return Err(Refus::invalid("changee", message));
        }
        (Some(motif), None) => return Ok(Some(Modification::Annulee { motif: motif.into() })),
        (None, None) => return Ok(None),
        (None, Some(changed)) => changed,
    };
    let plage = match (changed.debut, changed.fin) {
        (Some(debut), Some(fin)) => Some(Plage { debut, fin }),
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => {
            let message = "Donnez le début et la fin, ou ni l'un ni l'autre.";
            return Err(Refus::invalid("fin", message));
        }
    };
    let personne = |id| {
        let key = key("Personne", id);
        let message = "Ce n'est pas l'identifiant d'une personne.";
        key.map(PersonneId).ok_or_else(|| Refus::invalid("enseignantIds", message))
    };
    let enseignants = changed.enseignant_ids.as_ref();
    let enseignants =
        enseignants.map(|ids| ids.iter().map(personne).collect::<Result<_, _>>()).transpose()?;
    Ok(Some(Modification::Changee { date: changed.date, plage, salles: changed.salles.clone(), enseignants }))
}

/// The weeks that are meant; those that are called A must have been said.
async fn semaines(
    commands: &Commands,
    etablissement: EtablissementId,
    annee: AnneeScolaire,
    asked: Alternance,
) -> Result<Semaines, crate::graphql::payload::Failure> {
    if asked == Alternance::Toutes {
        return Ok(Semaines::TOUTES);
    }
    let plan = EmploisDuTemps::plan(commands.views(), etablissement, annee, None).await;
    let plan = plan.map_err(commands::UseCaseError::from)?;
    let message = "L'établissement n'a pas dit quelles semaines sont A : fixez-les d'abord.";
    let a = plan.semaines_a.ok_or_else(|| Refus::invalid("semaines", message))?;
    Ok(if asked == Alternance::A { a } else { a.autres() })
}

/// Mutations of an emploi du temps.
#[derive(Default)]
pub struct EmploiDuTempsMutation;

#[Object]
impl EmploiDuTempsMutation {
    /// Place un cours à la main, ou change celui qui le fut.
    async fn placer_cours(&self, ctx: &Context<'_>, input: PlacerCoursInput) -> Result<PlacerCoursPayload> {
        tell!(ctx, "placerCours", input, PlacerCoursPayload, |commands, demande| {
            let (uai, annee) = (uai(&input.uai)?, AnneeScolaire(input.annee));
            let message = "Ce n'est pas l'identifiant d'un enseignement.";
            let named = |id| {
                let key = key("Enseignement", id);
                key.map(EnseignementId).ok_or_else(|| Refus::invalid("enseignementIds", message))
            };
            let asked = CoursDemande {
                cours: CoursId(input.cours),
                enseignements: input.enseignement_ids.iter().map(named).collect::<Result<_, _>>()?,
                jour: input.jour.into(),
                plage: Plage { debut: input.debut, fin: input.fin },
                salles: input.salles.clone(),
                semaines: semaines(commands, uai.etablissement(), annee, input.semaines).await?,
            };
            Ok((uai.etablissement(), commands.placer_cours(demande, &uai, annee, asked).await?))
        })
    }

    /// Retire un cours placé à la main.
    async fn retirer_cours(
        &self,
        ctx: &Context<'_>,
        input: RetirerCoursInput,
    ) -> Result<RetirerCoursPayload> {
        tell!(ctx, "retirerCours", input, RetirerCoursPayload, |commands, demande| {
            let (uai, annee) = (uai(&input.uai)?, AnneeScolaire(input.annee));
            let cours = cours_id(&input.cours_id)?;
            Ok((uai.etablissement(), commands.retirer_cours(demande, &uai, annee, cours).await?))
        })
    }

    /// Annule, change ou rétablit une séance d'un cours.
    async fn modifier_occurrence(
        &self,
        ctx: &Context<'_>,
        input: ModifierOccurrenceInput,
    ) -> Result<ModifierOccurrencePayload> {
        tell!(ctx, "modifierOccurrence", input, ModifierOccurrencePayload, |commands, demande| {
            let (uai, cours) = (uai(&input.uai)?, cours_id(&input.cours_id)?);
            let (rang, changed) = (Rang { cours, date: input.date }, modification(input)?);
            let told = commands.modifier_occurrence(demande, &uai, rang, changed).await?;
            Ok((uai.etablissement(), told))
        })
    }

    /// Dit quelles semaines sont A ; les autres sont B.
    async fn fixer_semaines_a(
        &self,
        ctx: &Context<'_>,
        input: FixerSemainesAInput,
    ) -> Result<FixerSemainesAPayload> {
        tell!(ctx, "fixerSemainesA", input, FixerSemainesAPayload, |commands, demande| {
            let (uai, annee) = (uai(&input.uai)?, AnneeScolaire(input.annee));
            let told = commands.fixer_semaines_a(demande, &uai, annee, &input.jours).await?;
            Ok((uai.etablissement(), told))
        })
    }
}
