//! Which days count towards a threshold.

use super::assiduite::{decompte, length, seuils};
use anyhow::Result;
use recits::{Ecole, global};
use serde_json::json;
use uuid::Uuid;

/// A file that the vie scolaire enters covers the vacances of the Toussaint, another the 11 November:
/// a day on which nobody is expected makes no half-day.
#[tokio::test(flavor = "multi_thread")]
async fn days_without_school_make_no_half_day_and_reach_no_threshold() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let saisir = |number: u128, (date, date_fin): (&str, &str)| {
        json!({ "dossier": Uuid::from_u128(number), "uai": ecole.uai,
                "eleveId": global("Eleve", ecole.eleves[0]),
                "creneau": { "date": date, "debut": "14:00:00", "dateFin": date_fin, "fin": "11:00:00" } })
    };
    let constater = json!({ "uai": ecole.uai, "mois": "2026-11-30" });
    // From the Friday of the Toussaint to the first morning after, and around the 11 November.
    for (number, days) in [(41, ("2026-10-16", "2026-11-02")), (42, ("2026-11-10", "2026-11-12"))] {
        maison.granted(ecole.cpe, "saisirAbsence", saisir(number, days), "").await?;
    }
    maison.granted(ecole.cpe, "constaterSeuils", constater.clone(), "").await?;
    let counted = decompte(&ecole, ecole.cpe).await?;
    let expected = json!([{ "jour": "2026-11-02", "moment": "MATIN" },
                          { "jour": "2026-11-10", "moment": "APRES_MIDI" },
                          { "jour": "2026-11-12", "moment": "MATIN" }]);
    assert_eq!(counted["constatees"], expected);
    assert_eq!(seuils(&ecole).await?, json!([]), "the morning of the 11 November would be the fourth");
    maison.granted(ecole.cpe, "saisirAbsence", saisir(43, ("2026-11-19", "2026-11-20")), "").await?;
    maison.granted(ecole.cpe, "constaterSeuils", constater, "").await?;
    assert_eq!(length(&seuils(&ecole).await?), 1);
    ecole.maison.close().await
}
