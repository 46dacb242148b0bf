//! What a person's record decides.

use super::super::paroles::{Fait, Paroles, Suite};
use super::super::{Emetteur, EtatCivil, Origine, Parole, Profil, Provenance, Responsabilite, Source};
use super::fait::{Affectation, Dit, Objet, Rattachement, Rectification, Repartition, Responsabilites};
use super::{Fiche, Personne, PersonneEvent, RefusPersonne};
use crate::{Aggregate, AnneeScolaire, DivisionId, EtablissementId, PersonneId, texte};
use chrono::NaiveDate;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Longest name or code, in characters.
const TEXTE_MAX: usize = 200;

pub(super) type Decision = Result<Vec<PersonneEvent>, RefusPersonne>;

impl Personne {
    pub(super) fn enregistrer(
        &self,
        personne: PersonneId,
        source: Source,
        etat_civil: &EtatCivil,
        parole: &Parole,
    ) -> Decision {
        let etat_civil = checked(etat_civil)?;
        let provenance = motivee(parole)?;
        let Some(fiche) = &self.fiche else {
            return Ok(vec![PersonneEvent::PersonneEnregistree { personne, source, etat_civil, provenance }]);
        };
        let nouvelle = !fiche.sources.contains(&source);
        let autre_cle = |connue: &Source| {
            (connue.origine, &connue.portee) == (source.origine, &source.portee)
                && !connue.est_precisee_par(&source)
        };
        if fiche.personne != personne || (nouvelle && fiche.sources.iter().any(autre_cle)) {
            return Err(RefusPersonne::SourceDifferente);
        }
        let mut events = Vec::new();
        let mut reste = Cow::Borrowed(self);
        if fiche.suspendue {
            events.push(PersonneEvent::PersonneReprise { personne });
            events.extend(reste.to_mut().taire_les_anciennes(personne, parole));
        }
        if nouvelle {
            events.push(PersonneEvent::SourceReconnue { personne, source });
        }
        events.extend(reste.dire_etat_civil(personne, etat_civil, parole.le, &provenance)?);
        Ok(events)
    }

    /// A person who comes back is what the source says that names him or her again, and no
    /// longer what those said that had stopped.
    fn taire_les_anciennes(&mut self, personne: PersonneId, parole: &Parole) -> Vec<PersonneEvent> {
        let revenue = parole.provenance.emetteur();
        let anciennes = self.rattachements.values().flat_map(Paroles::emetteurs);
        let anciennes: BTreeSet<_> = anciennes.filter(|ancienne| !revenue.est(ancienne)).cloned().collect();
        let mut events = Vec::new();
        for ancienne in anciennes {
            let tue = Parole { provenance: ancienne.into(), le: parole.le };
            let retraits = self.retraits(personne, None, &tue);
            retraits.iter().cloned().for_each(|event| self.apply(event));
            events.extend(retraits);
        }
        events
    }

    pub(super) fn rectifier(&self, rectification: Rectification, parole: &Parole) -> Decision {
        let personne = self.fiche()?.personne;
        let connu = self.etat_civil.de(&parole.provenance.emetteur());
        let connu = connu.ok_or(RefusPersonne::PersonneInconnue)?.clone();
        let etat_civil = checked(&rectification.sur(connu))?;
        self.dire_etat_civil(personne, etat_civil, parole.le, &motivee(parole)?)
    }

    fn dire_etat_civil(
        &self,
        personne: PersonneId,
        etat_civil: EtatCivil,
        le: NaiveDate,
        provenance: &Provenance,
    ) -> Decision {
        let parole = Parole { provenance: provenance.clone(), le };
        suivre(&self.etat_civil, &parole, etat_civil, personne, rectifie(personne), Dit::EtatCivil)
    }

    pub(super) fn rattacher(
        &self,
        etablissement: EtablissementId,
        profil: Profil,
        fonctions: &[String],
        parole: &Parole,
    ) -> Decision {
        let personne = self.fiche()?.personne;
        let parole = Parole { provenance: motivee(parole)?, ..*parole };
        // Who directs may enter people: nobody gives himself that right by entering it.
        if parole.provenance.origine == Origine::Saisie && profil == Profil::Direction {
            return Err(RefusPersonne::ProfilReserve);
        }
        let mut fonctions =
            fonctions.iter().map(|code| texte("fonctions", code)).collect::<Result<Vec<_>, _>>()?;
        fonctions.sort();
        fonctions.dedup();
        let inconnu = Paroles::default();
        let paroles = self.rattachements.get(&etablissement).unwrap_or(&inconnu);
        let dit = Rattachement { profil, fonctions };
        let objet = Objet::Rattachement { etablissement };
        let relayees = relayer_les_mains(paroles, &parole, &dit, personne, objet);
        let en_vigueur = rattachee(personne, etablissement);
        let mut events = suivre(paroles, &parole, dit, personne, en_vigueur, |dit| Dit::Rattachement {
            etablissement,
            profil: dit.profil,
            fonctions: dit.fonctions,
        })?;
        events.extend(relayees);
        Ok(events)
    }

