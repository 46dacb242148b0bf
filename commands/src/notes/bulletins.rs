//! The bulletins of a division.

use super::{Chiffres, Classe, DitsDuConseil, QuellePeriode};
use crate::rights::{Acteur, Action};
use crate::{Commands, Demande, UseCaseError, portail, rights_of};
use chrono::{DateTime, Utc};
use domain::notes::{
    Assiduite, Bulletin, BulletinCommand, ContenuBulletin, DivisionDuBulletin, EleveDuBulletin,
    EnseignantDuBulletin, EnseignementDuBulletin, EtablissementDuBulletin, FichePeriode, MatiereEnseignee,
    PeriodeCommand, PeriodeDeNotes, Releve, ReleveDeMatiere,
};
use domain::{BulletinId, DivisionId, EnseignementId, EtablissementId, PersonneId};
use ledger::unit::Recorded;
use projections::annuaire::{Annuaire, Enseignement, Etablissement, Personne};
use projections::notes::{self as views, Bulletins};
use std::collections::BTreeMap;
use uuid::Uuid;

/// As what someone sees a bulletin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Regard {
    /// Of the conseil de classe, which tells nobody that it was read.
    Conseil,
    /// Of the family.
    Famille,
}

impl Commands {
    /// Freezes the bulletins of a period, and lets families read them from an instant on.
    pub async fn publier_bulletins(
        &self,
        demande: &Demande,
        quelle: QuellePeriode,
        visible_des: Option<DateTime<Utc>>,
    ) -> Result<Recorded, UseCaseError> {
        let maintenant = self.now();
        let visible_des = visible_des.unwrap_or(maintenant);
        let (classe, autorite) = self.classe_for(demande, Action::PublierBulletins, quelle).await?;
        let fiche = self.periode(quelle).await?;
        let periode = fiche.periode();
        let contenus = self.contenus(&classe, &fiche).await?;
        let publier = PeriodeCommand::PublierPeriode { visible_des, maintenant };
        let act = self.act(demande, autorite, self.portail_of(&classe).await?);
        let mut act = act.tell::<PeriodeDeNotes>(periode, publier);
        for (eleve, contenu) in contenus {
            let contenu = Box::new(contenu);
            let command = BulletinCommand::PublierBulletin { eleve, contenu, visible_des };
            act = act.tell::<Bulletin>(periode.bulletin(eleve), command);
        }
        act.record().await
    }

    /// What each bulletin of a period would say now.
    async fn contenus(
        &self,
        classe: &Classe,
        fiche: &FichePeriode,
    ) -> Result<Vec<(PersonneId, ContenuBulletin)>, UseCaseError> {
        let chiffres = self.chiffres_des_bulletins(classe, fiche).await?;
        let place = Annuaire::etablissements(&self.views, &[classe.division.etablissement]).await?.pop();
        let dits = self.dits(classe, fiche, &chiffres, &place.ok_or(UseCaseError::Interdit)?).await?;
        Ok(chiffres.eleves.iter().filter_map(|eleve| dits.contenu(&chiffres.releve, eleve)).collect())
    }

    /// All that bulletins say besides figures.
    async fn dits(
        &self,
        classe: &Classe,
        fiche: &FichePeriode,
        chiffres: &Chiffres,
        place: &Etablissement,
    ) -> Result<Dits, UseCaseError> {
        let today = self.today();
        let taught = classe.enseignements.iter().chain(&chiffres.ailleurs);
        let taught: BTreeMap<_, _> =
            taught.map(|row| (EnseignementId(row.id), row.enseignants(today))).collect();
        let named: Vec<Uuid> = taught.values().flatten().copied().collect();
        let names = Annuaire::personnes(&self.views, &named).await?;
        let names: BTreeMap<_, _> = names.into_iter().map(|row| (row.id, row)).collect();
        let teacher = |id: &Uuid| names.get(id).map(enseignant);
        let enseignants =
            taught.iter().map(|(id, them)| (*id, them.iter().filter_map(teacher).collect())).collect();
        let eleves: Vec<_> = chiffres.eleves.iter().map(|eleve| eleve.id).collect();
        Ok(Dits {
            etablissement: EtablissementDuBulletin {
                etablissement: EtablissementId(place.id),
                uai: place.uai.clone(),
                nom: place.nom.clone(),
                commune: place.commune.clone(),
                academie: place.academie.clone(),
            },
            division: DivisionDuBulletin {
                division: DivisionId(classe.division.id),
                code: classe.division.code.clone(),
                libelle: classe.division.libelle.clone(),
                mef: classe.division.mef.clone(),
            },
            periode: fiche.clone(),
            enseignants,
            ailleurs: chiffres.ailleurs.clone(),
            conseil: self.dits_du_conseil(fiche.periode(), &eleves).await?,
            assiduites: self.assiduites_du_conseil(classe, fiche, &eleves).await?,
        })
    }

