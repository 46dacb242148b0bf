//! What facts change in what is known of people, gathered in memory and written with one
//! statement per kind of change, however many facts there are: an import is millions of them.
//!
//! Gathering keeps the order in which the facts of a person stand. What changes a row that is
//! there, and is said before the fact that would make the row, is written before it.

use crate::ProjectionError;
use crate::lieux::vider;
use domain::annuaire::{EtatCivil, PersonneEvent, Responsabilite};
use domain::{EtablissementId, PersonneId};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Between codes that travel as one text: no code has a control character.
const ENTRE: &str = "\u{1f}";

/// See the module.
#[derive(Default)]
pub(super) struct Changes<'a> {
    personnes: BTreeMap<Uuid, Personne<'a>>,
    rattachements: BTreeMap<(Uuid, Uuid), Rattachement<'a>>,
    responsables: BTreeMap<Uuid, &'a [Responsabilite]>,
    oppositions: BTreeMap<Uuid, bool>,
}

/// What changes of a person.
#[derive(Default)]
struct Personne<'a> {
    suspendue_avant: Option<bool>,
    etat_civil: Option<&'a EtatCivil>,
    suspendue_apres: Option<bool>,
}

/// What changes of what a person is in an établissement.
#[derive(Default)]
struct Rattachement<'a> {
    quitte: bool,
    division_avant: Option<Option<Uuid>>,
    devient: Option<(&'static str, &'a [String])>,
    division_apres: Option<Option<Uuid>>,
}

impl<'a> Changes<'a> {
    /// Adds what one event changes.
    pub fn hear(&mut self, event: &'a PersonneEvent) {
        match event {
            PersonneEvent::PersonneEnregistree { personne, etat_civil, .. }
            | PersonneEvent::EtatCivilRectifie { personne, etat_civil, .. } => {
                self.personnes.entry(personne.0).or_default().etat_civil = Some(etat_civil);
            }
            PersonneEvent::PersonneRattachee { personne, etablissement, profil, fonctions, .. } => {
                self.rattachement(*personne, *etablissement).devient = Some((profil.as_str(), fonctions));
            }
            PersonneEvent::PersonneDetachee { personne, etablissement, .. } => {
                *self.rattachement(*personne, *etablissement) =
                    Rattachement { quitte: true, ..Rattachement::default() };
            }
            PersonneEvent::EleveAffecte { personne, etablissement, division, .. }
            | PersonneEvent::EleveReaffecte { personne, etablissement, division, .. } => {
                let rattachement = self.rattachement(*personne, *etablissement);
                let division = division.map(|division| division.0);
                match &rattachement.devient {
                    Some(_) => rattachement.division_apres = Some(division),
                    None => rattachement.division_avant = Some(division),
                }
            }
            // Who is in which groupe is another view's: see `Repartitions`.
            PersonneEvent::PersonneRepartie { .. } => {}
            // Only providers of identities know pupils by it: see `identite::Comptes`.
            PersonneEvent::EleveImmatricule { .. } => {}
            PersonneEvent::ResponsabilitesEtablies { personne, responsables, .. } => {
                self.responsables.insert(personne.0, responsables);
            }
            PersonneEvent::InformationOpposee { personne } => {
                self.oppositions.insert(personne.0, true);
            }
            PersonneEvent::OppositionLevee { personne } => {
                self.oppositions.insert(personne.0, false);
            }
            PersonneEvent::PersonneSuspendue { personne } => self.suspendre(*personne, true),
            PersonneEvent::PersonneReprise { personne } => self.suspendre(*personne, false),
            // What is not in force shows nowhere.
            PersonneEvent::SourceReconnue { .. }
            | PersonneEvent::ParoleEntendue { .. }
            | PersonneEvent::ParoleRetiree { .. } => {}
        }
    }

