//! The nomenclatures of SIECLE into a real record: the formation of a division is the national one to
//! which the établissement's own is attached.

use super::petites::{codes, college, eleve, eleves, entete, fichier, place, siecle};

const JOUR: &str = "15/09/2026";
/// The formation of the pupils of [`eleve`].
const MEF: &str = "10010012110";

/// A formation, in the shape of a published export.
fn mef(code: &str, rattachement: Option<&str>) -> String {
    let rattachement = rattachement.map(|code| format!("<MEF_RATTACHEMENT>{code}</MEF_RATTACHEMENT>"));
    format!(
        "<MEF CODE_MEF=\"{code}\"><FORMATION>5G</FORMATION><LIBELLE_LONG>5EME</LIBELLE_LONG>\
         <STATUT_MEF>1</STATUT_MEF>{}<CODE_MEFSTAT>21120010001</CODE_MEFSTAT>\
         <DATE_OUVERTURE>01/09/1992</DATE_OUVERTURE></MEF>\n",
        rattachement.unwrap_or_default()
    )
}

/// The same file whole, with what else is in it and is not read.
fn nomenclatures(uai: &str, mefs: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"ISO-8859-15\"?>\n<BEE_NOMENCLATURES VERSION=\"3.1\">{}<DONNEES>\
         <MEFS>\n{mefs}</MEFS><MATIERES><MATIERE CODE_MATIERE=\"020300\"><CODE_GESTION>LCALA</CODE_GESTION>\
         </MATIERE></MATIERES><PROGRAMMES><PROGRAMME><CODE_MEF>{MEF}</CODE_MEF>\
         <CODE_MATIERE>020300</CODE_MATIERE></PROGRAMME></PROGRAMMES></DONNEES></BEE_NOMENCLATURES>\n",
        entete(uai, JOUR)
    )
}

/// Three pupils, each of a formation and in a division of its own.
fn trois(uai: &str, mefs: [&str; 3]) -> String {
    let lus = mefs.iter().zip(["un", "deux", "trois"]);
    let lus: String =
        lus.map(|(mef, id)| eleve(id, ("FICTIF", id, "01/02/2014")).replace(MEF, mef)).collect();
    let places = place("un", "5 X") + &place("deux", "5 Y") + &place("trois", "5 Z");
    eleves(uai, JOUR, &lus, &places)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_division_is_of_the_national_formation_to_which_its_own_is_attached() {
    let (bench, uai) = college().await;
    let propre = "1011000111A";
    let export = trois(&uai, [propre, "10110001110", "10110001119"]);
    let dossier = fichier(&bench, "siecle", "eleves.xml", &export);
    let sans_code = mef(MEF, None).replace(&format!(" CODE_MEF=\"{MEF}\""), "");
    let mefs = mef(propre, Some("10110001110")) + &mef("10110001110", None) + &sans_code;
    fichier(&bench, "siecle", "nomenclatures.xml", &nomenclatures(&uai, &mefs));
    let rapport = siecle(&bench, dossier).await.unwrap();
    let refused = rapport.lignes.iter().filter(|ligne| &*ligne.fichier == "nomenclatures.xml");
    let refused: Vec<_> = refused.map(|ligne| ligne.ligne).collect();
    assert_eq!(refused, [5], "a formation without a code: {rapport}");
    // The last one is in no nomenclature: what the pupil's entry says stands.
    for (code, mef) in [("5 X", "10110001110"), ("5 Y", "10110001110"), ("5 Z", "10110001119")] {
        let found = bench.count(&format!("division WHERE code = '{code}' AND mef = '{mef}'")).await;
        assert_eq!(found, 1, "{code}");
    }
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nomenclatures_of_another_etablissement_refuse_the_export() {
    let (bench, uai) = college().await;
    let heads = bench.heads().await;
    let dossier = fichier(&bench, "siecle", "eleves.xml", &trois(&uai, [MEF; 3]));
    fichier(&bench, "siecle", "nomenclatures.xml", &nomenclatures("0140070A", &mef(MEF, None)));
    let refus = siecle(&bench, dossier).await.unwrap_err();
    assert!(refus.contains("deux établissements") && refus.contains("0140070A"), "{refus}");
    assert_eq!(bench.heads().await, heads, "nothing is recorded");
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_taken_without_nomenclatures() {
    let (bench, uai) = college().await;
    let dossier = fichier(&bench, "siecle", "eleves.xml", &trois(&uai, [MEF; 3]));
    let rapport = siecle(&bench, dossier).await.unwrap();
    assert_eq!(codes(&rapport), [""; 0], "{rapport}");
    assert_eq!(bench.count(&format!("division WHERE code = '5 X' AND mef = '{MEF}'")).await, 1);
    bench.close().await;
}
