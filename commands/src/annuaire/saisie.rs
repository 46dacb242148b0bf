//! Entering by hand what the feeds lack, with a motive: the direction of the établissement, or its
//! administrateur ENT by delegation. A hand is believed last.

use crate::rights::{Action, Autorite, Resource};
use crate::{Commands, Demande, Refused, UseCaseError, portail};
use domain::annuaire::{
    EtatCivil, Origine, Parole, Personne, PersonneCommand, Profil, Provenance, RefusIdentite, RefusPersonne,
    Responsabilite, Source, Uai,
};
use domain::{DivisionId, EtablissementId, PersonneId, PortailId};
use ledger::unit::Recorded;
use projections::annuaire::{Annuaire, Identites, Sources};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Someone whom no feed names.
#[derive(Debug, Clone)]
pub struct PersonneSaisie {
    /// Chosen by who enters: the same one again is the same person.
    pub identifiant: Uuid,
    /// The identity.
    pub etat_civil: EtatCivil,
    /// As what the person is in the établissement.
    pub rattachement: RattachementSaisi,
}

/// What someone is in an établissement.
#[derive(Debug, Clone)]
pub struct RattachementSaisi {
    /// As what.
    pub profil: Profil,
    /// Codes of the functions held there.
    pub fonctions: Vec<String>,
}

/// An établissement into which one may enter, and what every act there needs.
struct Saisie {
    uai: Uai,
    etablissement: EtablissementId,
    autorite: Autorite,
    /// The académie's, whose journal holds the directory.
    journal: PortailId,
    parole: Parole,
}

impl Commands {
    /// Enters a person; gives the id under which he or she is known.
    pub async fn saisir_personne(
        &self,
        demande: &Demande,
        etablissement: EtablissementId,
        saisie: PersonneSaisie,
        motif: String,
    ) -> Result<(PersonneId, Recorded), UseCaseError> {
        let ici = self.saisie(demande, etablissement, motif).await?;
        let PersonneSaisie { identifiant, etat_civil, rattachement } = saisie;
        let RattachementSaisi { profil, fonctions } = rattachement;
        let parole = ici.parole.clone();
        let (personne, enregistrer) = enregistrer(&ici.uai, identifiant, etat_civil, parole.clone());
        let rattacher = PersonneCommand::RattacherPersonne { etablissement, profil, fonctions, parole };
        let act = self.act(demande, ici.autorite, ici.journal);
        let recorded = act.tell_all::<Personne>(personne, vec![enregistrer, rattacher]).record().await?;
        Ok((personne, recorded))
    }

    /// Says what a person whom the établissement knows is there.
    pub async fn rattacher_personne(
        &self,
        demande: &Demande,
        etablissement: EtablissementId,
        personne: PersonneId,
        rattachement: RattachementSaisi,
        motif: String,
    ) -> Result<Recorded, UseCaseError> {
        let ici = self.saisie(demande, etablissement, motif).await?;
        self.desinteresse(demande, [personne])?;
        self.connues(&ici, [personne]).await?;
        let RattachementSaisi { profil, fonctions } = rattachement;
        let parole = ici.parole.clone();
        let command = PersonneCommand::RattacherPersonne { etablissement, profil, fonctions, parole };
        self.act(demande, ici.autorite, ici.journal).tell::<Personne>(personne, command).record().await
    }

    /// Puts a pupil of the établissement in one of its divisions, or in none.
    pub async fn affecter_eleve(
        &self,
        demande: &Demande,
        etablissement: EtablissementId,
        eleve: PersonneId,
        division: Option<DivisionId>,
        motif: String,
    ) -> Result<Recorded, UseCaseError> {
        let ici = self.saisie(demande, etablissement, motif).await?;
        self.connues(&ici, [eleve]).await?;
        if let Some(division) = division {
            self.division_of(division, etablissement).await?;
        }
        let parole = ici.parole.clone();
        let command = PersonneCommand::AffecterEleve { etablissement, division, parole };
        self.act(demande, ici.autorite, ici.journal).tell::<Personne>(eleve, command).record().await
    }

