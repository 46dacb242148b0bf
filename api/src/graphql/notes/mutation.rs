//! Mutations of evaluations: what they take, what they answer.

use super::moyennes::RegimeDEvaluation;
use super::{EtatDeNote, Evaluation, VIEW};
use crate::graphql::context::Here;
use crate::graphql::decimal::Decimal;
use crate::graphql::errors::Refus;
use crate::graphql::named::{eleve_id, enseignement_id, evaluation_id};
use crate::graphql::payload::{payload, tell};
use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, NaiveDate, Utc};
use commands::notes::{EvaluationDemandee, LigneSaisie};
use domain::EvaluationId;
use domain::notes::Resultat;
use uuid::Uuid;

/// L'évaluation à créer.
#[derive(InputObject)]
pub struct CreerEvaluationInput {
    /// Identifiant de la commande : la même demande renvoyée reçoit la même réponse.
    client_mutation_id: Option<Uuid>,
    enseignement_id: ID,
    titre: String,
    date: NaiveDate,
    /// La meilleure note possible.
    bareme: Decimal,
    /// Son poids dans la moyenne.
    coefficient: Decimal,
    /// Elle aide à apprendre et ne compte pas.
    #[graphql(default)]
    formative: bool,
    /// Obligatoire, si rien n'est dit.
    regime: Option<RegimeDEvaluation>,
    /// La partie de la matière dont elle est.
    sous_matiere: Option<String>,
}

/// L'évaluation à créer de même dans un autre enseignement, sans ses notes.
#[derive(InputObject)]
pub struct DupliquerEvaluationInput {
    client_mutation_id: Option<Uuid>,
    evaluation_id: ID,
    /// L'enseignement où elle se fera.
    enseignement_id: ID,
    /// Le jour où elle s'y fera.
    date: NaiveDate,
}

/// Un fichier CSV de notes : un en-tête `nom;prenom;resultat`, puis une ligne par élève.
#[derive(InputObject)]
pub struct ImporterNotesInput {
    client_mutation_id: Option<Uuid>,
    evaluation_id: ID,
    /// Le résultat : une note, ou ABS, DISP, NN (non noté), NR (non rendu) ; ABS0 et NR0 comptent pour zéro.
    #[graphql(validator(chars_max_length = 40000))]
    csv: String,
}

/// Le résultat à donner.
#[derive(InputObject)]
pub struct ResultatDeNoteInput {
    etat: EtatDeNote,
    /// La note, si l'état est `NOTE`, et alors seulement.
    note: Option<Decimal>,
    /// Si l'état est `ABSENT` ou `NON_RENDU` : compte pour zéro. Non, si rien n'est dit.
    compte_zero: Option<bool>,
}

/// Une ligne à saisir.
#[derive(InputObject)]
pub struct LigneDeNoteInput {
    eleve_id: ID,
    resultat: ResultatDeNoteInput,
}

/// Des lignes d'une évaluation que les familles ne voient pas encore.
#[derive(InputObject)]
pub struct SaisirNotesInput {
    client_mutation_id: Option<Uuid>,
    evaluation_id: ID,
    #[graphql(validator(min_items = 1, max_items = 200))]
    lignes: Vec<LigneDeNoteInput>,
}

/// La ligne à corriger.
#[derive(InputObject)]
pub struct CorrigerNoteInput {
    client_mutation_id: Option<Uuid>,
    evaluation_id: ID,
    ligne: LigneDeNoteInput,
    /// Pourquoi : la famille le lit.
    motif: String,
}

/// L'évaluation à publier.
#[derive(InputObject)]
pub struct PublierEvaluationInput {
    client_mutation_id: Option<Uuid>,
    evaluation_id: ID,
    /// L'instant à partir duquel les familles voient les notes ; tout de suite, par défaut.
    visible_des: Option<DateTime<Utc>>,
}

