//! What is made public on a portal, and the notices against it.

mod espace;
mod histoire;
mod publication;
mod signalement;

pub use espace::{Espaces, ModeFixe};
pub use histoire::{Acte, Affichage, Histoire, NatureActe, Redaction, Span};
pub use publication::{Publication, Publications};
pub use signalement::{Signalement, Signalements};

use crate::ProjectionError;
use serde::Serialize;
use serde_json::Value;

/// A version as the tables count them.
fn stored(version: u32) -> Result<i32, ProjectionError> {
    i32::try_from(version).map_err(|_| ProjectionError::Unfit("the version is out of range".to_owned()))
}

/// The word by which the record itself calls a choice.
fn word(choice: &impl Serialize) -> Result<String, ProjectionError> {
    match serde_json::to_value(choice) {
        Ok(Value::String(word)) => Ok(word),
        Ok(_) | Err(_) => Err(ProjectionError::Unfit("a choice is not written as one word".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::publications::{Audience, Contenu, MotifSignalement};

    #[test]
    fn a_choice_is_stored_under_the_word_of_the_record() {
        assert_eq!(word(&Audience::Portail).unwrap(), "portail");
        assert_eq!(word(&MotifSignalement::DroitDAuteur).unwrap(), "droit_d_auteur");
    }

    #[test]
    fn what_is_not_one_word_is_no_choice() {
        let contenu = Contenu { titre: "Kermesse".to_owned(), corps: "Samedi.".to_owned() };
        assert!(matches!(word(&contenu), Err(ProjectionError::Unfit(_))));
    }

    #[test]
    fn a_version_beyond_the_tables_is_unfit() {
        assert!(matches!(stored(u32::MAX), Err(ProjectionError::Unfit(_))));
    }
}
