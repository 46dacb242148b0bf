//! A disciplinary procedure, from the facts blamed to the day on which the sanction leaves the file.
//!
//! The chef engages it (code de l'éducation, art. R421-10); the pupil, and who answers for a minor,
//! are told of the facts and of the time to prepare a defence (art. R421-10-1); the pupil is heard,
//! or lets the time go by; then, and not before, it is decided (art. R511-14), notified, executed.
//! A sursis is revoked by a decision of its own (art. R511-13-1).
//!
//! Each sanction is an event type of its own, because each is kept for another time. The pieces of
//! the procedure are kept as the lightest one is: the decision stands by itself, and no piece
//! outlasts a sanction. A procedure that is still running when the school year ends is put under a
//! legal hold, like anything that is needed longer than its class.

use super::{CasObligatoire, CauseEffacement, Conseil, DecisionDeSanction, Degre};
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, IncidentId, Lacune, PersonneId};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod decision;

/// How a pupil defended himself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Defense {
    /// He was heard.
    Orale {
        /// What he said.
        propos: String,
        /// Somebody of his choice assisted him.
        assiste: bool,
    },
    /// He wrote.
    Ecrite {
        /// What.
        propos: String,
    },
    /// He said that he would present none.
    Renonciation,
    /// He let the time go by.
    Absence,
}

/// How a decision reaches somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VoieDeNotification {
    /// From hand to hand, against a signature.
    MainPropre,
    /// By a letter whose receipt is signed.
    LettreRecommandee,
}

/// Before whom a decision is contested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NatureRecours {
    /// The chef himself.
    Gracieux,
    /// The recteur; within eight days against a conseil de discipline (art. R511-49).
    Recteur,
    /// The tribunal administratif, within two months (code de justice administrative, art. R421-1).
    TribunalAdministratif,
}

/// What may be asked of a procedure.
#[derive(Debug, Clone)]
pub enum SanctionCommand {
    /// Engages it.
    EngagerProcedure {
        /// Against whom.
        eleve: PersonneId,
        /// What he is blamed for.
        griefs: String,
        /// Why the chef had to, if he had to.
        cas: Option<CasObligatoire>,
        /// After which incident, if one was reported.
        incident: Option<IncidentId>,
        /// Who.
        par: PersonneId,
        /// Today.
        le: NaiveDate,
    },
    /// Tells the pupil, and who answers for a minor, what he is blamed for and his time to answer.
    InformerEleve {
        /// So many working days.
        jours: u8,
        /// The pupil is a minor.
        mineur: bool,
        /// Who answers for him and was told.
        responsables: Vec<PersonneId>,
        /// When the conseil de discipline sits, where it was seized.
        conseil_le: Option<NaiveDate>,
        /// Today.
        le: NaiveDate,
    },
    /// Takes the defence, or that there is none.
    RecueillirDefense {
        /// Which.
        defense: Defense,
        /// Today.
        le: NaiveDate,
    },
    /// Gives the procedure up without a sanction.
    ClasserProcedure {
        /// Why.
        motif: String,
        /// Today.
        le: NaiveDate,
    },
    /// Pronounces a sanction.
    PrononcerSanction {
        /// Which, why, by whom.
        decision: DecisionDeSanction,
        /// Today.
        le: NaiveDate,
    },
    /// Says who was notified.
    NotifierSanction {
        /// Whom.
        destinataires: Vec<PersonneId>,
        /// How.
        voie: VoieDeNotification,
        /// Today.
        le: NaiveDate,
    },
    /// Says that it is carried out.
    ExecuterSanction {
        /// From which day.
        du: NaiveDate,
    },
    /// Revokes the sursis.
    RevoquerSursis {
        /// The new facts and the reasons.
        motifs: String,
        /// When the new facts were.
        faits_le: NaiveDate,
        /// What they could be answered with.
        encourue: Degre,
        /// The sitting, where a conseil de discipline decided.
        conseil: Option<Conseil>,
        /// Today.
        le: NaiveDate,
    },
    /// Notes that the decision is contested.
    NoterRecours {
        /// Before whom.
        nature: NatureRecours,
        /// When.
        le: NaiveDate,
    },
    /// Takes it away, after a recourse: it never was, and another may be pronounced.
    AnnulerSanction {
        /// Who decided so, and why.
        motif: String,
        /// Today.
        le: NaiveDate,
    },
    /// Asks, for a pupil who changes schools, that it leave the file before its day.
    DemanderEffacement {
        /// Who asks: the pupil, or who answers for him.
        par: PersonneId,
        /// Today.
        le: NaiveDate,
    },
    /// Takes it out of the file.
    EffacerSanction {
        /// Why.
        cause: CauseEffacement,
        /// The pupil has left the school, as the directory says.
        parti: bool,
        /// The day on which the pupil's secondary schooling ended, if it did.
        terme: Option<NaiveDate>,
        /// Today.
        le: NaiveDate,
    },
}

