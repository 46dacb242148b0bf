//! What can be asked at the door, field by field of the schema and address by address: that each
//! asks the rights something, and that who has nothing to do with a school learns and changes
//! nothing of it.

mod adresses;
mod couverture;
mod demande;
mod ecole;
mod etrangers;
