//! What a delta does not repeat, and the views know.

use crate::importer::aaf::{Entree, Livraison};
use crate::importer::import::ErreurImport;
use crate::importer::rapprochement::Rapprochement;
use crate::importer::registre::Registre;
use commands::UseCaseError;
use commands::annuaire::AuditoireDecrit;
use domain::annuaire::{Academie, FicheEtablissement, Origine, Uai};
use domain::{AnneeScolaire, EtablissementId, PersonneId};
use projections::annuaire::{Annuaire, Groupes, Repartitions, Sources};
use sqlx::PgPool;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::task::spawn_blocking;
use uuid::Uuid;

/// What a person is, before the delta.
#[derive(Debug, Clone, Default)]
pub struct Situation {
    /// Where, as anything.
    pub etablissements: Vec<EtablissementId>,
    /// What he or she teaches: where, to whom, code of the matière.
    pub enseigne: Vec<(EtablissementId, AuditoireDecrit, String)>,
}

impl Situation {
    /// Of the person with this key; nothing, if no feed named him or her.
    pub async fn de(
        views: &PgPool,
        academie: Academie,
        jointure: &str,
    ) -> Result<Option<Self>, UseCaseError> {
        let Some(personne) = Sources::personne_de(views, academie.nom(), jointure).await? else {
            return Ok(None);
        };
        let rattachements = Annuaire::rattachements(views, &[personne]).await?;
        let enseigne = Annuaire::enseignements_attitres(views, personne).await?;
        let auditoires: Vec<Uuid> = enseigne.iter().map(|row| row.auditoire.id()).collect();
        let divisions = Annuaire::divisions(views, &auditoires).await?.into_iter();
        let groupes = Groupes::by_ids(views, &auditoires).await?.into_iter();
        let divisions = divisions.map(|row| (row.id, AuditoireDecrit::Division(row.code)));
        let groupes = groupes.map(|row| (row.id, AuditoireDecrit::Groupe(row.code)));
        let codes: BTreeMap<Uuid, AuditoireDecrit> = divisions.chain(groupes).collect();
        let enseigne = enseigne.into_iter().filter_map(|row| {
            let auditoire = codes.get(&row.auditoire.id())?.clone();
            Some((EtablissementId(row.etablissement), auditoire, row.matiere_code))
        });
        Ok(Some(Self {
            etablissements: rattachements.iter().map(|row| EtablissementId(row.etablissement)).collect(),
            enseigne: enseigne.collect(),
        }))
    }
}

/// The académie of a delta: it names none itself, but keys that one académie's complete feed
/// has named.
pub async fn academie(views: &PgPool, livraison: Arc<Livraison>) -> Result<Academie, ErreurImport> {
    let cles = spawn_blocking(move || cles(&livraison)).await?;
    let connues = Sources::portee_de(views, Origine::Aaf, &cles).await?;
    let connue = connues.iter().find_map(|portee| portee.parse::<Academie>().ok());
    connue.ok_or(ErreurImport::DeltaSansComplete)
}

/// Keys of établissements that a delta names, from its first entries on.
fn cles(livraison: &Livraison) -> Vec<String> {
    const ASSEZ: usize = 200;
    let nommees = livraison.entrees(|_| ()).filter_map(Result::ok).flat_map(|entree| match entree {
        Entree::EtabEducNat(lu) => vec![lu.jointure],
        Entree::PersEducNat(lu) => vec![lu.rattachement],
        Entree::Eleve(lu) => vec![lu.rattachement],
        Entree::MefEducNat(_) | Entree::MatiereEducNat(_) => vec![],
        autre => vec![autre.jointure().to_owned()],
    });
    nommees.take(ASSEZ).collect()
}

/// The établissements, with their groupes of a school year, and the matières that earlier feeds said.
pub async fn se_souvenir(
    views: &PgPool,
    registre: &mut Registre,
    academie: Academie,
    annee: AnneeScolaire,
) -> Result<(), UseCaseError> {
    let cles = Sources::etablissements(views, Origine::Aaf, academie.nom()).await?;
    let ids: Vec<Uuid> = cles.iter().map(|cle| cle.id).collect();
    let connus = Annuaire::etablissements(views, &ids).await?;
    let connus: BTreeMap<Uuid, _> = connus.into_iter().map(|row| (row.id, row)).collect();
    let mut divisions: BTreeMap<Uuid, Vec<_>> = BTreeMap::new();
    for row in Annuaire::divisions_of(views, &ids).await? {
        divisions.entry(row.etablissement).or_default().push((row.code, row.libelle, row.mef));
    }
    let mut groupes: BTreeMap<Uuid, BTreeSet<_>> = BTreeMap::new();
    for row in Repartitions::declares(views, &ids, annee).await? {
        groupes.entry(row.etablissement).or_default().insert(row.code);
    }
    for cle in cles {
        let Some(connu) = connus.get(&cle.id) else { continue };
        let uai: Uai = connu.uai.parse().map_err(UseCaseError::fault)?;
        let fiche = FicheEtablissement {
            nom: connu.nom.clone(),
            nature: connu.nature.clone(),
            academie: connu.academie.clone(),
            commune: connu.commune.clone(),
        };
        let divisions = divisions.remove(&cle.id).unwrap_or_default();
        let groupes = groupes.remove(&cle.id).unwrap_or_default();
        registre.se_souvenir(cle.cle, uai, fiche, divisions, groupes);
    }
    for (code, libelle) in Annuaire::matieres(views).await? {
        registre.se_souvenir_de_la_matiere(code, libelle);
    }
    Ok(())
}

/// Among whom a key that is new may find its person, who was entered by hand or by another source.
pub async fn chercher_parmi_les_inconnus(
    views: &PgPool,
    registre: &mut Registre,
    academie: Academie,
) -> Result<(), UseCaseError> {
    let ids: Vec<Uuid> = registre.perimetre().iter().map(|id| id.0).collect();
    let inconnus = Annuaire::inconnus_de(views, &ids, Origine::Aaf, academie.nom()).await?;
    registre.chercher_parmi(Rapprochement::parmi(inconnus));
    Ok(())
}

/// Looks up whose these keys are.
pub async fn reconnaitre<'a>(
    views: &PgPool,
    registre: &mut Registre,
    academie: Academie,
    cles: impl IntoIterator<Item = &'a str>,
) -> Result<(), UseCaseError> {
    let cles: Vec<String> = cles.into_iter().map(str::to_owned).collect();
    for cle in Sources::par_cles(views, Origine::Aaf, academie.nom(), &cles).await? {
        registre.se_souvenir_de_l_adulte(&cle.cle);
        registre.connaitre(academie, cle.cle, PersonneId(cle.id));
    }
    Ok(())
}
