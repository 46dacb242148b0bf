//! A portal: who answers for what it publishes, and who administers it for them.
//!
//! A portal has one directeur de la publication at a time (loi n° 82-652 of 29 July
//! 1982, art. 93-2; LCEN, art. 6 III, now 1-1): a new term ends the one before on the same
//! day, in the same decision, so that there are never two; and nobody leaves without a
//! successor as long as a page is online. The directeur delegates the administration of
//! the ENT, or parts of it, to accounts held for that office alone, and an établissement
//! never loses its last delegation. Spans run from their first day to the day before `au`.

use super::attribution::{Attribution, everything};
use super::{NaturePortail, Partenaire, Periode};
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, CompteId, DelegationId, Lacune, PersonneId, PortailId, minuit, texte};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// What may be asked of a portal.
#[derive(Debug, Clone)]
pub enum PortailCommand {
    /// Opens the portal.
    OuvrirPortail {
        /// Its host label.
        portail: PortailId,
        /// Whose it is.
        nature: NaturePortail,
        /// Its name.
        nom: String,
    },
    /// Makes someone directeur de la publication, and ends the present one's term.
    PrendreDirection {
        /// Who.
        directeur: PersonneId,
        /// As what (« principale du collège »).
        qualite: String,
        /// First day.
        depuis: NaiveDate,
        /// On whose behalf, where the office itself is delegated.
        delegant: Option<PersonneId>,
    },
    /// Ends the present directeur's term without a successor.
    QuitterDirection {
        /// First day without him or her.
        au: NaiveDate,
        /// Whether anything that the portal publishes is online from that day on.
        pages_en_ligne: bool,
    },
    /// Asks whether somebody answers for a page as long as it is online; nothing happens to the portal.
    Repondre {
        /// Who puts it online in his or her name.
        directeur: PersonneId,
        /// On which day.
        le: NaiveDate,
        /// Until when it is online, if an end is known.
        au: Option<DateTime<Utc>>,
    },
    /// Delegates the administration of the ENT.
    AccorderDelegation {
        /// Id of the act.
        delegation: DelegationId,
        /// The account held for this office.
        compte: CompteId,
        /// Whether that account is nobody's own: no person's, no operator's, no other portal's.
        compte_libre: bool,
        /// Who administers.
        administrateur: PersonneId,
        /// Whether the directory attaches that person to the portal's établissement.
        rattache: bool,
        /// The directeur who delegates.
        par: PersonneId,
        /// What it entrusts.
        attributions: BTreeSet<Attribution>,
        /// First day.
        du: NaiveDate,
        /// First day without it, if known.
        au: Option<NaiveDate>,
    },
    /// Ends a delegation before its time.
    RevoquerDelegation {
        /// Which one.
        delegation: DelegationId,
        /// Why.
        motif: String,
        /// First day without it.
        le: NaiveDate,
    },
}

events! {
    /// What happens to a portal.
    pub enum PortailEvent {
        /// The portal was opened.
        PortailOuvert = "portails.portail.ouvert" v 1 Office {
            portail: PortailId, nature: NaturePortail, nom: String,
        },
        /// Someone answers for what the portal publishes, from that day.
        DirectionPrise = "portails.portail.direction_prise" v 1 Office of directeur {
            directeur: PersonneId, qualite: String, depuis: NaiveDate, delegant: Option<PersonneId>,
        },
        /// Someone no longer does, from that day.
        DirectionTerminee = "portails.portail.direction_terminee" v 1 Office of directeur {
            directeur: PersonneId, au: NaiveDate,
        },
        /// The directeur delegated the administration of the ENT.
        DelegationAccordee = "portails.portail.delegation_accordee" v 2 Office of administrateur {
            delegation: DelegationId, compte: CompteId, administrateur: PersonneId, par: PersonneId,
            attributions: BTreeSet<Attribution>, du: NaiveDate, au: Option<NaiveDate>,
        },
        /// A delegation ends on that day.
        DelegationRevoquee = "portails.portail.delegation_revoquee" v 1 Office of administrateur {
            delegation: DelegationId, administrateur: PersonneId, motif: String, le: NaiveDate,
        },
    }
    upcast {
        "portails.portail.delegation_accordee" v 1 => everything,
    }
}

