//! The import of a complete AAF feed: établissements and nomenclatures are read, then recorded;
//! the staff, and then who teaches what; pupils, who say of which établissements the adults are
//! who answer for them; these adults. At the end, whom the feed no longer names is suspended.

use super::Suivi;
use super::aaf::{Categorie, Entree, Livraison, LivraisonRefusee};
use super::delta;
use super::envoi::{Origine, Reponse};
use super::guichet::{Guichet, OuvertureRefusee};
use super::lecture::{Controle, Lu, controler, lire};
use super::motif::Motif;
use super::rapport::Rapport;
use super::registre::Registre;
use super::retraits::{RETRAITS, Retraits, retirer};
use super::traduction::{self, Traduction};
use commands::annuaire::{EtablissementDecrit, Fiche, Issue};
use commands::rights::Acteur;
use commands::{Commands, UseCaseError};
use domain::annuaire::{self, Academie, NatureDeLivraison, Profil};
use domain::{EtablissementId, PersonneId};
use futures::TryStreamExt;
use projections::annuaire::{Annuaire, Groupes, Sources};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::task::{JoinError, spawn_blocking};
use uuid::Uuid;

/// The headings of the report.
pub(super) const RUBRIQUES: &[&str] =
    &["EtabEducNat", "MefEducNat", "MatiereEducNat", "PersEducNat", "Eleve", "PersRelEleve", RETRAITS];

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
    /// The folder is not a feed.
    #[error("{0}")]
    Livraison(#[from] LivraisonRefusee),
    /// A category has no file: to read it as empty would take from pupils who answers for them.
    #[error("la livraison n'est pas complète : aucun fichier {0}")]
    CategorieAbsente(String),
    /// The import could not begin.
    #[error(transparent)]
    Ouverture(#[from] OuvertureRefusee),
    /// A delta of no known académie.
    #[error(
        "aucune livraison complète de l'annuaire fédérateur n'a été importée : importez-en une avant la différentielle"
    )]
    DeltaSansComplete,
    /// The use case stopped.
    #[error("l'import s'est arrêté ; relancez-le, il reprendra où il en était")]
    CasDUsage(#[from] UseCaseError),
    /// The reading thread ended badly.
    #[error("la lecture de la livraison s'est arrêtée")]
    Lecture(#[from] JoinError),
}

impl From<sqlx::Error> for ErreurImport {
    fn from(error: sqlx::Error) -> Self {
        Self::CasDUsage(error.into())
    }
}

impl Import {
    /// Imports the feed in the name of `acteur`; it may suspend a few.
    pub async fn run(
        self,
        commands: &Commands,
        acteur: &Acteur,
        suivi: Suivi,
    ) -> Result<Rapport, ErreurImport> {
        self.run_avec(Retraits::Mesures, commands, acteur, suivi).await
    }

    /// Imports the feed, which may suspend so many.
    pub async fn run_avec(
        self,
        retraits: Retraits,
        commands: &Commands,
        acteur: &Acteur,
        suivi: Suivi,
    ) -> Result<Rapport, ErreurImport> {
        let Self { dossier, a_blanc } = self;
        let livraison = Arc::new(spawn_blocking(move || Livraison::open(&dossier)).await??);
        let absentes: Vec<_> = livraison.categories_absentes().into_iter().map(Categorie::nom).collect();
        let complete = livraison.nature == NatureDeLivraison::Complete;
        if complete && !absentes.is_empty() {
            return Err(ErreurImport::CategorieAbsente(absentes.join(", ")));
        }
        let mut rapport = Rapport::nouveau(dite(&livraison, None), RUBRIQUES, a_blanc);
        let controle = controler(livraison.clone(), suivi.clone()).await?;
        if !controle.fatals.is_empty() {
            rapport.interrompu = true;
            controle.fatals.into_iter().for_each(|rejet| rapport.noter(rejet.into()));
            rapport.ranger();
            return Ok(rapport);
        }
        let guichet = Guichet::nouveau(commands, acteur, rapport, retraits);
        if complete {
            importer(livraison, guichet, controle, suivi).await
        } else {
            delta::importer(livraison, guichet, controle, suivi).await
        }
    }
}

/// The delivery that a feed is, of an académie once it is known which.
pub(super) fn dite(livraison: &Livraison, academie: Option<Academie>) -> annuaire::Livraison {
    annuaire::Livraison {
        origine: annuaire::Origine::Aaf,
        portee: academie.map(Academie::nom).unwrap_or_default().to_owned(),
        nature: livraison.nature,
        du: livraison.date,
        annee: None,
    }
}

async fn importer(
    livraison: Arc<Livraison>,
    guichet: Guichet<'_>,
    controle: Controle,
    suivi: Suivi,
) -> Result<Rapport, ErreurImport> {
    let (mut lus, fil) = lire(livraison, suivi);
    let mut seance = Seance::nouvelle(guichet, controle);
    while let Some(paquet) = lus.recv().await {
        for lu in paquet {
            seance.recevoir(lu).await?;
        }
    }
    fil.await?;
    seance.finir().await
}

/// An import under way.
struct Seance<'a> {
    guichet: Guichet<'a>,
    registre: Registre,
    categorie: Categorie,
    academie: Option<Academie>,
    /// Entries of the établissements, by key: they are sent twice.
    etablissements: BTreeMap<String, (Origine, Issue)>,
}

