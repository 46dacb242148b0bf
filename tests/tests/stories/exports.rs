//! What offices print leaves as files, whole or not at all.

use anyhow::Result;
use axum::http::StatusCode;
use recits::Ecole;

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_which_a_line_cannot_be_read_is_not_sent() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    for date in ["2026-11-05", "2026-11-06"] {
        ecole.faire_l_appel(&ecole.heure(date, "08:00:00", "09:00:00"), &ecole.eleves[..1]).await?;
        ecole.constater(date).await?;
    }
    let maison = &ecole.maison;
    let month = format!("/listes/{}/absences/2026-11.csv", ecole.uai);
    let (status, bytes) = maison.telecharger(Some(ecole.cpe), &month).await?;
    let whole = String::from_utf8(bytes)?;
    assert_eq!((status, whole.lines().count()), (StatusCode::OK, 3), "{whole}");
    // The first line can still be read, and the second one no more.
    let sql = "UPDATE absences.dossier_absence SET decision = '\"?\"' WHERE date = '2026-11-06'";
    sqlx::query(sql).execute(&maison.bench.owner).await?;
    for path in [month.clone(), month.replace(".csv", ".xlsx")] {
        let (status, bytes) = maison.telecharger(Some(ecole.cpe), &path).await?;
        let told = String::from_utf8(bytes)?;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{told}");
        assert!(!told.contains("2026-11-05"), "no half of a file: {told}");
    }
    ecole.maison.close().await
}
