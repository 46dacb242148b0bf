//! No N+1: the number of SQL statements does not grow with what is shown.

use anyhow::Result;
use recits::{Ecole, global};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};
use tracing::span;

/// Counts what sqlx says that it executes while `counting`.
struct Statements;

static COUNTED: AtomicUsize = AtomicUsize::new(0);

impl tracing::Subscriber for Statements {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().starts_with("sqlx::query")
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, _: &tracing::Event<'_>) {
        COUNTED.fetch_add(1, Ordering::SeqCst);
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// Statements of one query, asked on this very thread, apart from everyone else's.
async fn statements(ecole: &Ecole, query: &str, variables: serde_json::Value) -> Result<usize> {
    let counting = tracing::subscriber::set_default(Statements);
    COUNTED.store(0, Ordering::SeqCst);
    ecole.maison.ask(Some(ecole.principal), query, variables).await?;
    drop(counting);
    Ok(COUNTED.load(Ordering::SeqCst))
}

// One thread: the subscriber is that thread's own.
#[tokio::test]
async fn twelve_divisions_cost_the_statements_of_one() -> Result<()> {
    let mut ecole = Ecole::ouvrir().await?;
    ecole.maison.still().await?;
    let one = "query($division: ID!) { division(id: $division) {
        eleves { nom } enseignements { matiere enseignants { nom } division { libelle } } } }";
    let all = "query($uai: String!) { etablissement(uai: $uai) { divisions {
        eleves { nom } enseignements { matiere enseignants { nom } division { libelle } } } } }";
    let for_one = statements(&ecole, one, json!({ "division": global("Division", ecole.division) })).await?;
    let for_all = statements(&ecole, all, json!({ "uai": ecole.uai })).await?;
    assert!(for_one > 3, "nothing was counted: {for_one}");
    assert!(for_all <= for_one + 1, "{for_all} statements for all divisions, {for_one} for one");
    ecole.maison.close().await
}
