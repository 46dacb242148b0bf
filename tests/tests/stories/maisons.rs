//! What a house is: how it adheres, what is open in it, how it looks, who answers for it.

use anyhow::Result;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use commands::Demande;
use commands::rights::Acteur;
use domain::{CommandeId, CompteId};
use http_body_util::BodyExt;
use recits::{DOMAINE, Ecole, exploitant, global, personal};
use serde_json::{Value, json};
use uuid::Uuid;

/// What a host shows at a path, once the views have read everything.
async fn page(ecole: &Ecole, host: &str, path: &str) -> Result<(StatusCode, String)> {
    ecole.maison.bench.runner.catch_up().await?;
    let request = Request::get(path).header(header::HOST, host).body(Body::empty())?;
    let (head, body) = ecole.maison.send(request).await?.into_parts();
    Ok((head.status, String::from_utf8(body.collect().await?.to_bytes().to_vec())?))
}

fn evaluation(ecole: &Ecole) -> Value {
    json!({ "enseignementId": global("Enseignement", ecole.enseignement), "titre": "Fractions",
        "date": "2026-11-23", "bareme": "20", "coefficient": "1" })
}

fn bascule(ecole: &Ecole, service_ent: &str, ouvert: bool, profils: &[&str]) -> Value {
    json!({ "portail": ecole.portail, "serviceEnt": service_ent, "ouvert": ouvert, "profils": profils,
        "motif": "Conseils de classe" })
}