refusals! {
    /// Why a portal refuses.
    pub enum RefusPortail {
        PortailInexistant = "PORTAIL_INEXISTANT" at "portail":
            "Ce portail n'est pas ouvert : ouvrez-le d'abord.",
        PortailDejaOuvert = "PORTAIL_DEJA_OUVERT" at "portail":
            "Ce portail est déjà ouvert sous un autre nom ou pour un autre titulaire : choisissez un autre nom d'hôte.",
        HoteReserve = "HOTE_RESERVE" at "hote":
            "Ce nom d'hôte est celui d'un partenaire d'une autre nature : choisissez-en un autre.",
        TexteInvalide { champ: &'static str } = "TEXTE_INVALIDE":
            "Le champ « {champ} » doit tenir en une ligne de 1 à 200 caractères.",
        DirectionRetroactive { depuis: NaiveDate } = "DIRECTION_RETROACTIVE" at "depuis":
            "La direction en cours a pris effet le {depuis} : la suivante ne peut commencer avant.",
        PortailSansDirecteur = "PORTAIL_SANS_DIRECTEUR":
            "Ce portail n'a pas de directeur de la publication : il n'y a pas de direction à quitter.",
        DirectionVacante = "DIRECTION_VACANTE" at "au":
            "Des pages seront encore en ligne ce jour-là : inscrivez d'abord un successeur, ou retirez-les.",
        DirectionFinie = "DIRECTION_FINIE" at "au":
            "Personne ne dirigera plus la publication aussi longtemps que cette page serait en ligne : donnez-lui une fin, ou faites inscrire d'abord un successeur.",
        PasDirecteur = "PAS_DIRECTEUR" at "par":
            "Seul le directeur de la publication en fonction à cette date peut accorder une délégation.",
        AdministrateurExterieur = "ADMINISTRATEUR_EXTERIEUR" at "administrateurId":
            "L'administrateur ENT est un membre de l'établissement : choisissez une personne qui y est rattachée.",
        CompteNonDistinct = "COMPTE_NON_DISTINCT" at "compteId":
            "L'administration s'exerce avec un compte distinct du compte personnel : créez un compte pour cette fonction.",
        CompteDejaDelegue = "COMPTE_DEJA_DELEGUE" at "compteId":
            "Ce compte sert déjà à une autre délégation sur cette période : créez un compte pour celle-ci.",
        PeriodeInvalide = "PERIODE_INVALIDE" at "au":
            "La fin de la période doit suivre son début.",
        AttributionManquante = "ATTRIBUTION_MANQUANTE" at "attributions":
            "Dites ce que la délégation confie : une attribution au moins.",
        DelegationDejaAccordee = "DELEGATION_DEJA_ACCORDEE" at "delegationId":
            "Une autre délégation porte déjà cet identifiant : donnez-en un nouveau.",
        DelegationInexistante = "DELEGATION_INEXISTANTE" at "delegationId":
            "Cette délégation n'existe pas sur ce portail.",
        DerniereDelegation = "DERNIERE_DELEGATION" at "delegationId":
            "C'est la dernière délégation de l'établissement : accordez-en d'abord une autre d'une durée au moins égale.",
        MotifManquant = "MOTIF_MANQUANT" at "motif":
            "Une révocation doit dire son motif, en 500 caractères au plus.",
    }
}

/// Longest name or quality, in characters.
const TEXTE_MAX: usize = 200;

/// The term of a directeur de la publication.
#[derive(Debug, Clone)]
struct Mandat {
    directeur: PersonneId,
    qualite: String,
    delegant: Option<PersonneId>,
    periode: Periode,
}

/// A delegation, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Delegation {
    compte: CompteId,
    administrateur: PersonneId,
    attributions: BTreeSet<Attribution>,
    periode: Periode,
}

/// What a portal is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fiche {
    portail: PortailId,
    nature: NaturePortail,
    nom: String,
}

/// State of a portal.
#[derive(Debug, Clone, Default)]
pub struct Portail {
    fiche: Option<Fiche>,
    mandats: Vec<Mandat>,
    delegations: BTreeMap<DelegationId, Delegation>,
}

impl Aggregate for Portail {
    const TYPE: &'static str = "portails.portail";
    /// Each office has its own subject: past ones are gone together, or stand.
    const LACUNE: Lacune = Lacune::Continue;
    type Command = PortailCommand;
    type Event = PortailEvent;
    type Refus = RefusPortail;

