//! Mutations of policies, periods, appreciations and the conseil de classe.

use super::conseil::{AvisDuConseil, ConseilDeClasse, DONNEES, OrientationProposee, VIEW};
use super::politique::{PasDArrondi, PolitiqueDeMoyenne, PonderationDesNotes, SensDArrondi};
use crate::graphql::annuaire::{Enseignement, Etablissement};
use crate::graphql::context::{Here, fault};
use crate::graphql::decimal::Decimal;
use crate::graphql::errors::Refus;
use crate::graphql::named::{division_id, eleve_id, enseignement_id};
use crate::graphql::payload::{payload, tell};
use crate::graphql::position::Position;
use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, NaiveDate, Utc};
use commands::notes::QuellePeriode;
use commands::rights::{Action, Resource};
use domain::annuaire::Uai;
use domain::notes as domaine;
use domain::{AnneeScolaire, EnseignementId, EtablissementId, PersonneId};
use projections::notes::{Bulletins, Periodes};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The view of policies and periods.
const PERIODES: (&str, i32) = (Periodes::NAME, Periodes::VERSION);
/// The view of bulletins.
const BULLETINS: (&str, i32) = (Bulletins::NAME, Bulletins::VERSION);

/// Ce que pèse une matière dans la moyenne générale.
#[derive(InputObject)]
pub struct CoefficientDeMatiereInput {
    matiere_code: String,
    coefficient: Decimal,
}

/// Une partie d'une matière, et ce qu'elle pèse dans la moyenne de celle-ci.
#[derive(InputObject)]
pub struct SousMatiereInput {
    matiere_code: String,
    /// Son nom, que les évaluations donnent pour en être.
    libelle: String,
    coefficient: Decimal,
}

/// La politique de moyenne à fixer.
#[derive(InputObject)]
pub struct FixerPolitiqueDeMoyenneInput {
    client_mutation_id: Option<Uuid>,
    /// Numéro UAI de l'établissement.
    uai: String,
    nom: String,
    ponderation: PonderationDesNotes,
    pas: PasDArrondi,
    sens: SensDArrondi,
    /// Coefficients de la moyenne générale, 1 où rien n'est dit ; sans cette liste, tous pèsent autant.
    #[graphql(validator(max_items = 200))]
    coefficients: Option<Vec<CoefficientDeMatiereInput>>,
    /// Les sous-matières, dans leur ordre : une matière qui en a fait la moyenne des leurs.
    #[graphql(validator(max_items = 200))]
    sous_matieres: Option<Vec<SousMatiereInput>>,
    /// Premier jour où elle vaut.
    du: NaiveDate,
}

/// La période à verrouiller.
#[derive(InputObject)]
pub struct VerrouillerPeriodeInput {
    client_mutation_id: Option<Uuid>,
    division_id: ID,
    /// Année scolaire, par son année de début.
    annee: i16,
    /// Rang dans l'année, à partir de 1.
    rang: u16,
}

/// La période à rouvrir.
#[derive(InputObject)]
pub struct DeverrouillerPeriodeInput {
    client_mutation_id: Option<Uuid>,
    division_id: ID,
    annee: i16,
    rang: u16,
    motif: String,
}

/// Le conseil de classe à réunir.
#[derive(InputObject)]
pub struct ReunirConseilInput {
    client_mutation_id: Option<Uuid>,
    division_id: ID,
    annee: i16,
    rang: u16,
}

/// Ce que le conseil de classe dit d'un élève, à la place de ce qu'il en disait.
#[derive(InputObject)]
pub struct ExaminerEleveInput {
    client_mutation_id: Option<Uuid>,
    division_id: ID,
    annee: i16,
    rang: u16,
    eleve_id: ID,
    /// La version que l'on a sous les yeux ; 0 s'il n'y en a pas.
    vue: u32,
    synthese: Option<String>,
    avis: Option<AvisDuConseil>,
    orientation: Option<OrientationProposee>,
}

/// Une appréciation à écrire.
#[derive(InputObject)]
pub struct AppreciationInput {
    eleve_id: ID,
    texte: String,
}