events! {
    /// What happens in a procedure.
    pub enum SanctionEvent {
        /// It was engaged.
        ProcedureEngagee = "vie_de_l_eleve.sanction.procedure_engagee" v 1 SanctionAvertissement of eleve {
            eleve: PersonneId, griefs: String, cas: Option<CasObligatoire>, incident: Option<IncidentId>,
            par: PersonneId, le: NaiveDate,
        },
        /// The pupil was told, and has until the end of `fin`.
        EleveInforme = "vie_de_l_eleve.sanction.eleve_informe" v 1 SanctionAvertissement of eleve {
            eleve: PersonneId, responsables: Vec<PersonneId>, fin: NaiveDate, conseil_le: Option<NaiveDate>,
            le: NaiveDate,
        },
        /// The defence was taken.
        DefenseRecueillie = "vie_de_l_eleve.sanction.defense_recueillie" v 1 SanctionAvertissement of eleve {
            eleve: PersonneId, defense: Defense, le: NaiveDate,
        },
        /// It was given up.
        ProcedureClassee = "vie_de_l_eleve.sanction.procedure_classee" v 1 SanctionAvertissement of eleve {
            eleve: PersonneId, motif: String, le: NaiveDate,
        },
        /// An avertissement; `effacement` is the day from which it is no longer in the file.
        AvertissementPrononce = "vie_de_l_eleve.sanction.avertissement_prononce" v 1 SanctionAvertissement of eleve {
            eleve: PersonneId, decision: DecisionDeSanction, le: NaiveDate, effacement: Option<NaiveDate>,
        },
        /// A blâme.
        BlamePrononce = "vie_de_l_eleve.sanction.blame_prononce" v 1 SanctionBlame of eleve {
            eleve: PersonneId, decision: DecisionDeSanction, le: NaiveDate, effacement: Option<NaiveDate>,
        },
        /// A mesure de responsabilisation.
        ResponsabilisationPrononcee = "vie_de_l_eleve.sanction.responsabilisation_prononcee" v 1 SanctionBlame of eleve {
            eleve: PersonneId, decision: DecisionDeSanction, le: NaiveDate, effacement: Option<NaiveDate>,
        },
        /// An exclusion temporaire.
        ExclusionTemporairePrononcee = "vie_de_l_eleve.sanction.exclusion_temporaire_prononcee" v 1 SanctionExclusion of eleve {
            eleve: PersonneId, decision: DecisionDeSanction, le: NaiveDate, effacement: Option<NaiveDate>,
        },
        /// An exclusion définitive: without a day of its own, until secondary schooling ends.
        ExclusionDefinitivePrononcee = "vie_de_l_eleve.sanction.exclusion_definitive_prononcee" v 1 SanctionExclusionDefinitive of eleve {
            eleve: PersonneId, decision: DecisionDeSanction, le: NaiveDate, effacement: Option<NaiveDate>,
        },
        /// Somebody was notified.
        SanctionNotifiee = "vie_de_l_eleve.sanction.notifiee" v 1 SanctionAvertissement of eleve {
            eleve: PersonneId, destinataire: PersonneId, voie: VoieDeNotification, le: NaiveDate,
        },
        /// It is carried out.
        SanctionExecutee = "vie_de_l_eleve.sanction.executee" v 1 SanctionAvertissement of eleve {
            eleve: PersonneId, du: NaiveDate,
        },
        /// The sursis was revoked.
        SursisRevoque = "vie_de_l_eleve.sanction.sursis_revoque" v 1 SanctionAvertissement of eleve {
            eleve: PersonneId, motifs: String, faits_le: NaiveDate, encourue: Degre, conseil: Option<Conseil>,
            le: NaiveDate,
        },
        /// It is contested.
        RecoursNote = "vie_de_l_eleve.sanction.recours_note" v 1 SanctionAvertissement of eleve {
            eleve: PersonneId, nature: NatureRecours, le: NaiveDate,
        },
        /// It was taken away.
        SanctionAnnulee = "vie_de_l_eleve.sanction.annulee" v 1 SanctionAvertissement of eleve {
            eleve: PersonneId, motif: String, le: NaiveDate,
        },
        /// It was asked that it leave the file early.
        EffacementDemande = "vie_de_l_eleve.sanction.effacement_demande" v 1 SanctionAvertissement of eleve {
            eleve: PersonneId, par: PersonneId, le: NaiveDate,
        },
        /// It left the file. It says nothing of whom or of what: it is the proof that stays.
        SanctionEffacee = "vie_de_l_eleve.sanction.effacee" v 1 Conservation {
            cause: CauseEffacement, le: NaiveDate,
        },
    }
}