/// Writes an actualité and puts it online: its GraphQL id, and the path of its page.
async fn parue(ecole: &Ecole, titre: &str) -> Result<(Value, String)> {
    let maison = &ecole.maison;
    let redaction = json!({ "portail": ecole.portail, "titre": titre, "corps": "Jeudi." });
    let redigee =
        maison.granted(ecole.enseignante, "redigerActualite", redaction, "publication { id }").await?;
    let id = redigee["publication"]["id"].clone();
    let parution = json!({ "publicationId": id, "version": 1, "audience": "PUBLIC" });
    maison.granted(ecole.principal, "publierPublication", parution, "").await?;
    maison.bench.runner.catch_up().await?;
    let key: Uuid = sqlx::query_scalar("SELECT id FROM publication WHERE titre = $1")
        .bind(titre)
        .fetch_one(&maison.bench.views)
        .await?;
    Ok((id, format!("/actualites/{key}")))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_brick_refuses_and_says_who_opens_it() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    for (service_ent, mutation, input) in [
        ("NOTES", "creerEvaluation", evaluation(&ecole)),
        (
            "ABSENCES",
            "ouvrirAppel",
            json!({ "enseignementId": global("Enseignement", ecole.enseignement), "date": "2026-11-23",
                "debut": "08:00:00", "fin": "09:00:00" }),
        ),
        (
            "ACTUALITES",
            "redigerActualite",
            json!({ "portail": ecole.portail, "titre": "Sortie", "corps": "Jeudi." }),
        ),
    ] {
        let closing = bascule(&ecole, service_ent, false, &["ENSEIGNANT"]);
        maison.granted(ecole.principal, "basculerServiceEnt", closing, "").await?;
        let refused = maison.tell(ecole.enseignante, mutation, input.clone(), "").await?;
        let refus = &refused["userErrors"][0];
        assert_eq!(refus["code"], json!("SERVICE_FERME"), "{mutation}: {refused}");
        let message = refus["message"].as_str().unwrap_or_default();
        assert!(message.contains("directeur de la publication"), "{message}");
        let opening = bascule(&ecole, service_ent, true, &["ENSEIGNANT"]);
        maison.granted(ecole.administrateur, "basculerServiceEnt", opening, "").await?;
        maison.granted(ecole.enseignante, mutation, input, "").await?;
    }
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_brick_closed_to_families_shows_them_nothing_and_stays_open_to_others() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let marks = "query($e: ID!) { eleve(id: $e) { notes(first: 1) { nodes { titre } } absences(first: 1) { nodes { debut } } } }";
    let variables = json!({ "e": global("Eleve", ecole.eleves[0]) });
    let closing = bascule(&ecole, "NOTES", false, &["RESPONSABLE"]);
    maison.granted(ecole.administrateur, "basculerServiceEnt", closing, "portail { hote }").await?;
    let told = maison.ask(Some(ecole.parent), marks, variables.clone()).await?;
    assert_eq!(told["eleve"]["notes"], Value::Null);
    assert!(told["eleve"]["absences"].is_object(), "{told}");
    let told = maison.ask(Some(ecole.principal), marks, variables.clone()).await?;
    assert!(told["eleve"]["notes"].is_object(), "{told}");
    let catalogue = "query($p: String!, $le: NaiveDate) { portail(nom: $p) { catalogue(le: $le) { serviceEnt fermetures { profil motif } } } }";
    let told = maison.ask(None, catalogue, json!({ "p": ecole.portail })).await?;
    let closed: Vec<_> = told["portail"]["catalogue"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|one| one["fermetures"] != json!([]))
        .cloned()
        .collect();
    let expected = json!([{ "profil": "RESPONSABLE", "motif": "Conseils de classe" }]);
    assert_eq!(closed, [json!({ "serviceEnt": "NOTES", "fermetures": expected })]);
    for other in [ecole.enseignante, ecole.parent, exploitant()] {
        let wish = bascule(&ecole, "NOTES", true, &[]);
        assert_eq!(maison.refused(other, "basculerServiceEnt", wish).await?, "INTERDIT");
    }
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_end_of_an_adhesion_the_house_is_closed_and_its_direction_still_reads() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let host = format!("{}.{DOMAINE}", ecole.portail);
    let convention = json!({ "portail": ecole.portail, "convention": "CA du 3 juillet 2026, n° 17",
        "du": "2026-09-01" });
    let etat = async || -> Result<Value> {
        maison.bench.runner.catch_up().await?;
        let query = "query($p: String!) { portail(nom: $p) { etatDAdhesion } }";
        let told = maison.ask(None, query, json!({ "p": ecole.portail })).await?;
        Ok(told["portail"]["etatDAdhesion"].clone())
    };
    assert_eq!(etat().await?, json!("NON_CONSTATEE"), "open, and it is told that nothing is recorded");
    let fields = "portail { adhesions { convention depuis jusque } }";
    let adhere = maison.granted(exploitant(), "conclureAdhesion", convention.clone(), fields).await?;
    let known =
        json!([{ "convention": "CA du 3 juillet 2026, n° 17", "depuis": "2026-09-01", "jusque": null }]);
    assert_eq!(adhere["portail"]["adhesions"], known);
    assert_eq!(etat().await?, json!("CONSTATEE"));
    assert_eq!(maison.refused(ecole.principal, "conclureAdhesion", convention).await?, "INTERDIT");
    let (_, path) = parue(&ecole, "Kermesse").await?;
    assert_eq!(page(&ecole, &host, &path).await?.0, StatusCode::OK);
    let end = json!({ "portail": ecole.portail, "motif": "Fermeture du collège", "au": "2026-12-01" });
    maison.granted(exploitant(), "terminerAdhesion", end, "portail { hote }").await?;
    assert_eq!(page(&ecole, &host, &path).await?.0, StatusCode::OK, "until that day");
    maison.bench.clock.set("2026-12-01T08:00:00Z".parse()?);
    assert_eq!(page(&ecole, &host, &path).await?.0, StatusCode::NOT_FOUND);
    assert_eq!(etat().await?, json!("TERMINEE"));
    let online = "query($p: String!) { portail(nom: $p) { actualites(first: 5) { nodes { titre } } } }";
    let variables = json!({ "p": ecole.portail });
    for other in [None, Some(ecole.enseignante), Some(ecole.parent), Some(ecole.administrateur)] {
        let told = maison.ask(other, online, variables.clone()).await?;
        assert_eq!(told["portail"]["actualites"]["nodes"], json!([]), "{other:?}");
    }
    let told = maison.ask(Some(ecole.principal), online, variables).await?;
    assert_eq!(told["portail"]["actualites"]["nodes"], json!([{ "titre": "Kermesse" }]));
    let pupil = "query($e: ID!) { eleve(id: $e) { absences(first: 1) { nodes { debut } } } }";
    let variables = json!({ "e": global("Eleve", ecole.eleves[0]) });
    for other in [ecole.parent, ecole.cpe] {
        assert_eq!(maison.ask(Some(other), pupil, variables.clone()).await?["eleve"], Value::Null);
    }
    assert!(maison.ask(Some(ecole.principal), pupil, variables).await?["eleve"].is_object());
    let redaction = json!({ "portail": ecole.portail, "titre": "Encore", "corps": "Lundi." });
    let refused = maison.refused(ecole.principal, "redigerActualite", redaction.clone()).await?;
    assert_eq!(refused, "ADHESION_TERMINEE");
    assert_eq!(maison.refused(ecole.enseignante, "redigerActualite", redaction.clone()).await?, "INTERDIT");
    let again = json!({ "portail": ecole.portail, "convention": "CA n° 18", "du": "2026-12-01" });
    maison.granted(exploitant(), "conclureAdhesion", again, "").await?;
    maison.granted(ecole.enseignante, "redigerActualite", redaction, "").await?;
    assert_eq!(page(&ecole, &host, &path).await?.0, StatusCode::OK, "nothing was lost");
    ecole.maison.close().await
}

