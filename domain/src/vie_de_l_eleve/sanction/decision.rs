//! What a procedure decides, step by step.

use super::{
    CONVOCATION_MIN, DELAI_MIN, Defense, Prononcee, RefusSanction, Sanction, SanctionEvent,
    VoieDeNotification,
};
use crate::vie_de_l_eleve::{
    CasObligatoire, CauseEffacement, Conseil, DecisionDeSanction, Degre, NatureSanction, effacement,
    fin_du_delai, fin_du_sursis, recit,
};
use crate::{IncidentId, PersonneId};
use chrono::{Days, NaiveDate};

type Decided = Result<Vec<SanctionEvent>, RefusSanction>;

impl Sanction {
    pub(super) fn prononcee(&self) -> Result<Prononcee, RefusSanction> {
        self.prononcee.ok_or(RefusSanction::PasEncorePrononcee)
    }

    fn not_yet_pronounced(&self) -> Result<(), RefusSanction> {
        if self.prononcee.is_some() { Err(RefusSanction::DejaPrononcee) } else { Ok(()) }
    }

    pub(super) fn engager(
        &self,
        (eleve, cas, incident): (PersonneId, Option<CasObligatoire>, Option<IncidentId>),
        griefs: &str,
        par: PersonneId,
        le: NaiveDate,
    ) -> Decided {
        if self.eleve.is_some() || self.terminee {
            return Err(RefusSanction::ProcedureDejaEngagee);
        }
        let griefs = recit(griefs).ok_or(RefusSanction::GriefsManquants)?;
        Ok(vec![SanctionEvent::ProcedureEngagee { eleve, griefs, cas, incident, par, le }])
    }

    pub(super) fn informer(
        &self,
        eleve: PersonneId,
        (jours, conseil_le): (u8, Option<NaiveDate>),
        (mineur, responsables): (bool, Vec<PersonneId>),
        le: NaiveDate,
    ) -> Decided {
        self.not_yet_pronounced()?;
        if self.informe.is_some() {
            return Err(RefusSanction::DejaInforme);
        }
        if jours < DELAI_MIN {
            return Err(RefusSanction::DelaiTropCourt);
        }
        if mineur && responsables.is_empty() {
            return Err(RefusSanction::ResponsableAInformer);
        }
        let soonest = le.checked_add_days(Days::new(CONVOCATION_MIN));
        if conseil_le.is_some_and(|seance| soonest.is_none_or(|soonest| seance < soonest)) {
            return Err(RefusSanction::ConseilTropTot);
        }
        let fin = fin_du_delai(le, jours).ok_or(RefusSanction::DelaiTropCourt)?;
        Ok(vec![SanctionEvent::EleveInforme { eleve, responsables, fin, conseil_le, le }])
    }

    pub(super) fn recueillir(&self, eleve: PersonneId, defense: Defense, le: NaiveDate) -> Decided {
        self.not_yet_pronounced()?;
        let (fin, _) = self.informe.ok_or(RefusSanction::EleveNonInforme)?;
        let said = |propos: &str| recit(propos).ok_or(RefusSanction::DefenseInvalide);
        let defense = match defense {
            Defense::Orale { propos, assiste } => Defense::Orale { propos: said(&propos)?, assiste },
            Defense::Ecrite { propos } => Defense::Ecrite { propos: said(&propos)? },
            Defense::Absence if le <= fin => return Err(RefusSanction::DelaiEnCours { fin }),
            kept @ (Defense::Renonciation | Defense::Absence) => kept,
        };
        Ok(vec![SanctionEvent::DefenseRecueillie { eleve, defense, le }])
    }

    pub(super) fn classer(&self, eleve: PersonneId, motif: &str, le: NaiveDate) -> Decided {
        self.not_yet_pronounced()?;
        let motif = recit(motif).ok_or(RefusSanction::MotifsManquants)?;
        Ok(vec![SanctionEvent::ProcedureClassee { eleve, motif, le }])
    }

