//! What happened, who was in it, and what came of it.
//!
//! Any member of the staff reports an incident; the vie scolaire and the direction follow and close
//! it. What is said of each person is a fact of that person's own, under his or her key: it goes
//! when the person's does. What obliges the chef to engage a procedure is told (code de
//! l'éducation, art. R421-10, 5°).

use super::{recit, recit_facultatif};
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, Lacune, PersonneId};
use chrono::{NaiveDate, NaiveTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NatureIncident {
    /// Violence of acts.
    ViolencePhysique,
    /// Insults and threats.
    ViolenceVerbale,
    /// Repeated (code pénal, art. 222-33-2-3).
    Harcelement,
    /// Through screens.
    Cyberviolence,
    /// Things broken.
    AtteinteAuxBiens,
    /// Things taken.
    Vol,
    /// Drugs, alcohol, tobacco.
    Stupefiants,
    /// A weapon or what serves as one.
    ObjetDangereux,
    /// Against laïcité (art. L141-5-1).
    AtteinteALaLaicite,
    /// A lesson or its peace disturbed.
    Perturbation,
    /// Anything else.
    Autre,
}

/// Where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum LieuIncident {
    Classe,
    Couloir,
    Cour,
    Restauration,
    Internat,
    Sanitaires,
    Sport,
    Abords,
    Transport,
    Sortie,
    EnLigne,
    Autre,
}

/// How grave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Gravite {
    Legere,
    Moyenne,
    Grave,
}

/// Who outside the school is to know of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Instance {
    /// Who answers for those in it.
    Responsables,
    /// The académie (« Faits établissement »).
    Academie,
    /// Police or gendarmerie.
    ForcesDeLOrdre,
    /// The procureur (code de procédure pénale, art. 40).
    Procureur,
    /// The département, for a child in danger (code de l'action sociale et des familles, art. L226-2-1).
    ProtectionDeLEnfance,
    /// Firefighters or SAMU.
    Secours,
    /// Who owns the building.
    Collectivite,
}

/// What is known when it is reported; of no person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FicheIncident {
    /// What.
    pub nature: NatureIncident,
    /// Where.
    pub lieu: LieuIncident,
    /// How grave.
    pub gravite: Gravite,
    /// School day.
    pub le: NaiveDate,
    /// Hour on the wall, where it is known.
    pub heure: Option<NaiveTime>,
    /// Who is to be warned.
    pub a_avertir: BTreeSet<Instance>,
}

/// As what someone was in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoleIncident {
    /// Did it, as is said.
    Auteur,
    /// Suffered it.
    Victime,
    /// Saw it.
    Temoin,
}

/// Someone who was in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protagoniste {
    /// Who.
    pub personne: PersonneId,
    /// As what.
    pub role: RoleIncident,
    /// Of the school's staff, as the directory says.
    pub personnel: bool,
    /// What he or she did, suffered or saw.
    pub recit: Option<String>,
}

/// Why the chef must engage a disciplinary procedure (art. R421-10, 5°).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CasObligatoire {
    /// Verbal violence against a member of the staff.
    ViolenceVerbaleContrePersonnel,
    /// A grave act against a member of the staff or another pupil.
    ActeGrave,
    /// Physical violence against a member of the staff: the conseil de discipline is seized.
    ViolencePhysiqueContrePersonnel,
}

