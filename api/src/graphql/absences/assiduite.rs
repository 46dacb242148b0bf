//! Half-days, thresholds and follow-ups of a pupil, in GraphQL; figures without names.

use super::dossier::DossierAbsence;
use super::reglement::PolitiqueDemiJournees;
use crate::graphql::annuaire::Personne;
use crate::graphql::context::{Here, fault};
use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use chrono::NaiveDate;
use commands::absences::DecompteDuMois;
use domain::absences::{DemiJournee as Half, Moment, Suite};
use projections::absences::{self as views, Assiduites, Dossiers};
use uuid::Uuid;

/// Below this, a number is not shown: it would tell of whom.
const MASQUE: i64 = 5;

/// Une moitié de journée.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "Moment")]
pub enum MomentDuJour {
    Matin,
    ApresMidi,
}

/// Une demi-journée.
#[derive(SimpleObject)]
pub struct DemiJournee {
    jour: NaiveDate,
    moment: MomentDuJour,
}

impl From<Half> for DemiJournee {
    fn from(half: Half) -> Self {
        Self { jour: half.jour, moment: half.moment.into() }
    }
}

/// Ce qui suit d'un seuil.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "Suite")]
pub enum SuiteDeSeuil {
    /// La famille est entendue, et l'académie avertie.
    Signalement,
    /// Un référent suit l'élève.
    SuiviRenforce,
}

fn suite(word: &str) -> SuiteDeSeuil {
    if word == "suivi_renforce" { SuiteDeSeuil::SuiviRenforce } else { SuiteDeSeuil::Signalement }
}

/// Une règle de seuil, en vigueur au dernier jour du mois.
#[derive(SimpleObject)]
pub struct SeuilLegal {
    suite: SuiteDeSeuil,
    /// Demi-journées sans motif légitime dans le mois.
    demi_journees: u16,
    /// Version de la règle.
    version: u32,
    source: &'static str,
}

/// Les demi-journées d'absence d'un élève dans un mois, et pourquoi.
pub struct DecompteDemiJournees(pub DecompteDuMois);

#[Object]
/// Les demi-journées d'absence d'un élève dans un mois, et pourquoi.
impl DecompteDemiJournees {
    /// Premier jour du mois.
    async fn mois(&self) -> NaiveDate {
        self.0.mois.debut()
    }

    /// Le décompte de l'établissement, en vigueur au dernier jour du mois.
    async fn politique(&self) -> PolitiqueDemiJournees {
        self.0.politique.clone().into()
    }

    /// Toutes celles où l'élève était absent.
    async fn constatees(&self) -> Vec<DemiJournee> {
        self.0.constatees.iter().copied().map(DemiJournee::from).collect()
    }

    /// Celles qui comptent pour les seuils : sans un mot de la famille, ou sans motif légitime.
    async fn sans_motif_legitime(&self) -> Vec<DemiJournee> {
        self.0.sans_motif.iter().copied().map(DemiJournee::from).collect()
    }

    /// Les dossiers d'où viennent ces dernières.
    #[graphql(complexity = "10 * child_complexity + 1")]
    async fn dossiers(&self, ctx: &Context<'_>) -> Result<Vec<DossierAbsence>> {
        let rows = Dossiers::by_ids(ctx.requete()?.views(), &self.0.dossiers).await.map_err(fault)?;
        Ok(rows.into_iter().map(DossierAbsence).collect())
    }

    /// Les seuils que le mois atteint.
    async fn seuils(&self) -> Vec<SeuilLegal> {
        let rules = self.0.seuils().into_iter();
        rules
            .map(|rule| SeuilLegal {
                suite: rule.suite.into(),
                demi_journees: rule.demi_journees,
                version: rule.version,
                source: rule.source,
            })
            .collect()
    }
}

/// Un seuil atteint, tel qu'il a été constaté.
pub struct SeuilAtteint(pub views::SeuilAtteint);

