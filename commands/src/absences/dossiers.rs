//! Files of absences: stated from rolls, entered, announced, justified, settled.

use crate::rights::{Action, Autorite, Resource};
use crate::{Act, Commands, Demande, Refused, UseCaseError};
use chrono::NaiveDate;
use domain::absences::{
    Creneau, Decision, DossierAbsence, DossierAbsenceCommand, Justification, MotifDAbsence, MoyenDeContact,
    OrigineDAbsence, Piece, Recueil, Reglement, Scolarite, SupportDeJustificatif,
};
use domain::annuaire::{EtatCivil, Uai};
use domain::pieces::Objet;
use domain::{
    DossierAbsenceId, EnseignementId, EtablissementId, PersonneId, PieceId, PortailId, heure_locale,
};
use ledger::unit::Recorded;
use projections::absences::{Absent, Appels, DossierAbsence as Row, Dossiers, Excuses};
use projections::annuaire::{Annuaire, Identites};
use std::collections::{BTreeMap, BTreeSet};

/// What a family says of an absence.
#[derive(Debug, Clone)]
pub struct RaisonDonnee {
    /// Code of the motive.
    pub motif: String,
    /// In their own words.
    pub texte: Option<String>,
    /// A document that the family keeps.
    pub piece: Option<Piece>,
    /// Files that it has deposited.
    pub pieces: Vec<PieceId>,
}

/// How an absence is to be settled.
#[derive(Debug, Clone)]
pub struct ReglementDemande {
    /// Whether the reason is a good one.
    pub recevable: bool,
    /// Code of the motive that is kept; the family's, if none is said.
    pub motif: Option<String>,
    /// Why it is not, or what else is to be known.
    pub raison: Option<String>,
}

impl Commands {
    /// States the absences of a day from its closed rolls, as often as one likes: what the rolls no
    /// longer show is withdrawn. A dispense or an absence of the whole group is no absence.
    pub async fn constater_absences(
        &self,
        demande: &Demande,
        uai: &Uai,
        date: NaiveDate,
    ) -> Result<Recorded, UseCaseError> {
        let etablissement = uai.etablissement();
        let autorite = self.constater(demande, etablissement)?;
        let mut shown = self.absences_du_jour(uai, date).await?;
        // Who is no longer absent is stated to have been there.
        for eleve in Dossiers::by_rolls(&self.views, etablissement.0, date).await? {
            shown.entry(PersonneId(eleve)).or_default();
        }
        let mut act = self.act_on(demande, autorite, uai.portail(), date);
        for (eleve, creneaux) in shown {
            let scolarite = Scolarite { eleve, etablissement };
            let origine = OrigineDAbsence::Appels;
            let command = DossierAbsenceCommand::ConstaterAbsence { scolarite, creneaux, origine };
            act = act.tell::<DossierAbsence>(DossierAbsence::du_jour(scolarite, date), command);
        }
        act.record().await
    }

    /// Enters an absence that no roll shows.
    pub async fn saisir_absence(
        &self,
        demande: &Demande,
        dossier: DossierAbsenceId,
        scolarite: Scolarite,
        creneau: Creneau,
    ) -> Result<Recorded, UseCaseError> {
        let autorite = self.tenir(demande, scolarite.etablissement)?;
        let portail = self.scolarise(scolarite).await?;
        let (creneaux, origine) = (vec![creneau], OrigineDAbsence::Saisie);
        let command = DossierAbsenceCommand::ConstaterAbsence { scolarite, creneaux, origine };
        self.act_on(demande, autorite, portail, creneau.debut.date())
            .tell::<DossierAbsence>(dossier, command)
            .record()
            .await
    }

    /// Announces an absence to come.
    pub async fn annoncer_absence(
        &self,
        demande: &Demande,
        dossier: DossierAbsenceId,
        scolarite: Scolarite,
        creneau: Creneau,
        raison: RaisonDonnee,
    ) -> Result<Recorded, UseCaseError> {
        let autorite = self.justifier(demande, scolarite)?;
        let act = self.act(demande, autorite, self.scolarise(scolarite).await?);
        let justification = self.justification(&act, demande, scolarite.etablissement, raison).await?;
        let (pieces, maintenant) = (justification.pieces.clone(), heure_locale(self.now()));
        let command =
            DossierAbsenceCommand::AnnoncerAbsence { scolarite, creneau, justification, maintenant };
        let act = act.tell::<DossierAbsence>(dossier, command);
        self.joindre_au_dossier(act, demande, &pieces, (dossier, scolarite.eleve)).await?.record().await
    }

    /// Says why a pupil was absent.
    pub async fn justifier_absence(
        &self,
        demande: &Demande,
        dossier: DossierAbsenceId,
        raison: RaisonDonnee,
    ) -> Result<Recorded, UseCaseError> {
        let row = self.dossier_absence(dossier).await?;
        let scolarite = scolarite(&row);
        let autorite = self.justifier(demande, scolarite)?;
        let act = self.act(demande, autorite, crate::portail(&row.portail)?);
        let justification = self.justification(&act, demande, scolarite.etablissement, raison).await?;
        let pieces = justification.pieces.clone();
        let command = DossierAbsenceCommand::JustifierAbsence { justification };
        let act = act.tell::<DossierAbsence>(dossier, command);
        self.joindre_au_dossier(act, demande, &pieces, (dossier, scolarite.eleve)).await?.record().await
    }