refusals! {
    /// Why a procedure refuses.
    pub enum RefusSanction {
        ProcedureInexistante = "PROCEDURE_INEXISTANTE" at "sanctionId": "Cette procédure n'existe pas.",
        ProcedureDejaEngagee = "PROCEDURE_DEJA_ENGAGEE":
            "Une autre procédure porte déjà cet identifiant : prenez-en un nouveau.",
        ProcedureTerminee = "PROCEDURE_TERMINEE":
            "Cette procédure est classée, ou sa sanction effacée : engagez-en une autre s'il y a lieu.",
        GriefsManquants = "GRIEFS_MANQUANTS" at "griefs":
            "Dites les faits reprochés, en 2 000 caractères au plus.",
        DelaiTropCourt = "DELAI_TROP_COURT" at "jours":
            "L'élève a au moins deux jours ouvrables pour préparer sa défense (code de l'éducation, art. R421-10-1).",
        ConseilTropTot = "CONSEIL_TROP_TOT" at "conseilLe":
            "Le conseil de discipline est convoqué au moins cinq jours avant sa séance (code de l'éducation, art. D511-31).",
        ResponsableAInformer = "RESPONSABLE_A_INFORMER" at "eleveId":
            "L'élève est mineur : informez aussi au moins un de ses représentants légaux, que l'annuaire doit connaître.",
        DejaInforme = "DEJA_INFORME": "L'élève est déjà informé : son délai court.",
        EleveNonInforme = "ELEVE_NON_INFORME":
            "L'élève n'est pas encore informé des faits et de son délai : informez-le d'abord.",
        DelaiEnCours { fin: NaiveDate } = "DELAI_EN_COURS":
            "L'élève a jusqu'au {fin} inclus pour présenter sa défense : attendez le lendemain.",
        DefenseARecueillir = "DEFENSE_A_RECUEILLIR":
            "Entendez l'élève d'abord, ou constatez qu'il a renoncé à se défendre ou laissé passer son délai.",
        DefenseInvalide = "DEFENSE_INVALIDE" at "propos": "Notez la défense, en 2 000 caractères au plus.",
        MotifsManquants = "MOTIFS_MANQUANTS" at "motifs":
            "Une décision dit ses faits et ses raisons, en 2 000 caractères au plus.",
        DureeHorsBornes = "DUREE_HORS_BORNES" at "duree":
            "Une mesure de responsabilisation dure de 1 à 20 heures, une exclusion temporaire de 1 à 8 jours.",
        EngagementARecueillir = "ENGAGEMENT_A_RECUEILLIR" at "engagementSigne":
            "Une mesure de responsabilisation demande l'engagement écrit de l'élève : recueillez-le d'abord.",
        ConseilDeDisciplineRequis = "CONSEIL_DE_DISCIPLINE_REQUIS" at "conseil":
            "Seul le conseil de discipline décide cela : saisissez-le, et donnez sa séance et son vote.",
        VoteInvalide = "VOTE_INVALIDE" at "conseil":
            "Le conseil siège à 8 membres au moins sur 14, chacun a une voix au plus, et la majorité des suffrages exprimés décide.",
        SursisImpossible = "SURSIS_IMPOSSIBLE" at "sursis":
            "Un avertissement et un blâme ne sont jamais assortis du sursis.",
        SursisHorsBornes { least: NaiveDate, most: NaiveDate } = "SURSIS_HORS_BORNES" at "sursis":
            "Ce sursis court jusqu'à un jour du {least} au {most} : fixez-le entre les deux.",
        DejaPrononcee = "DEJA_PRONONCEE": "Une sanction est déjà prononcée dans cette procédure.",
        PasEncorePrononcee = "PAS_ENCORE_PRONONCEE": "Aucune sanction n'est prononcée dans cette procédure.",
        PasEncoreNotifiee = "PAS_ENCORE_NOTIFIEE": "Notifiez la sanction à l'élève et à ses représentants d'abord.",
        SansDestinataire = "SANS_DESTINATAIRE": "L'annuaire ne connaît personne à qui notifier : complétez-le d'abord.",
        AvecSursis = "AVEC_SURSIS": "La sanction est assortie du sursis : elle ne s'exécute que s'il est révoqué.",
        SansSursis = "SANS_SURSIS": "Cette sanction n'a pas de sursis à révoquer, ou il l'est déjà.",
        FaitsHorsSursis = "FAITS_HORS_SURSIS" at "faitsLe":
            "Un sursis se révoque pour des faits commis pendant sa durée : ceux-ci n'en sont pas.",
        FaitsTropLegers = "FAITS_TROP_LEGERS" at "encourue":
            "Un sursis se révoque pour des faits passibles d'une sanction au moins égale (code de l'éducation, art. R511-13-1).",
        SansRecours = "SANS_RECOURS": "Une sanction s'annule après un recours : notez-le d'abord.",
        EffacementTropTot { le: NaiveDate } = "EFFACEMENT_TROP_TOT":
            "Cette sanction quitte le dossier le {le} : attendez ce jour.",
        EffacementAuTerme = "EFFACEMENT_AU_TERME":
            "Une exclusion définitive ne quitte le dossier qu'au terme de la scolarité dans le second degré.",
        EffacementNonDemande = "EFFACEMENT_NON_DEMANDE":
            "L'élève, ou qui répond de lui, n'a pas demandé cet effacement.",
        EleveNonParti = "ELEVE_NON_PARTI":
            "L'effacement anticipé est ouvert à l'élève qui change d'établissement : inscrivez d'abord sa radiation.",
    }
}

