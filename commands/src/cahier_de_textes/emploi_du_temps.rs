//! The emploi du temps: what a program exports of it, and what a hand changes.

use crate::rights::{Acteur, Action, Autorite, Resource};
use crate::{Commands, Demande, UseCaseError};
use chrono::{NaiveDate, SecondsFormat};
use domain::JourDeSemaine;
use domain::annuaire::{Auditoire, Matiere, Uai};
use domain::cahier_de_textes::{
    Cours, EmploiDuTemps, EmploiDuTempsCommand, Modification, OrigineDuCours, Participation, Plage, Public,
    Rang, Semaines,
};
use domain::{
    AnneeScolaire, CommandeId, CoursId, DivisionId, EmploiDuTempsId, EnseignementId, EtablissementId,
    PersonneId,
};
use ledger::unit::Recorded;
use projections::annuaire::{Annuaire, Groupe, Groupes};

/// A course as it is asked for by hand: who teaches it, and to whom, follows from its enseignements.
#[derive(Debug, Clone)]
pub struct CoursDemande {
    /// Under which id: the same asked twice is one course.
    pub cours: CoursId,
    /// What is taught: one, or several that go together.
    pub enseignements: Vec<EnseignementId>,
    /// Day of the week.
    pub jour: JourDeSemaine,
    /// Hours.
    pub plage: Plage,
    /// Where.
    pub salles: Vec<String>,
    /// In which weeks.
    pub semaines: Semaines,
}

/// What a timetable program exports.
#[derive(Debug, Clone)]
pub struct ImportDeCours {
    /// Whose.
    pub uai: Uai,
    /// Of which school year.
    pub annee: AnneeScolaire,
    /// From which program.
    pub origine: OrigineDuCours,
    /// All of it.
    pub cours: Vec<Cours>,
}

impl Commands {
    /// Imports an emploi du temps; decides and records nothing, where it is a trial. An import is
    /// idempotent, so that one that was interrupted is begun again.
    pub async fn importer_cours(
        &self,
        acteur: &Acteur,
        import: ImportDeCours,
        a_blanc: bool,
    ) -> Result<(), UseCaseError> {
        let ImportDeCours { uai, annee, origine, cours } = import;
        let etablissement = uai.etablissement();
        let resource = Resource::Etablissement { id: etablissement };
        let autorite = self.permit(acteur, Action::ImporterEmploiDuTemps, &resource)?;
        let corps = serde_json::to_vec(&(&uai, annee, origine, &cours)).map_err(UseCaseError::fault)?;
        // The digest is keyed, for ids are in the clear.
        let digest = self.ledger.keys().kek().digest(&corps).map_err(UseCaseError::fault)?;
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let now = self.now().to_rfc3339_opts(SecondsFormat::Micros, true);
        let commande = CommandeId::derived(&[uai.as_str(), "emploi_du_temps", &now, &digest]);
        let demande = Demande { acteur: acteur.clone(), commande, corps, cause: None };
        let command = EmploiDuTempsCommand::ImporterCours { etablissement, annee, origine, cours };
        let act = self.act(&demande, autorite, uai.portail());
        let act = act.tell::<EmploiDuTemps>(EmploiDuTempsId::de(etablissement, annee), command);
        if a_blanc { act.decide().await.map(drop) } else { act.record().await.map(drop) }
    }

    /// Adds a course by hand, or changes one that was added so.
    pub async fn placer_cours(
        &self,
        demande: &Demande,
        uai: &Uai,
        annee: AnneeScolaire,
        asked: CoursDemande,
    ) -> Result<Recorded, UseCaseError> {
        let (etablissement, autorite) = self.may_manage(demande, uai)?;
        let cours = self.cours_demande(etablissement, asked).await?;
        let command = EmploiDuTempsCommand::PlacerCours { etablissement, annee, cours };
        self.tell_emploi_du_temps(demande, autorite, uai, annee, command).await
    }

    /// Takes away a course that was added by hand.
    pub async fn retirer_cours(
        &self,
        demande: &Demande,
        uai: &Uai,
        annee: AnneeScolaire,
        cours: CoursId,
    ) -> Result<Recorded, UseCaseError> {
        let (_, autorite) = self.may_manage(demande, uai)?;
        let command = EmploiDuTempsCommand::RetirerCours { cours };
        self.tell_emploi_du_temps(demande, autorite, uai, annee, command).await
    }