impl<'a> Seance<'a> {
    fn nouvelle(guichet: Guichet<'a>, controle: Controle) -> Self {
        let mut registre = Registre::default();
        registre.prendre_adultes(controle.adultes, controle.adultes_refuses);
        Self {
            guichet,
            registre,
            categorie: Categorie::EtabEducNat,
            academie: None,
            etablissements: BTreeMap::new(),
        }
    }

    async fn recevoir(&mut self, lu: Lu) -> Result<(), ErreurImport> {
        if lu.categorie != self.categorie {
            self.passer_a(lu.categorie).await?;
        }
        let rubrique = lu.categorie.nom();
        self.guichet.rapport.compte(rubrique).lus += 1;
        match lu.entree {
            Ok(entree) => {
                let origine = Origine {
                    rubrique,
                    fichier: lu.fichier,
                    ligne: lu.ligne,
                    identifiant: entree.jointure().to_owned(),
                    principale: true,
                };
                self.prendre(entree, origine).await
            }
            Err(rejet) => {
                if let Some(academie) = self.academie {
                    self.registre.citer(academie, &rejet.cles());
                }
                self.guichet.rapport.rejeter(rubrique, rejet);
                Ok(())
            }
        }
    }

    /// What must be recorded before the entries of the next category are read.
    async fn passer_a(&mut self, suivante: Categorie) -> Result<(), ErreurImport> {
        let quittee = std::mem::replace(&mut self.categorie, suivante);
        self.attendre().await?;
        if quittee < Categorie::PersEducNat && suivante >= Categorie::PersEducNat {
            self.commencer().await?;
            self.envoyer_etablissements(|_, decrit| vec![decrit]).await?;
        }
        if quittee <= Categorie::PersEducNat && suivante > Categorie::PersEducNat {
            let enseignants = self.enseignants_des_refuses().await?;
            self.envoyer_etablissements(|registre, decrit| {
                let ici = enseignants.get(&decrit.uai.etablissement());
                registre.limiter(decrit, ici)
            })
            .await?;
        }
        if quittee <= Categorie::Eleve && suivante > Categorie::Eleve {
            self.garder_les_adultes().await?;
        }
        Ok(())
    }

    /// Adults go on to belong where the pupils are of whom the feed could not say who answers for
    /// them.
    async fn garder_les_adultes(&mut self) -> Result<(), ErreurImport> {
        let (views, perimetre) = (self.guichet.commands().views(), self.registre.perimetre());
        for eleve in self.registre.sans_responsables_dits() {
            let inscriptions = Annuaire::rattachements(views, &[eleve.0]).await?;
            let inscriptions = inscriptions.into_iter().filter(|un| un.profil == Profil::Eleve.as_str());
            let ou = inscriptions.map(|un| EtablissementId(un.etablissement));
            let ou: Vec<_> = ou.filter(|id| perimetre.contains(id)).collect();
            if ou.is_empty() {
                continue;
            }
            for adulte in Annuaire::responsables_of(views, eleve.0).await? {
                self.registre.rattacher_adulte(PersonneId(adulte), &ou);
            }
        }
        Ok(())
    }

    /// Begins to import into the établissements that were read, with what other sources know of
    /// their people.
    async fn commencer(&mut self) -> Result<(), ErreurImport> {
        // Without any établissement everybody will be rejected.
        let Some(academie) = self.registre.academie() else { return Ok(()) };
        self.guichet.rapport.livraison.portee = academie.nom().to_owned();
        let perimetre = self.registre.delimiter();
        self.guichet.ouvrir(academie, &perimetre).await?;
        self.academie = Some(academie);
        let views = self.guichet.commands().views();
        let mut partagees = Sources::partagees(views, annuaire::Origine::Aaf, academie.nom());
        while let Some(cle) = partagees.try_next().await? {
            self.registre.reconnaitre(academie, cle.cle, PersonneId(cle.id));
        }
        Ok(delta::chercher_parmi_les_inconnus(views, &mut self.registre, academie).await?)
    }

