//! By which rules an établissement averages, in GraphQL.

use crate::graphql::decimal::Decimal;
use async_graphql::{Enum, Object, SimpleObject};
use chrono::NaiveDate;
use domain::notes as domaine;

/// Ce que pèse chaque note dans la moyenne d'un enseignement.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domain::notes::Ponderation")]
pub enum PonderationDesNotes {
    /// Chacune est ramenée sur 20 et pèse son coefficient.
    SurVingt,
    /// Chacune pèse son coefficient et son barème.
    ParBareme,
}

/// À quoi une moyenne est arrondie.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domain::notes::Pas")]
pub enum PasDArrondi {
    Centieme,
    Dixieme,
    DemiPoint,
}

/// Dans quel sens une moyenne est arrondie.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domain::notes::Sens")]
pub enum SensDArrondi {
    /// Au plus proche ; la moitié monte.
    Proche,
    Superieur,
}

/// Les règles selon lesquelles un établissement calcule ses moyennes.
pub struct PolitiqueDeMoyenne {
    pub politique: domaine::PolitiqueVersionnee,
    /// The first day on which it holds, where it is told as one of several.
    pub du: Option<NaiveDate>,
}

#[Object]
/// Les règles selon lesquelles un établissement calcule ses moyennes.
impl PolitiqueDeMoyenne {
    async fn nom(&self) -> &str {
        &self.politique.politique.nom
    }

    /// Version dans l'établissement ; 0 est celle qui vaut où rien n'est fixé.
    async fn version(&self) -> u32 {
        self.politique.version
    }

    /// Premier jour où elle vaut.
    async fn du(&self) -> Option<NaiveDate> {
        self.du
    }

    async fn ponderation(&self) -> PonderationDesNotes {
        self.politique.politique.ponderation.into()
    }

    async fn pas(&self) -> PasDArrondi {
        self.politique.politique.pas.into()
    }

    async fn sens(&self) -> SensDArrondi {
        self.politique.politique.sens.into()
    }

    /// Coefficients de la moyenne générale, par matière ; 1 où rien n'est dit.
    async fn coefficients(&self) -> Vec<CoefficientDeMatiere> {
        match &self.politique.politique.generale {
            domaine::Generale::Simple => vec![],
            domaine::Generale::ParCoefficients { coefficients } => {
                let line = |(matiere, coefficient): (&String, &domaine::Valeur)| CoefficientDeMatiere {
                    matiere_code: matiere.clone(),
                    coefficient: Decimal(*coefficient),
                };
                coefficients.iter().map(line).collect()
            }
        }
    }

    /// Les parties des matières qui en ont, par matière et dans leur ordre.
    async fn sous_matieres(&self) -> Vec<SousMatiereDeMoyenne> {
        let of_matiere = |(matiere, parts): (&String, &Vec<domaine::SousMatiere>)| {
            let line = |part: &domaine::SousMatiere| SousMatiereDeMoyenne {
                matiere_code: matiere.clone(),
                libelle: part.libelle.clone(),
                coefficient: Decimal(part.coefficient),
            };
            parts.iter().map(line).collect::<Vec<_>>()
        };
        self.politique.politique.sous_matieres.iter().flat_map(of_matiere).collect()
    }

    /// Les règles, en phrases.
    async fn regles(&self) -> Vec<String> {
        self.politique.politique.regles()
    }
}

/// Ce que pèse une matière dans la moyenne générale.
#[derive(SimpleObject)]
pub struct CoefficientDeMatiere {
    matiere_code: String,
    coefficient: Decimal,
}

/// Une partie d'une matière, et ce qu'elle pèse dans la moyenne de celle-ci.
#[derive(SimpleObject)]
pub struct SousMatiereDeMoyenne {
    matiere_code: String,
    libelle: String,
    coefficient: Decimal,
}
