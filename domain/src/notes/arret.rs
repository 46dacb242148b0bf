//! Which figures of their division families read.
//!
//! Who reads the mean of a class before and after one mark has changed, and knows whose it is, as
//! classmates do, computes that mark. So what families read is *arrêté*: it is made of the marks
//! as they stood when an evaluation was published last that marks five pupils at least, and stays
//! so until the next one. A correction, and the mark of who was absent, enter with the marks that
//! are published next, and nothing that a family reads moves with less than five pupils' marks.
//! Each enseignement has its own arrêt; general averages are made of averages as these were
//! arrêtées, or a difference between the two would tell what each of them hides. Who is counted is
//! who was of the division at its first arrêt in the period: who comes or goes moves nothing
//! either. The teacher and the conseil read the figures of today. Source: RGPD, art. 5.1.c.
//!
//! A bulletin tells the final figures where these differ from those that families have read by
//! none or by five pupils at least, and those otherwise. From then on nothing is arrêté anew.

use super::sous_matieres::pese;
use super::{
    EFFECTIF_MINIMAL, Entree, Explication, PolitiqueVersionnee, Releve, ReleveDeMatiere, Repartition, Valeur,
    repartition,
};
use crate::{EnseignementId, PersonneId};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// What an evaluation told when families first saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvaluationParue {
    /// Of what.
    pub enseignement: EnseignementId,
    /// When.
    pub le: DateTime<Utc>,
    /// The result of each pupil.
    pub entrees: Vec<Entree>,
}

impl EvaluationParue {
    /// Whether it weighs in its matière, which has this code. With one of a part of coefficient 0 would
    /// come nothing but what waited for it: a correction, alone.
    pub fn pese(&self, politique: &PolitiqueVersionnee, code: &str) -> bool {
        self.entrees.iter().any(|entree| pese(politique, code, entree))
    }

    /// Whether it marks so many that figures which move with it tell of none of them alone.
    fn arrete(&self) -> bool {
        self.entrees.iter().filter(|entree| entree.compte()).count() >= EFFECTIF_MINIMAL
    }
}

/// When the figures that families read were made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrets {
    /// The first time in the period, which says who is counted.
    pub premier: DateTime<Utc>,
    /// The last time, of each enseignement.
    pub derniers: BTreeMap<EnseignementId, DateTime<Utc>>,
}

impl Arrets {
    /// Those of what families had seen at an instant, of what weighs; nothing where nothing was arrêté
    /// by then.
    pub fn de(parues: &[EvaluationParue], vu_le: DateTime<Utc>) -> Option<Self> {
        let seen = parues.iter().filter(|parue| parue.le <= vu_le && parue.arrete());
        let mut derniers = BTreeMap::new();
        let mut premier = None;
        for EvaluationParue { enseignement, le, .. } in seen {
            let dernier = derniers.entry(*enseignement).or_insert(*le);
            *dernier = (*le).max(*dernier);
            premier = Some(premier.map_or(*le, |known: DateTime<Utc>| known.min(*le)));
        }
        premier.map(|premier| Self { premier, derniers })
    }
}

/// Averages as they were arrêtées, by pupil, and the figures that they make.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Arretees {
    moyennes: BTreeMap<PersonneId, Valeur>,
    repartition: Option<Repartition>,
}

impl Arretees {
    fn de(
        politique: &PolitiqueVersionnee,
        au: DateTime<Utc>,
        moyennes: &BTreeMap<PersonneId, Explication>,
    ) -> Self {
        let all = moyennes.values().map(|explained| explained.moyenne);
        Self {
            repartition: repartition(politique, au, all).map(Repartition::arretee),
            moyennes: figures(moyennes),
        }
    }

    /// Whether these averages may be told beside them: they differ by none, or by enough.
    fn admettent(&self, others: &BTreeMap<PersonneId, Explication>) -> bool {
        let others = figures(others);
        let named: BTreeSet<_> = self.moyennes.keys().chain(others.keys()).collect();
        let moves = |eleve: &PersonneId| self.moyennes.get(eleve) != others.get(eleve);
        let moved = named.into_iter().filter(|eleve| moves(eleve)).count();
        moved == 0 || moved >= EFFECTIF_MINIMAL
    }
}

fn figures(moyennes: &BTreeMap<PersonneId, Explication>) -> BTreeMap<PersonneId, Valeur> {
    moyennes.iter().filter_map(|(eleve, explained)| Some((*eleve, explained.moyenne?))).collect()
}

/// What families read of a division.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DivisionArretee {
    matieres: BTreeMap<EnseignementId, Arretees>,
    generales: Option<Arretees>,
}

impl DivisionArretee {
    /// From the averages of its pupils, each enseignement's as it was arrêté.
    pub fn de(politique: &PolitiqueVersionnee, arrets: &Arrets, releve: &Releve) -> Self {
        let of_matiere = |matiere: &ReleveDeMatiere| {
            let enseignement = matiere.matiere.enseignement;
            let le = *arrets.derniers.get(&enseignement)?;
            Some((enseignement, Arretees::de(politique, le, &matiere.moyennes)))
        };
        let generales = |le: &DateTime<Utc>| Arretees::de(politique, *le, &releve.generales);
        Self {
            matieres: releve.matieres.iter().filter_map(of_matiere).collect(),
            generales: arrets.derniers.values().max().map(generales),
        }
    }
}

impl Releve {
    /// With the figures of the division that families read, whatever those of today are.
    pub fn vu_des_familles(mut self, division: &DivisionArretee) -> Self {
        for matiere in &mut self.matieres {
            let arretees = division.matieres.get(&matiere.matiere.enseignement);
            matiere.repartition = arretees.and_then(|it| it.repartition.clone());
        }
        self.repartition = division.generales.as_ref().and_then(|it| it.repartition.clone());
        self
    }

    /// With the figures of the division that its bulletins tell: of general averages the final
    /// ones only beside final ones, or the one matière that has others would be found by the rest.
    pub fn au_bulletin(mut self, division: &DivisionArretee) -> Self {
        let mut finales = true;
        for matiere in &mut self.matieres {
            if let Some(arretees) = division.matieres.get(&matiere.matiere.enseignement)
                && !arretees.admettent(&matiere.moyennes)
            {
                matiere.repartition = arretees.repartition.clone();
                finales = false;
            }
        }
        if let Some(arretees) = &division.generales
            && !(finales && arretees.admettent(&self.generales))
        {
            self.repartition = arretees.repartition.clone();
        }
        self
    }
}

#[cfg(test)]
mod tests;
