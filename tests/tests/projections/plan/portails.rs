//! Wishes about houses, and about who is let into them.

use super::{Wish, personne};
use domain::annuaire::Profil;
use domain::portails::{
    AdhesionCommand, Apparence, Bascule, CatalogueCommand, Couleur, Designant, FicheHabilitation,
    FicheIntervention, Gravite, HabilitationCommand, Habilite, InterventionCommand, MiseEnGardeCommand,
    Perimetre, ServiceEnt, ThemeCommand,
};
use domain::publications::{Audience, EspaceCommand, ModeDeModeration};
use domain::{CompteId, HabilitationId};

impl Wish {
    fn jour(self) -> chrono::NaiveDate {
        format!("2026-11-{}", 23 + self.how).parse().unwrap()
    }

    pub fn espace(self) -> Audience {
        if self.how == 0 { Audience::Public } else { Audience::Portail }
    }

    pub fn to_espace(self) -> EspaceCommand {
        EspaceCommand::FixerModeDeModeration {
            espace: self.espace(),
            mode: if self.step < 3 { ModeDeModeration::APosteriori } else { ModeDeModeration::APriori },
            motif: "Essai".to_owned(),
            par: personne(0),
            le: "2026-11-23T07:00:00Z".parse().unwrap(),
        }
    }

    pub fn to_adhesion(self) -> AdhesionCommand {
        match self.step {
            0..=2 => AdhesionCommand::ConclureAdhesion {
                etablissement: true,
                convention: format!("n° {}", self.step),
                du: self.jour(),
            },
            _ => AdhesionCommand::TerminerAdhesion { motif: "Fermeture".to_owned(), au: self.jour() },
        }
    }

    pub fn to_catalogue(self) -> CatalogueCommand {
        let profils: &[Profil] = match self.which {
            0 | 1 => &[Profil::Eleve],
            _ => &[Profil::Eleve, Profil::Responsable],
        };
        let bascule = Bascule {
            service_ent: if self.step < 3 { ServiceEnt::Notes } else { ServiceEnt::Absences },
            profils: profils.iter().copied().collect(),
            motif: "Conseils".to_owned(),
            le: self.jour(),
            aujourd_hui: "2026-11-23".parse().unwrap(),
        };
        if self.step.is_multiple_of(3) {
            CatalogueCommand::OuvrirServiceEnt(bascule)
        } else {
            CatalogueCommand::FermerServiceEnt(bascule)
        }
    }

    pub fn to_theme(self) -> ThemeCommand {
        let couleur = |text: &str| text.parse::<Couleur>().unwrap();
        let texte = if self.step == 0 { couleur("#777777") } else { couleur("#000000") };
        let (fond, accent) = (couleur("#ffffff"), couleur("#1a4d7c"));
        ThemeCommand::DefinirTheme {
            apparence: Apparence { titre: format!("Titre {}", self.how), fond, texte, accent },
        }
    }

    pub fn to_mise_en_garde(self) -> MiseEnGardeCommand {
        let (par, le) = (personne(0), "2026-11-23T07:00:00Z".parse().unwrap());
        match self.step {
            0 | 1 => MiseEnGardeCommand::MettreEnGarde {
                portail: self.portail(),
                par: personne(1),
                directeur: Some(par),
                gravite: if self.how == 0 { Gravite::Conseil } else { Gravite::MiseEnGarde },
                objet: "Photos".to_owned(),
                texte: "Sans accord.".to_owned(),
            },
            2 | 3 => MiseEnGardeCommand::LireMiseEnGarde { par, le },
            _ => MiseEnGardeCommand::RepondreMiseEnGarde { par, reponse: "Retirées.".to_owned(), le },
        }
    }

    pub fn to_habilitation(self) -> HabilitationCommand {
        match self.step {
            0..=3 => HabilitationCommand::AccorderHabilitation {
                fiche: FicheHabilitation {
                    portail: self.portail(),
                    compte: CompteId::derived(&["habilité", &self.how.to_string()]),
                    personne: personne(self.how),
                    perimetres: [Perimetre::Absences].into(),
                    par: personne(0),
                    du: "2026-09-01".parse().unwrap(),
                    au: "2027-09-01".parse().unwrap(),
                },
                designant: Some(Designant::Etablissement),
                compte_libre: true,
            },
            _ => HabilitationCommand::RevoquerHabilitation { motif: "Départ".to_owned(), le: self.jour() },
        }
    }

    pub fn to_intervention(self) -> InterventionCommand {
        let habilite = |who: u8| Habilite {
            habilitation: HabilitationId::derived(&[&who.to_string()]),
            compte: CompteId::derived(&["habilité", &who.to_string()]),
            personne: personne(who),
        };
        let perimetre = if self.which == 0 { Perimetre::Annuaire } else { Perimetre::Absences };
        let (directeur, maintenant) = (Some(personne(9)), "2026-11-23T07:00:00Z".parse().unwrap());
        match self.step {
            0 => InterventionCommand::DemanderIntervention {
                fiche: FicheIntervention {
                    portail: self.portail(),
                    habilite: habilite(1),
                    perimetres: [perimetre].into(),
                    motif: "Doublons".to_owned(),
                    ticket: "INC-1".to_owned(),
                    minutes: 60,
                },
                couverte: true,
                directeur,
                maintenant,
            },
            1 => InterventionCommand::ContresignerIntervention {
                meme_personne: habilite(self.how).personne == habilite(1).personne,
                par: habilite(self.how),
                couverte: true,
                directeur,
                maintenant,
            },
            2 | 3 => InterventionCommand::ConsignerLecture {
                compte: habilite(1).compte,
                perimetre,
                objet: format!("Eleve {}", self.how),
                maintenant,
            },
            4 => InterventionCommand::CloreIntervention {
                par: personne(1),
                compte_rendu: "Fait.".to_owned(),
                directeur,
                maintenant,
            },
            _ => InterventionCommand::ConstaterExpiration {
                directeur,
                maintenant: "2026-11-23T09:00:00Z".parse().unwrap(),
            },
        }
    }
}