#[Object]
/// Un seuil atteint, tel qu'il a été constaté.
impl SeuilAtteint {
    /// L'élève.
    async fn eleve(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.eleve).await
    }

    /// Premier jour du mois.
    async fn mois(&self) -> NaiveDate {
        self.0.mois
    }

    async fn suite(&self) -> SuiteDeSeuil {
        suite(&self.0.suite)
    }

    /// Version de la règle.
    async fn regle(&self) -> i32 {
        self.0.regle
    }

    /// Ce qu'elle demande.
    async fn seuil(&self) -> i16 {
        self.0.seuil
    }

    /// Demi-journées sans motif légitime comptées ce jour-là.
    async fn demi_journees(&self) -> i16 {
        self.0.demi_journees
    }

    /// Nom du décompte.
    async fn politique(&self) -> &str {
        &self.0.politique
    }

    /// Version du décompte.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// Jour du constat.
    async fn le(&self) -> NaiveDate {
        self.0.le
    }
}

/// Un suivi renforcé.
pub struct SuiviRenforce(views::Suivi);

#[Object]
/// Un suivi renforcé.
impl SuiviRenforce {
    /// Qui suit l'élève.
    async fn referent(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.referent).await
    }

    /// Ce qui est convenu.
    async fn objectif(&self) -> &str {
        &self.0.objectif
    }

    async fn ouvert_le(&self) -> NaiveDate {
        self.0.le
    }

    /// Ce qui en est résulté.
    async fn bilan(&self) -> Option<&str> {
        self.0.bilan.as_deref()
    }

    async fn clos_le(&self) -> Option<NaiveDate> {
        self.0.clos_le
    }
}

/// L'assiduité d'un élève dans un établissement.
#[derive(SimpleObject)]
pub struct Assiduite {
    /// Les seuils atteints, du plus récent au plus ancien.
    seuils: Vec<SeuilAtteint>,
    /// Les suivis, du plus récent au plus ancien.
    suivis: Vec<SuiviRenforce>,
}

impl Assiduite {
    /// That of a pupil; rights are who asks'.
    pub async fn of(ctx: &Context<'_>, etablissement: Uuid, fiches: &[Uuid]) -> Result<Self> {
        let views = ctx.requete()?.views();
        let seuils = Assiduites::seuils_of(views, etablissement, fiches).await.map_err(fault)?;
        let streams: Vec<_> = seuils.iter().map(|seuil| seuil.assiduite).collect();
        let suivis = Assiduites::suivis(views, &streams).await.map_err(fault)?;
        Ok(Self {
            seuils: seuils.into_iter().map(SeuilAtteint).collect(),
            suivis: suivis.into_iter().map(SuiviRenforce).collect(),
        })
    }
}

/// Les nombres d'un établissement dans un mois, sans aucun nom ; un nombre inférieur à 5 est tu.
#[derive(SimpleObject)]
pub struct ChiffresAbsences {
    uai: String,
    nom: String,
    /// Élèves qui ont atteint le seuil d'un signalement.
    signalements: Option<i64>,
    /// Élèves qui ont atteint celui d'un suivi renforcé.
    suivis: Option<i64>,
}

impl From<views::Chiffres> for ChiffresAbsences {
    fn from(row: views::Chiffres) -> Self {
        let shown = |number: i64| Some(number).filter(|number| *number >= MASQUE);
        let (signalements, suivis) = (shown(row.signalements), shown(row.suivis));
        Self { uai: row.uai, nom: row.nom, signalements, suivis }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_by_which_a_pupil_might_be_known_is_not_shown() {
        for (number, shown) in [(0, None), (1, None), (4, None), (5, Some(5)), (12, Some(12))] {
            let row = views::Chiffres {
                etablissement: Uuid::nil(),
                uai: "0690001B".into(),
                nom: "Collège".into(),
                signalements: number,
                suivis: 0,
            };
            assert_eq!(ChiffresAbsences::from(row).signalements, shown);
        }
    }
}
