//! Imports into a real record: what is recorded, what is not, and what the report says.
// In a test, what cannot be had is a failure.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod importer {
    mod bench;
    mod delta;
    mod faulty;
    mod groupes;
    mod petites;
    mod registres;
    mod repeated;
    mod size;
}
