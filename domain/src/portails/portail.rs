//! A portal: who answers for what it publishes, and who administers it for them.
//!
//! A portal has one directeur de la publication at a time (loi n° 82-652 of 29 July
//! 1982, art. 93-2; LCEN, art. 6 III, now 1-1): a new term ends the one before on the same
//! day, in the same decision, so that there are never two and, from the first on, never
//! none. The directeur delegates the administration of the ENT to accounts held for
//! that office alone, and an établissement never loses its last delegation. Spans run
//! from their first day to the day before `au`.

use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, CompteId, DelegationId, EtablissementId, Lacune, PersonneId, PortailId, texte};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whose house a portal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum NaturePortail {
    /// An établissement's.
    Etablissement {
        /// Which one.
        etablissement: EtablissementId,
    },
    /// The front door common to all partners.
    Partenaires,
    /// The Région's.
    Region,
    /// A département's.
    Departement,
    /// An académie's.
    Academie,
    /// Agricultural teaching, for the région.
    Draaf,
    /// Catholic teaching, for the région.
    Crec,
}

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
        DelegationAccordee = "portails.portail.delegation_accordee" v 1 Office of administrateur {
            delegation: DelegationId, compte: CompteId, administrateur: PersonneId, par: PersonneId,
            du: NaiveDate, au: Option<NaiveDate>,
        },
        /// A delegation ends on that day.
        DelegationRevoquee = "portails.portail.delegation_revoquee" v 1 Office of administrateur {
            delegation: DelegationId, administrateur: PersonneId, motif: String, le: NaiveDate,
        },
    }
}

refusals! {
    /// Why a portal refuses.
    pub enum RefusPortail {
        PortailInexistant = "PORTAIL_INEXISTANT" at "portail":
            "Ce portail n'est pas ouvert : ouvrez-le d'abord.",
        PortailDejaOuvert = "PORTAIL_DEJA_OUVERT" at "portail":
            "Ce portail est déjà ouvert sous un autre nom ou pour un autre titulaire : choisissez un autre nom d'hôte.",
        TexteInvalide { champ: &'static str } = "TEXTE_INVALIDE":
            "Le champ « {champ} » doit tenir en une ligne de 1 à 200 caractères.",
        DirectionRetroactive { depuis: NaiveDate } = "DIRECTION_RETROACTIVE" at "depuis":
            "La direction en cours a pris effet le {depuis} : la suivante ne peut commencer avant.",
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

/// A span of days: from `du` to the day before `au`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Periode {
    du: NaiveDate,
    au: Option<NaiveDate>,
}

impl Periode {
    fn holds(self, date: NaiveDate) -> bool {
        self.du <= date && self.au.is_none_or(|au| date < au)
    }

    fn meets(self, other: Self) -> bool {
        self.au.is_none_or(|au| other.du < au) && other.au.is_none_or(|au| self.du < au)
    }

    fn outlasts(self, other: Self) -> bool {
        self.au.is_none_or(|end| other.au.is_some_and(|other_end| other_end <= end))
    }
}

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
            PortailCommand::AccorderDelegation {
                delegation,
                compte,
                compte_libre,
                administrateur,
                rattache,
                par,
                du,
                au,
            } => {
                if !rattache {
                    return Err(RefusPortail::AdministrateurExterieur);
                }
                if !compte_libre {
                    return Err(RefusPortail::CompteNonDistinct);
                }
                let wished = Delegation { compte, administrateur, periode: Periode { du, au } };
                self.accorder(delegation, &wished, par)
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
            PortailEvent::DelegationAccordee { delegation, compte, administrateur, du, au, .. } => {
                let accorded = Delegation { compte, administrateur, periode: Periode { du, au } };
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
        if (present.directeur, &present.qualite, present.delegant) == (directeur, &qualite, delegant) {
            return Ok(vec![]);
        }
        let terminee = PortailEvent::DirectionTerminee { directeur: present.directeur, au: depuis };
        Ok(vec![terminee, prise(qualite)])
    }

    fn accorder(
        &self,
        delegation: DelegationId,
        wished: &Delegation,
        par: PersonneId,
    ) -> Result<Vec<PortailEvent>, RefusPortail> {
        self.fiche()?;
        if let Some(known) = self.delegations.get(&delegation) {
            let same = known == wished;
            return if same { Ok(vec![]) } else { Err(RefusPortail::DelegationDejaAccordee) };
        }
        let Delegation { compte, administrateur, periode } = *wished;
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
        Ok(vec![PortailEvent::DelegationAccordee { delegation, compte, administrateur, par, du, au }])
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
        let taken_over = self.delegations.iter().any(|(id, other)| {
            *id != delegation && other.periode.holds(le) && other.periode.outlasts(revoked.periode)
        });
        let needed = matches!(fiche.nature, NaturePortail::Etablissement { .. }) && revoked.periode.holds(le);
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

fn texte(champ: &'static str, text: &str) -> Result<String, RefusPortail> {
    texte::line(text, TEXTE_MAX).ok_or(RefusPortail::TexteInvalide { champ })
}

#[cfg(test)]
mod tests;
