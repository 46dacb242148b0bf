//! The import of an AAF delta: what was added, modified and deleted since the feed before.
//!
//! It says little by itself. What it does not repeat (which key is which établissement, where a
//! pupil is enrolled, what a teacher teaches) is looked up in the views, entry by entry: a delta
//! is a day's changes. What it adds goes the way of a complete feed.

mod situation;
mod traduction;

use self::situation::{Situation, se_souvenir};
pub(super) use self::situation::{chercher_parmi_les_inconnus, reconnaitre};
use super::Suivi;
use super::aaf::{Categorie, Entree, Livraison, Modification};
use super::envoi::Origine;
use super::guichet::Guichet;
use super::import::{ErreurImport, dite};
use super::lecture::{Controle, Lu, lire};
use super::motif::Motif;
use super::rapport::Rapport;
use super::registre::Registre;
use super::traduction::{self as ajout, Traduction, en_responsable};
use commands::annuaire::{Fiche, Identite, PersonneDecrite};
use domain::PersonneId;
use domain::annuaire::{Academie, Rectification};
use projections::annuaire::Sources;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Imports a delta, of the académie whose complete feed it follows.
pub(super) async fn importer(
    livraison: Arc<Livraison>,
    mut guichet: Guichet<'_>,
    controle: Controle,
    suivi: Suivi,
) -> Result<Rapport, ErreurImport> {
    let views = guichet.commands().views().clone();
    let academie = situation::academie(&views, livraison.clone()).await?;
    guichet.rapport.livraison = dite(&livraison, Some(academie));
    let mut registre = Registre::default();
    registre.etre_de(academie);
    registre.prendre_adultes(controle.adultes, controle.adultes_refuses);
    se_souvenir(&views, &mut registre, academie, guichet.rapport.livraison.annee_scolaire()).await?;
    let perimetre = registre.delimiter();
    guichet.ouvrir(academie, &perimetre).await?;
    chercher_parmi_les_inconnus(&views, &mut registre, academie).await?;
    let (mut lus, fil) = lire(livraison, suivi);
    let mut seance = Seance { guichet, registre, academie, etablissements: BTreeMap::new() };
    let mut categorie = Categorie::EtabEducNat;
    while let Some(paquet) = lus.recv().await {
        for lu in paquet {
            if lu.categorie != categorie {
                seance.quitter(categorie).await?;
                categorie = lu.categorie;
            }
            seance.recevoir(lu).await?;
        }
    }
    fil.await?;
    seance.finir(categorie).await
}

/// A delta under way.
struct Seance<'a> {
    guichet: Guichet<'a>,
    registre: Registre,
    academie: Academie,
    /// Entries of the établissements that the delta adds or modifies, by key.
    etablissements: BTreeMap<String, Origine>,
}

