//! Calendars in GraphQL.

use super::{Division, Etablissement};
use crate::graphql::context::{Here, fault};
use crate::graphql::errors::Refus;
use crate::graphql::named::division_id;
use crate::graphql::payload::{payload, tell};
use crate::graphql::position::Position;
use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use chrono::NaiveDate;
use domain::annuaire::{Decoupage, Periode as Part, Uai};
use domain::{AnneeScolaire, DivisionId, EtablissementId};
use projections::annuaire::{self as views, Calendriers};
use uuid::Uuid;

/// The view that these queries wait for.
const VIEW: (&str, i32) = (Calendriers::NAME, Calendriers::VERSION);

/// Une année scolaire, telle qu'un établissement la vit.
pub struct AnneeVecue(views::AnneeVecue);

#[Object]
/// Une année scolaire, telle qu'un établissement la vit.
impl AnneeVecue {
    /// Année de début.
    async fn annee(&self) -> i16 {
        self.0.annee
    }

    /// Premier jour.
    async fn debut(&self) -> NaiveDate {
        self.0.debut
    }

    /// Dernier jour.
    async fn fin(&self) -> NaiveDate {
        self.0.fin
    }
}

impl AnneeVecue {
    /// Those of an établissement.
    pub async fn of(ctx: &Context<'_>, etablissement: Uuid, apres: Option<&Position>) -> Result<Vec<Self>> {
        ctx.requete()?.reach(VIEW, apres).await?;
        let rows = Calendriers::annees(ctx.requete()?.views(), etablissement).await.map_err(fault)?;
        Ok(rows.into_iter().map(Self).collect())
    }
}

/// Une période d'une division.
pub struct Periode(views::Periode);

#[Object]
/// Une période d'une division.
impl Periode {
    /// Rang dans l'année, à partir de 1.
    async fn rang(&self) -> i16 {
        self.0.rang
    }

    /// Trimestres ou semestres.
    async fn decoupage(&self) -> DecoupageDeLAnnee {
        match self.0.decoupage.as_str() {
            "semestres" => DecoupageDeLAnnee::Semestres,
            _ => DecoupageDeLAnnee::Trimestres,
        }
    }

    /// Libellé.
    async fn libelle(&self) -> &str {
        &self.0.libelle
    }

    /// Premier jour.
    async fn debut(&self) -> NaiveDate {
        self.0.debut
    }

    /// Dernier jour.
    async fn fin(&self) -> NaiveDate {
        self.0.fin
    }
}

impl Periode {
    /// Those of a division in a school year.
    pub async fn of(
        ctx: &Context<'_>,
        division: Uuid,
        annee: i16,
        apres: Option<&Position>,
    ) -> Result<Vec<Self>> {
        ctx.requete()?.reach(VIEW, apres).await?;
        let rows = Calendriers::periodes(ctx.requete()?.views(), &[division], annee).await.map_err(fault)?;
        Ok(rows.into_iter().map(Self).collect())
    }
}

/// Comment une division découpe l'année.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
pub enum DecoupageDeLAnnee {
    Trimestres,
    Semestres,
}

impl From<DecoupageDeLAnnee> for Decoupage {
    fn from(decoupage: DecoupageDeLAnnee) -> Self {
        match decoupage {
            DecoupageDeLAnnee::Trimestres => Self::Trimestres,
            DecoupageDeLAnnee::Semestres => Self::Semestres,
        }
    }
}

/// L'année scolaire à fixer.
#[derive(InputObject)]
pub struct FixerAnneeInput {
    client_mutation_id: Option<Uuid>,
    /// Numéro UAI de l'établissement.
    uai: String,
    /// Année scolaire, par son année de début.
    annee: i16,
    /// Premier jour.
    debut: NaiveDate,
    /// Dernier jour.
    fin: NaiveDate,
}

/// Une période à fixer.
#[derive(InputObject)]
pub struct PeriodeInput {
    libelle: String,
    /// Premier jour.
    debut: NaiveDate,
    /// Dernier jour.
    fin: NaiveDate,
}

/// Les périodes d'une division à fixer, toutes à la fois.
#[derive(InputObject)]
pub struct FixerPeriodesInput {
    client_mutation_id: Option<Uuid>,
    division_id: ID,
    /// Année scolaire, par son année de début.
    annee: i16,
    decoupage: DecoupageDeLAnnee,
    /// Dans l'ordre de leurs jours.
    periodes: Vec<PeriodeInput>,
}

payload!(
    /// Réponse de `fixerAnnee`.
    FixerAnneePayload, etablissement: Etablissement, EtablissementId, VIEW, load
);
payload!(
    /// Réponse de `fixerPeriodes`.
    FixerPeriodesPayload, division: Division, DivisionId, VIEW, load_division
);

async fn load(ctx: &Context<'_>, etablissement: EtablissementId) -> Result<Option<Etablissement>> {
    Etablissement::load(ctx, etablissement.0).await
}

async fn load_division(ctx: &Context<'_>, division: DivisionId) -> Result<Option<Division>> {
    Division::load(ctx, division.0).await
}

/// Mutations of calendars.
#[derive(Default)]
pub struct CalendrierMutation;

#[Object]
impl CalendrierMutation {
    /// Fixe le premier et le dernier jour d'une année scolaire ; ses périodes sont à fixer ensuite. Quand
    /// ces jours changent, la première et la dernière période de chaque division les suivent ; celle qui
    /// est verrouillée garde les siens.
    async fn fixer_annee(&self, ctx: &Context<'_>, input: FixerAnneeInput) -> Result<FixerAnneePayload> {
        tell!(ctx, "fixerAnnee", input, FixerAnneePayload, |commands, demande| {
            let uai: Uai = input.uai.parse().map_err(|error| Refus::invalid("uai", error))?;
            let (annee, days) = (AnneeScolaire(input.annee), (input.debut, input.fin));
            Ok((uai.etablissement(), commands.fixer_annee(demande, &uai, annee, days).await?))
        })
    }

    /// Découpe l'année d'une division en périodes, qui en couvrent chaque jour. Une période verrouillée
    /// garde les siens.
    async fn fixer_periodes(
        &self,
        ctx: &Context<'_>,
        input: FixerPeriodesInput,
    ) -> Result<FixerPeriodesPayload> {
        tell!(ctx, "fixerPeriodes", input, FixerPeriodesPayload, |commands, demande| {
            let division = division_id(&input.division_id)?;
            let (annee, decoupage) = (AnneeScolaire(input.annee), input.decoupage.into());
            let part = |PeriodeInput { libelle, debut, fin }: &PeriodeInput| Part {
                libelle: libelle.clone(),
                debut: *debut,
                fin: *fin,
            };
            let periodes = input.periodes.iter().map(part).collect();
            Ok((division, commands.fixer_periodes(demande, division, annee, decoupage, periodes).await?))
        })
    }
}