    fn decide(&self, command: PortailCommand) -> Result<Vec<PortailEvent>, RefusPortail> {
        match command {
            PortailCommand::OuvrirPortail { portail, nature, nom } => self.ouvrir(portail, nature, &nom),
            PortailCommand::PrendreDirection { directeur, qualite, depuis, delegant } => {
                self.prendre_direction(directeur, &qualite, depuis, delegant)
            }
            PortailCommand::QuitterDirection { au, pages_en_ligne } => {
                self.quitter_direction(au, pages_en_ligne)
            }
            PortailCommand::Repondre { directeur, le, au } => {
                let answered = self.directeur_au(le) == Some(directeur) && self.is_directed(le, au);
                if answered { Ok(vec![]) } else { Err(RefusPortail::DirectionFinie) }
            }
            PortailCommand::AccorderDelegation {
                delegation,
                compte,
                compte_libre,
                administrateur,
                rattache,
                par,
                attributions,
                du,
                au,
            } => {
                if !rattache {
                    return Err(RefusPortail::AdministrateurExterieur);
                }
                if !compte_libre {
                    return Err(RefusPortail::CompteNonDistinct);
                }
                let periode = Periode { du, au };
                let wished = Delegation { compte, administrateur, attributions, periode };
                self.accorder(delegation, wished, par)
            }
            PortailCommand::RevoquerDelegation { delegation, motif, le } => {
                self.revoquer(delegation, &motif, le)
            }
        }
    }

    fn apply(&mut self, event: PortailEvent) {
        match event {
            PortailEvent::PortailOuvert { portail, nature, nom } => {
                self.fiche = Some(Fiche { portail, nature, nom });
            }
            PortailEvent::DirectionPrise { directeur, qualite, depuis, delegant } => {
                let periode = Periode { du: depuis, au: None };
                self.mandats.push(Mandat { directeur, qualite, delegant, periode });
            }
            PortailEvent::DirectionTerminee { directeur, au } => {
                // Another's, where the content that began this term was erased.
                if let Some(mandat) = self.mandats.last_mut().filter(|last| last.directeur == directeur) {
                    mandat.periode.au = Some(au);
                }
            }
            PortailEvent::DelegationAccordee {
                delegation,
                compte,
                administrateur,
                attributions,
                du,
                au,
                ..
            } => {
                let periode = Periode { du, au };
                let accorded = Delegation { compte, administrateur, attributions, periode };
                self.delegations.insert(delegation, accorded);
            }
            PortailEvent::DelegationRevoquee { delegation, le, .. } => {
                if let Some(revoked) = self.delegations.get_mut(&delegation) {
                    revoked.periode.au = Some(le);
                }
            }
        }
    }
}

impl Portail {
    /// Who answers, on that day, for what the portal publishes.
    pub fn directeur_au(&self, date: NaiveDate) -> Option<PersonneId> {
        self.mandats.iter().find(|mandat| mandat.periode.holds(date)).map(|mandat| mandat.directeur)
    }

    /// Whether somebody answers on each day from this one until an end: who is in office, or who
    /// succeeds.
    fn is_directed(&self, le: NaiveDate, au: Option<DateTime<Utc>>) -> bool {
        let mut jour = le;
        while let Some(mandat) = self.mandats.iter().find(|mandat| mandat.periode.holds(jour)) {
            match mandat.periode.au {
                None => return true,
                Some(fin) if au.is_some_and(|au| au <= minuit(fin)) => return true,
                Some(fin) => jour = fin,
            }
        }
        false
    }

    fn ouvrir(
        &self,
        portail: PortailId,
        nature: NaturePortail,
        nom: &str,
    ) -> Result<Vec<PortailEvent>, RefusPortail> {
        let wished = Fiche { portail, nature, nom: texte("nom", nom)? };
        match &self.fiche {
            Some(known) if *known == wished => Ok(vec![]),
            Some(_) => Err(RefusPortail::PortailDejaOuvert),
            None if !is_free_for(&wished.portail, nature) => Err(RefusPortail::HoteReserve),
            None => {
                let Fiche { portail, nature, nom } = wished;
                Ok(vec![PortailEvent::PortailOuvert { portail, nature, nom }])
            }
        }
    }

