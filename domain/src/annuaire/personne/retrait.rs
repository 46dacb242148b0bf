//! What follows when a source speaks no more of a person, or of him or her in an établissement.

use super::super::paroles::{Fait, Paroles, Retrait};
use super::super::{Parole, Provenance};
use super::decision::{Decision, affecte, etablies, rattachee, rectifie, repartie};
use super::fait::{Dit, Objet, Repartition};
use super::{Fiche, Personne, PersonneEvent};
use crate::{EtablissementId, PersonneId};
use std::collections::BTreeSet;

impl Personne {
    pub(super) fn limiter(
        &self,
        perimetre: &BTreeSet<EtablissementId>,
        sauf: &BTreeSet<EtablissementId>,
        parole: &Parole,
    ) -> Decision {
        let personne = self.fiche()?.personne;
        let quittes = self.rattachements.keys().filter(|id| perimetre.contains(id) && !sauf.contains(id));
        Ok(quittes.flat_map(|id| self.quitter(personne, *id, parole)).collect())
    }

    pub(super) fn retirer_source(&self, perimetre: &BTreeSet<EtablissementId>, parole: &Parole) -> Decision {
        let Fiche { personne, suspendue, .. } = *self.fiche()?;
        let qui = parole.provenance.emetteur();
        let siens = self.rattachements.iter().filter(|(_, paroles)| paroles.de(&qui).is_some());
        let (dedans, dehors): (Vec<_>, Vec<_>) =
            siens.map(|(id, _)| *id).partition(|id| perimetre.contains(id));
        if suspendue || dedans.is_empty() {
            return Ok(vec![]);
        }
        if !dehors.is_empty() {
            return Ok(dedans.into_iter().flat_map(|id| self.quitter(personne, id, parole)).collect());
        }
        let autres = self.rattachements.values().flat_map(Paroles::emetteurs).any(|autre| !qui.est(autre));
        if autres {
            Ok(self.retraits(personne, Some(perimetre), parole))
        } else {
            Ok(vec![PersonneEvent::PersonneSuspendue { personne }])
        }
    }

    /// All that a source said is said no more.
    pub(super) fn retraits(
        &self,
        personne: PersonneId,
        perimetre: Option<&BTreeSet<EtablissementId>>,
        parole: &Parole,
    ) -> Vec<PersonneEvent> {
        let concerne = |id: &&EtablissementId| perimetre.is_none_or(|perimetre| perimetre.contains(id));
        let quittes = self.rattachements.keys().filter(concerne);
        let mut events: Vec<_> = quittes.flat_map(|id| self.quitter(personne, *id, parole)).collect();
        let objet = Objet::EtatCivil;
        events.extend(taire(&self.etat_civil, parole, personne, objet, rectifie(personne), Dit::EtatCivil));
        let objet = Objet::Responsabilites;
        events.extend(taire(&self.responsabilites, parole, personne, objet, etablies(personne), |dit| {
            Dit::Responsabilites { responsables: dit.0 }
        }));
        events
    }

    /// A source says no more of an établissement.
    fn quitter(
        &self,
        personne: PersonneId,
        etablissement: EtablissementId,
        parole: &Parole,
    ) -> Vec<PersonneEvent> {
        let Some(paroles) = self.rattachements.get(&etablissement) else { return vec![] };
        match paroles.taire(parole) {
            None => return vec![],
            Some(Retrait::Fin) => {
                let provenance = parole.provenance.clone();
                return vec![PersonneEvent::PersonneDetachee { personne, etablissement, provenance }];
            }
            Some(Retrait::Inchange | Retrait::Succession(..)) => {}
        }
        let objet = Objet::Rattachement { etablissement };
        let mut events = taire(paroles, parole, personne, objet, rattachee(personne, etablissement), |dit| {
            Dit::Rattachement { etablissement, profil: dit.profil, fonctions: dit.fonctions }
        });
        if let Some(paroles) = self.affectations.get(&etablissement) {
            let objet = Objet::Affectation { etablissement };
            let retrait = taire(paroles, parole, personne, objet, affecte(personne, etablissement), |dit| {
                Dit::Affectation { etablissement, division: dit.0 }
            });
            events.extend(retrait);
        }
        if let Some(paroles) = self.repartitions.get(&etablissement) {
            events.extend(quitter_les_groupes(paroles, parole, personne, etablissement));
        }
        events
    }
}

/// A source says no more of the groupes of an établissement: who is in one is so by somebody's word.
fn quitter_les_groupes(
    paroles: &Paroles<Repartition>,
    parole: &Parole,
    personne: PersonneId,
    etablissement: EtablissementId,
) -> Vec<PersonneEvent> {
    let en_vigueur = repartie(personne, etablissement);
    if paroles.taire(parole) == Some(Retrait::Fin) {
        return vec![en_vigueur(Repartition::default(), parole.provenance.clone())];
    }
    taire(paroles, parole, personne, Objet::Groupes { etablissement }, en_vigueur, |dit| Dit::Groupes {
        etablissement,
        annee: dit.annee,
        groupes: dit.groupes,
    })
}

/// The events by which a source says no more of something, and the next one speaks.
fn taire<T: Fait>(
    paroles: &Paroles<T>,
    parole: &Parole,
    personne: PersonneId,
    objet: Objet,
    en_vigueur: impl Fn(T, Provenance) -> PersonneEvent,
    entendu: impl Fn(T) -> Dit,
) -> Vec<PersonneEvent> {
    let Some(retrait) = paroles.taire(parole) else { return vec![] };
    let mut events =
        vec![PersonneEvent::ParoleRetiree { personne, objet, provenance: parole.provenance.clone() }];
    // Where nobody speaks any more, what was last known stays: somebody keeps a name.
    if let Retrait::Succession(suivante, apres) = retrait {
        let dit = paroles.de(&suivante).filter(|dit| **dit != apres).cloned();
        let provenance = Provenance::from(suivante);
        events.push(en_vigueur(apres, provenance.clone()));
        events.extend(dit.map(|dit| PersonneEvent::ParoleEntendue {
            personne,
            dit: entendu(dit),
            provenance,
        }));
    }
    events
}