    /// Says that who asks reads a bulletin, and lets it be read.
    pub async fn lire_bulletin(
        &self,
        demande: &Demande,
        bulletin: BulletinId,
    ) -> Result<Recorded, UseCaseError> {
        let row = Bulletins::by_ids(&self.views, &[bulletin.0]).await?.pop().ok_or(UseCaseError::Interdit)?;
        let eleve = Annuaire::eleves(&self.views, &[row.eleve]).await?.pop().ok_or(UseCaseError::Interdit)?;
        let place = row.contenu.etablissement.etablissement.0;
        let dossier = rights_of::dossier(&eleve, Some(place));
        let autorite = self.permit(&demande.acteur, Action::LireBulletin, &dossier)?;
        let par = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        self.act(demande, autorite, portail(&row.portail)?)
            .tell::<Bulletin>(bulletin, BulletinCommand::LireBulletin { par, le: self.now() })
            .record()
            .await
    }

    /// A bulletin to be shown as it is, and as what who asks sees it. Nothing is on the record yet:
    /// before a family is shown it, [`Self::lire_bulletin`] says that it was.
    pub async fn bulletin_pour(
        &self,
        acteur: &Acteur,
        bulletin: BulletinId,
    ) -> Result<(views::Bulletin, Regard), UseCaseError> {
        let row = Bulletins::by_ids(&self.views, &[bulletin.0]).await?.pop().ok_or(UseCaseError::Interdit)?;
        let place = row.contenu.etablissement.etablissement.0;
        if let Some(eleve) = Annuaire::eleves(&self.views, &[row.eleve]).await?.pop()
            && self.permit(acteur, Action::LireBulletin, &rights_of::dossier(&eleve, Some(place))).is_ok()
        {
            return Ok((row, Regard::Famille));
        }
        let classe = self.classe(row.contenu.division.division.0).await?.ok_or(UseCaseError::Interdit)?;
        self.permit(acteur, Action::LireConseil, &classe.resource)?;
        Ok((row, Regard::Conseil))
    }
}

/// What the bulletins of a division say besides figures.
struct Dits {
    etablissement: EtablissementDuBulletin,
    division: DivisionDuBulletin,
    periode: FichePeriode,
    enseignants: BTreeMap<EnseignementId, Vec<EnseignantDuBulletin>>,
    ailleurs: Vec<Enseignement>,
    conseil: DitsDuConseil,
    assiduites: BTreeMap<Uuid, Assiduite>,
}

impl Dits {
    fn contenu(&self, releve: &Releve, eleve: &Personne) -> Option<(PersonneId, ContenuBulletin)> {
        let id = PersonneId(eleve.id);
        let of_matiere = |matiere: &ReleveDeMatiere| self.enseignement(matiere, id);
        let places = self.conseil.positionnements.get(&id);
        let contenu = ContenuBulletin {
            etablissement: self.etablissement.clone(),
            division: self.division.clone(),
            periode: self.periode.clone(),
            eleve: EleveDuBulletin {
                nom: eleve.nom.clone(),
                prenom: eleve.prenom.clone(),
                naissance: eleve.naissance,
            },
            enseignements: releve.matieres.iter().filter_map(of_matiere).collect(),
            generale: releve.generales.get(&id)?.clone(),
            generale_de_la_division: releve.repartition.clone(),
            conseil: self.conseil.examens.get(&id).map(|row| row.examen.clone()).unwrap_or_default(),
            positionnements: places.into_iter().flatten().filter_map(views::Positionnement::place).collect(),
            assiduite: self.assiduites.get(&eleve.id).copied(),
        };
        Some((id, contenu))
    }

    fn enseignement(&self, releve: &ReleveDeMatiere, eleve: PersonneId) -> Option<EnseignementDuBulletin> {
        let MatiereEnseignee { enseignement, code, libelle } = &releve.matiere;
        Some(EnseignementDuBulletin {
            enseignement: *enseignement,
            matiere_code: code.clone(),
            matiere: libelle.clone(),
            enseignants: self.enseignants_de(releve, eleve),
            moyenne: releve.moyennes.get(&eleve)?.clone(),
            division: releve.repartition.clone(),
            appreciation: self.conseil.appreciation(releve, &self.ailleurs, eleve),
        })
    }

    /// Who teaches a matière here, or taught it wherever a pupil had it, each once.
    fn enseignants_de(&self, releve: &ReleveDeMatiere, eleve: PersonneId) -> Vec<EnseignantDuBulletin> {
        let taught = self.conseil.enseignements(releve, &self.ailleurs, eleve);
        let mut found: Vec<EnseignantDuBulletin> = Vec::new();
        for one in taught.iter().filter_map(|id| self.enseignants.get(id)).flatten() {
            if !found.contains(one) {
                found.push(one.clone());
            }
        }
        found
    }
}

fn enseignant(row: &Personne) -> EnseignantDuBulletin {
    EnseignantDuBulletin {
        personne: PersonneId(row.id),
        nom: row.nom.clone(),
        prenom: row.prenom.clone(),
        civilite: row.civilite.clone(),
    }
}