/// The least time for a defence, in working days.
const DELAI_MIN: u8 = 2;
/// The least time between a convocation of the conseil and its sitting, in days.
const CONVOCATION_MIN: u64 = 5;

/// A decision, as what follows it needs it.
#[derive(Debug, Clone, Copy)]
struct Prononcee {
    degre: Degre,
    le: NaiveDate,
    sursis: Option<NaiveDate>,
}

/// State of a procedure.
#[derive(Debug, Clone, Default)]
pub struct Sanction {
    eleve: Option<PersonneId>,
    /// Last day of the delay, and the day of the conseil.
    informe: Option<(NaiveDate, Option<NaiveDate>)>,
    defense: bool,
    prononcee: Option<Prononcee>,
    /// The day of the first decision: one that replaces it keeps its date of effacement.
    premiere: Option<NaiveDate>,
    notifiee: bool,
    recours: bool,
    effacement_demande: bool,
    terminee: bool,
}

impl Aggregate for Sanction {
    const TYPE: &'static str = "vie_de_l_eleve.sanction";
    /// The pieces go before the decision, which stands by itself.
    const LACUNE: Lacune = Lacune::Recommence;
    type Command = SanctionCommand;
    type Event = SanctionEvent;
    type Refus = RefusSanction;

    fn decide(&self, command: SanctionCommand) -> Result<Vec<SanctionEvent>, RefusSanction> {
        use SanctionCommand as C;
        if let C::EngagerProcedure { eleve, griefs, cas, incident, par, le } = command {
            return self.engager((eleve, cas, incident), &griefs, par, le);
        }
        if self.terminee {
            return Err(RefusSanction::ProcedureTerminee);
        }
        let eleve = self.eleve.ok_or(RefusSanction::ProcedureInexistante)?;
        match command {
            C::EngagerProcedure { .. } => Err(RefusSanction::ProcedureDejaEngagee),
            C::InformerEleve { jours, mineur, responsables, conseil_le, le } => {
                self.informer(eleve, (jours, conseil_le), (mineur, responsables), le)
            }
            C::RecueillirDefense { defense, le } => self.recueillir(eleve, defense, le),
            C::ClasserProcedure { motif, le } => self.classer(eleve, &motif, le),
            C::PrononcerSanction { decision, le } => self.prononcer(eleve, decision, le),
            C::NotifierSanction { destinataires, voie, le } => self.notifier(eleve, destinataires, voie, le),
            C::ExecuterSanction { du } => self.executer(eleve, du),
            C::RevoquerSursis { motifs, faits_le, encourue, conseil, le } => {
                self.revoquer(eleve, (&motifs, faits_le, encourue), conseil, le)
            }
            C::NoterRecours { nature, le } => {
                self.prononcee()?;
                Ok(vec![SanctionEvent::RecoursNote { eleve, nature, le }])
            }
            C::AnnulerSanction { motif, le } => self.annuler(eleve, &motif, le),
            C::DemanderEffacement { par, le } => self.demander_effacement(eleve, par, le),
            C::EffacerSanction { cause, parti, terme, le } => self.effacer(cause, (parti, terme), le),
        }
    }

