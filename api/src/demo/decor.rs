//! The établissements before the first lesson: directory imported, portals open, offices held.

use super::calendrier::{LIVRAISON, RENTREE, apres, heure, instant};
use super::{Demo, ErreurDemo, exploitant};
use crate::importer::aaf::generator::{self, Plan};
use crate::importer::aaf::{Entree, Livraison, PersEducNat, Responsabilite};
use crate::importer::{Import, registre};
use commands::Commands;
use commands::portails::DelegationDemandee;
use commands::rights::Acteur;
use domain::annuaire::{Academie, Uai};
use domain::portails::{Attribution, NaturePortail};
use domain::{CompteId, DelegationId, DivisionId, EnseignementId, EtablissementId, PersonneId, PortailId};
use ledger::clock::ManualClock;
use projections::annuaire::Annuaire;
use projections::runner::Runner;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Whose directory the demo's is.
const ACADEMIE: Academie = Academie::Lyon;

/// Everybody of whom the demo needs to know.
pub struct Decor {
    /// The établissements.
    pub ecoles: Vec<Ecole>,
    /// Of each pupil, the first who answers for him or her.
    pub parents: BTreeMap<PersonneId, PersonneId>,
}

/// An établissement.
pub struct Ecole {
    /// Its number.
    pub uai: Uai,
    /// Its name, with its kind.
    pub nom: String,
    /// The chef, directeur de publication.
    pub chef: PersonneId,
    /// As what.
    pub qualite: String,
    /// A CPE.
    pub cpe: PersonneId,
    /// The documentaliste, to whom the administration is delegated.
    pub documentaliste: PersonneId,
    /// The compte of that delegation.
    pub administrateur: CompteId,
    /// Its divisions, by code.
    pub divisions: Vec<Division>,
}

/// A division.
pub struct Division {
    /// Which one.
    pub id: DivisionId,
    /// Its pupils, in the order of the list.
    pub eleves: Vec<PersonneId>,
    /// What it is taught.
    pub enseignements: Vec<Enseignement>,
}

/// What a division is taught.
pub struct Enseignement {
    /// Which one.
    pub id: EnseignementId,
    /// Code of its matière.
    pub matiere: String,
    /// The first of its teachers.
    pub enseignant: PersonneId,
}

/// Imports the directory, opens the portals and gives the offices.
pub async fn planter(
    commands: &Commands,
    runner: &Runner,
    clock: &ManualClock,
    demo: &Demo,
) -> Result<Decor, ErreurDemo> {
    clock.set(instant(LIVRAISON, heure(10, 0)));
    let operateur = Acteur { compte: Some(exploitant()), exploitant: true, ..Acteur::default() };
    let livraison = preparer(&demo.dossier, demo.graine)?;
    let import = Import { dossier: demo.dossier.clone(), a_blanc: false };
    let rapport = import.run(commands, &operateur, Arc::new(|_| ())).await?;
    if !rapport.lignes.is_empty() {
        return Err(ErreurDemo::Rejets { rejets: rapport.lignes.len() });
    }
    runner.catch_up().await?;
    let decor = reconnaitre(commands, &livraison, demo.graine).await?;
    ouvrir_portails(commands, clock, demo, &operateur, &decor).await?;
    runner.catch_up().await?;
    deleguer(commands, clock, demo, &decor).await?;
    runner.catch_up().await?;
    Ok(decor)
}

/// Writes the feed, unless it is there already.
fn preparer(dossier: &Path, graine: u64) -> Result<Livraison, ErreurDemo> {
    if let Ok(livraison) = Livraison::open(dossier) {
        return Ok(livraison);
    }
    let plan = Plan::demo(graine, generator::Academie::Lyon, LIVRAISON);
    generator::generate(dossier, &plan).map_err(ErreurDemo::Livraison)?;
    Livraison::open(dossier).map_err(|refus| ErreurDemo::Livraison(std::io::Error::other(refus)))
}

/// Who is who, by the feed and by the directory.
async fn reconnaitre(commands: &Commands, livraison: &Livraison, graine: u64) -> Result<Decor, ErreurDemo> {
    let mut etablissements = Vec::new();
    let mut personnels = Vec::new();
    let mut parents = BTreeMap::new();
    for entree in livraison.entrees(|_| ()).flatten() {
        match entree {
            Entree::EtabEducNat(etablissement) => etablissements.push(etablissement),
            Entree::PersEducNat(personnel) => personnels.push(personnel),
            Entree::Eleve(eleve) => {
                let mut liens = eleve.responsables.iter();
                if let Some(lien) = liens.find(|lien| lien.responsabilite == Responsabilite::Legale) {
                    parents.insert(id(&eleve.jointure), id(&lien.personne));
                }
            }
            Entree::MefEducNat(_)
            | Entree::MatiereEducNat(_)
            | Entree::PersRelEleve(_)
            | Entree::Modification(_)
            | Entree::Suppression(_) => {}
        }
    }
    let mut ecoles = Vec::new();
    for etablissement in etablissements {
        let uai: Uai = etablissement.uai.parse().map_err(|_| ErreurDemo::Manque("un UAI"))?;
        let college = etablissement.nature.as_deref() == Some("COLLEGE");
        let (genre, titre) = if college { ("Collège", "principal") } else { ("Lycée", "proviseur") };
        let membre = |code, poste| membre(&personnels, &etablissement.jointure, code, poste);
        let chef = membre("DIR", Some("D0010")).ok_or(ErreurDemo::Manque("un chef d'établissement"))?;
        let cpe = membre("EDU", None).ok_or(ErreurDemo::Manque("un CPE"))?;
        let documentaliste = membre("DOC", None).ok_or(ErreurDemo::Manque("un documentaliste"))?;
        let feminin = chef.etat_civil.civilite.as_deref() == Some("Mme");
        ecoles.push(Ecole {
            nom: format!("{genre} {}", etablissement.nom),
            chef: id(&chef.jointure),
            qualite: format!("{titre}{} du {}", if feminin { "e" } else { "" }, genre.to_lowercase()),
            cpe: id(&cpe.jointure),
            documentaliste: id(&documentaliste.jointure),
            administrateur: CompteId::derived(&["demo", &graine.to_string(), "administrateur", uai.as_str()]),
            divisions: divisions(commands, uai.etablissement()).await?,
            uai,
        });
    }
    Ok(Decor { ecoles, parents })
}

