//! What can be asked at the door, field by field of the schema and address by address: that each
//! asks the rights something, that who has nothing to do with a school learns and changes nothing of
//! it, and who belongs to it what is his own and no more.

mod adresses;
mod couverture;
mod demande;
mod ecole;
mod etrangers;
mod inities;