payload!(
    /// Réponse de `creerEvaluation`.
    CreerEvaluationPayload, evaluation: Evaluation, EvaluationId, VIEW, load
);
payload!(
    /// Réponse de `dupliquerEvaluation`.
    DupliquerEvaluationPayload, evaluation: Evaluation, EvaluationId, VIEW, load
);
payload!(
    /// Réponse de `importerNotes`.
    ImporterNotesPayload, evaluation: Evaluation, EvaluationId, VIEW, load
);
payload!(
    /// Réponse de `saisirNotes`.
    SaisirNotesPayload, evaluation: Evaluation, EvaluationId, VIEW, load
);
payload!(
    /// Réponse de `corrigerNote`.
    CorrigerNotePayload, evaluation: Evaluation, EvaluationId, VIEW, load
);
payload!(
    /// Réponse de `publierEvaluation`.
    PublierEvaluationPayload, evaluation: Evaluation, EvaluationId, VIEW, load
);

async fn load(ctx: &Context<'_>, evaluation: EvaluationId) -> Result<Option<Evaluation>> {
    Evaluation::load(ctx, evaluation.0).await
}

fn ligne(input: &LigneDeNoteInput) -> Result<LigneSaisie, Refus> {
    Ok(LigneSaisie { eleve: eleve_id(&input.eleve_id)?, resultat: resultat(&input.resultat)? })
}

/// A mark where the state wants one and nowhere else: none is dropped in silence.
fn resultat(input: &ResultatDeNoteInput) -> Result<Resultat, Refus> {
    if input.compte_zero.is_some() && !matches!(input.etat, EtatDeNote::Absent | EtatDeNote::NonRendu) {
        let message = "Seuls ABSENT et NON_RENDU peuvent compter pour zéro : retirez « compteZero ».";
        return Err(Refus::invalid("compteZero", message));
    }
    let compte_zero = input.compte_zero.unwrap_or_default();
    match (input.etat, input.note) {
        (EtatDeNote::Note, Some(Decimal(valeur))) => Ok(Resultat::Note { valeur }),
        (EtatDeNote::Note, None) => {
            Err(Refus::invalid("note", "L'état NOTE veut une note : donnez-la, ou changez l'état."))
        }
        (_, Some(_)) => Err(Refus::invalid("note", "Seul l'état NOTE porte une note : retirez-la.")),
        (EtatDeNote::Absent, None) => Ok(Resultat::Absent { compte_zero }),
        (EtatDeNote::Dispense, None) => Ok(Resultat::Dispense),
        (EtatDeNote::NonNote, None) => Ok(Resultat::NonNote),
        (EtatDeNote::NonRendu, None) => Ok(Resultat::NonRendu { compte_zero }),
    }
}

/// Mutations of evaluations.
#[derive(Default)]
pub struct NotesMutation;

#[Object]
impl NotesMutation {
    /// Crée une évaluation ; personne d'autre que l'enseignant et la direction ne la voit encore.
    async fn creer_evaluation(
        &self,
        ctx: &Context<'_>,
        input: CreerEvaluationInput,
    ) -> Result<CreerEvaluationPayload> {
        tell!(ctx, "creerEvaluation", input, CreerEvaluationPayload, |commands, demande| {
            let evaluation = EvaluationDemandee {
                evaluation: EvaluationId(demande.commande.0),
                enseignement: enseignement_id(&input.enseignement_id)?,
                titre: input.titre.clone(),
                date: input.date,
                bareme: input.bareme.0,
                coefficient: input.coefficient.0,
                formative: input.formative,
                regime: input.regime.map(Into::into).unwrap_or_default(),
                sous_matiere: input.sous_matiere.clone(),
            };
            Ok(commands.creer_evaluation(demande, evaluation).await?)
        })
    }

    /// Crée la même évaluation dans un autre enseignement, sans ses notes.
    async fn dupliquer_evaluation(
        &self,
        ctx: &Context<'_>,
        input: DupliquerEvaluationInput,
    ) -> Result<DupliquerEvaluationPayload> {
        tell!(ctx, "dupliquerEvaluation", input, DupliquerEvaluationPayload, |commands, demande| {
            let evaluation = evaluation_id(&input.evaluation_id)?;
            let vers = enseignement_id(&input.enseignement_id)?;
            Ok(commands.dupliquer_evaluation(demande, evaluation, vers, input.date).await?)
        })
    }