    fn apply(&mut self, event: SanctionEvent) {
        if let Some((eleve, decision, le, _)) = event.prononce() {
            let (degre, sursis) = (decision.nature.degre(), decision.sursis);
            self.eleve = Some(eleve);
            self.prononcee = Some(Prononcee { degre, le, sursis });
            self.premiere.get_or_insert(le);
            return;
        }
        match event {
            SanctionEvent::ProcedureEngagee { eleve, .. } => self.eleve = Some(eleve),
            SanctionEvent::EleveInforme { fin, conseil_le, .. } => self.informe = Some((fin, conseil_le)),
            SanctionEvent::DefenseRecueillie { .. } => self.defense = true,
            SanctionEvent::SanctionNotifiee { .. } => self.notifiee = true,
            SanctionEvent::SursisRevoque { .. } => {
                if let Some(prononcee) = &mut self.prononcee {
                    prononcee.sursis = None;
                }
            }
            SanctionEvent::RecoursNote { .. } => self.recours = true,
            SanctionEvent::SanctionAnnulee { .. } => {
                (self.prononcee, self.notifiee, self.recours) = (None, false, false);
            }
            SanctionEvent::EffacementDemande { .. } => self.effacement_demande = true,
            SanctionEvent::ProcedureClassee { .. } | SanctionEvent::SanctionEffacee { .. } => {
                self.terminee = true;
            }
            SanctionEvent::SanctionExecutee { .. }
            | SanctionEvent::AvertissementPrononce { .. }
            | SanctionEvent::BlamePrononce { .. }
            | SanctionEvent::ResponsabilisationPrononcee { .. }
            | SanctionEvent::ExclusionTemporairePrononcee { .. }
            | SanctionEvent::ExclusionDefinitivePrononcee { .. } => {}
        }
    }
}

impl SanctionEvent {
    /// Of a decision: about whom, what, when, and the day from which it is no longer in the file.
    pub fn prononce(&self) -> Option<(PersonneId, &DecisionDeSanction, NaiveDate, Option<NaiveDate>)> {
        match self {
            Self::AvertissementPrononce { eleve, decision, le, effacement }
            | Self::BlamePrononce { eleve, decision, le, effacement }
            | Self::ResponsabilisationPrononcee { eleve, decision, le, effacement }
            | Self::ExclusionTemporairePrononcee { eleve, decision, le, effacement }
            | Self::ExclusionDefinitivePrononcee { eleve, decision, le, effacement } => {
                Some((*eleve, decision, *le, *effacement))
            }
            Self::ProcedureEngagee { .. }
            | Self::EleveInforme { .. }
            | Self::DefenseRecueillie { .. }
            | Self::ProcedureClassee { .. }
            | Self::SanctionNotifiee { .. }
            | Self::SanctionExecutee { .. }
            | Self::SursisRevoque { .. }
            | Self::RecoursNote { .. }
            | Self::SanctionAnnulee { .. }
            | Self::EffacementDemande { .. }
            | Self::SanctionEffacee { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests;