    fn prendre_direction(
        &self,
        directeur: PersonneId,
        qualite: &str,
        depuis: NaiveDate,
        delegant: Option<PersonneId>,
    ) -> Result<Vec<PortailEvent>, RefusPortail> {
        self.fiche()?;
        let qualite = texte("qualite", qualite)?;
        let prise = |qualite| PortailEvent::DirectionPrise { directeur, qualite, depuis, delegant };
        let Some(present) = self.mandats.last() else { return Ok(vec![prise(qualite)]) };
        if depuis < present.periode.du {
            return Err(RefusPortail::DirectionRetroactive { depuis: present.periode.du });
        }
        let same = (present.directeur, &present.qualite, present.delegant) == (directeur, &qualite, delegant);
        if present.periode.au.is_none() && same {
            return Ok(vec![]);
        }
        if present.periode.au.is_some_and(|au| au <= depuis) {
            return Ok(vec![prise(qualite)]);
        }
        let terminee = PortailEvent::DirectionTerminee { directeur: present.directeur, au: depuis };
        Ok(vec![terminee, prise(qualite)])
    }

    fn quitter_direction(
        &self,
        au: NaiveDate,
        pages_en_ligne: bool,
    ) -> Result<Vec<PortailEvent>, RefusPortail> {
        self.fiche()?;
        let present = self.mandats.last().ok_or(RefusPortail::PortailSansDirecteur)?;
        match present.periode.au {
            Some(known) if known == au => return Ok(vec![]),
            Some(_) => return Err(RefusPortail::PortailSansDirecteur),
            None if au <= present.periode.du => return Err(RefusPortail::PeriodeInvalide),
            None if pages_en_ligne => return Err(RefusPortail::DirectionVacante),
            None => {}
        }
        Ok(vec![PortailEvent::DirectionTerminee { directeur: present.directeur, au }])
    }

    fn accorder(
        &self,
        delegation: DelegationId,
        wished: Delegation,
        par: PersonneId,
    ) -> Result<Vec<PortailEvent>, RefusPortail> {
        self.fiche()?;
        if let Some(known) = self.delegations.get(&delegation) {
            let same = *known == wished;
            return if same { Ok(vec![]) } else { Err(RefusPortail::DelegationDejaAccordee) };
        }
        let Delegation { compte, administrateur, attributions, periode } = wished;
        if attributions.is_empty() {
            return Err(RefusPortail::AttributionManquante);
        }
        if periode.au.is_some_and(|au| au <= periode.du) {
            return Err(RefusPortail::PeriodeInvalide);
        }
        if self.directeur_au(periode.du) != Some(par) {
            return Err(RefusPortail::PasDirecteur);
        }
        if compte == CompteId::personnel(administrateur) {
            return Err(RefusPortail::CompteNonDistinct);
        }
        let taken = |other: &Delegation| other.compte == compte && other.periode.meets(periode);
        if self.delegations.values().any(taken) {
            return Err(RefusPortail::CompteDejaDelegue);
        }
        let Periode { du, au } = periode;
        Ok(vec![PortailEvent::DelegationAccordee {
            delegation,
            compte,
            administrateur,
            par,
            attributions,
            du,
            au,
        }])
    }

    fn revoquer(
        &self,
        delegation: DelegationId,
        motif: &str,
        le: NaiveDate,
    ) -> Result<Vec<PortailEvent>, RefusPortail> {
        let fiche = self.fiche()?;
        let revoked = self.delegations.get(&delegation).ok_or(RefusPortail::DelegationInexistante)?;
        let motif = texte::motif(motif).ok_or(RefusPortail::MotifManquant)?;
        if revoked.periode.au.is_some_and(|au| au <= le) {
            return Ok(vec![]);
        }
        // Ended before its first day, it is not held on that day either.
        let first = le.max(revoked.periode.du);
        let taken_over = self.delegations.iter().any(|(id, other)| {
            *id != delegation && other.periode.holds(first) && other.periode.outlasts(revoked.periode)
        });
        let needed = fiche.nature.is_etablissement() && revoked.periode.holds(first);
        if needed && !taken_over {
            return Err(RefusPortail::DerniereDelegation);
        }
        let administrateur = revoked.administrateur;
        Ok(vec![PortailEvent::DelegationRevoquee { delegation, administrateur, motif, le }])
    }

    fn fiche(&self) -> Result<&Fiche, RefusPortail> {
        self.fiche.as_ref().ok_or(RefusPortail::PortailInexistant)
    }
}

/// The hosts of partners are theirs alone.
fn is_free_for(portail: &PortailId, nature: NaturePortail) -> bool {
    Partenaire::at(portail.as_str()).is_none_or(|partenaire| partenaire.nature == nature)
}

fn texte(champ: &'static str, text: &str) -> Result<String, RefusPortail> {
    texte::line(text, TEXTE_MAX).ok_or(RefusPortail::TexteInvalide { champ })
}

#[cfg(test)]
mod tests;