    async fn prendre(&mut self, entree: Entree, origine: Origine) -> Result<(), ErreurImport> {
        let academie = self.academie;
        self.reconnaitre_la_cle(&entree).await?;
        let registre = &mut self.registre;
        let traduit = match (entree, academie) {
            (Entree::EtabEducNat(lu), _) => registre.prendre_etablissement(lu).map(|remarques| {
                let cle = origine.identifiant.clone();
                self.etablissements.insert(cle, (origine.clone(), Issue::Inchange));
                Traduction::de_remarques(remarques)
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
            // The reader of a complete feed gives none.
            (Entree::Modification(_) | Entree::Suppression(_), Some(_)) => return Ok(()),
            (_, None) => Err(Motif::AucunEtablissement),
        };
        match traduit {
            Ok(traduction) => {
                let reponses = self.guichet.confier(traduction, &origine).await?;
                self.noter(reponses);
            }
            Err(motif) => {
                if let Some(academie) = academie {
                    self.registre.citer(academie, &[&origine.identifiant]);
                }
                self.guichet.rapport.remarquer(&origine, &motif, motif.attribut());
            }
        }
        Ok(())
    }

    /// Before somebody whom another source names is taken for the person of an entry, asks whether
    /// its key is already another's. That is seldom.
    async fn reconnaitre_la_cle(&mut self, entree: &Entree) -> Result<(), ErreurImport> {
        let (jointure, etat_civil) = match entree {
            Entree::PersEducNat(lu) => (&lu.jointure, &lu.etat_civil),
            Entree::Eleve(lu) => (&lu.jointure, &lu.etat_civil),
            // An adult is not searched for; the others are nobody.
            Entree::PersRelEleve(_)
            | Entree::EtabEducNat(_)
            | Entree::MefEducNat(_)
            | Entree::MatiereEducNat(_)
            | Entree::Modification(_)
            | Entree::Suppression(_) => return Ok(()),
        };
        let Some(academie) = self.academie.filter(|_| self.registre.a_un_homonyme(etat_civil)) else {
            return Ok(());
        };
        let views = self.guichet.commands().views();
        delta::reconnaitre(views, &mut self.registre, academie, [jointure.as_str()]).await?;
        Ok(())
    }

    /// All who teach where one does whose entry is refused.
    async fn enseignants_des_refuses(
        &self,
    ) -> Result<BTreeMap<EtablissementId, BTreeSet<PersonneId>>, ErreurImport> {
        let views = self.guichet.commands().views();
        let mut lieux = BTreeSet::new();
        for refusee in self.registre.refusees() {
            let donnes = Annuaire::enseignements_attitres(views, refusee.0).await?;
            lieux.extend(donnes.into_iter().map(|enseignement| enseignement.etablissement));
        }
        let lieux: Vec<Uuid> = lieux.into_iter().collect();
        let divisions = Annuaire::divisions_of(views, &lieux).await?.into_iter().map(|division| division.id);
        let groupes = Groupes::of(views, &lieux).await?.into_iter().map(|groupe| groupe.id);
        let auditoires: Vec<Uuid> = divisions.chain(groupes).collect();
        let mut enseignants: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for connu in Annuaire::enseignements_of(views, &auditoires).await? {
            let ici = enseignants.entry(EtablissementId(connu.etablissement)).or_default();
            ici.extend(connu.attitres.into_iter().map(PersonneId));
        }
        Ok(enseignants)
    }

    /// Records the établissements as they are known now, in the fiches that `dire` makes of each.
    async fn envoyer_etablissements(
        &mut self,
        dire: impl Fn(&Registre, EtablissementDecrit) -> Vec<EtablissementDecrit>,
    ) -> Result<(), ErreurImport> {
        let mut reponses = Vec::new();
        for (jointure, connu) in self.registre.importes() {
            if let Some((origine, _)) = self.etablissements.get(jointure) {
                for decrit in dire(&self.registre, self.registre.decrire(jointure, connu)) {
                    let fiche = Fiche::Etablissement(decrit);
                    reponses.extend(self.guichet.confier_seule(fiche, origine.clone()).await?);
                }
            }
        }
        reponses.extend(self.guichet.attendre().await?);
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

    async fn attendre(&mut self) -> Result<(), ErreurImport> {
        let reponses = self.guichet.attendre().await?;
        self.noter(reponses);
        Ok(())
    }

    fn noter(&mut self, reponses: Vec<Reponse>) {
        let refusees = reponses
            .iter()
            .filter(|(origine, issue)| origine.principale && matches!(issue, Issue::Refuse(_)));
        for (origine, _) in refusees {
            if let Some(academie) = self.academie {
                let personne = self.registre.personne(academie, &origine.identifiant);
                self.registre.rejeter_personne(personne);
            }
        }
        self.guichet.noter(reponses);
    }

    async fn finir(mut self) -> Result<Rapport, ErreurImport> {
        self.passer_a(Categorie::PersRelEleve).await?;
        self.attendre().await?;
        for (origine, issue) in std::mem::take(&mut self.etablissements).into_values() {
            self.guichet.rapport.conclure(&origine, issue);
        }
        if self.academie.is_some() {
            let Self { guichet, registre, .. } = &mut self;
            let (perimetre, nomme_chacun) = (registre.perimetre(), registre.nomme_chacun());
            retirer(guichet, &perimetre, nomme_chacun, |qui| registre.parle_de(qui)).await?;
        }
        Ok(self.guichet.fermer().await?)
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