    /// Saisit les notes d'un fichier, toutes ou aucune.
    async fn importer_notes(
        &self,
        ctx: &Context<'_>,
        input: ImporterNotesInput,
    ) -> Result<ImporterNotesPayload> {
        tell!(ctx, "importerNotes", input, ImporterNotesPayload, |commands, demande| {
            let evaluation = evaluation_id(&input.evaluation_id)?;
            Ok((evaluation, commands.importer_notes(demande, evaluation, &input.csv).await?))
        })
    }

    /// Saisit des notes ; le dernier mot compte jusqu'à la publication.
    async fn saisir_notes(&self, ctx: &Context<'_>, input: SaisirNotesInput) -> Result<SaisirNotesPayload> {
        tell!(ctx, "saisirNotes", input, SaisirNotesPayload, |commands, demande| {
            let evaluation = evaluation_id(&input.evaluation_id)?;
            let lignes = input.lignes.iter().map(ligne).collect::<Result<Vec<_>, _>>()?;
            Ok((evaluation, commands.saisir_notes(demande, evaluation, &lignes).await?))
        })
    }

    /// Corrige une note publiée, avec son motif.
    async fn corriger_note(
        &self,
        ctx: &Context<'_>,
        input: CorrigerNoteInput,
    ) -> Result<CorrigerNotePayload> {
        tell!(ctx, "corrigerNote", input, CorrigerNotePayload, |commands, demande| {
            let evaluation = evaluation_id(&input.evaluation_id)?;
            let ligne = ligne(&input.ligne)?;
            let recorded = commands.corriger_note(demande, evaluation, ligne, input.motif.clone()).await?;
            Ok((evaluation, recorded))
        })
    }

    /// Publie une évaluation : les élèves et leurs familles voient les notes.
    async fn publier_evaluation(
        &self,
        ctx: &Context<'_>,
        input: PublierEvaluationInput,
    ) -> Result<PublierEvaluationPayload> {
        tell!(ctx, "publierEvaluation", input, PublierEvaluationPayload, |commands, demande| {
            let evaluation = evaluation_id(&input.evaluation_id)?;
            Ok((evaluation, commands.publier_evaluation(demande, evaluation, input.visible_des).await?))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(etat: EtatDeNote, note: Option<&str>, compte_zero: Option<bool>) -> Result<Resultat, Refus> {
        let note = note.map(|text| Decimal(text.parse().unwrap()));
        resultat(&ResultatDeNoteInput { etat, note, compte_zero })
    }

    #[test]
    fn a_mark_is_asked_where_the_state_says_there_is_one() {
        let valeur = "12,5".parse().unwrap();
        assert_eq!(asked(EtatDeNote::Note, Some("12.5"), None).unwrap(), Resultat::Note { valeur });
        assert!(asked(EtatDeNote::Note, None, None).is_err());
    }

    #[test]
    fn no_mark_is_dropped_in_silence() {
        for etat in [EtatDeNote::Absent, EtatDeNote::Dispense, EtatDeNote::NonNote, EtatDeNote::NonRendu] {
            assert!(asked(etat, Some("12.5"), None).is_err());
            assert!(asked(etat, None, None).is_ok());
        }
    }

    #[test]
    fn only_absence_and_work_not_handed_in_count_as_zero_and_only_when_said() {
        for (said, compte_zero) in [(None, false), (Some(false), false), (Some(true), true)] {
            let absent = asked(EtatDeNote::Absent, None, said).unwrap();
            assert_eq!(absent, Resultat::Absent { compte_zero });
            let non_rendu = asked(EtatDeNote::NonRendu, None, said).unwrap();
            assert_eq!(non_rendu, Resultat::NonRendu { compte_zero });
        }
        assert!(asked(EtatDeNote::Note, Some("12.5"), Some(true)).is_err());
        assert!(asked(EtatDeNote::Dispense, None, Some(false)).is_err());
        assert!(asked(EtatDeNote::NonNote, None, Some(true)).is_err());
    }
}