impl Seance<'_> {
    async fn recevoir(&mut self, lu: Lu) -> Result<(), ErreurImport> {
        let rubrique = lu.categorie.nom();
        self.guichet.rapport.compte(rubrique).lus += 1;
        let entree = match lu.entree {
            Ok(entree) => entree,
            Err(rejet) => {
                self.guichet.rapport.rejeter(rubrique, rejet);
                return Ok(());
            }
        };
        let origine = Origine {
            rubrique,
            fichier: lu.fichier,
            ligne: lu.ligne,
            identifiant: entree.jointure().to_owned(),
            principale: true,
        };
        match self.traduire(entree, &origine).await? {
            Ok(traduction) => {
                let reponses = self.guichet.confier(traduction, &origine).await?;
                self.guichet.noter(reponses);
            }
            Err(motif) => self.guichet.rapport.remarquer(&origine, &motif, motif.attribut()),
        }
        Ok(())
    }

    async fn traduire(
        &mut self,
        entree: Entree,
        origine: &Origine,
    ) -> Result<Result<Traduction, Motif>, ErreurImport> {
        let views = self.guichet.commands().views();
        let (registre, academie) = (&mut self.registre, self.academie);
        let traduit = match entree {
            Entree::EtabEducNat(lu) => registre.prendre_etablissement(lu).map(|remarques| {
                self.etablissements.insert(origine.identifiant.clone(), origine.clone());
                Traduction::de_remarques(remarques)
            }),
            Entree::MefEducNat(lu) => {
                registre.prendre_mef(lu);
                Ok(Traduction::default())
            }
            Entree::MatiereEducNat(lu) => {
                registre.prendre_matiere(lu);
                Ok(Traduction::default())
            }
            Entree::PersRelEleve(lu) => {
                reconnaitre(views, registre, academie, [lu.jointure.as_str()]).await?;
                ajout::responsable(registre, academie, lu)
            }
            Entree::PersEducNat(lu) => {
                reconnaitre(views, registre, academie, [lu.jointure.as_str()]).await?;
                traduction::personnel_ajoute(registre, academie, lu)
            }
            Entree::Eleve(lu) => {
                let adultes = lu.responsables.iter().map(|lien| lien.personne.as_str());
                let cles = adultes.chain([lu.jointure.as_str()]);
                reconnaitre(views, registre, academie, cles).await?;
                ajout::eleve(registre, academie, lu)
            }
            Entree::Modification(modification) => return self.modifier(*modification, origine).await,
            Entree::Suppression(suppression) => match suppression.categorie {
                Categorie::EtabEducNat => Err(Motif::EtablissementSupprime),
                Categorie::MefEducNat | Categorie::MatiereEducNat => Ok(Traduction::default()),
                Categorie::PersRelEleve | Categorie::PersEducNat | Categorie::Eleve => {
                    let connue = Sources::personne_de(views, academie.nom(), &suppression.jointure).await?;
                    self.retirer(connue.map(PersonneId))
                }
            },
        };
        Ok(traduit)
    }

    async fn modifier(
        &mut self,
        modification: Modification,
        origine: &Origine,
    ) -> Result<Result<Traduction, Motif>, ErreurImport> {
        let views = self.guichet.commands().views();
        let (registre, academie) = (&mut self.registre, self.academie);
        Ok(match modification.categorie {
            Categorie::EtabEducNat => traduction::etablissement(registre, modification).map(|remarques| {
                self.etablissements.insert(origine.identifiant.clone(), origine.clone());
                Traduction::de_remarques(remarques)
            }),
            Categorie::MefEducNat => Ok(Traduction::default()),
            Categorie::MatiereEducNat => {
                traduction::matiere(registre, modification);
                Ok(Traduction::default())
            }
            Categorie::PersRelEleve | Categorie::PersEducNat | Categorie::Eleve => {
                let adultes = modification.responsables.iter().flatten();
                let cles = adultes.map(|lien| lien.personne.as_str()).chain([modification.jointure.as_str()]);
                reconnaitre(views, registre, academie, cles).await?;
                match Situation::de(views, academie, &modification.jointure).await? {
                    Some(situation) => traduction::personne(registre, academie, modification, &situation),
                    None => Err(Motif::PersonneInconnue),
                }
            }
        })
    }

    fn retirer(&self, connue: Option<PersonneId>) -> Result<Traduction, Motif> {
        let personne = connue.ok_or(Motif::PersonneInconnue)?;
        let fiches = vec![Fiche::Retrait(personne, self.registre.perimetre())];
        Ok(Traduction { fiches, remarques: vec![] })
    }

    /// What must be recorded before the entries of the next category are read.
    async fn quitter(&mut self, categorie: Categorie) -> Result<(), ErreurImport> {
        let reponses = self.guichet.attendre().await?;
        self.guichet.noter(reponses);
        if categorie <= Categorie::MatiereEducNat {
            for (jointure, origine) in std::mem::take(&mut self.etablissements) {
                let connu = self.registre.importes().find(|(cle, _)| *cle == jointure);
                let Some((_, connu)) = connu else { continue };
                let decrit = self.registre.decrire(&jointure, connu);
                let confie = self.guichet.confier_seule(Fiche::Etablissement(decrit), origine).await?;
                self.guichet.noter(confie);
            }
            let reponses = self.guichet.attendre().await?;
            self.guichet.noter(reponses);
        }
        Ok(())
    }

    async fn finir(mut self, categorie: Categorie) -> Result<Rapport, ErreurImport> {
        self.quitter(categorie).await?;
        self.rattacher_les_autres().await?;
        let reponses = self.guichet.attendre().await?;
        self.guichet.noter(reponses);
        Ok(self.guichet.fermer().await?)
    }

    /// Adults whom the pupils of the delta name and who have no entry of their own in it.
    async fn rattacher_les_autres(&mut self) -> Result<(), ErreurImport> {
        let origine = Origine {
            rubrique: Categorie::PersRelEleve.nom(),
            fichier: "livraison".into(),
            ligne: 1,
            identifiant: String::new(),
            principale: false,
        };
        for (personne, ou) in self.registre.adultes_restants() {
            let fiche = Fiche::Personne(PersonneDecrite {
                personne,
                identite: Identite::Rectifiee(Rectification::default()),
                rattachements: ou.into_iter().map(en_responsable).collect(),
                perimetre: None,
                eleve: None,
                groupes: vec![],
            });
            let reponses = self.guichet.confier_seule(fiche, origine.clone()).await?;
            self.guichet.noter(reponses);
        }
        Ok(())
    }
}
