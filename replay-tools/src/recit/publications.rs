//! What happens to a publication, and to a notice against it, said.

use super::noms::Noms;
use crate::date::spoken;
use domain::publications::{
    Audience, Decision, EspaceEvent, Fondement, ModeDeModeration, MotifSignalement, OfficeModeration,
    PublicationEvent, SignalementEvent,
};

/// What its author did to a publication, after his or her name.
pub fn publication(event: &PublicationEvent, noms: &Noms) -> String {
    match event {
        PublicationEvent::ActualiteRedigee { version, contenu, .. } => format!(
            "a rédigé l'actualité « {} » (version {version}, empreinte {})",
            contenu.titre,
            contenu.empreinte()
        ),
        PublicationEvent::PublicationModifiee { version, contenu, .. } => format!(
            "a écrit la version {version}, « {} » (empreinte {}), sans changer ce qui est en ligne",
            contenu.titre,
            contenu.empreinte()
        ),
        PublicationEvent::PublicationSoumise { version } => {
            format!("a soumis la version {version} au directeur de la publication")
        }
        PublicationEvent::PublicationPubliee {
            version,
            empreinte,
            directeur,
            audience,
            du,
            au,
            mode,
            ..
        } => format!(
            "a mis en ligne la version {version} (empreinte {empreinte}) {}, à partir du {}{}, dans un espace \
             modéré {} ; {} en répond comme directeur de la publication",
            pour(*audience),
            spoken(*du),
            au.map_or(String::new(), |au| format!(" et jusqu'au {}", spoken(au))),
            moderation(*mode),
            noms.personne(*directeur)
        ),
        PublicationEvent::PublicationRetiree { motif, .. } => {
            format!("a retiré la publication pour toujours, au motif « {motif} »")
        }
        PublicationEvent::PublicationMasquee { motif, .. } => {
            format!("a masqué la publication, au motif « {motif} »")
        }
        PublicationEvent::PublicationDemasquee { motif, .. } => {
            format!("a montré de nouveau la publication, au motif « {motif} »")
        }
    }
}

/// What the directeur did about a space, after his or her name.
pub fn espace(event: &EspaceEvent) -> String {
    let EspaceEvent::ModeDeModerationFixe { espace, mode, fondement, motif, le, .. } = event;
    format!(
        "a fixé la modération de ce qui paraît {} : {}, à partir du {}, au motif « {motif} » ({fondement})",
        pour(*espace),
        moderation(*mode),
        spoken(*le)
    )
}

fn pour(audience: Audience) -> &'static str {
    match audience {
        Audience::Public => "pour tous",
        Audience::Portail => "pour les membres du portail",
    }
}

/// How a space is moderated, in French.
pub fn moderation(mode: ModeDeModeration) -> &'static str {
    match mode {
        ModeDeModeration::APriori => "a priori",
        ModeDeModeration::APosteriori => "a posteriori",
    }
}

/// What its author did about a notice, after his or her name.
pub fn signalement(event: &SignalementEvent, noms: &Noms) -> String {
    match event {
        SignalementEvent::SignalementRecu { contenu, motif, explication, .. } => format!(
            "a signalé la version {} de la publication {} (empreinte {}) de {} pour {} : « {explication} »",
            contenu.version,
            contenu.publication,
            contenu.empreinte,
            noms.personne(contenu.auteur),
            grief(*motif)
        ),
        SignalementEvent::PremiereConnaissance { office, le, .. } => {
            format!("a pris connaissance du signalement le {}, le premier {}", spoken(*le), comme(*office))
        }
        SignalementEvent::DecisionRendue { office, decision, motifs, .. } => {
            let fondement = match &motifs.fondement {
                Fondement::Illegal { texte } => texte,
                Fondement::Conditions { clause } => clause,
            };
            format!(
                "a tranché le signalement {} : {}, pour ces faits : « {} », sur le fondement de « {fondement} »",
                comme(*office),
                match decision {
                    Decision::Maintien => "le contenu est maintenu",
                    Decision::Retrait => "le contenu est retiré",
                    Decision::Masquage => "le contenu est masqué",
                },
                motifs.faits
            )
        }
    }
}

fn comme(office: OfficeModeration) -> &'static str {
    match office {
        OfficeModeration::Moderateur => "comme modérateur",
        OfficeModeration::Directeur => "comme directeur de la publication",
    }
}

fn grief(motif: MotifSignalement) -> &'static str {
    match motif {
        MotifSignalement::Harcelement => "harcèlement",
        MotifSignalement::Haine => "incitation à la haine",
        MotifSignalement::AtteinteViePrivee => "atteinte à la vie privée",
        MotifSignalement::ContenuInapproprie => "contenu inapproprié",
        MotifSignalement::DroitDAuteur => "atteinte au droit d'auteur",
        MotifSignalement::Autre => "un autre motif",
    }
}