/// What a portal says of a day, or of today: how it adheres, and to whom the marks are closed.
async fn au(ecole: &Ecole, le: Option<&str>) -> Result<(Value, Vec<Value>)> {
    let query = "query($p: String!, $le: NaiveDate) { portail(nom: $p) { etatDAdhesion(le: $le)
        catalogue(le: $le) { serviceEnt fermetures { profil } } } }";
    ecole.maison.bench.runner.catch_up().await?;
    let mut told = ecole.maison.ask(None, query, json!({ "p": ecole.portail, "le": le })).await?;
    let mut portail = told["portail"].take();
    let bricks = portail["catalogue"].as_array().into_iter().flatten();
    let notes = bricks.filter(|one| one["serviceEnt"] == "NOTES");
    let closed = notes.flat_map(|one| one["fermetures"].as_array().into_iter().flatten());
    let closed = closed.map(|one| one["profil"].clone()).collect();
    Ok((portail["etatDAdhesion"].take(), closed))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_tells_of_a_past_day_what_it_was_on_that_day() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let convention = json!({ "portail": ecole.portail, "convention": "CA n° 17", "du": "2026-11-02" });
    maison.granted(exploitant(), "conclureAdhesion", convention, "").await?;
    let end = json!({ "portail": ecole.portail, "motif": "Fermeture du collège", "au": "2026-12-01" });
    maison.granted(exploitant(), "terminerAdhesion", end, "").await?;
    let closing = bascule(&ecole, "NOTES", false, &["RESPONSABLE"]);
    maison.granted(ecole.administrateur, "basculerServiceEnt", closing, "").await?;
    maison.bench.clock.set("2026-11-27T08:00:00Z".parse()?);
    let opening = bascule(&ecole, "NOTES", true, &["RESPONSABLE"]);
    maison.granted(ecole.administrateur, "basculerServiceEnt", opening, "").await?;
    maison.bench.clock.set("2026-12-01T08:00:00Z".parse()?);
    let closed = vec![json!("RESPONSABLE")];
    for (le, etat, fermees) in [
        (None, "TERMINEE", vec![]),
        (Some("2026-11-30"), "CONSTATEE", vec![]),
        (Some("2026-11-27"), "CONSTATEE", vec![]),
        (Some("2026-11-26"), "CONSTATEE", closed.clone()),
        (Some("2026-11-23"), "CONSTATEE", closed),
        (Some("2026-11-22"), "CONSTATEE", vec![]),
        (Some("2026-11-01"), "NON_CONSTATEE", vec![]),
    ] {
        assert_eq!(au(&ecole, le).await?, (json!(etat), fermees), "{le:?}");
    }
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_has_a_look_that_can_be_read_at_its_own_host() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let host = format!("{}.{DOMAINE}", ecole.portail);
    let theme = |texte: &str| {
        json!({ "portail": ecole.portail, "titre": "Les Tilleuls", "fond": "#ffffff", "texte": texte,
            "accent": "#1a4d7c" })
    };
    let maison = &ecole.maison;
    let refused = maison.tell(ecole.administrateur, "definirTheme", theme("#777777"), "").await?;
    assert_eq!(refused["userErrors"][0]["code"], json!("TEXTE_ILLISIBLE"));
    assert!(refused["userErrors"][0]["message"].as_str().is_some_and(|said| said.contains("4,47")));
    let unread = maison.tell(ecole.administrateur, "definirTheme", theme("gris"), "").await?;
    assert_eq!(unread["userErrors"][0]["field"], json!(["input", "texte"]));
    let fields = "portail { theme { titre fond texte accent } }";
    let given = maison.granted(ecole.administrateur, "definirTheme", theme("#1B1B1B"), fields).await?;
    let expected =
        json!({ "titre": "Les Tilleuls", "fond": "#ffffff", "texte": "#1b1b1b", "accent": "#1a4d7c" });
    assert_eq!(given["portail"]["theme"], expected);
    let (status, sheet) = page(&ecole, &host, "/theme.css").await?;
    assert!(status == StatusCode::OK && sheet.contains("color: #1b1b1b"), "{sheet}");
    let (_, shown) = page(&ecole, &host, "/mentions-legales").await?;
    assert!(shown.contains("Les Tilleuls"), "{shown}");
    assert_eq!(maison.refused(ecole.enseignante, "definirTheme", theme("#000000")).await?, "INTERDIT");
    // Another look the next day; the one of before is still told of its own days.
    maison.bench.clock.set("2026-11-24T08:00:00Z".parse()?);
    maison.granted(ecole.administrateur, "definirTheme", theme("#333333"), "").await?;
    let query = "query($p: String!, $le: DateTime) { portail(nom: $p) { theme(le: $le) { texte } } }";
    for (le, texte) in [
        (None, json!({ "texte": "#333333" })),
        (Some("2026-11-24T08:00:01Z"), json!({ "texte": "#333333" })),
        (Some("2026-11-24T07:59:59Z"), json!({ "texte": "#1b1b1b" })),
        (Some("2026-11-01T08:00:00Z"), Value::Null),
    ] {
        let told = maison.ask(None, query, json!({ "p": ecole.portail, "le": le })).await?;
        assert_eq!(told["portail"]["theme"], texte, "{le:?}");
    }
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_host_gets_nothing() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    for host in [DOMAINE, "exemple.fr", &format!("0000000z.{DOMAINE}"), &format!("a.b.{DOMAINE}"), "%", ""] {
        for path in ["/mentions-legales", "/theme.css", "/partenaires"] {
            let expected = match (host, path) {
                (DOMAINE, "/partenaires") => StatusCode::PERMANENT_REDIRECT,
                _ => StatusCode::NOT_FOUND,
            };
            assert_eq!(page(&ecole, host, path).await?.0, expected, "{host}{path}");
        }
    }
    let upper = format!("{}.{}", ecole.portail.to_uppercase(), DOMAINE.to_uppercase());
    assert_eq!(page(&ecole, &upper, "/mentions-legales").await?.0, StatusCode::OK, "hosts have no case");
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mentions_legales_of_any_day_are_those_of_the_log() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let direction = json!({ "portail": ecole.portail, "directeurId": global("Personne", ecole.collegue.0),
        "qualite": "principale par intérim", "depuis": "2026-11-24" });
    maison.granted(exploitant(), "prendreDirection", direction, "portail { hote }").await?;
    let query = "query($p: String!, $le: NaiveDate) { mentionsLegales(portail: $p, le: $le) {
        le editeur titulaireSelonLaLoi directeurDePublication { directeur { id } qualite } } }";
    for (le, expected) in [
        ("2026-08-31", None),
        ("2026-09-01", Some((ecole.principal, "principal du collège"))),
        ("2026-11-23", Some((ecole.principal, "principal du collège"))),
        ("2026-11-24", Some((ecole.collegue, "principale par intérim"))),
    ] {
        let told = maison.ask(None, query, json!({ "p": ecole.portail, "le": le })).await?;
        let said = &told["mentionsLegales"];
        assert_eq!((&said["le"], &said["editeur"]), (&json!(le), &json!("Collège")));
        assert_eq!(said["titulaireSelonLaLoi"], json!("le chef d'établissement"));
        let directeur = expected.map(
            |(who, qualite)| json!({ "directeur": { "id": global("Personne", who.0) }, "qualite": qualite }),
        );
        assert_eq!(said["directeurDePublication"], json!(directeur), "{le}");
        let host = format!("{}.{DOMAINE}", ecole.portail);
        let (status, shown) = page(&ecole, &host, &format!("/mentions-legales?le={le}")).await?;
        let qualite = expected.map_or("Personne n'était en fonction", |(_, qualite)| qualite);
        assert!(status == StatusCode::OK && shown.contains(qualite), "{shown}");
    }
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_direction_is_never_vacant_while_a_page_is_online() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let (id, _) = parue(&ecole, "Kermesse").await?;
    let leave = json!({ "portail": ecole.portail, "au": "2026-11-30" });
    assert_eq!(maison.refused(exploitant(), "quitterDirection", leave.clone()).await?, "DIRECTION_VACANTE");
    let retrait = json!({ "publicationId": id, "motif": "C'est passé." });
    maison.granted(ecole.principal, "retirerPublication", retrait, "").await?;
    maison.bench.runner.catch_up().await?;
    assert_eq!(maison.refused(ecole.principal, "quitterDirection", leave.clone()).await?, "INTERDIT");
    maison.granted(exploitant(), "quitterDirection", leave, "portail { hote }").await?;
    let redaction = json!({ "portail": ecole.portail, "titre": "Bal", "corps": "Samedi." });
    let redigee =
        maison.granted(ecole.enseignante, "redigerActualite", redaction, "publication { id }").await?;
    let parution = |au: Option<&str>| json!({ "publicationId": redigee["publication"]["id"], "version": 1, "audience": "PUBLIC", "au": au });
    // Who leaves on the 30th answers for nothing that stays online after it.
    for au in [None, Some("2026-12-01T00:00:00Z")] {
        let refused = maison.refused(ecole.principal, "publierPublication", parution(au)).await?;
        assert_eq!(refused, "DIRECTION_FINIE");
    }
    maison.granted(ecole.principal, "publierPublication", parution(Some("2026-11-28T00:00:00Z")), "").await?;
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_seventeen_partners_are_opened_once() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let demande = |name: &str, acteur: Acteur| {
        let commande = CommandeId::derived(&[name]);
        Demande { acteur, commande, corps: Vec::new(), cause: None }
    };
    let first = maison.commands.ouvrir_portails_partenaires(&demande("un", Acteur::console())).await?;
    assert_eq!(first.iter().filter(|(_, now)| *now).count(), 17);
    maison.bench.runner.catch_up().await?;
    let second = maison.commands.ouvrir_portails_partenaires(&demande("deux", Acteur::console())).await?;
    assert_eq!(second.iter().filter(|(_, now)| *now).count(), 0);
    let query = "query($p: String!) { portail(nom: $p) { nom titulaireSelonLaLoi } }";
    for (hote, titulaire) in [
        ("www", "le président du Conseil régional"),
        ("partenaires", "le président du Conseil régional"),
        ("isere", "le président du Conseil départemental"),
        ("ac-lyon", "le recteur de l'académie"),
        ("draaf", "le directeur régional de l'alimentation, de l'agriculture et de la forêt"),
        ("enseignementprive", "le président du Comité régional de l'enseignement catholique"),
    ] {
        let told = maison.ask(None, query, json!({ "p": hote })).await?;
        assert_eq!(told["portail"]["titulaireSelonLaLoi"], json!(titulaire), "{hote}");
        assert_eq!(page(&ecole, &format!("{hote}.{DOMAINE}"), "/mentions-legales").await?.0, StatusCode::OK);
    }
    let principal = maison.commands.acteur(Some(ecole.principal)).await?;
    let refused = maison.commands.ouvrir_portails_partenaires(&demande("trois", principal)).await;
    assert_eq!(refused.err().and_then(|error| error.code()), Some("INTERDIT"));
    let usurped = json!({ "nature": "REGION", "hote": "isere", "nom": "Région" });
    assert_eq!(maison.refused(exploitant(), "ouvrirPortail", usurped).await?, "PORTAIL_DEJA_OUVERT");
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_private_lycee_the_equipe_de_direction_alone_comes_in() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let (lycee, uai): (Uuid, String) =
        sqlx::query_as("SELECT id, uai FROM etablissement WHERE uai <> $1 ORDER BY uai LIMIT 1")
            .bind(&ecole.uai)
            .fetch_one(&maison.bench.views)
            .await?;
    let opening = json!({ "nature": "LYCEE_PRIVE", "uai": uai, "nom": "Lycée Saint-Jean" });
    maison.granted(exploitant(), "ouvrirPortail", opening, "portail { hote }").await?;
    let someone = async |profil: &str| -> Result<CompteId> {
        let only_there = "SELECT r.personne FROM rattachement r WHERE r.etablissement = $1 AND r.profil = $2
             AND NOT EXISTS (SELECT FROM rattachement o WHERE o.personne = r.personne AND o.etablissement <> $1)
             ORDER BY 1 LIMIT 1";
        let found = sqlx::query_scalar(only_there).bind(lycee).bind(profil);
        Ok(personal(found.fetch_one(&maison.bench.views).await?))
    };
    let query =
        "query($u: String!) { etablissement(uai: $u) { divisions { code } } moi { etablissements { uai } } }";
    let told = maison.ask(Some(someone("direction").await?), query, json!({ "u": uai })).await?;
    assert!(told["etablissement"]["divisions"].as_array().is_some_and(|found| !found.is_empty()), "{told}");
    for profil in ["enseignant", "vie_scolaire", "eleve", "responsable"] {
        let told = maison.ask(Some(someone(profil).await?), query, json!({ "u": uai })).await?;
        assert_eq!(told, json!({ "etablissement": null, "moi": { "etablissements": [] } }), "{profil}");
    }
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrateur_does_what_was_delegated_and_nothing_else() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let second = CompteId::derived(&["second"]);
    let delegation = json!({ "portail": ecole.portail, "delegation": Uuid::from_u128(2), "compte": second.0,
        "administrateurId": global("Personne", ecole.enseignante.0), "du": "2026-09-01",
        "attributions": ["CATALOGUE"] });
    let fields = "portail { hote }";
    maison.granted(ecole.principal, "accorderDelegation", delegation, fields).await?;
    maison.bench.runner.catch_up().await?;
    let (id, _) = parue(&ecole, "Kermesse").await?;
    let retrait = json!({ "publicationId": id, "motif": "Erreur" });
    assert_eq!(maison.refused(second, "retirerPublication", retrait.clone()).await?, "INTERDIT");
    let gel = json!({ "portail": ecole.portail, "gel": Uuid::from_u128(3), "motif": "Plainte" });
    assert_eq!(maison.refused(second, "poserGel", gel.clone()).await?, "INTERDIT");
    let closing = bascule(&ecole, "FORUM", false, &[]);
    maison.granted(second, "basculerServiceEnt", closing, "").await?;
    let warning = json!({ "portail": ecole.portail, "miseEnGarde": Uuid::from_u128(4), "gravite": "CONSEIL",
        "objet": "Forum", "texte": "Il reste fermé." });
    maison.granted(second, "mettreEnGarde", warning, "").await?;
    maison.granted(ecole.administrateur, "poserGel", gel, "").await?;
    maison.granted(ecole.administrateur, "retirerPublication", retrait, "").await?;
    let query = "query($p: String!) { portail(nom: $p) { administrateurs { attributions } } }";
    let told = maison.ask(Some(ecole.principal), query, json!({ "p": ecole.portail })).await?;
    let all = json!({ "attributions": ["MODERATION", "CONSERVATION", "CATALOGUE"] });
    let expected = json!([all, { "attributions": ["CATALOGUE"] }]);
    assert_eq!(told["portail"]["administrateurs"], expected);
    ecole.maison.close().await
}