/// Les appréciations d'un enseignement dans une période.
#[derive(InputObject)]
pub struct RedigerAppreciationsInput {
    client_mutation_id: Option<Uuid>,
    enseignement_id: ID,
    annee: i16,
    rang: u16,
    #[graphql(validator(min_items = 1, max_items = 200))]
    lignes: Vec<AppreciationInput>,
}

/// Les absences et les retards d'un élève, comptés hors de l'ENT.
#[derive(InputObject)]
pub struct AssiduiteInput {
    eleve_id: ID,
    /// Demi-journées d'absence qui ont un motif légitime.
    justifiees: u16,
    /// Celles qui n'en ont pas.
    injustifiees: u16,
    retards: u16,
}

/// Les absences et les retards d'une période, là où l'ENT ne les suit pas.
#[derive(InputObject)]
pub struct DonnerAssiduitesInput {
    client_mutation_id: Option<Uuid>,
    division_id: ID,
    annee: i16,
    rang: u16,
    #[graphql(validator(min_items = 1, max_items = 200))]
    lignes: Vec<AssiduiteInput>,
}

/// Les bulletins à publier.
#[derive(InputObject)]
pub struct PublierBulletinsInput {
    client_mutation_id: Option<Uuid>,
    division_id: ID,
    annee: i16,
    rang: u16,
    /// L'instant à partir duquel les familles les lisent ; tout de suite, par défaut.
    visible_des: Option<DateTime<Utc>>,
}

payload!(
    /// Réponse de `fixerPolitiqueDeMoyenne`.
    FixerPolitiqueDeMoyennePayload, etablissement: Etablissement, EtablissementId, PERIODES, load_etablissement
);
payload!(
    /// Réponse de `verrouillerPeriode`.
    VerrouillerPeriodePayload, conseil_de_classe: ConseilDeClasse, QuellePeriode, PERIODES, load
);
payload!(
    /// Réponse de `deverrouillerPeriode`.
    DeverrouillerPeriodePayload, conseil_de_classe: ConseilDeClasse, QuellePeriode, PERIODES, load
);
payload!(
    /// Réponse de `reunirConseil`.
    ReunirConseilPayload, conseil_de_classe: ConseilDeClasse, QuellePeriode, PERIODES, load
);
payload!(
    /// Réponse de `examinerEleve`.
    ExaminerElevePayload, conseil_de_classe: ConseilDeClasse, QuellePeriode, VIEW, load
);
payload!(
    /// Réponse de `redigerAppreciations`.
    RedigerAppreciationsPayload, enseignement: Enseignement, EnseignementId, VIEW, load_enseignement
);
payload!(
    /// Réponse de `donnerAssiduites`.
    DonnerAssiduitesPayload, conseil_de_classe: ConseilDeClasse, QuellePeriode, DONNEES, load
);
payload!(
    /// Réponse de `publierBulletins`.
    PublierBulletinsPayload, conseil_de_classe: ConseilDeClasse, QuellePeriode, BULLETINS, load,
    sealed "notes.periode.publiee"
);

async fn load(ctx: &Context<'_>, quelle: QuellePeriode) -> Result<Option<ConseilDeClasse>> {
    ConseilDeClasse::load(ctx, quelle).await
}

async fn load_etablissement(ctx: &Context<'_>, id: EtablissementId) -> Result<Option<Etablissement>> {
    Etablissement::load(ctx, id.0).await
}

async fn load_enseignement(ctx: &Context<'_>, id: EnseignementId) -> Result<Option<Enseignement>> {
    Enseignement::load(ctx, id.0).await
}

fn quelle(division: &ID, annee: i16, rang: u16) -> Result<QuellePeriode, Refus> {
    Ok(QuellePeriode { division: division_id(division)?, annee: AnneeScolaire(annee), rang })
}