    pub(super) fn prononcer(
        &self,
        eleve: PersonneId,
        decision: DecisionDeSanction,
        le: NaiveDate,
    ) -> Decided {
        self.not_yet_pronounced()?;
        let (fin, conseil_le) = self.informe.ok_or(RefusSanction::EleveNonInforme)?;
        if le <= fin {
            return Err(RefusSanction::DelaiEnCours { fin });
        }
        if !self.defense {
            return Err(RefusSanction::DefenseARecueillir);
        }
        let decision = decision.motivee().ok_or(RefusSanction::MotifsManquants)?;
        let degre = decision.nature.degre();
        permise(&decision)?;
        voted(degre, decision.conseil)?;
        if decision.conseil.is_some() && conseil_le.is_none_or(|seance| le < seance) {
            return Err(RefusSanction::ConseilTropTot);
        }
        suspended(&decision, le)?;
        let effacement = effacement(degre, self.premiere.unwrap_or(le), None);
        Ok(vec![event(degre, eleve, decision, le, effacement)])
    }

    pub(super) fn notifier(
        &self,
        eleve: PersonneId,
        destinataires: Vec<PersonneId>,
        voie: VoieDeNotification,
        le: NaiveDate,
    ) -> Decided {
        self.prononcee()?;
        if destinataires.is_empty() {
            return Err(RefusSanction::SansDestinataire);
        }
        let notifiee = |destinataire| SanctionEvent::SanctionNotifiee { eleve, destinataire, voie, le };
        Ok(destinataires.into_iter().map(notifiee).collect())
    }

    pub(super) fn executer(&self, eleve: PersonneId, du: NaiveDate) -> Decided {
        if self.prononcee()?.sursis.is_some() {
            return Err(RefusSanction::AvecSursis);
        }
        if !self.notifiee {
            return Err(RefusSanction::PasEncoreNotifiee);
        }
        Ok(vec![SanctionEvent::SanctionExecutee { eleve, du }])
    }

    pub(super) fn revoquer(
        &self,
        eleve: PersonneId,
        (motifs, faits_le, encourue): (&str, NaiveDate, Degre),
        conseil: Option<Conseil>,
        le: NaiveDate,
    ) -> Decided {
        let prononcee = self.prononcee()?;
        let jusque = prononcee.sursis.ok_or(RefusSanction::SansSursis)?;
        let within = prononcee.le <= faits_le && faits_le <= jusque && le <= jusque && faits_le <= le;
        if !within {
            return Err(RefusSanction::FaitsHorsSursis);
        }
        if encourue < prononcee.degre {
            return Err(RefusSanction::FaitsTropLegers);
        }
        voted(prononcee.degre, conseil)?;
        let motifs = recit(motifs).ok_or(RefusSanction::MotifsManquants)?;
        Ok(vec![SanctionEvent::SursisRevoque { eleve, motifs, faits_le, encourue, conseil, le }])
    }

    pub(super) fn annuler(&self, eleve: PersonneId, motif: &str, le: NaiveDate) -> Decided {
        self.prononcee()?;
        if !self.recours {
            return Err(RefusSanction::SansRecours);
        }
        let motif = recit(motif).ok_or(RefusSanction::MotifsManquants)?;
        Ok(vec![SanctionEvent::SanctionAnnulee { eleve, motif, le }])
    }

    pub(super) fn demander_effacement(&self, eleve: PersonneId, par: PersonneId, le: NaiveDate) -> Decided {
        if self.prononcee()?.degre == Degre::ExclusionDefinitive {
            return Err(RefusSanction::EffacementAuTerme);
        }
        let first = !self.effacement_demande;
        Ok(first.then_some(SanctionEvent::EffacementDemande { eleve, par, le }).into_iter().collect())
    }

