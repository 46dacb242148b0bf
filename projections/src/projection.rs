//! The shape of every view.

use crate::{
    absences, annuaire, audit, cahier_de_textes, conservation, identite, notes, notifications, pieces,
    portails, protection, publications, vie_de_l_eleve,
};
use async_trait::async_trait;
use ledger::feed::Fact;
use sqlx::PgConnection;
use std::sync::Arc;

/// A view fed from the record.
#[async_trait]
pub trait Projection: Send + Sync + 'static {
    /// Frozen name, `context.view`.
    fn name(&self) -> &'static str;

    /// Raised when the shape or meaning of its tables changes: the new version starts
    /// from zero.
    fn version(&self) -> i32;

    /// Its tables, without their schema.
    fn tables(&self) -> &'static [&'static str];

    /// The kinds of streams that it hears; `apply` matches each of their events.
    fn hears(&self) -> &'static [&'static str];

    /// How it forgets the streams that it hears, so that they can be followed again from what
    /// is left of them after an erasure. A view that keeps nothing of any content forgets
    /// nothing.
    fn forgets(&self) -> &'static [Forget];

    /// Follows one fact, in the transaction that also moves the checkpoint.
    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError>;

    /// Follows several facts, in their order; the outcome is that of [`Self::apply`] on each.
    /// A view that hears much says here how it writes what they change together.
    async fn apply_all(&self, facts: &[&Fact], tx: &mut PgConnection) -> Result<(), ProjectionError> {
        for fact in facts {
            self.apply(fact, tx).await?;
        }
        Ok(())
    }
}

/// Removes all that streams of one kind have left in the tables of a view.
#[derive(Debug, Clone, Copy)]
pub struct Forget {
    /// The kind.
    pub kind: &'static str,
    /// A statement, in which `$1` is the array of the streams' ids, as text.
    pub sql: &'static str,
}

impl Forget {
    /// The table that it removes rows from, and a statement that reads these rows instead: of each a
    /// number, which equal rows share. None of a statement that is no plain `DELETE`.
    pub(crate) fn reading(&self) -> Option<(&'static str, String)> {
        let (table, rest) = self.sql.strip_prefix("DELETE FROM ")?.split_once(char::is_whitespace)?;
        let rest = rest.trim_start();
        let from = match rest.strip_prefix("USING ") {
            Some(others) => format!("{table}, {others}"),
            None => format!("{table} {rest}"),
        };
        Some((table, format!("SELECT hashtextextended(ROW ({table}.*)::text, 0) FROM {from}")))
    }
}

/// Why a view could not follow a fact.
#[derive(Debug, thiserror::Error)]
pub enum ProjectionError {
    /// The tables refused.
    #[error("view tables")]
    Database(#[from] sqlx::Error),
    /// The fact cannot be read by this program.
    #[error("unreadable fact")]
    Unreadable(#[from] domain::UnreadableEvent),
    /// The fact does not fit the view.
    #[error("{0}")]
    Unfit(String),
}

impl ProjectionError {
    /// Whether the database is away, so that the fact is not to blame.
    pub fn is_away(&self) -> bool {
        match self {
            Self::Database(error) => ledger::is_away(error),
            Self::Unreadable(_) | Self::Unfit(_) => false,
        }
    }
}

/// Every view of the house.
pub fn all() -> Vec<Arc<dyn Projection>> {
    vec![
        Arc::new(annuaire::Annuaire),
        Arc::new(annuaire::Sources),
        Arc::new(annuaire::Histoire),
        Arc::new(annuaire::Groupes),
        Arc::new(annuaire::Repartitions),
        Arc::new(annuaire::Calendriers),
        Arc::new(annuaire::Remplacements),
        Arc::new(annuaire::Identites),
        Arc::new(annuaire::Inscriptions),
        Arc::new(annuaire::Bascules),
        Arc::new(portails::Portails),
        Arc::new(portails::Attributions),
        Arc::new(portails::Maisons),
        Arc::new(portails::MisesEnGarde),
        Arc::new(portails::Interventions),
        Arc::new(absences::Appels),
        Arc::new(absences::Dossiers),
        Arc::new(absences::Excuses),
        Arc::new(absences::Reglements),
        Arc::new(absences::Assiduites),
        Arc::new(notes::Notes),
        Arc::new(notes::Competences),
        Arc::new(notes::Periodes),
        Arc::new(notes::Conseils),
        Arc::new(notes::AssiduitesDonnees),
        Arc::new(notes::Bulletins),
        Arc::new(cahier_de_textes::EmploisDuTemps),
        Arc::new(cahier_de_textes::Cahiers),
        Arc::new(cahier_de_textes::Abonnements),
        Arc::new(pieces::Pieces),
        Arc::new(publications::Publications),
        Arc::new(publications::Signalements),
        Arc::new(publications::Histoire),
        Arc::new(publications::Espaces),
        Arc::new(audit::JournalDuPortail),
        Arc::new(conservation::Registre),
        Arc::new(protection::Droits),
        Arc::new(audit::Verifications),
        Arc::new(identite::Comptes),
        Arc::new(notifications::Preferences),
        Arc::new(notifications::Appareils),
        Arc::new(notifications::Annonces),
        Arc::new(notifications::Envois),
        Arc::new(notifications::Adresses),
        Arc::new(notifications::SansSuites),
        Arc::new(vie_de_l_eleve::Incidents),
        Arc::new(vie_de_l_eleve::Punitions),
        Arc::new(vie_de_l_eleve::Sanctions),
        Arc::new(vie_de_l_eleve::Carnets),
        Arc::new(vie_de_l_eleve::Infirmeries),
        Arc::new(vie_de_l_eleve::Stages),
        Arc::new(vie_de_l_eleve::Tuteurs),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_view_forgets_can_be_read_too() {
        for projection in all() {
            for forget in projection.forgets() {
                let (table, sql) = forget.reading().expect(forget.sql);
                assert!(projection.tables().contains(&table), "{}: {}", projection.name(), forget.sql);
                assert!(sql.contains(" WHERE ") && sql.contains("$1"), "{sql}");
            }
        }
    }

    #[test]
    fn what_is_forgotten_by_another_table_is_read_by_it() {
        let sql = "DELETE FROM groupe_membre USING groupe g WHERE groupe = g.id AND g.x = ANY ($1)";
        let (table, reading) = Forget { kind: "k", sql }.reading().expect("plain");
        assert_eq!(table, "groupe_membre");
        assert_eq!(
            reading,
            "SELECT hashtextextended(ROW (groupe_membre.*)::text, 0) \
             FROM groupe_membre, groupe g WHERE groupe = g.id AND g.x = ANY ($1)"
        );
        assert!(Forget { kind: "k", sql: "UPDATE t SET x = NULL WHERE id = ANY ($1)" }.reading().is_none());
    }
}