fn id(jointure: &str) -> PersonneId {
    registre::personne(ACADEMIE, jointure)
}

fn membre<'a>(
    personnels: &'a [PersEducNat],
    etablissement: &str,
    code: &str,
    poste: Option<&str>,
) -> Option<&'a PersEducNat> {
    personnels.iter().find(|personnel| {
        personnel.fonctions.iter().any(|fonction| {
            fonction.etablissement == etablissement
                && fonction.code == code
                && (poste.is_none() || fonction.code_poste.as_deref() == poste)
        })
    })
}

/// The divisions of an établissement as the directory knows them.
async fn divisions(commands: &Commands, etablissement: EtablissementId) -> Result<Vec<Division>, ErreurDemo> {
    let rows = Annuaire::divisions_of(commands.views(), &[etablissement.0]).await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let eleves = Annuaire::eleves_of(commands.views(), &ids).await?;
    let enseignements = Annuaire::enseignements_of(commands.views(), &ids).await?;
    let division = |id| Division {
        id: DivisionId(id),
        eleves: eleves.iter().filter(|(of, _)| *of == id).map(|(_, row)| PersonneId(row.id)).collect(),
        enseignements: enseignements
            .iter()
            .filter(|row| row.auditoire.id() == id)
            .filter_map(|row| {
                Some(Enseignement {
                    id: EnseignementId(row.id),
                    matiere: row.matiere_code.clone(),
                    enseignant: PersonneId(*row.attitres.first()?),
                })
            })
            .collect(),
    };
    Ok(ids.into_iter().map(division).collect())
}

/// The day before the rentrée, the operator opens the portals and enters the directeurs.
async fn ouvrir_portails(
    commands: &Commands,
    clock: &ManualClock,
    demo: &Demo,
    operateur: &Acteur,
    decor: &Decor,
) -> Result<(), ErreurDemo> {
    clock.set(instant(apres(LIVRAISON, 3).unwrap_or(RENTREE), heure(9, 0)));
    let academie = PortailId::from(ACADEMIE);
    let nom = format!("Académie de {ACADEMIE}");
    let geste = format!("ouvrir le portail {academie}");
    let demande = demo.demande(operateur.clone(), &geste);
    let ouvert = commands.ouvrir_portail(&demande, academie, NaturePortail::Academie, nom).await;
    ouvert.map_err(|source| ErreurDemo::Geste { geste, source })?;
    for ecole in &decor.ecoles {
        let portail = ecole.uai.portail();
        let geste = format!("ouvrir le portail {portail}");
        let demande = demo.demande(operateur.clone(), &geste);
        let nature = NaturePortail::Etablissement { etablissement: ecole.uai.etablissement() };
        let ouvert = commands.ouvrir_portail(&demande, portail.clone(), nature, ecole.nom.clone()).await;
        ouvert.map_err(|source| ErreurDemo::Geste { geste, source })?;
        let geste = format!("prendre la direction de {portail}");
        let demande = demo.demande(operateur.clone(), &geste);
        let (chef, qualite) = (ecole.chef, ecole.qualite.clone());
        let prise = commands.prendre_direction(&demande, portail, chef, qualite, RENTREE).await;
        prise.map_err(|source| ErreurDemo::Geste { geste, source })?;
    }
    Ok(())
}

/// On the morning of the rentrée each chef delegates the administration of the ENT.
async fn deleguer(
    commands: &Commands,
    clock: &ManualClock,
    demo: &Demo,
    decor: &Decor,
) -> Result<(), ErreurDemo> {
    clock.set(instant(RENTREE, heure(7, 30)));
    for ecole in &decor.ecoles {
        let portail = ecole.uai.portail();
        let geste = format!("accorder la délégation de {portail}");
        let echec = |source| ErreurDemo::Geste { geste: geste.clone(), source };
        let chef = commands.acteur(Some(CompteId::personnel(ecole.chef))).await.map_err(echec)?;
        let asked = DelegationDemandee {
            delegation: DelegationId::derived(&["demo", &demo.graine.to_string(), portail.as_str()]),
            compte: ecole.administrateur,
            administrateur: ecole.documentaliste,
            attributions: Attribution::TOUTES.iter().copied().collect(),
            du: RENTREE,
            au: None,
        };
        let demande = demo.demande(chef, &geste);
        commands.accorder_delegation(&demande, portail.clone(), asked).await.map_err(echec)?;
    }
    Ok(())
}
