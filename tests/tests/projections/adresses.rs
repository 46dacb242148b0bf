//! An address of somebody is one under whichever of his or her fiches, and so is what is said of it:
//! fiches may be found to be one person's after an envoi was prepared, or an address given up.

use anyhow::Result;
use domain::{EnvoiId, PersonneId};
use projections::notifications::{Adresses, Envois};
use recits::Bench;
use sqlx::PgPool;
use uuid::Uuid;

const PORTAIL: &str = "0690001d";

async fn fiche(owner: &PgPool, name: &str, courriel: Option<&str>) -> Result<Uuid> {
    let PersonneId(id) = PersonneId::derived(&[name]);
    sqlx::query("INSERT INTO annuaire.personne (id, nom, prenom, courriel) VALUES ($1, 'Fictif', 'Ana', $2)")
        .bind(id)
        .bind(courriel)
        .execute(owner)
        .await?;
    Ok(id)
}

/// A mail that waits for somebody, by the fiche that was the principal one when it was prepared.
async fn envoi(owner: &PgPool, destinataire: Uuid) -> Result<Uuid> {
    let EnvoiId(id) = EnvoiId::derived(&[&destinataire.to_string()]);
    sqlx::query(
        "INSERT INTO notifications.envoi
             (id, portail, destinataire, canal, annonce, theme, pas_avant, maj, etat, essais)
         VALUES ($1, $2, $3, 'courriel', $1, '\"absences\"', now(), now(), 'prepare', 0)",
    )
    .bind(id)
    .bind(PORTAIL)
    .bind(destinataire)
    .execute(owner)
    .await?;
    Ok(id)
}

async fn addressed(bench: &Bench, envois: &[Uuid]) -> Result<Vec<Option<String>>> {
    let plis = Envois::plis(&bench.views, envois).await?;
    assert_eq!(plis.len(), envois.len());
    Ok(plis.into_iter().map(|pli| pli.adresse).collect())
}

async fn en_defaut(bench: &Bench, personne: Uuid) -> Result<Vec<String>> {
    let rows = Adresses::de(&bench.views, personne).await?;
    Ok(rows.into_iter().map(|row| row.adresse).collect())
}

#[tokio::test]
async fn an_address_is_given_up_for_all_fiches_of_one_person_until_the_directory_has_another() -> Result<()> {
    let bench = Bench::open().await?;
    let owner = &bench.owner;
    let (ana, bis, other) = (
        fiche(owner, "ana", None).await?,
        fiche(owner, "bis", Some("Ana@exemple.fr")).await?,
        fiche(owner, "autre", Some("autre@exemple.fr")).await?,
    );
    let envois = [envoi(owner, ana).await?, envoi(owner, bis).await?];
    sqlx::query("INSERT INTO annuaire.identite (fiche, racine) VALUES ($1, $1), ($2, $1)")
        .bind(ana)
        .bind(bis)
        .execute(owner)
        .await?;
    let known = Some("Ana@exemple.fr".to_owned());
    assert_eq!(addressed(&bench, &envois).await?, [known.clone(), known]);
    // It was found out before they were known to be one person's.
    sqlx::query("INSERT INTO notifications.adresse_en_defaut VALUES ($1, $2, $3, 'ana@exemple.fr', now())")
        .bind(envois[1])
        .bind(PORTAIL)
        .bind(bis)
        .execute(owner)
        .await?;
    assert_eq!(addressed(&bench, &envois).await?, [None::<String>, None]);
    for of in [ana, bis] {
        assert_eq!(en_defaut(&bench, of).await?, ["Ana@exemple.fr"]);
    }
    assert_eq!(en_defaut(&bench, other).await?, Vec::<String>::new());
    assert_eq!(Adresses::of(&bench.views, PORTAIL, None, 5).await?.len(), 1);
    sqlx::query("UPDATE annuaire.personne SET courriel = 'ana.fictif@exemple.fr' WHERE id = $1")
        .bind(bis)
        .execute(owner)
        .await?;
    let corrected = Some("ana.fictif@exemple.fr".to_owned());
    assert_eq!(addressed(&bench, &envois).await?, [corrected.clone(), corrected]);
    assert!(Adresses::of(&bench.views, PORTAIL, None, 5).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn of_an_address_the_last_word_counts_whichever_envoi_has_it() -> Result<()> {
    let bench = Bench::open().await?;
    let owner = &bench.owner;
    let ana = fiche(owner, "ana", Some("ana@exemple.fr")).await?;
    let envoi = [envoi(owner, ana).await?];
    let given_up = async |by: &str, when: &str| {
        let EnvoiId(by) = EnvoiId::derived(&[by]);
        sqlx::query(
            "INSERT INTO notifications.adresse_en_defaut
             VALUES ($1, $2, $3, 'ana@exemple.fr', $4::text::timestamptz)",
        )
        .bind(by)
        .bind(PORTAIL)
        .bind(ana)
        .bind(when)
        .execute(owner)
        .await?;
        anyhow::Ok(by)
    };
    given_up("un", "2026-11-23T08:00:00Z").await?;
    let second = given_up("deux", "2026-11-23T09:00:00Z").await?;
    assert_eq!(addressed(&bench, &envoi).await?, [None::<String>]);
    let restore =
        "UPDATE notifications.adresse_en_defaut SET retablie = '2026-11-23T10:00:00Z' WHERE envoi = $1";
    sqlx::query(restore).bind(second).execute(owner).await?;
    assert_eq!(addressed(&bench, &envoi).await?, [Some("ana@exemple.fr".to_owned())]);
    assert_eq!(en_defaut(&bench, ana).await?, Vec::<String>::new());
    assert!(Adresses::of(&bench.views, PORTAIL, None, 5).await?.is_empty());
    let third = given_up("trois", "2026-11-23T11:00:00Z").await?;
    assert_eq!(addressed(&bench, &envoi).await?, [None::<String>]);
    let of_portal = Adresses::of(&bench.views, PORTAIL, None, 5).await?;
    for rows in [Adresses::de(&bench.views, ana).await?, of_portal] {
        let found: Vec<_> = rows.into_iter().map(|row| row.envoi).collect();
        assert_eq!(found, [third]);
    }
    Ok(())
}