impl FixerPolitiqueDeMoyenneInput {
    fn politique(&self) -> domaine::PolitiqueDeMoyenne {
        let generale = match &self.coefficients {
            None => domaine::Generale::Simple,
            Some(lines) => domaine::Generale::ParCoefficients {
                coefficients: lines.iter().map(|it| (it.matiere_code.clone(), it.coefficient.0)).collect(),
            },
        };
        let mut sous_matieres: BTreeMap<String, Vec<domaine::SousMatiere>> = BTreeMap::new();
        for SousMatiereInput { matiere_code, libelle, coefficient } in self.sous_matieres.iter().flatten() {
            let part = domaine::SousMatiere { libelle: libelle.clone(), coefficient: coefficient.0 };
            sous_matieres.entry(matiere_code.clone()).or_default().push(part);
        }
        domaine::PolitiqueDeMoyenne {
            nom: self.nom.clone(),
            ponderation: self.ponderation.into(),
            pas: self.pas.into(),
            sens: self.sens.into(),
            generale,
            sous_matieres,
        }
    }
}

impl ExaminerEleveInput {
    fn examen(&self) -> domaine::Examen {
        domaine::Examen {
            synthese: self.synthese.clone(),
            avis: self.avis.map(Into::into),
            orientation: self.orientation.map(Into::into),
            assiduite: None,
        }
    }
}

impl AssiduiteInput {
    fn ligne(&self) -> Result<(PersonneId, domaine::Assiduite), Refus> {
        let demi_journees = self.justifiees.saturating_add(self.injustifiees);
        let (injustifiees, retards) = (self.injustifiees, self.retards);
        let assiduite = domaine::Assiduite { demi_journees, injustifiees, retards, donnee: true };
        Ok((eleve_id(&self.eleve_id)?, assiduite))
    }
}

/// Queries of policies.
#[derive(Default)]
pub struct PolitiquesQuery;

#[Object]
impl PolitiquesQuery {
    /// Les politiques de moyenne d'un établissement, dans l'ordre ; rien pour qui n'en est pas.
    async fn politiques_de_moyenne(
        &self,
        ctx: &Context<'_>,
        uai: String,
        apres: Option<Position>,
    ) -> Result<Option<Vec<PolitiqueDeMoyenne>>> {
        let requete = ctx.requete()?;
        requete.reach(PERIODES, apres.as_ref()).await?;
        let Ok(uai) = uai.parse::<Uai>() else { return Ok(None) };
        let id = uai.etablissement();
        if !requete.may(Action::LirePolitiqueDeMoyenne, &Resource::Etablissement { id }).await? {
            return Ok(None);
        }
        let rows = Periodes::politiques(requete.views(), id.0).await.map_err(fault)?;
        let told = |row: &projections::notes::Politique| PolitiqueDeMoyenne {
            politique: row.versionnee(),
            du: Some(row.du),
        };
        Ok(Some(rows.iter().map(told).collect()))
    }
}

/// Mutations of policies, periods, appreciations and the conseil de classe.
#[derive(Default)]
pub struct ConseilMutation;

#[Object]
impl ConseilMutation {
    /// Fixe la politique de moyenne d'un établissement, à partir d'un jour.
    async fn fixer_politique_de_moyenne(
        &self,
        ctx: &Context<'_>,
        input: FixerPolitiqueDeMoyenneInput,
    ) -> Result<FixerPolitiqueDeMoyennePayload> {
        tell!(ctx, "fixerPolitiqueDeMoyenne", input, FixerPolitiqueDeMoyennePayload, |commands, demande| {
            let uai: Uai = input.uai.parse().map_err(|error| Refus::invalid("uai", error))?;
            let recorded =
                commands.fixer_politique_de_moyenne(demande, &uai, input.politique(), input.du).await?;
            Ok((uai.etablissement(), recorded))
        })
    }

    /// Clôt la saisie d'une période ; ses moyennes se font selon la politique du jour.
    async fn verrouiller_periode(
        &self,
        ctx: &Context<'_>,
        input: VerrouillerPeriodeInput,
    ) -> Result<VerrouillerPeriodePayload> {
        tell!(ctx, "verrouillerPeriode", input, VerrouillerPeriodePayload, |commands, demande| {
            let quelle = quelle(&input.division_id, input.annee, input.rang)?;
            Ok((quelle, commands.verrouiller_periode(demande, quelle).await?))
        })
    }

