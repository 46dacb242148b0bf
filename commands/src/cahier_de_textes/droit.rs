//! By what right something that is in a cahier is read: it, and the files that accompany it.

use crate::rights::{Acteur, Action, Resource};
use crate::{Commands, UseCaseError, rights_of};
use domain::annuaire::Auditoire;
use domain::{DivisionId, EtablissementId, PersonneId};
use projections::annuaire::{Annuaire, Eleve, Groupes};
use projections::cahier_de_textes::{SeanceEcrite, TravailDonne};
use uuid::Uuid;

/// A right to read something that is in a cahier.
#[derive(Debug, Clone)]
pub struct DroitDeLecture {
    /// Which.
    pub action: Action,
    /// On what.
    pub on: Resource,
    /// The fiches of the pupils for whom it is read, where it is read as a family; none at school.
    pub eleves: Option<Vec<Uuid>>,
}

/// Who of the school reads what is published, besides who keeps the cahier.
enum Personnel {
    /// Who reads the cahiers of its pupils.
    DesEleves,
    /// Who reads what the division has to do, or one from which the groupe comes.
    DeLaCharge,
}

impl Commands {
    /// The right by which someone reads a séance, if there is one: who keeps the cahier; once it is
    /// published, the pupils and their families, and who reads the cahiers of these pupils.
    pub async fn droit_de_lire_seance(
        &self,
        acteur: &Acteur,
        row: &SeanceEcrite,
    ) -> Result<Option<DroitDeLecture>, UseCaseError> {
        let publiee = row.publiee_le.is_some().then_some(Personnel::DesEleves);
        self.droit_sur_le_cahier(acteur, (row.enseignement, row.auditoire), publiee).await
    }

    /// The right by which someone reads a travail, if there is one: who keeps the cahier; once it is
    /// published, the pupils and their families, and who reads what the division has to do.
    pub async fn droit_de_lire_travail(
        &self,
        acteur: &Acteur,
        row: &TravailDonne,
    ) -> Result<Option<DroitDeLecture>, UseCaseError> {
        let ouvert = row.est_ouvert().then_some(Personnel::DeLaCharge);
        self.droit_sur_le_cahier(acteur, (row.enseignement, row.auditoire), ouvert).await
    }

    /// A draft is for who keeps the cahier, and is published to nobody.
    async fn droit_sur_le_cahier(
        &self,
        acteur: &Acteur,
        (enseignement, auditoire): (Uuid, Auditoire),
        publie: Option<Personnel>,
    ) -> Result<Option<DroitDeLecture>, UseCaseError> {
        let found = Annuaire::enseignements(&self.views, &[enseignement]).await?.pop();
        let Some(row) = found else { return Ok(None) };
        let cahier = rights_of::enseignement(&row, self.today());
        if let Some(droit) = self.droit_du_personnel(acteur, Action::LireCahier, cahier) {
            return Ok(Some(droit));
        }
        let Some(personnel) = publie else { return Ok(None) };
        let etablissement = EtablissementId(row.etablissement);
        if let Some(droit) = self.droit_de_famille(acteur, auditoire, etablissement).await? {
            return Ok(Some(droit));
        }
        let questions = match personnel {
            Personnel::DesEleves => {
                // Whoever of the school reads the cahier of one pupil reads that of all.
                let first = self.eleves_de(auditoire).await?.first().copied().map(PersonneId);
                let eleve = |personne| Resource::Eleve { personne, etablissement: Some(etablissement) };
                first.map(|personne| (Action::LireCahierEleve, eleve(personne))).into_iter().collect()
            }
            Personnel::DeLaCharge => {
                let divisions = self.provenances(auditoire).await?.into_iter();
                let charge = |id| (Action::LireCharge, Resource::Division { id, etablissement });
                divisions.map(charge).collect::<Vec<_>>()
            }
        };
        Ok(questions.into_iter().find_map(|(action, on)| self.droit_du_personnel(acteur, action, on)))
    }

    fn droit_du_personnel(&self, acteur: &Acteur, action: Action, on: Resource) -> Option<DroitDeLecture> {
        self.permit(acteur, action, &on).ok()?;
        Some(DroitDeLecture { action, on, eleves: None })
    }

    /// That of who reads the cahier of pupils of a division or a groupe as a family: his or her own, and
    /// those of children.
    async fn droit_de_famille(
        &self,
        acteur: &Acteur,
        auditoire: Auditoire,
        etablissement: EtablissementId,
    ) -> Result<Option<DroitDeLecture>, UseCaseError> {
        let mut read: Vec<(Resource, Vec<Uuid>)> = Vec::new();
        if let Some(personne) = acteur.personne.filter(|_| acteur.est_de(auditoire)) {
            let own = acteur.identites().into_iter().map(|fiche| fiche.0).collect();
            read.push((Resource::Eleve { personne, etablissement: Some(etablissement) }, own));
        }
        let children: Vec<_> = acteur.enfants.iter().map(|child| child.0).collect();
        let children = Annuaire::eleves(&self.views, &children).await?;
        let members = match auditoire {
            Auditoire::Groupe(_) if !children.is_empty() => self.eleves_de(auditoire).await?,
            Auditoire::Groupe(_) | Auditoire::Division(_) => Vec::new(),
        };
        let is_there = |child: &Eleve| match auditoire {
            Auditoire::Division(division) => child.division == Some(division.0),
            Auditoire::Groupe(_) => child.fiches.iter().any(|fiche| members.contains(fiche)),
        };
        let here = children.into_iter().filter(is_there);
        read.extend(here.map(|child| (rights_of::dossier(&child, Some(etablissement.0)), child.fiches)));
        read.retain(|(eleve, _)| self.permit(acteur, Action::LireCahierEleve, eleve).is_ok());
        let eleves = read.iter().flat_map(|(_, fiches)| fiches).copied().collect();
        let first = read.into_iter().next();
        Ok(first.map(|(on, _)| DroitDeLecture { action: Action::LireCahierEleve, on, eleves: Some(eleves) }))
    }

    /// The pupils of a division or a groupe.
    async fn eleves_de(&self, auditoire: Auditoire) -> Result<Vec<Uuid>, UseCaseError> {
        let pupils = match auditoire {
            Auditoire::Division(division) => Annuaire::eleves_of(&self.views, &[division.0]).await?,
            Auditoire::Groupe(groupe) => Groupes::personnes(&self.views, &[groupe.0]).await?,
        };
        Ok(pupils.into_iter().map(|(_, pupil)| pupil.id).collect())
    }

    /// The division, or those from which the groupe comes.
    async fn provenances(&self, auditoire: Auditoire) -> Result<Vec<DivisionId>, UseCaseError> {
        let groupe = match auditoire {
            Auditoire::Division(division) => return Ok(vec![division]),
            Auditoire::Groupe(groupe) => Groupes::by_ids(&self.views, &[groupe.0]).await?.pop(),
        };
        Ok(groupe.into_iter().flat_map(|row| row.provenances).map(DivisionId).collect())
    }
}