    pub(super) fn effacer(
        &self,
        cause: CauseEffacement,
        (parti, terme): (bool, Option<NaiveDate>),
        le: NaiveDate,
    ) -> Decided {
        let Prononcee { degre, le: prononcee_le, .. } = self.prononcee()?;
        match cause {
            CauseEffacement::TermeLegal => {
                match effacement(degre, self.premiere.unwrap_or(prononcee_le), terme) {
                    Some(due) if due <= le => {}
                    Some(due) => return Err(RefusSanction::EffacementTropTot { le: due }),
                    None => return Err(RefusSanction::EffacementAuTerme),
                }
            }
            CauseEffacement::ChangementDEtablissement if degre == Degre::ExclusionDefinitive => {
                return Err(RefusSanction::EffacementAuTerme);
            }
            CauseEffacement::ChangementDEtablissement if !self.effacement_demande => {
                return Err(RefusSanction::EffacementNonDemande);
            }
            CauseEffacement::ChangementDEtablissement if !parti => {
                return Err(RefusSanction::EleveNonParti);
            }
            CauseEffacement::ChangementDEtablissement => {}
        }
        Ok(vec![SanctionEvent::SanctionEffacee { cause, le }])
    }
}

/// The length that the law allows, and the engagement that it wants.
fn permise(decision: &DecisionDeSanction) -> Result<(), RefusSanction> {
    if !decision.nature.duree_permise() {
        return Err(RefusSanction::DureeHorsBornes);
    }
    match decision.nature {
        NatureSanction::Responsabilisation { engagement_signe: false, .. } => {
            Err(RefusSanction::EngagementARecueillir)
        }
        NatureSanction::Responsabilisation { .. }
        | NatureSanction::Avertissement
        | NatureSanction::Blame
        | NatureSanction::ExclusionDeLaClasse { .. }
        | NatureSanction::ExclusionDeLEtablissement { .. }
        | NatureSanction::ExclusionDAnnexe { .. }
        | NatureSanction::ExclusionDefinitive => Ok(()),
    }
}

/// Whether who decides may: a conseil de discipline what only it may, and by a valid vote.
fn voted(degre: Degre, conseil: Option<Conseil>) -> Result<(), RefusSanction> {
    match conseil {
        None if degre == Degre::ExclusionDefinitive => Err(RefusSanction::ConseilDeDisciplineRequis),
        Some(conseil) if !conseil.a_prononce() => Err(RefusSanction::VoteInvalide),
        None | Some(_) => Ok(()),
    }
}

fn suspended(decision: &DecisionDeSanction, le: NaiveDate) -> Result<(), RefusSanction> {
    let Some(jusque) = decision.sursis else { return Ok(()) };
    if !decision.nature.admet_sursis() {
        return Err(RefusSanction::SursisImpossible);
    }
    let bounds = fin_du_sursis(decision.nature.degre(), le).ok_or(RefusSanction::SursisImpossible)?;
    let (least, most) = bounds;
    if (least..=most).contains(&jusque) {
        Ok(())
    } else {
        Err(RefusSanction::SursisHorsBornes { least, most })
    }
}

fn event(
    degre: Degre,
    eleve: PersonneId,
    decision: DecisionDeSanction,
    le: NaiveDate,
    effacement: Option<NaiveDate>,
) -> SanctionEvent {
    match degre {
        Degre::Avertissement => SanctionEvent::AvertissementPrononce { eleve, decision, le, effacement },
        Degre::Blame => SanctionEvent::BlamePrononce { eleve, decision, le, effacement },
        Degre::Responsabilisation => {
            SanctionEvent::ResponsabilisationPrononcee { eleve, decision, le, effacement }
        }
        Degre::ExclusionTemporaire => {
            SanctionEvent::ExclusionTemporairePrononcee { eleve, decision, le, effacement }
        }
        Degre::ExclusionDefinitive => {
            SanctionEvent::ExclusionDefinitivePrononcee { eleve, decision, le, effacement }
        }
    }
}
