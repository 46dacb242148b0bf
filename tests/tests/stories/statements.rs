//! No N+1: the number of SQL statements does not grow with what is shown.

use anyhow::Result;
use recits::{Ecole, global};
use serde_json::json;
use std::cell::Cell;
use std::sync::Once;
use tracing::span;
use tracing::subscriber::Interest;

thread_local! {
    /// Statements seen on this thread, while they are counted.
    static COUNTED: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Counts what sqlx says that it executes, on the threads that count. One for the whole
/// process: subscribers that come and go are not noticed by every call site.
struct Statements;

impl tracing::Subscriber for Statements {
    fn register_callsite(&self, metadata: &'static tracing::Metadata<'static>) -> Interest {
        if metadata.target().starts_with("sqlx::query") { Interest::sometimes() } else { Interest::never() }
    }
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().starts_with("sqlx::query") && COUNTED.get().is_some()
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, _: &tracing::Event<'_>) {
        COUNTED.set(COUNTED.get().map(|count| count + 1));
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// Statements of one query, asked on this very thread, apart from everyone else's.
async fn statements(ecole: &Ecole, query: &str, variables: serde_json::Value) -> Result<usize> {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| tracing::subscriber::set_global_default(Statements).unwrap());
    COUNTED.set(Some(0));
    ecole.maison.ask(Some(ecole.principal), query, variables).await?;
    Ok(COUNTED.take().unwrap_or_default())
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