    fn rattachement(
        &mut self,
        personne: PersonneId,
        etablissement: EtablissementId,
    ) -> &mut Rattachement<'a> {
        self.rattachements.entry((personne.0, etablissement.0)).or_default()
    }

    fn suspendre(&mut self, personne: PersonneId, suspendue: bool) {
        let connue = self.personnes.entry(personne.0).or_default();
        match connue.etat_civil {
            Some(_) => connue.suspendue_apres = Some(suspendue),
            None => connue.suspendue_avant = Some(suspendue),
        }
    }

    /// Writes everything.
    pub async fn write(self, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let Self { personnes, rattachements, responsables, oppositions } = self;
        set_suspendues(&personnes, |personne| personne.suspendue_avant, tx).await?;
        set_etats_civils(&personnes, tx).await?;
        set_suspendues(&personnes, |personne| personne.suspendue_apres, tx).await?;
        quitter(&rattachements, tx).await?;
        set_divisions(&rattachements, |rattachement| rattachement.division_avant, tx).await?;
        set_rattachements(&rattachements, tx).await?;
        set_divisions(&rattachements, |rattachement| rattachement.division_apres, tx).await?;
        set_responsables(&responsables, tx).await?;
        set_oppositions(&oppositions, tx).await
    }
}

async fn set_suspendues(
    personnes: &BTreeMap<Uuid, Personne<'_>>,
    dite: impl Fn(&Personne<'_>) -> Option<bool>,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    for suspendue in [true, false] {
        let dites = personnes.iter().filter(|(_, personne)| dite(personne) == Some(suspendue));
        let ids: Vec<Uuid> = dites.map(|(id, _)| *id).collect();
        if !ids.is_empty() {
            sqlx::query("UPDATE personne SET suspendue = $2 WHERE id = ANY ($1)")
                .bind(ids)
                .bind(suspendue)
                .execute(&mut *tx)
                .await?;
        }
    }
    Ok(())
}

async fn set_etats_civils(
    personnes: &BTreeMap<Uuid, Personne<'_>>,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    let dits: Vec<(Uuid, &EtatCivil)> =
        personnes.iter().filter_map(|(id, personne)| Some((*id, personne.etat_civil?))).collect();
    if dits.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO personne (id, nom, prenom, civilite, naissance, courriel)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::date[], $6::text[])
         ON CONFLICT (id) DO UPDATE SET nom = excluded.nom, prenom = excluded.prenom,
             civilite = excluded.civilite, naissance = excluded.naissance, courriel = excluded.courriel",
    )
    .bind(dits.iter().map(|(id, _)| *id).collect::<Vec<_>>())
    .bind(dits.iter().map(|(_, dit)| dit.nom.as_str()).collect::<Vec<_>>())
    .bind(dits.iter().map(|(_, dit)| dit.prenom.as_str()).collect::<Vec<_>>())
    .bind(dits.iter().map(|(_, dit)| dit.civilite.as_deref()).collect::<Vec<_>>())
    .bind(dits.iter().map(|(_, dit)| dit.naissance).collect::<Vec<_>>())
    .bind(dits.iter().map(|(_, dit)| dit.courriel.as_deref()).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

type Rattachements<'a> = BTreeMap<(Uuid, Uuid), Rattachement<'a>>;

async fn quitter(rattachements: &Rattachements<'_>, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let quittes = rattachements.iter().filter(|(_, rattachement)| rattachement.quitte);
    vider("rattachement", "personne", quittes.map(|(cle, _)| *cle).unzip(), tx).await
}

/// Each row is looked up by itself, as past situations are: see `histoire`.
async fn set_divisions(
    rattachements: &Rattachements<'_>,
    dite: impl Fn(&Rattachement<'_>) -> Option<Option<Uuid>>,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    let dites = rattachements.iter().filter_map(|(cle, rattachement)| Some((*cle, dite(rattachement)?)));
    let (cles, divisions): (Vec<(Uuid, Uuid)>, Vec<Option<Uuid>>) = dites.unzip();
    if cles.is_empty() {
        return Ok(());
    }
    let (personnes, etablissements): (Vec<Uuid>, Vec<Uuid>) = cles.into_iter().unzip();
    sqlx::query(
        "UPDATE rattachement r SET division = x.division
         FROM (SELECT l.ligne, d.division
               FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS d (personne, etablissement, division)
               CROSS JOIN LATERAL (
                   SELECT ctid AS ligne FROM rattachement
                   WHERE personne = d.personne AND etablissement = d.etablissement OFFSET 0) l) x
         WHERE r.ctid = x.ligne",
    )
    .bind(personnes)
    .bind(etablissements)
    .bind(divisions)
    .execute(tx)
    .await?;
    Ok(())
}

async fn set_rattachements(
    rattachements: &Rattachements<'_>,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    let dits = rattachements.iter().filter_map(|(cle, dit)| Some((*cle, dit.devient.as_ref()?)));
    let dits: Vec<_> = dits.collect();
    if dits.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO rattachement (personne, etablissement, profil, fonctions)
         SELECT personne, etablissement, profil, string_to_array(fonctions, $5)
         FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[])
              AS d (personne, etablissement, profil, fonctions)
         ON CONFLICT (personne, etablissement)
         DO UPDATE SET profil = excluded.profil, fonctions = excluded.fonctions",
    )
    .bind(dits.iter().map(|((personne, _), _)| *personne).collect::<Vec<_>>())
    .bind(dits.iter().map(|((_, etablissement), _)| *etablissement).collect::<Vec<_>>())
    .bind(dits.iter().map(|(_, (profil, _))| *profil).collect::<Vec<_>>())
    .bind(dits.iter().map(|(_, (_, fonctions))| fonctions.join(ENTRE)).collect::<Vec<_>>())
    .bind(ENTRE)
    .execute(tx)
    .await?;
    Ok(())
}