    /// Writes down, for a family, why a pupil was absent, as someone who answers for the pupil said
    /// outside the ENT.
    pub async fn enregistrer_justificatif(
        &self,
        demande: &Demande,
        dossier: DossierAbsenceId,
        (remis_par, support): (PersonneId, SupportDeJustificatif),
        raison: RaisonDonnee,
    ) -> Result<Recorded, UseCaseError> {
        let row = self.dossier_absence(dossier).await?;
        let scolarite = scolarite(&row);
        let Scolarite { eleve, etablissement } = scolarite;
        let resource = Resource::Eleve { personne: eleve, etablissement: Some(etablissement) };
        let autorite = self.permit(&demande.acteur, Action::RecueillirJustificatif, &resource)?;
        let act = self.act(demande, autorite, crate::portail(&row.portail)?);
        let said = self.justification(&act, demande, etablissement, raison).await?;
        let recueil = Some(Recueil { support, par: said.par });
        let justification = Justification { par: remis_par, recueil, ..said };
        let pieces = justification.pieces.clone();
        let en_repond = self.peut_justifier(remis_par, eleve).await?;
        let command = DossierAbsenceCommand::RecueillirJustificatif { justification, en_repond };
        let act = act.tell::<DossierAbsence>(dossier, command);
        self.joindre_au_dossier(act, demande, &pieces, (dossier, eleve)).await?.record().await
    }

    /// Whether somebody may say why a pupil was absent: who is informed of the pupil, or the pupil of
    /// age, each under whichever fiche.
    async fn peut_justifier(&self, qui: PersonneId, eleve: PersonneId) -> Result<bool, UseCaseError> {
        let known = Identites::fiches(&self.views, &[qui.0, eleve.0]).await?;
        let of = |whom: PersonneId| -> Vec<_> {
            known.iter().filter(|(asked, _)| *asked == whom.0).map(|(_, fiche)| *fiche).collect()
        };
        let (siennes, de_l_eleve) = (of(qui), of(eleve));
        if siennes.contains(&eleve.0) {
            let rows = Annuaire::personnes(&self.views, &siennes).await?;
            let naissance = rows.into_iter().filter_map(|row| row.naissance).max();
            return Ok(EtatCivil { naissance, ..EtatCivil::default() }.est_majeur(self.today()));
        }
        let informes = Annuaire::informes_de(&self.views, &de_l_eleve).await?;
        Ok(informes.iter().any(|fiche| siennes.contains(fiche)))
    }

    /// Has the files behind a reason join the file of an absence: they are the pupil's, under whichever
    /// of his or her fiches.
    async fn joindre_au_dossier(
        &self,
        act: Act,
        demande: &Demande,
        pieces: &[PieceId],
        (dossier, eleve): (DossierAbsenceId, PersonneId),
    ) -> Result<Act, UseCaseError> {
        let fiches = Identites::fiches(&self.views, &[eleve.0]).await?;
        let fiches: Vec<_> = fiches.into_iter().map(|(_, fiche)| PersonneId(fiche)).collect();
        let objet = Objet::DossierAbsence { dossier };
        self.joindre(act, demande, pieces, (objet, fiches.as_slice())).await
    }

    /// Puts a contact with the family on the file.
    pub async fn contacter_famille(
        &self,
        demande: &Demande,
        dossier: DossierAbsenceId,
        moyen: MoyenDeContact,
        resume: Option<String>,
    ) -> Result<Recorded, UseCaseError> {
        let row = self.dossier_absence(dossier).await?;
        let autorite = self.tenir(demande, EtablissementId(row.etablissement))?;
        let par = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        let command = DossierAbsenceCommand::ContacterFamille { moyen, resume, par, le: self.now() };
        self.act(demande, autorite, crate::portail(&row.portail)?)
            .tell::<DossierAbsence>(dossier, command)
            .record()
            .await
    }

    /// Settles an absence, and states what thresholds its months then reach.
    pub async fn regler_absence(
        &self,
        demande: &Demande,
        dossier: DossierAbsenceId,
        asked: ReglementDemande,
    ) -> Result<Recorded, UseCaseError> {
        let row = self.dossier_absence(dossier).await?;
        let scolarite = scolarite(&row);
        let autorite = self.tenir(demande, scolarite.etablissement)?;
        let par = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        let act = self.act(demande, autorite, crate::portail(&row.portail)?);
        let ReglementDemande { recevable, motif, raison } = asked;
        let motif = match motif {
            Some(code) => Some(self.motif(&act, scolarite.etablissement, &code).await?),
            None => None,
        };
        let decision = Decision { recevable, motif, raison, par };
        let command = DossierAbsenceCommand::ReglerAbsence { decision: decision.clone(), le: self.today() };
        let act = act.tell::<DossierAbsence>(dossier, command);
        self.tell_seuils(act, &row, decision).await?.record().await
    }

