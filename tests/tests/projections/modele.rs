//! The school in which a story begins is a copy: it is what an import makes, and nobody else's.

use super::replay::check;
use anyhow::Result;
use recits::{Bench, Ecole, Maison};
use serde_json::json;

/// How many events of each type each portal has.
async fn recorded(bench: &Bench) -> Result<Vec<(String, String, i64)>> {
    let sql = "SELECT portail, event_type, count(*) FROM ledger.events GROUP BY 1, 2 ORDER BY 1, 2";
    Ok(sqlx::query_as(sql).fetch_all(&bench.owner).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_school_is_one_that_was_imported() -> Result<()> {
    let copied = Ecole::ouvrir().await?;
    let imported = Ecole::ouvrir_dans(Maison::open().await?).await?;
    assert_eq!((&copied.uai, &copied.portail), (&imported.uai, &imported.portail));
    assert_eq!((copied.principal, copied.cpe), (imported.principal, imported.cpe));
    assert_eq!((copied.enseignante, copied.collegue), (imported.enseignante, imported.collegue));
    assert_eq!((copied.parent, copied.autre_parent), (imported.parent, imported.autre_parent));
    assert_eq!((copied.division, copied.enseignement), (imported.division, imported.enseignement));
    assert_eq!((&copied.eleves, copied.autre_eleve), (&imported.eleves, imported.autre_eleve));
    let bench = &copied.maison.bench;
    assert_eq!(recorded(bench).await?, recorded(&imported.maison.bench).await?);
    for (journal, head) in bench.journals().await? {
        // Its contents are opened with the keys of a process that has just started.
        let verdict = bench.verify(&journal).await?;
        assert_eq!((verdict.fault, verdict.leaves, verdict.erased), (None, head.unsigned_abs(), 0));
    }
    bench.runner.catch_up().await?;
    check(bench).await?;
    imported.maison.close().await?;
    copied.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_in_one_school_happens_in_no_copy_of_it() -> Result<()> {
    let (one, another) = (Ecole::ouvrir().await?, Ecole::ouvrir().await?);
    let before = recorded(&one.maison.bench).await?;
    let redaction = json!({ "portail": one.portail, "titre": "Sortie", "corps": "Jeudi." });
    one.maison.granted(one.enseignante, "redigerActualite", redaction, "").await?;
    assert_ne!(recorded(&one.maison.bench).await?, before);
    assert_eq!(recorded(&another.maison.bench).await?, before);
    one.maison.close().await?;
    another.maison.close().await
}
