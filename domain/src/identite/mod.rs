//! Identité: who may sign in as whom, and that it was done.
//!
//! The program holds no password: identity providers vouch for people by keys of their own.
//! A [`Liaison`] says which compte a key opens; a [`Session`] is one sign-in of a browser, from
//! its opening to its end; a [`Compte`] may be locked; and a [`Tentative`] is one that failed
//! before anybody's compte was known. What the law wants known of each connexion (LCEN, art. 6;
//! décret n° 2021-1362) lies under the key of a month, and goes with it.

mod cle;
mod compte;
mod fournisseur;
mod liaison;
mod session;
mod tentative;

pub use cle::*;
pub use compte::*;
pub use fournisseur::*;
pub use liaison::*;
pub use session::*;
pub use tentative::*;