    /// Changes one occurrence; without a change, it is as in other weeks again. Who comes to teach
    /// is of the établissement.
    pub async fn modifier_occurrence(
        &self,
        demande: &Demande,
        uai: &Uai,
        rang: Rang,
        modification: Option<Modification>,
    ) -> Result<Recorded, UseCaseError> {
        let (etablissement, autorite) = self.may_manage(demande, uai)?;
        if let Some(Modification::Changee { enseignants: Some(asked), .. }) = &modification {
            let ids: Vec<_> = asked.iter().map(|one| one.0).collect();
            let known = self.attached_to(etablissement, &ids).await?;
            if asked.iter().any(|one| !known.contains(one)) {
                return Err(UseCaseError::Interdit);
            }
        }
        let ecole = self.jours_d_ecole(etablissement).await?;
        let command = match modification {
            Some(modification) => EmploiDuTempsCommand::ModifierOccurrence { rang, modification, ecole },
            None => EmploiDuTempsCommand::RetablirOccurrence { rang },
        };
        self.tell_emploi_du_temps(demande, autorite, uai, AnneeScolaire::of(rang.date), command).await
    }

    /// Says which weeks are called A, each by one of its days.
    pub async fn fixer_semaines_a(
        &self,
        demande: &Demande,
        uai: &Uai,
        annee: AnneeScolaire,
        jours: &[NaiveDate],
    ) -> Result<Recorded, UseCaseError> {
        let (etablissement, autorite) = self.may_manage(demande, uai)?;
        let weeks = jours.iter().map(|jour| Semaines::du(annee, *jour));
        let semaines = weeks.fold(Semaines::default(), Semaines::avec);
        let command = EmploiDuTempsCommand::FixerSemainesA { etablissement, annee, semaines };
        self.tell_emploi_du_temps(demande, autorite, uai, annee, command).await
    }

    fn may_manage(&self, demande: &Demande, uai: &Uai) -> Result<(EtablissementId, Autorite), UseCaseError> {
        let id = uai.etablissement();
        let resource = Resource::Etablissement { id };
        Ok((id, self.permit(&demande.acteur, Action::GererEmploiDuTemps, &resource)?))
    }

    async fn tell_emploi_du_temps(
        &self,
        demande: &Demande,
        autorite: Autorite,
        uai: &Uai,
        annee: AnneeScolaire,
        command: EmploiDuTempsCommand,
    ) -> Result<Recorded, UseCaseError> {
        let stream = EmploiDuTempsId::de(uai.etablissement(), annee);
        let act = self.act(demande, autorite, uai.portail());
        act.tell::<EmploiDuTemps>(stream, command).record().await
    }

    /// Adds to a course what the directory knows: who teaches, and to whom.
    async fn cours_demande(
        &self,
        etablissement: EtablissementId,
        asked: CoursDemande,
    ) -> Result<Cours, UseCaseError> {
        let ids: Vec<_> = asked.enseignements.iter().map(|one| one.0).collect();
        let rows = Annuaire::enseignements(&self.views, &ids).await?;
        let here = rows.iter().all(|row| row.etablissement == etablissement.0);
        let first = rows.first().filter(|_| here && rows.len() == ids.len());
        let first = first.ok_or(UseCaseError::Interdit)?;
        let groupes: Vec<_> = rows.iter().filter_map(|row| row.auditoire.groupe()).map(|one| one.0).collect();
        let groupes = Groupes::by_ids(&self.views, &groupes).await?;
        let semaines = asked.semaines;
        let teachers = rows.iter().flat_map(|row| row.enseignants(self.today()));
        Ok(Cours {
            id: asked.cours,
            matiere: Matiere { code: first.matiere_code.clone(), libelle: first.matiere_libelle.clone() },
            enseignements: asked.enseignements.clone(),
            jour: asked.jour,
            plage: asked.plage,
            enseignants: teachers.map(|one| Participation { qui: PersonneId(one), semaines }).collect(),
            publics: rows
                .iter()
                .filter_map(|row| public(row.auditoire, &groupes))
                .map(|qui| Participation { qui, semaines })
                .collect(),
            salles: asked.salles.into_iter().map(|qui| Participation { qui, semaines }).collect(),
        })
    }

    async fn attached_to(
        &self,
        etablissement: EtablissementId,
        personnes: &[uuid::Uuid],
    ) -> Result<Vec<PersonneId>, UseCaseError> {
        let rows = Annuaire::rattachements(&self.views, personnes).await?.into_iter();
        let teaches = rows.filter(|row| row.etablissement == etablissement.0 && row.profil == "enseignant");
        Ok(teaches.map(|row| PersonneId(row.personne)).collect())
    }
}

/// Whom a course is for that is of an enseignement: a groupe, as the directory has it.
fn public(auditoire: Auditoire, groupes: &[Groupe]) -> Option<Public> {
    match auditoire {
        Auditoire::Division(division) => Some(Public::Division { division }),
        Auditoire::Groupe(groupe) => {
            let row = groupes.iter().find(|row| row.id == groupe.0)?;
            let divisions = row.provenances.iter().copied().map(DivisionId).collect();
            Some(Public::Groupe { groupe, code: row.code.clone(), divisions })
        }
    }
}
