//! Views of which nothing is particular but their tables, and how they follow a fact.

/// Declares a view of one kind of stream: its name, its tables with the column that names the
/// stream. Its facts are followed by its `suivre`.
macro_rules! vue {
    ($(#[$doc:meta])* $vue:ident = $name:literal of $aggregate:ty { $($table:literal by $key:literal),* $(,)? }) => {
        $(#[$doc])*
        pub struct $vue;

        impl $vue {
            /// Frozen name of the view.
            pub const NAME: &'static str = $name;
            /// Version of its tables.
            pub const VERSION: i32 = 1;
        }

        #[async_trait::async_trait]
        impl crate::Projection for $vue {
            fn name(&self) -> &'static str {
                Self::NAME
            }

            fn version(&self) -> i32 {
                Self::VERSION
            }

            fn tables(&self) -> &'static [&'static str] {
                &[$($table),*]
            }

            fn hears(&self) -> &'static [&'static str] {
                &[<$aggregate as domain::Aggregate>::TYPE]
            }

            fn forgets(&self) -> &'static [crate::Forget] {
                &[$(crate::Forget {
                    kind: <$aggregate as domain::Aggregate>::TYPE,
                    sql: concat!("DELETE FROM ", $table, " WHERE ", $key, " = ANY ($1::text[]::uuid[])"),
                }),*]
            }

            async fn apply(
                &self,
                fact: &ledger::feed::Fact,
                tx: &mut sqlx::PgConnection,
            ) -> Result<(), crate::ProjectionError> {
                suivre(fact, tx).await
            }
        }
    };
}
pub(crate) use vue;