impl CasObligatoire {
    /// The case that an incident is, if it is one: what, how grave, and of which victims the staff is.
    pub fn de(
        nature: NatureIncident,
        gravite: Gravite,
        victimes: impl IntoIterator<Item = bool>,
    ) -> Option<Self> {
        let victimes: BTreeSet<bool> = victimes.into_iter().collect();
        match (nature, victimes.contains(&true)) {
            (NatureIncident::ViolencePhysique, true) => Some(Self::ViolencePhysiqueContrePersonnel),
            (NatureIncident::ViolenceVerbale, true) => Some(Self::ViolenceVerbaleContrePersonnel),
            _ if gravite == Gravite::Grave && !victimes.is_empty() => Some(Self::ActeGrave),
            _ => None,
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuiteIncident {
    /// Nothing further.
    SansSuite,
    /// A talk, a mediation, a repair.
    MesureEducative,
    /// A punition.
    Punition,
    /// A disciplinary procedure.
    ProcedureDisciplinaire,
}

/// What may be asked of an incident.
#[derive(Debug, Clone)]
pub enum IncidentCommand {
    /// Reports it.
    SignalerIncident {
        /// What is known.
        fiche: FicheIncident,
        /// Who was in it.
        protagonistes: Vec<Protagoniste>,
        /// Who reports.
        par: PersonneId,
        /// Today.
        aujourdhui: NaiveDate,
    },
    /// Writes down what is done with one of those in it.
    SuivreProtagoniste {
        /// Whom it is about.
        personne: PersonneId,
        /// What is done.
        texte: String,
        /// Who writes.
        par: PersonneId,
    },
    /// Says that an instance was warned.
    AvertirInstance {
        /// Which.
        instance: Instance,
        /// When.
        le: NaiveDate,
    },
    /// Closes it.
    CloreIncident {
        /// What came of it.
        suite: SuiteIncident,
    },
}

events! {
    /// What happens to an incident.
    pub enum IncidentEvent {
        /// It was reported.
        IncidentSignale = "vie_de_l_eleve.incident.signale" v 1 Scolarite {
            fiche: FicheIncident, par: PersonneId,
        },
        /// Someone was in it.
        ProtagonisteImplique = "vie_de_l_eleve.incident.protagoniste_implique" v 1 Scolarite of personne {
            personne: PersonneId, role: RoleIncident, personnel: bool, recit: Option<String>,
        },
        /// Something was done with one of those in it.
        ProtagonisteSuivi = "vie_de_l_eleve.incident.protagoniste_suivi" v 1 Scolarite of personne {
            personne: PersonneId, texte: String, par: PersonneId,
        },
        /// An instance was warned.
        InstanceAvertie = "vie_de_l_eleve.incident.instance_avertie" v 1 Scolarite {
            instance: Instance, le: NaiveDate,
        },
        /// It was closed.
        IncidentClos = "vie_de_l_eleve.incident.clos" v 1 Scolarite { suite: SuiteIncident },
    }
}

refusals! {
    /// Why an incident refuses.
    pub enum RefusIncident {
        IncidentInexistant = "INCIDENT_INEXISTANT" at "incidentId": "Cet incident n'existe pas.",
        IncidentDejaSignale = "INCIDENT_DEJA_SIGNALE":
            "Un autre incident porte déjà cet identifiant : prenez-en un nouveau.",
        IncidentClos = "INCIDENT_CLOS": "Cet incident est clos : signalez-en un nouveau s'il y a lieu.",
        IncidentAVenir = "INCIDENT_A_VENIR" at "le":
            "Un incident ne se signale pas avant d'avoir eu lieu : corrigez sa date.",
        SansProtagoniste = "SANS_PROTAGONISTE" at "protagonistes":
            "Nommez au moins une personne, et chacune une seule fois, cinquante au plus.",
        RecitInvalide = "RECIT_INVALIDE" at "protagonistes": "Un récit tient en 2 000 caractères au plus.",
        SuiviInvalide = "SUIVI_INVALIDE" at "texte": "Dites ce qui est fait, en 2 000 caractères au plus.",
        PasProtagoniste = "PAS_PROTAGONISTE" at "personneId":
            "Cette personne n'est pas nommée dans l'incident : suivez-en une qui l'est.",
        SuiteInsuffisante = "SUITE_INSUFFISANTE" at "suite":
            "Ces faits obligent à engager une procédure disciplinaire (code de l'éducation, art. R421-10) : engagez-la, puis clôturez par elle.",
    }
}

/// Persons in one incident.
const PROTAGONISTES_MAX: usize = 50;

/// State of an incident.
#[derive(Debug, Clone, Default)]
pub struct Incident {
    fiche: Option<FicheIncident>,
    protagonistes: BTreeMap<PersonneId, (RoleIncident, bool)>,
    averties: BTreeSet<Instance>,
    clos: bool,
}

impl Aggregate for Incident {
    const TYPE: &'static str = "vie_de_l_eleve.incident";
    /// What is said of one person stands without what was said of another.
    const LACUNE: Lacune = Lacune::Continue;
    type Command = IncidentCommand;
    type Event = IncidentEvent;
    type Refus = RefusIncident;

    fn decide(&self, command: IncidentCommand) -> Result<Vec<IncidentEvent>, RefusIncident> {
        if let IncidentCommand::SignalerIncident { fiche, protagonistes, par, aujourdhui } = command {
            return self.signaler(fiche, protagonistes, par, aujourdhui);
        }
        let fiche = self.fiche.as_ref().ok_or(RefusIncident::IncidentInexistant)?;
        if self.clos {
            return Err(RefusIncident::IncidentClos);
        }
        match command {
            IncidentCommand::SignalerIncident { .. } => Err(RefusIncident::IncidentDejaSignale),
            IncidentCommand::SuivreProtagoniste { personne, texte, par } => {
                if !self.protagonistes.contains_key(&personne) {
                    return Err(RefusIncident::PasProtagoniste);
                }
                let texte = recit(&texte).ok_or(RefusIncident::SuiviInvalide)?;
                Ok(vec![IncidentEvent::ProtagonisteSuivi { personne, texte, par }])
            }
            IncidentCommand::AvertirInstance { instance, le } => {
                let first = !self.averties.contains(&instance);
                Ok(first.then_some(IncidentEvent::InstanceAvertie { instance, le }).into_iter().collect())
            }
            IncidentCommand::CloreIncident { suite } => {
                let oblige = CasObligatoire::de(fiche.nature, fiche.gravite, self.victimes());
                if oblige.is_some() && suite != SuiteIncident::ProcedureDisciplinaire {
                    return Err(RefusIncident::SuiteInsuffisante);
                }
                Ok(vec![IncidentEvent::IncidentClos { suite }])
            }
        }
    }

    fn apply(&mut self, event: IncidentEvent) {
        match event {
            IncidentEvent::IncidentSignale { fiche, .. } => self.fiche = Some(fiche),
            IncidentEvent::ProtagonisteImplique { personne, role, personnel, .. } => {
                self.protagonistes.insert(personne, (role, personnel));
            }
            IncidentEvent::ProtagonisteSuivi { .. } => {}
            IncidentEvent::InstanceAvertie { instance, .. } => {
                self.averties.insert(instance);
            }
            IncidentEvent::IncidentClos { .. } => self.clos = true,
        }
    }
}

impl Incident {
    fn victimes(&self) -> impl Iterator<Item = bool> {
        let victims = self.protagonistes.values().filter(|(role, _)| *role == RoleIncident::Victime);
        victims.map(|(_, personnel)| *personnel)
    }

    fn signaler(
        &self,
        fiche: FicheIncident,
        protagonistes: Vec<Protagoniste>,
        par: PersonneId,
        aujourdhui: NaiveDate,
    ) -> Result<Vec<IncidentEvent>, RefusIncident> {
        if self.fiche.is_some() {
            return Err(RefusIncident::IncidentDejaSignale);
        }
        if fiche.le > aujourdhui {
            return Err(RefusIncident::IncidentAVenir);
        }
        let named: BTreeSet<_> = protagonistes.iter().map(|one| one.personne).collect();
        if named.len() != protagonistes.len() || !(1..=PROTAGONISTES_MAX).contains(&named.len()) {
            return Err(RefusIncident::SansProtagoniste);
        }
        let mut events = vec![IncidentEvent::IncidentSignale { fiche, par }];
        for Protagoniste { personne, role, personnel, recit } in protagonistes {
            let recit = recit_facultatif(recit.as_deref()).ok_or(RefusIncident::RecitInvalide)?;
            events.push(IncidentEvent::ProtagonisteImplique { personne, role, personnel, recit });
        }
        Ok(events)
    }
}

#[cfg(test)]
mod tests;
