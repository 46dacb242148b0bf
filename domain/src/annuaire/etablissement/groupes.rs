//! What an établissement decides of the groupes that sources declare. Who is in them is said of each
//! person ([`super::super::Personne`]), as the division is; what a hand makes is another stream
//! ([`super::super::Groupes`]), which no source overwrites.

use super::super::paroles::{Paroles, Retrait};
use super::super::{Parole, Provenance};
use super::decision::{Decision, suivre, texte};
use super::fait::{DeclarationDeGroupe, DitEtablissement, ObjetEtablissement};
use super::{Etablissement, EtablissementEvent, RefusEtablissement};
use crate::{AnneeScolaire, GroupeId};
use std::collections::BTreeSet;

impl Etablissement {
    pub(super) fn declarer_groupe(&self, declaration: DeclarationDeGroupe, parole: &Parole) -> Decision {
        let uai = self.uai()?;
        let dit = DeclarationDeGroupe {
            code: texte("code", &declaration.code)?,
            libelle: texte("libelle", &declaration.libelle)?,
            ..declaration
        };
        // A feed may go on telling the year that has ended, for weeks after the turn.
        if self.annee.is_some_and(|annee| dit.annee < annee) {
            return Ok(vec![]);
        }
        if !dit.divisions.iter().all(|division| self.divisions.contains_key(division)) {
            return Err(RefusEtablissement::DivisionInconnue);
        }
        let groupe = uai.groupe(dit.annee, &dit.code);
        let inconnu = Paroles::default();
        let paroles = self.groupes.get(&groupe).unwrap_or(&inconnu);
        Ok(suivre(paroles, parole, dit, declare(groupe), |declaration| DitEtablissement::Groupe {
            groupe,
            declaration,
        }))
    }

    pub(super) fn limiter_groupes(
        &self,
        annee: AnneeScolaire,
        sauf: &BTreeSet<GroupeId>,
        parole: &Parole,
    ) -> Decision {
        self.uai()?;
        let vises = self.groupes.iter().filter(|(groupe, paroles)| {
            let dit = paroles.en_vigueur();
            dit.is_some_and(|declaration| declaration.annee <= annee) && !sauf.contains(groupe)
        });
        Ok(vises.flat_map(|(groupe, paroles)| self.abandonner(*groupe, paroles, parole)).collect())
    }

    pub(super) fn tourner_groupes(&self, annee: AnneeScolaire) -> Decision {
        self.uai()?;
        let passes = self
            .groupes
            .iter()
            .filter(|(_, paroles)| paroles.en_vigueur().is_some_and(|declaration| declaration.annee < annee));
        let abandonnes = passes.flat_map(|(groupe, _)| self.finir(*groupe));
        let tourne = self.annee.is_none_or(|connue| connue < annee);
        Ok(abandonnes.chain(tourne.then_some(EtablissementEvent::AnneeTournee { annee })).collect())
    }

    /// The events by which a source no longer declares a groupe.
    fn abandonner(
        &self,
        groupe: GroupeId,
        paroles: &Paroles<DeclarationDeGroupe>,
        parole: &Parole,
    ) -> Vec<EtablissementEvent> {
        let objet = ObjetEtablissement::Groupe { groupe };
        let retiree = EtablissementEvent::ParoleRetiree { objet, provenance: parole.provenance.clone() };
        match paroles.taire(parole) {
            None => vec![],
            Some(Retrait::Fin) => self.finir(groupe),
            Some(Retrait::Inchange) => vec![retiree],
            Some(Retrait::Succession(suivante, apres)) => {
                // What is in force may be completed by others: the next one said no more than it did.
                let dit = paroles.de(&suivante).filter(|dit| **dit != apres).cloned();
                let provenance = Provenance::from(suivante);
                let entendue = dit.map(|declaration| EtablissementEvent::ParoleEntendue {
                    dit: DitEtablissement::Groupe { groupe, declaration },
                    provenance: provenance.clone(),
                });
                let en_vigueur = declare(groupe)(apres, provenance.clone());
                [retiree, en_vigueur].into_iter().chain(entendue).collect()
            }
        }
    }
}

impl DeclarationDeGroupe {
    /// Whether a groupe may have this code, or this name.
    pub fn admet(ecrit: &str) -> bool {
        texte("code", ecrit).is_ok()
    }
}

fn declare(groupe: GroupeId) -> impl Fn(DeclarationDeGroupe, Provenance) -> EtablissementEvent {
    move |declaration, provenance| EtablissementEvent::GroupeDeclare { groupe, declaration, provenance }
}
