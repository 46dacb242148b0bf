//! The gradebook of an enseignement in a period, as it is printed: what each pupil got in each
//! evaluation, and the average that it makes.

use super::{Chiffres, Classe, QuellePeriode};
use crate::{Commands, UseCaseError};
use chrono::NaiveDate;
use domain::notes::{Resultat, Valeur};
use domain::{AnneeScolaire, EnseignementId, PersonneId};
use projections::annuaire::{Enseignement, Personne};
use projections::notes::{Evaluation, Notes};
use std::collections::BTreeMap;
use uuid::Uuid;

/// See the module.
#[derive(Debug, Clone)]
pub struct Carnet {
    /// In the order of their days.
    pub evaluations: Vec<Evaluation>,
    /// The pupils of the last day of the period, in the order of the class list.
    pub lignes: Vec<LigneDeCarnet>,
}

/// What one pupil got.
#[derive(Debug, Clone)]
pub struct LigneDeCarnet {
    /// Who.
    pub eleve: Personne,
    /// In each evaluation: nothing where there is no result, and one of each fiche that has one.
    pub resultats: Vec<Vec<Resultat>>,
    /// How many results of another division or groupe the average is made from besides.
    pub ailleurs: usize,
    /// The average; nothing where nothing counts.
    pub moyenne: Option<Valeur>,
}

impl Commands {
    /// The gradebook of an enseignement of this division in a period, with all marks as they stand,
    /// published or not.
    pub async fn carnet(
        &self,
        classe: Classe,
        enseignement: &Enseignement,
        quelle: QuellePeriode,
    ) -> Result<Carnet, UseCaseError> {
        let fiche = self.periode(quelle).await?;
        let chiffres = self.chiffres(&classe.avec_le_seul(enseignement), &fiche).await?;
        self.carnet_de(enseignement, chiffres, fiche.jours()).await
    }

    /// The same of a groupe, whose pupils are of several divisions.
    pub async fn carnet_du_groupe(
        &self,
        enseignement: &Enseignement,
        quand: (AnneeScolaire, u16),
    ) -> Result<Carnet, UseCaseError> {
        let (chiffres, jours) = self.chiffres_du_groupe(enseignement, quand).await?;
        self.carnet_de(enseignement, chiffres, jours).await
    }

    async fn carnet_de(
        &self,
        enseignement: &Enseignement,
        chiffres: Chiffres,
        jours: (NaiveDate, NaiveDate),
    ) -> Result<Carnet, UseCaseError> {
        let evaluations = Notes::entre(&self.views, enseignement.id, jours).await?;
        let ids: Vec<_> = evaluations.iter().map(|evaluation| evaluation.id).collect();
        let listed: Vec<_> = chiffres.eleves.iter().map(|eleve| eleve.id).collect();
        let listees = self.listees(&listed).await?;
        let mut resultats: BTreeMap<(Uuid, Uuid), Vec<Resultat>> = BTreeMap::new();
        for note in Notes::gradebook(&self.views, &ids).await? {
            resultats.entry((note.evaluation, listees.sous(note.eleve))).or_default().push(note.resultat);
        }
        let releves = &chiffres.releve.matieres;
        let releve = releves.iter().find(|it| it.matiere.enseignement == EnseignementId(enseignement.id));
        let ligne = |eleve: Personne| {
            let of = |evaluation: &Uuid| resultats.get(&(*evaluation, eleve.id)).cloned();
            let resultats: Vec<_> = ids.iter().map(|id| of(id).unwrap_or_default()).collect();
            let moyenne = releve.and_then(|releve| releve.moyennes.get(&PersonneId(eleve.id)));
            let comptes = moyenne.map_or(0, |moyenne| moyenne.lignes.len());
            let ailleurs = comptes.saturating_sub(resultats.iter().map(Vec::len).sum());
            LigneDeCarnet { eleve, resultats, ailleurs, moyenne: moyenne.and_then(|it| it.moyenne) }
        };
        Ok(Carnet { lignes: chiffres.eleves.iter().cloned().map(ligne).collect(), evaluations })
    }
}