async fn set_responsables(
    responsables: &BTreeMap<Uuid, &[Responsabilite]>,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    if responsables.is_empty() {
        return Ok(());
    }
    let eleves: Vec<Uuid> = responsables.keys().copied().collect();
    sqlx::query("DELETE FROM responsabilite WHERE eleve = ANY ($1)").bind(eleves).execute(&mut *tx).await?;
    let lignes: Vec<(Uuid, &Responsabilite)> =
        responsables.iter().flat_map(|(eleve, tous)| tous.iter().map(|un| (*eleve, un))).collect();
    sqlx::query(
        "INSERT INTO responsabilite (eleve, responsable, lien, niveau, destinataire)
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bool[])",
    )
    .bind(lignes.iter().map(|(eleve, _)| *eleve).collect::<Vec<_>>())
    .bind(lignes.iter().map(|(_, un)| un.responsable.0).collect::<Vec<_>>())
    .bind(lignes.iter().map(|(_, un)| un.lien.as_str()).collect::<Vec<_>>())
    .bind(lignes.iter().map(|(_, un)| un.niveau.as_str()).collect::<Vec<_>>())
    .bind(lignes.iter().map(|(_, un)| un.destinataire).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

async fn set_oppositions(
    oppositions: &BTreeMap<Uuid, bool>,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    let dites = |opposee: bool| oppositions.iter().filter(move |(_, dite)| **dite == opposee);
    let levees: Vec<Uuid> = dites(false).map(|(eleve, _)| *eleve).collect();
    let opposees: Vec<Uuid> = dites(true).map(|(eleve, _)| *eleve).collect();
    if !levees.is_empty() {
        sqlx::query("DELETE FROM opposition WHERE eleve = ANY ($1)").bind(levees).execute(&mut *tx).await?;
    }
    if !opposees.is_empty() {
        let sql = "INSERT INTO opposition (eleve) SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING";
        sqlx::query(sql).bind(opposees).execute(tx).await?;
    }
    Ok(())
}
