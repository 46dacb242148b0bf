//! Views of which nothing is particular but their tables, and how they follow facts.

/// Declares a view of one kind of stream: its name, its version if it has had another, its tables
/// with the column that names the stream. Its facts are followed by its `suivre`, one by one; or
/// `together`, by its `Changes`, which gathers what they change and writes it with one statement per
/// kind of change.
macro_rules! vue {
    ($(#[$doc:meta])* $vue:ident = $name:literal of $aggregate:ty { $($tables:tt)* }) => {
        $crate::vue::vue!($(#[$doc])* $vue = $name v 1 of $aggregate { $($tables)* });
    };
    ($(#[$doc:meta])* $vue:ident = $name:literal v $version:literal of $aggregate:ty { $($tables:tt)* }) => {
        $crate::vue::vue!(@view {
            async fn apply(
                &self,
                fact: &ledger::feed::Fact,
                tx: &mut sqlx::PgConnection,
            ) -> Result<(), $crate::ProjectionError> {
                suivre(fact, tx).await
            }
        } $(#[$doc])* $vue = $name v $version of $aggregate { $($tables)* });
    };
    ($(#[$doc:meta])* $vue:ident = $name:literal v $version:literal of $aggregate:ty { $($tables:tt)* } together) => {
        $crate::vue::vue!(@view {
            async fn apply(
                &self,
                fact: &ledger::feed::Fact,
                tx: &mut sqlx::PgConnection,
            ) -> Result<(), $crate::ProjectionError> {
                $crate::Projection::apply_all(self, &[fact], tx).await
            }

            async fn apply_all(
                &self,
                facts: &[&ledger::feed::Fact],
                tx: &mut sqlx::PgConnection,
            ) -> Result<(), $crate::ProjectionError> {
                let mut changes = Changes::default();
                for fact in facts {
                    changes.hear(fact)?;
                }
                changes.write(tx).await
            }
        } $(#[$doc])* $vue = $name v $version of $aggregate { $($tables)* });
    };
    (@view { $($follow:tt)* } $(#[$doc:meta])* $vue:ident = $name:literal v $version:literal of $aggregate:ty {
        $($table:literal by $key:literal),* $(,)?
    }) => {
        $(#[$doc])*
        pub struct $vue;

        impl $vue {
            /// Frozen name of the view.
            pub const NAME: &'static str = $name;
            /// Version of its tables.
            pub const VERSION: i32 = $version;
        }

        #[async_trait::async_trait]
        impl $crate::Projection for $vue {
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

            fn forgets(&self) -> &'static [$crate::Forget] {
                &[$($crate::Forget {
                    kind: <$aggregate as domain::Aggregate>::TYPE,
                    sql: concat!("DELETE FROM ", $table, " WHERE ", $key, " = ANY ($1::text[]::uuid[])"),
                }),*]
            }

            $($follow)*
        }
    };
}
pub(crate) use vue;
