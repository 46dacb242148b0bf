//! Stories, through the real API on a real PostgreSQL, in the users' language.

mod absences;
mod arret;
mod connexion;
mod connexion_cas;
mod demo;
mod effacement;
mod familles;
mod flux;
mod habilitations;
mod journal;
mod lundi;
mod maisons;
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