    pub(super) fn affecter(
        &self,
        etablissement: EtablissementId,
        division: Option<DivisionId>,
        parole: &Parole,
    ) -> Decision {
        let parole = Parole { provenance: motivee(parole)?, ..*parole };
        let personne = self.enrolled_in(etablissement)?;
        let inconnue = Paroles::default();
        let paroles = self.affectations.get(&etablissement).unwrap_or(&inconnue);
        if division.is_none() && n_a_rien_dit(paroles, &parole) {
            return Ok(vec![]);
        }
        let (dit, en_vigueur) = (Affectation(division), affecte(personne, etablissement));
        // Who knows of no division takes over from nobody.
        let objet = Objet::Affectation { etablissement };
        let relayees = division.map(|_| relayer_les_mains(paroles, &parole, &dit, personne, objet));
        let mut events = suivre(paroles, &parole, dit, personne, en_vigueur, |dit| Dit::Affectation {
            etablissement,
            division: dit.0,
        })?;
        events.extend(relayees.into_iter().flatten());
        Ok(events)
    }

    pub(super) fn reaffecter(
        &self,
        etablissement: EtablissementId,
        division: Option<DivisionId>,
        annee: Option<AnneeScolaire>,
        parole: &Parole,
    ) -> Decision {
        let provenance = motivee(parole)?;
        let personne = self.enrolled_in(etablissement)?;
        let en_vigueur = self.affectations.get(&etablissement).and_then(Paroles::en_vigueur);
        let y_est = en_vigueur.and_then(|Affectation(division)| *division) == division;
        // Who stays in a division, or was already put into the next one, turns the year all the same.
        let connue = self.annees.get(&etablissement);
        if y_est && annee.is_none_or(|annee| connue.is_some_and(|connue| *connue >= annee)) {
            return Ok(vec![]);
        }
        let decide = PersonneEvent::EleveReaffecte { personne, etablissement, division, annee, provenance };
        let Some(annee) = annee else { return Ok(vec![decide]) };
        let redits = self.redire_les_groupes(etablissement, annee, &decide, parole.le)?;
        Ok(std::iter::once(decide).chain(redits).collect())
    }

    /// What sources have already said of the school year that begins: the turn ends what was of the years
    /// before, and a feed that has said who will be where need not say it again.
    fn redire_les_groupes(
        &self,
        etablissement: EtablissementId,
        annee: AnneeScolaire,
        decide: &PersonneEvent,
        le: NaiveDate,
    ) -> Decision {
        let Some(dits) = self.repartitions.get(&etablissement) else { return Ok(vec![]) };
        let mut apres = self.clone();
        apres.apply(decide.clone());
        let mut redits = Vec::new();
        let neufs = dits.toutes().into_iter();
        for (qui, dit) in neufs.filter(|(_, dit)| dit.annee.is_some_and(|une| une >= annee)) {
            let parole = Parole { provenance: qui.clone().into(), le };
            let events = apres.repartir(etablissement, dit.clone(), &parole)?;
            events.iter().cloned().for_each(|event| apres.apply(event));
            redits.extend(events);
        }
        Ok(redits)
    }

    pub(super) fn repartir(
        &self,
        etablissement: EtablissementId,
        dit: Repartition,
        parole: &Parole,
    ) -> Decision {
        let parole = Parole { provenance: motivee(parole)?, ..*parole };
        let personne = self.fiche()?.personne;
        if self.rattachements.get(&etablissement).and_then(Paroles::en_vigueur).is_none() {
            return Err(RefusPersonne::PersonneNonRattachee);
        }
        let tournee = self.annees.get(&etablissement);
        if tournee.is_some_and(|tournee| dit.annee.is_some_and(|annee| annee < *tournee)) {
            return Ok(vec![]);
        }
        let inconnue = Paroles::default();
        let paroles = self.repartitions.get(&etablissement).unwrap_or(&inconnue);
        if dit.groupes.is_empty() && n_a_rien_dit(paroles, &parole) {
            return Ok(vec![]);
        }
        let en_vigueur = repartie(personne, etablissement);
        suivre(paroles, &parole, dit, personne, en_vigueur, |dit| Dit::Groupes {
            etablissement,
            annee: dit.annee,
            groupes: dit.groupes,
        })
    }

