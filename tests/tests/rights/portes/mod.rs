//! What can be asked at the door, field by field of the schema: that each asks the rights
//! something, and that who has nothing to do with a school learns and changes nothing of it.

mod couverture;
mod demande;
mod ecole;
mod etrangers;
