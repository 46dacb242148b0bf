//! A school year of one division, one week in three, from its emploi du temps to its third bulletin:
//! what people of a school do all the time is done together here, and an auditor reads it at the end.

mod classe;
mod conseil;
mod fin;
mod semaine;
mod vie;

use anyhow::Result;
use chrono::{Days, NaiveDate};
use classe::Classe;

/// The Monday of the first week that is told, and how many days lie between two of them.
const PREMIER_LUNDI: &str = "2026-09-14";
const PAS: Days = Days::new(21);
/// The trimestres: the last Monday before each conseil, its day, and the instant of its bulletins.
const TRIMESTRES: [(&str, &str, &str); 3] = [
    ("2026-11-16", "2026-12-01", "2026-12-04T17:00:00Z"),
    ("2027-03-01", "2027-03-09", "2027-03-12T17:00:00Z"),
    ("2027-06-14", "2027-06-29", "2027-07-02T16:00:00Z"),
];
/// The Mondays of the weeks in which everybody is marked.
const EVALUATIONS: [&str; 3] = ["2026-10-05", "2027-01-18", "2027-05-24"];
/// The Mondays of the two weeks of March in which the first pupil does not come.
const ABSENCES: [&str; 2] = ["2027-03-01", "2027-03-22"];

#[tokio::test(flavor = "multi_thread")]
async fn a_division_lives_through_a_school_year_and_an_auditor_reads_it() -> Result<()> {
    let classe = Classe::rentree().await?;
    let mut lundi: NaiveDate = PREMIER_LUNDI.parse()?;
    for (rang, (dernier, conseil, publication)) in (1..).zip(TRIMESTRES) {
        let dernier: NaiveDate = dernier.parse()?;
        while lundi <= dernier {
            classe.vivre_la_semaine(lundi).await?;
            match lundi.to_string().as_str() {
                "2026-10-05" => classe.un_mot_dans_le_carnet().await?,
                "2026-11-16" => classe.un_incident_et_sa_sanction().await?,
                "2027-03-01" => classe.la_famille_justifie_le_lundi(lundi).await?,
                "2027-03-22" => classe.l_absence_est_suivie().await?,
                _ => {}
            }
            lundi = lundi + PAS;
        }
        classe.tenir_conseil(rang, conseil).await?;
        classe.publier_les_bulletins(rang, publication).await?;
    }
    classe.les_familles_ont_ete_prevenues()?;
    classe.un_auditeur_relit_l_annee().await
}