    pub(super) fn immatriculer(&self, etablissement: EtablissementId, numero: &str) -> Decision {
        let personne = self.enrolled_in(etablissement)?;
        let numero = texte("numero", numero)?;
        if self.numeros.get(&etablissement) == Some(&numero) {
            return Ok(vec![]);
        }
        Ok(vec![PersonneEvent::EleveImmatricule { personne, etablissement, numero }])
    }

    pub(super) fn etablir_responsabilites(
        &self,
        mut responsables: Vec<Responsabilite>,
        parole: &Parole,
    ) -> Decision {
        let personne = self.fiche()?.personne;
        let parole = Parole { provenance: motivee(parole)?, ..*parole };
        responsables.sort_by_key(|line| line.responsable);
        if responsables.iter().any(|line| line.responsable == personne) {
            return Err(RefusPersonne::ResponsableDeSoiMeme);
        }
        let twice = responsables.iter().zip(responsables.iter().skip(1));
        if let Some((line, _)) = twice.into_iter().find(|(one, next)| one.responsable == next.responsable) {
            return Err(RefusPersonne::ResponsableEnDouble { responsable: line.responsable });
        }
        for line in &mut responsables {
            line.lien = texte("lien", &line.lien)?;
        }
        if responsables.is_empty() && n_a_rien_dit(&self.responsabilites, &parole) {
            return Ok(vec![]);
        }
        let dit = Responsabilites(responsables);
        suivre(&self.responsabilites, &parole, dit, personne, etablies(personne), |dit| {
            Dit::Responsabilites { responsables: dit.0 }
        })
    }

    pub(super) fn opposer(&self, le: NaiveDate) -> Decision {
        let personne = self.fiche()?.personne;
        if !self.etat_civil.en_vigueur().is_some_and(|etat_civil| etat_civil.est_majeur(le)) {
            return Err(RefusPersonne::EleveMineur);
        }
        Ok(if self.opposee { vec![] } else { vec![PersonneEvent::InformationOpposee { personne }] })
    }

    pub(super) fn lever_opposition(&self) -> Decision {
        let personne = self.fiche()?.personne;
        Ok(if self.opposee { vec![PersonneEvent::OppositionLevee { personne }] } else { vec![] })
    }

    pub(super) fn suspendre(&self) -> Decision {
        let fiche = self.fiche()?;
        if fiche.suspendue {
            return Ok(vec![]);
        }
        Ok(vec![PersonneEvent::PersonneSuspendue { personne: fiche.personne }])
    }

    fn enrolled_in(&self, etablissement: EtablissementId) -> Result<PersonneId, RefusPersonne> {
        let personne = self.fiche()?.personne;
        let rattachement = self.rattachements.get(&etablissement).and_then(Paroles::en_vigueur);
        if rattachement.is_none_or(|rattachement| rattachement.profil != Profil::Eleve) {
            return Err(RefusPersonne::EleveNonRattache);
        }
        Ok(personne)
    }

    pub(super) fn fiche(&self) -> Result<&Fiche, RefusPersonne> {
        self.fiche.as_ref().ok_or(RefusPersonne::PersonneInconnue)
    }
}

/// Whether a source that now names nothing never did: then it says nothing, whatever others said
/// before. One that named something takes it back. A hand is told that it changes nothing.
fn n_a_rien_dit<T: Fait>(paroles: &Paroles<T>, parole: &Parole) -> bool {
    let qui = parole.provenance.emetteur();
    match qui.origine {
        Origine::Saisie => paroles.en_vigueur().is_none(),
        Origine::Aaf | Origine::Siecle | Origine::Sts | Origine::Csv => paroles.de(&qui).is_none(),
    }
}

