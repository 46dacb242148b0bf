//! Stories, through the real API on a real PostgreSQL, in the users' language.

mod absences;
mod arret;
mod bascule;
mod demo;
mod depart;
mod donnees;
mod doublons;
mod effacement;
mod familles;
mod flux;
mod groupes;
mod journal;
mod lundi;
mod metrique;
mod passe;
mod portes;
mod preuves;
mod remplacement;
mod retrospective;
mod sante;
mod sceau;
mod statements;
mod suivi;
mod visite;
mod vues;
