//! What the portals publish: actualités that go through the directeur de publication, a draft
//! that waits, and notices that are decided, or not yet.

use super::agenda::{Agenda, Geste};
use super::calendrier::{RENTREE, apres, heure, lendemain};
use super::commande;
use super::decor::{Decor, Ecole};
use chrono::NaiveDate;
use commands::publications::{ParutionDemandee, SignalementDemande};
use domain::publications::{Audience, Contenu, Decision, Fondement, MotifSignalement, MotifsDeDecision};
use domain::{CompteId, PersonneId, PublicationId, SignalementId};

/// An actualité: days after the rentrée, who may read it, title, text.
struct Article {
    jours: u64,
    audience: Audience,
    titre: &'static str,
    corps: &'static str,
}

const ARTICLES: [Article; 4] = [
    Article {
        jours: 2,
        audience: Audience::Public,
        titre: "Une rentrée réussie",
        corps: "Les élèves ont été accueillis par leur professeur principal.\n\n\
                Les emplois du temps sont disponibles sur l'ENT.",
    },
    Article {
        jours: 20,
        audience: Audience::Portail,
        titre: "Élection des représentants des parents d'élèves",
        corps: "Le scrutin a lieu le vendredi 9 octobre, de 8 h à 16 h, dans le hall.\n\
                Le vote par correspondance est possible.",
    },
    Article {
        jours: 36,
        audience: Audience::Public,
        titre: "Le club théâtre recrute",
        corps: "Répétitions le jeudi midi, au CDI. Inscriptions auprès du documentaliste.",
    },
    Article {
        jours: 64,
        audience: Audience::Portail,
        titre: "Cross de l'établissement : les résultats",
        corps: "Bravo aux cent vingt coureurs. Le classement complet est affiché au gymnase.",
    },
];

/// Which actualité is reported, and when.
const SIGNALE: (usize, u64) = (2, 41);

/// Writes the publications of the term in the agenda.
pub fn inscrire(agenda: &mut Agenda, decor: &Decor, graine: u64) {
    let suites = [Some(Decision::Maintien), Some(Decision::Masquage), None];
    for (ecole, suite) in decor.ecoles.iter().zip(suites.into_iter().cycle()) {
        for (rang, article) in ARTICLES.iter().enumerate() {
            paraitre(agenda, ecole, publication(ecole, rang, graine), article);
        }
        let brouillon = publication(ecole, ARTICLES.len(), graine);
        rediger(
            agenda,
            ecole,
            brouillon,
            jour(70),
            "Portes ouvertes (projet)",
            "Date à confirmer avec la mairie.",
        );
        let eleves = ecole.divisions.iter().flat_map(|division| &division.eleves);
        let parent = eleves.into_iter().find_map(|eleve| decor.parents.get(eleve));
        if let Some(parent) = parent {
            signaler(agenda, ecole, publication(ecole, SIGNALE.0, graine), *parent, suite, graine);
        }
    }
}

fn publication(ecole: &Ecole, rang: usize, graine: u64) -> PublicationId {
    PublicationId::derived(&["demo", &graine.to_string(), ecole.uai.as_str(), &rang.to_string()])
}

/// So many days after the rentrée, or the next day with lessons.
fn jour(jours: u64) -> NaiveDate {
    lendemain(apres(RENTREE, jours.saturating_sub(1)).unwrap_or(RENTREE))
}

fn rediger(
    agenda: &mut Agenda,
    ecole: &Ecole,
    publication: PublicationId,
    jour: NaiveDate,
    titre: &str,
    corps: &str,
) {
    let contenu = Contenu { titre: titre.to_owned(), corps: corps.to_owned() };
    let portail = ecole.uai.portail();
    let auteur = CompteId::personnel(ecole.cpe);
    let rediger =
        Geste::nouveau(auteur, format!("rédiger {publication}"), move |commands, demande| async move {
            commands.rediger_actualite(&demande, publication, portail, contenu).await.map(drop)
        });
    agenda.inscrire(jour, heure(16, 5), rediger);
}

/// Written and submitted in the afternoon, online the next morning.
fn paraitre(agenda: &mut Agenda, ecole: &Ecole, publication: PublicationId, article: &Article) {
    let jour = jour(article.jours);
    rediger(agenda, ecole, publication, jour, article.titre, article.corps);
    let auteur = CompteId::personnel(ecole.cpe);
    let soumettre =
        Geste::nouveau(auteur, format!("soumettre {publication}"), move |commands, demande| async move {
            commands.soumettre_publication(&demande, publication).await.map(drop)
        });
    agenda.inscrire(jour, heure(16, 25), soumettre.apres_relecture());
    let parution = ParutionDemandee { version: 1, audience: article.audience, du: None, au: None };
    let chef = CompteId::personnel(ecole.chef);
    let publier =
        Geste::nouveau(chef, format!("publier {publication}"), move |commands, demande| async move {
            commands.publier_publication(&demande, publication, parution).await.map(drop)
        });
    agenda.inscrire(lendemain(jour), heure(8, 15), publier.apres_relecture());
}

/// A parent gives notice; the administrateur learns of it the next day, and decides.
fn signaler(
    agenda: &mut Agenda,
    ecole: &Ecole,
    publication: PublicationId,
    parent: PersonneId,
    suite: Option<Decision>,
    graine: u64,
) {
    let soir = jour(SIGNALE.1);
    let asked = SignalementDemande {
        version: 1,
        motif: MotifSignalement::AtteinteViePrivee,
        explication: "Mon enfant est reconnaissable sur l'affiche et je n'ai pas donné mon accord."
            .to_owned(),
        bonne_foi: true,
    };
    let nom = format!("signaler {publication}");
    let signalement = SignalementId::derived(&[&commande(graine, &nom).to_string()]);
    let signaler = Geste::nouveau(CompteId::personnel(parent), nom, move |commands, demande| async move {
        commands.signaler_contenu(&demande, publication, asked).await.map(drop)
    });
    agenda.inscrire(soir, heure(19, 45), signaler.apres_relecture());

    let Some(decision) = suite else { return };
    let (matin, administrateur) = (lendemain(soir), ecole.administrateur);
    let nom = format!("prendre connaissance de {signalement}");
    let connaitre = Geste::nouveau(administrateur, nom, move |commands, demande| async move {
        commands.prendre_connaissance(&demande, signalement).await.map(drop)
    });
    agenda.inscrire(matin, heure(9, 5), connaitre.apres_relecture());
    let motifs = motifs(decision);
    let nom = format!("décider de {signalement}");
    let decider = Geste::nouveau(administrateur, nom, move |commands, demande| async move {
        commands.rendre_decision(&demande, signalement, decision, motifs).await.map(drop)
    });
    agenda.inscrire(matin, heure(10, 30), decider);
}

fn motifs(decision: Decision) -> MotifsDeDecision {
    let faits = match decision {
        Decision::Maintien => "Personne n'est reconnaissable sur l'affiche.",
        Decision::Masquage | Decision::Retrait => {
            "Un élève est reconnaissable, et l'autorisation de ses responsables manque."
        }
    };
    MotifsDeDecision {
        faits: faits.to_owned(),
        fondement: Fondement::Illegal { texte: "code civil, art. 9".to_owned() },
        portee: None,
        moyens_automatises: false,
        voies_de_recours: "Recours auprès du directeur de publication, puis du tribunal judiciaire."
            .to_owned(),
    }
}