/// The events by which a source says something: what is in force from now on, and what was said
/// where that is another thing. A hand is told that it changes nothing.
fn suivre<T: Fait>(
    paroles: &Paroles<T>,
    parole: &Parole,
    dit: T,
    personne: PersonneId,
    en_vigueur: impl Fn(T, Provenance) -> PersonneEvent,
    entendu: impl Fn(T) -> Dit,
) -> Decision {
    let Some(Suite { nouveau, a_part }) = paroles.dire(parole, &dit) else { return Ok(vec![]) };
    let provenance = &parole.provenance;
    if provenance.origine == Origine::Saisie && nouveau.is_none() && paroles.en_vigueur() != Some(&dit) {
        return Err(RefusPersonne::SourcePrevaut);
    }
    let change = nouveau.map(|nouveau| en_vigueur(nouveau, provenance.clone()));
    let a_part = a_part.then(|| PersonneEvent::ParoleEntendue {
        personne,
        dit: entendu(dit),
        provenance: provenance.clone(),
    });
    Ok(change.into_iter().chain(a_part).collect())
}

/// The events by which hands' words end where a feed speaks: nobody would ever take them back, and
/// the person would stay for them when the feed says that he or she has left. A feed that says again
/// what was decided otherwise does not speak.
fn relayer_les_mains<T: Fait>(
    paroles: &Paroles<T>,
    parole: &Parole,
    dit: &T,
    personne: PersonneId,
    objet: Objet,
) -> Vec<PersonneEvent> {
    let qui = parole.provenance.emetteur();
    let parle = match qui.origine {
        Origine::Aaf | Origine::Siecle | Origine::Sts => !paroles.est_perimee(&qui, dit),
        Origine::Csv | Origine::Saisie => false,
    };
    let mains = paroles.emetteurs().filter(|main| parle && main.origine == Origine::Saisie);
    let retiree =
        |main: &Emetteur| PersonneEvent::ParoleRetiree { personne, objet, provenance: main.clone().into() };
    mains.map(retiree).collect()
}

pub(super) fn rectifie(personne: PersonneId) -> impl Fn(EtatCivil, Provenance) -> PersonneEvent {
    move |etat_civil, provenance| PersonneEvent::EtatCivilRectifie { personne, etat_civil, provenance }
}

pub(super) fn rattachee(
    personne: PersonneId,
    etablissement: EtablissementId,
) -> impl Fn(Rattachement, Provenance) -> PersonneEvent {
    move |Rattachement { profil, fonctions }, provenance| PersonneEvent::PersonneRattachee {
        personne,
        etablissement,
        profil,
        fonctions,
        provenance,
    }
}

pub(super) fn affecte(
    personne: PersonneId,
    etablissement: EtablissementId,
) -> impl Fn(Affectation, Provenance) -> PersonneEvent {
    move |Affectation(division), provenance| PersonneEvent::EleveAffecte {
        personne,
        etablissement,
        division,
        provenance,
    }
}

pub(super) fn repartie(
    personne: PersonneId,
    etablissement: EtablissementId,
) -> impl Fn(Repartition, Provenance) -> PersonneEvent {
    move |Repartition { annee, groupes }, provenance| PersonneEvent::PersonneRepartie {
        personne,
        etablissement,
        annee,
        groupes,
        provenance,
    }
}

pub(super) fn etablies(personne: PersonneId) -> impl Fn(Responsabilites, Provenance) -> PersonneEvent {
    move |Responsabilites(responsables), provenance| PersonneEvent::ResponsabilitesEtablies {
        personne,
        responsables,
        provenance,
    }
}

/// Whose word it is; a hand says why.
fn motivee(parole: &Parole) -> Result<Provenance, RefusPersonne> {
    let motif = parole.provenance.motif.as_deref().and_then(texte::motif);
    if parole.provenance.origine == Origine::Saisie && motif.is_none() {
        return Err(RefusPersonne::MotifManquant);
    }
    Ok(Provenance { motif, ..parole.provenance.clone() })
}

fn checked(etat_civil: &EtatCivil) -> Result<EtatCivil, RefusPersonne> {
    let prenom = match etat_civil.prenom.trim() {
        "" => String::new(),
        prenom => texte("prenom", prenom)?,
    };
    let optional = |champ, text: &Option<String>| match text.as_deref().map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => texte(champ, text).map(Some),
    };
    Ok(EtatCivil {
        nom: texte::line(&etat_civil.nom, TEXTE_MAX).ok_or(RefusPersonne::NomManquant)?,
        prenom,
        civilite: optional("civilite", &etat_civil.civilite)?,
        naissance: etat_civil.naissance,
        courriel: optional("courriel", &etat_civil.courriel)?,
    })
}

fn texte(champ: &'static str, text: &str) -> Result<String, RefusPersonne> {
    texte::line(text, TEXTE_MAX).ok_or(RefusPersonne::TexteInvalide { champ })
}