    /// When the closed rolls of a day show pupils absent who had to be there: a dispense, or a group that
    /// was away, counts under whichever fiche of the pupil it is.
    async fn absences_du_jour(
        &self,
        uai: &Uai,
        date: NaiveDate,
    ) -> Result<BTreeMap<PersonneId, Vec<Creneau>>, UseCaseError> {
        let etablissement = uai.etablissement().0;
        let absents = Appels::absents(&self.views, uai.portail().as_str(), date).await?;
        let eleves: Vec<_> = absents.iter().map(|absent| absent.eleve).collect();
        let memes: BTreeSet<_> = Identites::fiches(&self.views, &eleves).await?.into_iter().collect();
        let fiches: Vec<_> = memes.iter().map(|(_, fiche)| *fiche).collect();
        let dispenses = Excuses::dispenses_of(&self.views, etablissement, &fiches, None, None).await?;
        let ailleurs = Excuses::ailleurs(&self.views, etablissement, &fiches, (date, date)).await?;
        let had_to = |absent: &&Absent| {
            let enseignement = EnseignementId(absent.enseignement);
            let excused = dispenses.iter().filter(|one| memes.contains(&(absent.eleve, one.eleve)));
            let mut away = ailleurs.iter().filter(|one| memes.contains(&(absent.eleve, one.eleve)));
            let (debut, fin) = (date.and_time(absent.debut), date.and_time(absent.fin));
            !excused.map(|one| one.etendue()).any(|etendue| etendue.couvre(enseignement, date))
                && !away.any(|one| one.debut <= debut && fin <= one.fin)
        };
        let mut shown: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for absent in absents.iter().filter(had_to) {
            let creneau = Creneau { debut: date.and_time(absent.debut), fin: date.and_time(absent.fin) };
            shown.entry(PersonneId(absent.eleve)).or_default().push(creneau);
        }
        Ok(shown)
    }

    /// The right to keep the files of an établissement.
    pub(super) fn tenir(
        &self,
        demande: &Demande,
        etablissement: EtablissementId,
    ) -> Result<Autorite, UseCaseError> {
        let resource = Resource::Etablissement { id: etablissement };
        self.permit(&demande.acteur, Action::TenirDossiersAbsence, &resource)
    }

    pub(super) fn constater(
        &self,
        demande: &Demande,
        etablissement: EtablissementId,
    ) -> Result<Autorite, UseCaseError> {
        let resource = Resource::Etablissement { id: etablissement };
        self.permit(&demande.acteur, Action::ConstaterAssiduite, &resource)
    }

    fn justifier(&self, demande: &Demande, scolarite: Scolarite) -> Result<Autorite, UseCaseError> {
        let Scolarite { eleve, etablissement } = scolarite;
        let resource = Resource::Eleve { personne: eleve, etablissement: Some(etablissement) };
        self.permit(&demande.acteur, Action::JustifierAbsence, &resource)
    }

    /// The portal of an établissement, for a pupil who is enrolled there.
    pub(super) async fn scolarise(&self, scolarite: Scolarite) -> Result<PortailId, UseCaseError> {
        let Scolarite { eleve, etablissement } = scolarite;
        match self.attached(etablissement.0, &[eleve.0], &["eleve"]).await?.contains(&eleve) {
            true => Ok(self.uai(etablissement.0).await?.portail()),
            false => Err(UseCaseError::Interdit),
        }
    }

    pub(crate) async fn dossier_absence(&self, id: DossierAbsenceId) -> Result<Row, UseCaseError> {
        Dossiers::by_ids(&self.views, &[id.0]).await?.pop().ok_or(UseCaseError::Interdit)
    }

    /// A motive as the établissement defines it now.
    async fn motif(
        &self,
        act: &Act,
        etablissement: EtablissementId,
        code: &str,
    ) -> Result<MotifDAbsence, UseCaseError> {
        let (reglement, _) = act.load::<Reglement>(etablissement).await?;
        reglement.motif(code).map_err(|refus| UseCaseError::Refused(Refused::of(&refus)))
    }

    async fn justification(
        &self,
        act: &Act,
        demande: &Demande,
        etablissement: EtablissementId,
        raison: RaisonDonnee,
    ) -> Result<Justification, UseCaseError> {
        let par = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        let RaisonDonnee { motif, texte, piece, pieces } = raison;
        let motif = self.motif(act, etablissement, &motif).await?;
        Ok(Justification { par, motif, texte, piece, pieces, recueil: None })
    }
}

/// Whose a file is.
pub(super) fn scolarite(row: &Row) -> Scolarite {
    Scolarite { eleve: PersonneId(row.eleve), etablissement: EtablissementId(row.etablissement) }
}
