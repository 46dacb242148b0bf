//! The look of a portal: its title and its colours, which must be readable.

use super::{Contraste, Couleur};
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, Lacune, texte};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a portal looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Apparence {
    /// What its pages are headed with.
    pub titre: String,
    /// Behind the text.
    pub fond: Couleur,
    /// The text.
    pub texte: Couleur,
    /// Links and buttons.
    pub accent: Couleur,
}

/// What may be asked of a theme.
#[derive(Debug, Clone)]
pub enum ThemeCommand {
    /// Gives the portal its look.
    DefinirTheme {
        /// Which one.
        apparence: Apparence,
    },
}

events! {
    /// What happens to a theme.
    pub enum ThemeEvent {
        /// The portal looks so.
        ThemeDefini = "portails.theme.defini" v 1 Publication { apparence: Apparence },
    }
}

refusals! {
    /// Why a theme refuses.
    pub enum RefusTheme {
        TitreInvalide = "TITRE_INVALIDE" at "titre":
            "Le titre doit tenir en une ligne de 1 à 200 caractères.",
        TexteIllisible { contraste: Contraste } = "TEXTE_ILLISIBLE" at "texte":
            "Le contraste du texte et du fond est de {contraste} : il doit être d'au moins 4,50 (WCAG 2.2, 1.4.3).",
        AccentIllisible { contraste: Contraste } = "ACCENT_ILLISIBLE" at "accent":
            "Le contraste de l'accent et du fond est de {contraste} : il doit être d'au moins 4,50 (WCAG 2.2, 1.4.3).",
    }
}

/// Longest title, in characters.
const TITRE_MAX: usize = 200;

/// State of a theme.
#[derive(Debug, Clone, Default)]
pub struct Theme {
    apparence: Option<Apparence>,
}

impl Aggregate for Theme {
    const TYPE: &'static str = "portails.theme";
    /// Each look takes the place of the one before.
    const LACUNE: Lacune = Lacune::Recommence;
    type Command = ThemeCommand;
    type Event = ThemeEvent;
    type Refus = RefusTheme;

    fn decide(&self, command: ThemeCommand) -> Result<Vec<ThemeEvent>, RefusTheme> {
        let ThemeCommand::DefinirTheme { apparence } = command;
        let titre = texte::line(&apparence.titre, TITRE_MAX).ok_or(RefusTheme::TitreInvalide)?;
        let contraste = apparence.texte.contraste(apparence.fond);
        if contraste < Contraste::MINIMAL {
            return Err(RefusTheme::TexteIllisible { contraste });
        }
        let contraste = apparence.accent.contraste(apparence.fond);
        if contraste < Contraste::MINIMAL {
            return Err(RefusTheme::AccentIllisible { contraste });
        }
        let apparence = Apparence { titre, ..apparence };
        let same = self.apparence.as_ref() == Some(&apparence);
        Ok(if same { vec![] } else { vec![ThemeEvent::ThemeDefini { apparence }] })
    }

    fn apply(&mut self, event: ThemeEvent) {
        let ThemeEvent::ThemeDefini { apparence } = event;
        self.apparence = Some(apparence);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;

    fn apparence(texte: &str, accent: &str) -> Apparence {
        Apparence {
            titre: "Collège des Tilleuls".to_owned(),
            fond: "#ffffff".parse().unwrap(),
            texte: texte.parse().unwrap(),
            accent: accent.parse().unwrap(),
        }
    }

    fn definir(apparence: Apparence) -> ThemeCommand {
        ThemeCommand::DefinirTheme { apparence }
    }

    #[test]
    fn a_portal_takes_a_look_that_can_be_read() {
        let apparence = apparence("#1b1b1b", "#1a4d7c");
        let defini = ThemeEvent::ThemeDefini { apparence: apparence.clone() };
        given::<Theme>([]).when(definir(apparence.clone())).then([defini.clone()]);
        given::<Theme>([defini]).when(definir(apparence)).then([]);
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_its_contrast() {
        let contraste =
            |couleur: &str| couleur.parse::<Couleur>().unwrap().contraste("#ffffff".parse().unwrap());
        given::<Theme>([])
            .when(definir(apparence("#777777", "#1a4d7c")))
            .then_refused(RefusTheme::TexteIllisible { contraste: contraste("#777777") });
        given::<Theme>([])
            .when(definir(apparence("#1b1b1b", "#ffff00")))
            .then_refused(RefusTheme::AccentIllisible { contraste: contraste("#ffff00") });
    }

    #[test]
    fn a_look_has_a_title() {
        let nameless = Apparence { titre: " ".to_owned(), ..apparence("#1b1b1b", "#1a4d7c") };
        given::<Theme>([]).when(definir(nameless)).then_refused(RefusTheme::TitreInvalide);
    }
}