    /// Says who answers for a pupil of the établissement: people whom it knows.
    pub async fn etablir_responsabilites(
        &self,
        demande: &Demande,
        etablissement: EtablissementId,
        eleve: PersonneId,
        responsables: Vec<Responsabilite>,
        motif: String,
    ) -> Result<Recorded, UseCaseError> {
        let ici = self.saisie(demande, etablissement, motif).await?;
        let adultes = responsables.iter().map(|line| line.responsable);
        self.desinteresse(demande, adultes.clone().chain([eleve]))?;
        self.connues(&ici, adultes.chain([eleve])).await?;
        if !self.attached(etablissement.0, &[eleve.0], &["eleve"]).await?.contains(&eleve) {
            return Err(UseCaseError::Refused(Refused::of(&RefusPersonne::EleveNonRattache)));
        }
        if Identites::fiches(&self.views, &[eleve.0]).await?.len() > 1 {
            return Err(UseCaseError::Refused(Refused::of(&RefusIdentite::FicheDejaFondue)));
        }
        let parole = ici.parole.clone();
        let command = PersonneCommand::EtablirResponsabilites { responsables, parole };
        self.act(demande, ici.autorite, ici.journal).tell::<Personne>(eleve, command).record().await
    }

    /// Refuses a division that is another établissement's.
    pub(super) async fn division_of(
        &self,
        division: DivisionId,
        etablissement: EtablissementId,
    ) -> Result<(), UseCaseError> {
        let found = Annuaire::divisions(&self.views, &[division.0]).await?.pop();
        let here = found.is_some_and(|row| row.etablissement == etablissement.0);
        here.then_some(()).ok_or(UseCaseError::Interdit)
    }

    /// The word of a hand of an établissement, today.
    pub(crate) fn parole_saisie(&self, uai: &Uai, motif: String) -> Parole {
        let provenance = Provenance { motif: Some(motif), ..Provenance::de(Origine::Saisie, uai.as_str()) };
        Parole { provenance, le: self.today() }
    }

    async fn saisie(
        &self,
        demande: &Demande,
        etablissement: EtablissementId,
        motif: String,
    ) -> Result<Saisie, UseCaseError> {
        let found = Annuaire::etablissements(&self.views, &[etablissement.0]).await?.pop();
        let found = found.ok_or(UseCaseError::Interdit)?;
        let uai: Uai = found.uai.parse().map_err(UseCaseError::fault)?;
        let on = Resource::Portail { id: uai.portail(), etablissement: Some(etablissement) };
        let autorite = self.permit(&demande.acteur, Action::SaisirAnnuaire, &on)?;
        let parole = self.parole_saisie(&uai, motif);
        Ok(Saisie { uai, etablissement, autorite, journal: portail(&found.portail)?, parole })
    }

    /// Nobody says by hand what he or she is, nor for whom he or she answers.
    fn desinteresse(
        &self,
        demande: &Demande,
        personnes: impl IntoIterator<Item = PersonneId>,
    ) -> Result<(), UseCaseError> {
        if personnes.into_iter().any(|personne| demande.acteur.is(personne)) {
            return Err(UseCaseError::Refused(Refused::of(&RefusPersonne::SaisiePourSoi)));
        }
        Ok(())
    }

    /// Only those are touched who belong to the établissement, or whom it named itself: an
    /// établissement takes nobody from another, nor the right to read of him or her.
    async fn connues(
        &self,
        ici: &Saisie,
        personnes: impl IntoIterator<Item = PersonneId>,
    ) -> Result<(), UseCaseError> {
        let personnes: Vec<Uuid> = personnes.into_iter().map(|personne| personne.0).collect();
        let attached = Annuaire::rattachements(&self.views, &personnes).await?;
        let here = attached.into_iter().filter(|row| row.etablissement == ici.etablissement.0);
        let mut known: BTreeSet<Uuid> = here.map(|row| row.personne).collect();
        known.extend(Sources::nommees_par(&self.views, ici.uai.as_str(), &personnes).await?);
        let all = personnes.iter().all(|personne| known.contains(personne));
        all.then_some(()).ok_or(UseCaseError::Interdit)
    }
}

/// Whom a hand of an établissement enters under an identifiant of its own, and the command that does.
pub(crate) fn enregistrer(
    uai: &Uai,
    identifiant: Uuid,
    etat_civil: EtatCivil,
    parole: Parole,
) -> (PersonneId, PersonneCommand) {
    let cle = identifiant.to_string();
    let personne = PersonneId::derived(&[uai.as_str(), "saisie", &cle]);
    let source = Source { origine: Origine::Saisie, portee: uai.to_string(), cle };
    (personne, PersonneCommand::EnregistrerPersonne { personne, source, etat_civil, parole })
}