    /// Rouvre la saisie d'une période, avec un motif ; plus possible une fois les bulletins publiés.
    async fn deverrouiller_periode(
        &self,
        ctx: &Context<'_>,
        input: DeverrouillerPeriodeInput,
    ) -> Result<DeverrouillerPeriodePayload> {
        tell!(ctx, "deverrouillerPeriode", input, DeverrouillerPeriodePayload, |commands, demande| {
            let quelle = quelle(&input.division_id, input.annee, input.rang)?;
            let recorded = commands.deverrouiller_periode(demande, quelle, input.motif.clone()).await?;
            Ok((quelle, recorded))
        })
    }

    /// Réunit le conseil de classe d'une période verrouillée.
    async fn reunir_conseil(
        &self,
        ctx: &Context<'_>,
        input: ReunirConseilInput,
    ) -> Result<ReunirConseilPayload> {
        tell!(ctx, "reunirConseil", input, ReunirConseilPayload, |commands, demande| {
            let quelle = quelle(&input.division_id, input.annee, input.rang)?;
            Ok((quelle, commands.reunir_conseil(demande, quelle).await?))
        })
    }

    /// Écrit ce que le conseil de classe dit d'un élève ; refusé si un autre a écrit entre-temps.
    async fn examiner_eleve(
        &self,
        ctx: &Context<'_>,
        input: ExaminerEleveInput,
    ) -> Result<ExaminerElevePayload> {
        tell!(ctx, "examinerEleve", input, ExaminerElevePayload, |commands, demande| {
            let quelle = quelle(&input.division_id, input.annee, input.rang)?;
            let (eleve, vue) = (eleve_id(&input.eleve_id)?, input.vue);
            Ok((quelle, commands.examiner_eleve(demande, quelle, eleve, vue, input.examen()).await?))
        })
    }

    /// Rédige les appréciations d'un enseignement ; le dernier mot compte jusqu'à la publication.
    async fn rediger_appreciations(
        &self,
        ctx: &Context<'_>,
        input: RedigerAppreciationsInput,
    ) -> Result<RedigerAppreciationsPayload> {
        tell!(ctx, "redigerAppreciations", input, RedigerAppreciationsPayload, |commands, demande| {
            let enseignement = enseignement_id(&input.enseignement_id)?;
            let line = |it: &AppreciationInput| Ok((eleve_id(&it.eleve_id)?, it.texte.clone()));
            let lignes: Vec<(PersonneId, String)> =
                input.lignes.iter().map(line).collect::<Result<_, Refus>>()?;
            let periode = (AnneeScolaire(input.annee), input.rang);
            let recorded = commands.rediger_appreciations(demande, enseignement, periode, lignes).await?;
            Ok((enseignement, recorded))
        })
    }

    /// Donne les absences et les retards d'une période que l'établissement compte dans un autre logiciel ;
    /// refusé là où l'ENT les suit. Le dernier mot compte jusqu'à la publication.
    async fn donner_assiduites(
        &self,
        ctx: &Context<'_>,
        input: DonnerAssiduitesInput,
    ) -> Result<DonnerAssiduitesPayload> {
        tell!(ctx, "donnerAssiduites", input, DonnerAssiduitesPayload, |commands, demande| {
            let quelle = quelle(&input.division_id, input.annee, input.rang)?;
            let lignes = input.lignes.iter().map(AssiduiteInput::ligne).collect::<Result<Vec<_>, _>>()?;
            Ok((quelle, commands.donner_assiduites(demande, quelle, lignes).await?))
        })
    }

    /// Fige les bulletins d'une période et les publie pour une heure dite.
    async fn publier_bulletins(
        &self,
        ctx: &Context<'_>,
        input: PublierBulletinsInput,
    ) -> Result<PublierBulletinsPayload> {
        tell!(ctx, "publierBulletins", input, PublierBulletinsPayload, |commands, demande| {
            let quelle = quelle(&input.division_id, input.annee, input.rang)?;
            Ok((quelle, commands.publier_bulletins(demande, quelle, input.visible_des).await?))
        })
    }
}
