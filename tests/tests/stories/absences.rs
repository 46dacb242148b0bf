//! What a roll refuses, and retries.

use anyhow::Result;
use recits::{Ecole, global};
use serde_json::{Value, json};
use uuid::Uuid;

fn seance(ecole: &Ecole, date: &str) -> Value {
    json!({ "enseignementId": global("Enseignement", ecole.enseignement),
            "date": date, "debut": "08:00:00", "fin": "08:55:00" })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_teacher_calls_the_roll_of_her_own_divisions_only() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    for stranger in [ecole.collegue, ecole.parent, ecole.administrateur] {
        assert_eq!(maison.refused(stranger, "ouvrirAppel", seance(&ecole, "2026-11-23")).await?, "INTERDIT");
    }
    let nothing = json!({ "enseignementId": global("Enseignement", Uuid::nil()),
                          "date": "2026-11-23", "debut": "08:00:00", "fin": "08:55:00" });
    assert_eq!(
        maison.refused(ecole.enseignante, "ouvrirAppel", nothing).await?,
        "INTERDIT",
        "absent looks forbidden"
    );
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_refused_with_its_field_and_stores_nothing() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let before = maison.bench.journals().await?;
    assert_eq!(
        maison.refused(ecole.enseignante, "ouvrirAppel", seance(&ecole, "2026-11-24")).await?,
        "SEANCE_A_VENIR"
    );
    let mut backwards = seance(&ecole, "2026-11-23");
    backwards["fin"] = json!("07:00:00");
    let payload = maison.tell(ecole.enseignante, "ouvrirAppel", backwards, "").await?;
    assert_eq!(payload["userErrors"][0]["field"], json!(["input", "fin"]));
    let wrong_id = json!({ "enseignementId": global("Personne", ecole.enseignement),
                           "date": "2026-11-23", "debut": "08:00:00", "fin": "08:55:00" });
    assert_eq!(maison.refused(ecole.enseignante, "ouvrirAppel", wrong_id).await?, "SAISIE_INVALIDE");
    assert_eq!(maison.bench.journals().await?, before);
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retried_command_gets_its_first_answer() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let mut input = seance(&ecole, "2026-11-23");
    input["clientMutationId"] = json!(Uuid::from_u128(42));
    let first = maison.granted(ecole.enseignante, "ouvrirAppel", input.clone(), "appel { id }").await?;
    let again = maison.granted(ecole.enseignante, "ouvrirAppel", input.clone(), "appel { id }").await?;
    assert_eq!(first, again);
    // Without the id it is another wish, and refused as such.
    assert_eq!(
        maison.refused(ecole.enseignante, "ouvrirAppel", seance(&ecole, "2026-11-23")).await?,
        "APPEL_DEJA_OUVERT"
    );
    input["fin"] = json!("08:50:00");
    assert_eq!(maison.refused(ecole.enseignante, "ouvrirAppel", input).await?, "COMMANDE_REUTILISEE");
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_above_its_scale_is_refused_with_all_its_list() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let creation = json!({ "enseignementId": global("Enseignement", ecole.enseignement),
        "titre": "Fractions", "date": "2026-11-23", "bareme": "20", "coefficient": "1" });
    let creee = maison.granted(ecole.enseignante, "creerEvaluation", creation, "evaluation { id }").await?;
    let note = |eleve: usize, note: &str| json!({ "eleveId": global("Eleve", ecole.eleves[eleve]), "resultat": { "etat": "NOTE", "note": note } });
    let before = maison.bench.journals().await?;
    let lignes =
        json!({ "evaluationId": creee["evaluation"]["id"], "lignes": [note(0, "12"), note(1, "20.5")] });
    assert_eq!(maison.refused(ecole.enseignante, "saisirNotes", lignes).await?, "NOTE_HORS_BAREME");
    let stranger = json!({ "evaluationId": creee["evaluation"]["id"], "lignes": [
        { "eleveId": global("Personne", ecole.parent.0), "resultat": { "etat": "NOTE", "note": "12" } }] });
    assert_eq!(maison.refused(ecole.enseignante, "saisirNotes", stranger).await?, "ELEVE_HORS_DIVISION");
    assert_eq!(maison.bench.journals().await?, before);
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_has_just_created_can_be_used_at_once() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    for number in 1..=5 {
        let id = Uuid::from_u128(number);
        let creation = json!({ "clientMutationId": id, "enseignementId": global("Enseignement", ecole.enseignement),
            "titre": "Fractions", "date": "2026-11-23", "bareme": "20", "coefficient": "1" });
        maison.granted(ecole.enseignante, "creerEvaluation", creation, "").await?;
        let lignes = json!({ "evaluationId": global("Evaluation", id), "lignes": [
            { "eleveId": global("Eleve", ecole.eleves[0]), "resultat": { "etat": "NOTE", "note": 12 } }] });
        maison.granted(ecole.enseignante, "saisirNotes", lignes, "").await?;
    }
    ecole.maison.close().await
}
