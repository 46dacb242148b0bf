//! The import of a complete AAF feed, in the order of dependency: établissements and
//! nomenclatures are read, then recorded; adults in relation with pupils; the staff, and then who
//! teaches what; pupils, who name everybody else.

use super::Suivi;
use super::aaf::{Categorie, Entree, Livraison, LivraisonRefusee};
use super::envoi::{Envoi, Origine, Reponse};
use super::lecture::{Lu, controler, lire};
use super::motif::Motif;
use super::rapport::{Gravite, Ligne, Rapport};
use super::registre::Registre;
use super::traduction::{self, Traduction};
use commands::annuaire::{Fiche, Issue, Mode};
use commands::rights::Acteur;
use commands::{Commands, UseCaseError};
use domain::annuaire::Academie;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::task::{JoinError, spawn_blocking};

/// A feed to import.
#[derive(Debug, Clone)]
pub struct Import {
    /// Folder of the feed.
    pub dossier: PathBuf,
    /// Decide everything and record nothing.
    pub a_blanc: bool,
}

/// Why an import did not reach its end. What was recorded before stays: the same import, begun
/// again, goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum ErreurImport {
    /// The folder is not a complete feed.
    #[error("{0}")]
    Livraison(#[from] LivraisonRefusee),
    /// A category has no file: to read it as empty would take from pupils who answers for them.
    #[error("la livraison n'est pas complète : aucun fichier {0}")]
    CategorieAbsente(String),
    /// The use case stopped.
    #[error("l'import s'est arrêté ; relancez-le, il reprendra où il en était")]
    CasDUsage(#[from] UseCaseError),
    /// The reading thread ended badly.
    #[error("la lecture de la livraison s'est arrêtée")]
    Lecture(#[from] JoinError),
}

impl Import {
    /// Imports the feed in the name of `acteur`.
    pub async fn run(
        self,
        commands: &Commands,
        acteur: &Acteur,
        suivi: Suivi,
    ) -> Result<Rapport, ErreurImport> {
        let Self { dossier, a_blanc } = self;
        let livraison = Arc::new(spawn_blocking(move || Livraison::open(&dossier)).await??);
        let absentes: Vec<_> = livraison.categories_absentes().into_iter().map(Categorie::nom).collect();
        if !absentes.is_empty() {
            return Err(ErreurImport::CategorieAbsente(absentes.join(", ")));
        }
        let mut rapport = Rapport::nouveau(livraison.date, a_blanc);
        let fatals = controler(livraison.clone(), suivi.clone()).await?;
        if !fatals.is_empty() {
            rapport.interrompu = true;
            fatals.into_iter().for_each(|rejet| rapport.noter(rejet.into()));
            return Ok(rapport);
        }
        let (mut lus, fil) = lire(livraison, suivi);
        let mut seance = Seance::nouvelle(commands, acteur, rapport);
        while let Some(paquet) = lus.recv().await {
            for lu in paquet {
                seance.recevoir(lu).await?;
            }
        }
        fil.await?;
        Ok(seance.finir().await?)
    }
}

/// An import under way.
struct Seance<'a> {
    commands: &'a Commands,
    acteur: &'a Acteur,
    registre: Registre,
    rapport: Rapport,
    categorie: Categorie,
    envoi: Option<(Academie, Envoi)>,
    /// Entries of the établissements, by key: they are sent twice.
    etablissements: BTreeMap<String, (Origine, Issue)>,
}

impl<'a> Seance<'a> {
    fn nouvelle(commands: &'a Commands, acteur: &'a Acteur, rapport: Rapport) -> Self {
        Self {
            commands,
            acteur,
            registre: Registre::default(),
            rapport,
            categorie: Categorie::EtabEducNat,
            envoi: None,
            etablissements: BTreeMap::new(),
        }
    }

    async fn recevoir(&mut self, lu: Lu) -> Result<(), UseCaseError> {
        if lu.categorie != self.categorie {
            self.passer_a(lu.categorie).await?;
        }
        self.rapport.compte(lu.categorie).lus += 1;
        match lu.entree {
            Ok(entree) => {
                let origine = Origine {
                    categorie: lu.categorie,
                    fichier: lu.fichier,
                    ligne: lu.ligne,
                    identifiant: entree.jointure().to_owned(),
                    principale: true,
                };
                self.prendre(entree, origine).await
            }
            Err(rejet) => {
                self.rapport.compte(lu.categorie).rejetes += 1;
                self.rapport.noter(rejet.into());
                Ok(())
            }
        }
    }

    /// What must be recorded before the entries of the next category are read.
    async fn passer_a(&mut self, suivante: Categorie) -> Result<(), UseCaseError> {
        let quittee = std::mem::replace(&mut self.categorie, suivante);
        self.attendre().await?;
        if quittee < Categorie::PersRelEleve && suivante >= Categorie::PersRelEleve {
            self.commencer()?;
            self.envoyer_etablissements().await?;
        }
        if quittee <= Categorie::PersEducNat && suivante > Categorie::PersEducNat {
            self.envoyer_etablissements().await?;
        }
        Ok(())
    }

    /// Asks the right to import into the établissements that were read.
    fn commencer(&mut self) -> Result<(), UseCaseError> {
        // Without any établissement everybody will be rejected.
        let Some(academie) = self.registre.academie() else { return Ok(()) };
        let mode = if self.rapport.a_blanc { Mode::ABlanc } else { Mode::Reel };
        let livraison = format!("aaf/{}", self.rapport.livraison);
        let ids = self.registre.ids();
        let importation =
            self.commands.commencer_importation(self.acteur, academie, &ids, livraison, mode)?;
        self.envoi = Some((academie, Envoi::nouveau(importation)));
        Ok(())
    }

    async fn prendre(&mut self, entree: Entree, origine: Origine) -> Result<(), UseCaseError> {
        let academie = self.envoi.as_ref().map(|(academie, _)| *academie);
        let registre = &mut self.registre;
        let traduit = match (entree, academie) {
            (Entree::EtabEducNat(lu), _) => registre.prendre_etablissement(lu).map(|()| {
                let cle = origine.identifiant.clone();
                self.etablissements.insert(cle, (origine.clone(), Issue::Inchange));
                Traduction::default()
            }),
            (Entree::MefEducNat(lu), _) => {
                registre.prendre_mef(lu);
                return Ok(());
            }
            (Entree::MatiereEducNat(lu), _) => {
                registre.prendre_matiere(lu);
                return Ok(());
            }
            (Entree::PersRelEleve(lu), Some(academie)) => traduction::responsable(registre, academie, lu),
            (Entree::PersEducNat(lu), Some(academie)) => traduction::personnel(registre, academie, lu),
            (Entree::Eleve(lu), Some(academie)) => traduction::eleve(registre, academie, lu),
            (_, None) => Err(Motif::AucunEtablissement),
        };
        match traduit {
            Ok(traduction) => self.confier(traduction, origine).await,
            Err(motif) => {
                self.rapport.compte(origine.categorie).rejetes += 1;
                self.rapport.noter(ligne(&origine, &motif, motif.attribut()));
                Ok(())
            }
        }
    }

    async fn confier(&mut self, traduction: Traduction, origine: Origine) -> Result<(), UseCaseError> {
        for (motif, attribut) in &traduction.remarques {
            self.rapport.noter(ligne(&origine, motif, *attribut));
        }
        let Some((_, envoi)) = &mut self.envoi else { return Ok(()) };
        let fiches = traduction.fiches.into_iter().map(|fiche| {
            let principale = matches!(fiche, Fiche::Personne(_));
            (fiche, Origine { principale, ..origine.clone() })
        });
        let reponses = envoi.confier(fiches).await?;
        self.noter(reponses);
        Ok(())
    }

    /// Records the établissements as they are known now.
    async fn envoyer_etablissements(&mut self) -> Result<(), UseCaseError> {
        let Some((_, envoi)) = &mut self.envoi else { return Ok(()) };
        let mut reponses = Vec::new();
        for (jointure, connu) in self.registre.importes() {
            if let Some((origine, _)) = self.etablissements.get(jointure) {
                let fiche = Fiche::Etablissement(self.registre.decrire(connu));
                reponses.extend(envoi.confier_seule(fiche, origine.clone()).await?);
            }
        }
        reponses.extend(envoi.attendre().await?);
        for (origine, issue) in reponses {
            if matches!(issue, Issue::Refuse(_)) {
                self.registre.rejeter_etablissement(&origine.identifiant);
            }
            if let Some((_, connue)) = self.etablissements.get_mut(&origine.identifiant) {
                retenir(connue, issue);
            }
        }
        Ok(())
    }

    async fn attendre(&mut self) -> Result<(), UseCaseError> {
        let Some((_, envoi)) = &mut self.envoi else { return Ok(()) };
        let reponses = envoi.attendre().await?;
        self.noter(reponses);
        Ok(())
    }

    fn noter(&mut self, reponses: Vec<Reponse>) {
        for (origine, issue) in reponses {
            if !origine.principale {
                continue;
            }
            if let (Issue::Refuse(_), Some((academie, _))) = (&issue, &self.envoi) {
                self.registre.rejeter_personne(traduction::personne(*academie, &origine.identifiant));
            }
            noter_issue(&mut self.rapport, &origine, issue);
        }
    }

    async fn finir(mut self) -> Result<Rapport, UseCaseError> {
        self.passer_a(Categorie::Eleve).await?;
        self.attendre().await?;
        for (origine, issue) in std::mem::take(&mut self.etablissements).into_values() {
            noter_issue(&mut self.rapport, &origine, issue);
        }
        self.rapport.ranger();
        Ok(self.rapport)
    }
}

/// Of what became of an établissement, sent twice, keeps what says most.
fn retenir(connue: &mut Issue, nouvelle: Issue) {
    match (&*connue, &nouvelle) {
        (_, Issue::Refuse(_)) | (Issue::Inchange, _) => *connue = nouvelle,
        (Issue::Cree | Issue::Modifie | Issue::Refuse(_), Issue::Cree | Issue::Modifie | Issue::Inchange) => {
        }
    }
}

fn noter_issue(rapport: &mut Rapport, origine: &Origine, issue: Issue) {
    rapport.compter(origine.categorie, &issue);
    if let Issue::Refuse(refus) = issue {
        rapport.noter(Ligne {
            gravite: Gravite::Rejet,
            fichier: origine.fichier.clone(),
            ligne: origine.ligne,
            identifiant: Some(origine.identifiant.clone()),
            attribut: None,
            code: refus.code,
            raison: refus.message,
        });
    }
}

fn ligne(origine: &Origine, motif: &Motif, attribut: Option<&'static str>) -> Ligne {
    Ligne {
        gravite: motif.gravite(),
        fichier: origine.fichier.clone(),
        ligne: origine.ligne,
        identifiant: Some(origine.identifiant.clone()),
        attribut,
        code: motif.code(),
        raison: motif.to_string(),
    }
}
