//! Stories, through the real API on a real PostgreSQL, in the users' language.

mod absences;
mod arret;
mod demo;
mod effacement;
mod familles;
mod flux;
mod journal;
mod lundi;
mod metrique;
mod passe;
mod portes;
mod preuves;
mod retrospective;
mod saisie;
mod sante;
mod sceau;
mod statements;
mod suivi;
mod visite;
mod vues;
