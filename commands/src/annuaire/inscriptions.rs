//! Pupils who leave an établissement for another one.

use crate::rights::{Action, Resource};
use crate::{Commands, Demande, Refused, UseCaseError, portail};
use chrono::NaiveDate;
use domain::annuaire::{
    Inscription, InscriptionCommand, Personne, PersonneCommand, Profil, RefusInscription, Uai,
};
use domain::{DivisionId, EtablissementId, PersonneId};
use ledger::unit::Recorded;
use projections::annuaire::{Annuaire, Etablissement, Identites, Inscriptions};

/// Why a pupil who is taken in, and who answers for him or her, are entered by hand.
const ACCUEIL: &str = "accueil d'un élève venu d'un autre établissement";

/// A departure that is asked for.
#[derive(Debug, Clone)]
pub struct DepartDemande {
    /// First day on which the pupil is no longer there.
    pub le: NaiveDate,
    /// Where to, if it is known.
    pub destination: Option<EtablissementId>,
    /// Why.
    pub motif: String,
}

impl Commands {
    /// Strikes a pupil off the list of an établissement; he or she leaves its division too.
    pub async fn radier_eleve(
        &self,
        demande: &Demande,
        uai: &Uai,
        eleve: PersonneId,
        asked: DepartDemande,
    ) -> Result<Recorded, UseCaseError> {
        let etablissement = uai.etablissement();
        let resource = Resource::Eleve { personne: eleve, etablissement: Some(etablissement) };
        let autorite = self.permit(&demande.acteur, Action::RadierEleve, &resource)?;
        let inscrit = self.attached(etablissement.0, &[eleve.0], &["eleve"]).await?.contains(&eleve);
        let house = self.house(etablissement).await?;
        let DepartDemande { le, destination, motif } = asked;
        let aujourd_hui = self.today();
        let parole = self.parole_saisie(uai, motif.clone());
        let leave = PersonneCommand::ReaffecterEleve { etablissement, division: None, parole };
        let radier = InscriptionCommand::RadierEleve {
            eleve,
            etablissement,
            inscrit,
            le,
            aujourd_hui,
            destination,
            motif,
        };
        self.act_on(demande, autorite, portail(&house.portail)?, le)
            .tell::<Inscription>(eleve, radier)
            .tell::<Personne>(eleve, leave)
            .record()
            .await
    }

    /// Takes in a pupil whom another établissement has struck off for this one; who is informed of
    /// the pupil belongs here too.
    pub async fn accueillir_eleve(
        &self,
        demande: &Demande,
        uai: &Uai,
        eleve: PersonneId,
        (division, le): (Option<DivisionId>, NaiveDate),
    ) -> Result<Recorded, UseCaseError> {
        let id = uai.etablissement();
        let autorite =
            self.permit(&demande.acteur, Action::AccueillirEleve, &Resource::Etablissement { id })?;
        let house = self.house(id).await?;
        self.of_this_academie(eleve, &house).await?;
        if let Some(division) = division {
            self.division_of(division, id).await?;
        }
        let aujourd_hui = self.today();
        let accueillir = InscriptionCommand::AccueillirEleve { eleve, etablissement: id, le, aujourd_hui };
        let parole = self.parole_saisie(uai, ACCUEIL.to_owned());
        let attach = |profil| PersonneCommand::RattacherPersonne {
            etablissement: id,
            profil,
            fonctions: Vec::new(),
            parole: parole.clone(),
        };
        let parole = parole.clone();
        let enter = vec![
            attach(Profil::Eleve),
            PersonneCommand::ReaffecterEleve { etablissement: id, division, parole },
        ];
        let mut act = self
            .act_on(demande, autorite, portail(&house.portail)?, le)
            .tell::<Inscription>(eleve, accueillir)
            .tell_all::<Personne>(eleve, enter);
        let fiches = Identites::fiches(&self.views, &[eleve.0]).await?;
        let fiches: Vec<_> = fiches.into_iter().map(|(_, fiche)| fiche).collect();
        let adultes = Annuaire::informes_de(&self.views, &fiches).await?;
        // Who is there already, as a teacher perhaps, stays what he or she is.
        let there = self.attached(id.0, &adultes, &[]).await?;
        for adulte in adultes.into_iter().map(PersonneId).filter(|adulte| !there.contains(adulte)) {
            act = act.tell::<Personne>(adulte, attach(Profil::Responsable));
        }
        act.record().await
    }

    /// A pupil's streams are in the journal of one académie, and no other one writes there.
    async fn of_this_academie(&self, eleve: PersonneId, house: &Etablissement) -> Result<(), UseCaseError> {
        let left = Inscriptions::quittes(&self.views, eleve.0).await?;
        let left = Annuaire::etablissements(&self.views, &left).await?;
        if left.iter().all(|sent| sent.portail == house.portail) {
            return Ok(());
        }
        Err(UseCaseError::Refused(Refused::of(&RefusInscription::AutreAcademie)))
    }

    async fn house(&self, id: EtablissementId) -> Result<Etablissement, UseCaseError> {
        let found = Annuaire::etablissements(&self.views, &[id.0]).await?.pop();
        found.ok_or(UseCaseError::Interdit)
    }
}
