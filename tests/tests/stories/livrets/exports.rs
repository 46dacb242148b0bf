//! What the établissement of the story exports of itself, in the formats of SIECLE and STS.

use super::{Annee, FRANCAIS, LATIN};
use anyhow::{Context, Result};
use api::importer::Retraits;
use api::importer::siecle::ImportSiecle;
use api::importer::sts::ImportSts;
use recits::{exploitant, personal};
use std::fs;
use std::sync::Arc;
use uuid::Uuid;

/// A pupil or a teacher as files of the établissement name them.
#[derive(sqlx::FromRow)]
struct Connu {
    id: Uuid,
    nom: String,
    prenom: String,
    jour: String,
}

impl Annee {
    async fn connus(&self, sql: &str) -> Result<Vec<Connu>> {
        Ok(sqlx::query_as(sql).bind(&self.ecole.uai).fetch_all(&self.ecole.maison.bench.views).await?)
    }

    /// The établissement's own export of its pupils: those of the AAF with their numbers, one whom
    /// only it knows, and a terminale.
    pub(super) async fn importer_siecle(&mut self) -> Result<()> {
        let sql = "SELECT p.id, p.nom, p.prenom, to_char(p.naissance, 'DD/MM/YYYY') AS jour
            FROM personne p JOIN rattachement r ON r.personne = p.id JOIN etablissement e ON e.id = r.etablissement
            WHERE e.uai = $1 AND r.profil = 'eleve' ORDER BY p.id";
        let (mut eleves, mut places) = (String::new(), String::new());
        let known = self.connus(sql).await?;
        for (rank, one) in known.iter().enumerate() {
            eleves += &eleve_de_siecle(1_000 + rank, (&one.nom, &one.prenom, &one.jour), "10010012110");
        }
        eleves += &eleve_de_siecle(
            2_000,
            ("L&apos;Hôpital &lt;&amp;&gt; Cœur", "Zoé-Éléonore", "01/02/2015"),
            "10010012110",
        );
        eleves += &eleve_de_siecle(3_000, ("Fictive", "Ève", "03/04/2009"), "20211010110");
        for (id, code) in [(2_000, self.code.as_str()), (3_000, "TG1")] {
            places += &format!(
                "<STRUCTURES_ELEVE ELEVE_ID=\"{id}\"><STRUCTURE><CODE_STRUCTURE>{code}</CODE_STRUCTURE>\
                 <TYPE_STRUCTURE>D</TYPE_STRUCTURE></STRUCTURE></STRUCTURES_ELEVE>"
            );
        }
        let file = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><BEE_ELEVES VERSION=\"3.0\"><PARAMETRES><UAJ>{}</UAJ>\
             <DATE_EXPORT>20/11/2026</DATE_EXPORT></PARAMETRES><DONNEES><ELEVES>{eleves}</ELEVES>\
             <STRUCTURES>{places}</STRUCTURES></DONNEES></BEE_ELEVES>",
            self.ecole.uai
        );
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("eleves.xml"), file)?;
        let maison = &self.ecole.maison;
        let operator = maison.commands.acteur(Some(exploitant())).await?;
        let import =
            ImportSiecle { chemin: folder.path().to_owned(), a_blanc: false, retraits: Retraits::Mesures };
        import.run(&maison.commands, &operator, Arc::new(|_| ())).await?;
        maison.bench.runner.catch_up().await?;
        let views = &maison.bench.views;
        let sql = "SELECT personne FROM source WHERE origine = 'siecle' AND cle = 'eleve/2000'";
        let zoe: Uuid = sqlx::query_scalar(sql).fetch_one(views).await?;
        self.eleves.push(zoe);
        Ok(())
    }

    /// The établissement's own export of its teachers.
    pub(super) async fn importer_sts(&self) -> Result<()> {
        let sql = "SELECT p.id, p.nom, p.prenom, to_char(p.naissance, 'YYYY-MM-DD') AS jour
            FROM personne p JOIN rattachement r ON r.personne = p.id JOIN etablissement e ON e.id = r.etablissement
            WHERE e.uai = $1 AND r.profil = 'enseignant' ORDER BY p.id";
        let (mut individus, mut francais) = (String::new(), None);
        for (rank, one) in self.connus(sql).await?.iter().enumerate() {
            let id = 700 + rank;
            // The établissement entered the teacher of the story itself.
            let registre = if personal(one.id) == self.ecole.enseignante { "local" } else { "epp" };
            individus += &format!(
                "<INDIVIDU ID=\"{id}\" TYPE=\"{registre}\"><CIVILITE>2</CIVILITE><NOM_USAGE>{}</NOM_USAGE>\
                 <PRENOM>{}</PRENOM><DATE_NAISSANCE>{}</DATE_NAISSANCE><FONCTION>ENS</FONCTION></INDIVIDU>",
                one.nom, one.prenom, one.jour
            );
            if personal(one.id) == self.ecole.enseignante {
                francais = Some(id);
            }
        }
        let francais = francais.context("the teacher is not a teacher")?;
        let file = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><STS_EDT><PARAMETRES><UAJ CODE=\"{}\"><ACADEMIE>\
             <LIBELLE>LYON</LIBELLE></ACADEMIE><DENOM_COMPL>DES TILLEULS</DENOM_COMPL>\
             <CODE_CATEGORIE>CLG</CODE_CATEGORIE><COMMUNE>LYON</COMMUNE></UAJ></PARAMETRES><NOMENCLATURES>\
             <CIVILITES><CIVILITE CODE=\"2\"><LIBELLE_LONG>Mme</LIBELLE_LONG></CIVILITE></CIVILITES>\
             </NOMENCLATURES><DONNEES><INDIVIDUS>{individus}</INDIVIDUS><STRUCTURE><DIVISIONS>\
             <DIVISION CODE=\"TG1\"><LIBELLE_LONG>TERMINALE G1</LIBELLE_LONG><SERVICES>\
             <SERVICE CODE_MATIERE=\"{FRANCAIS}\"><ENSEIGNANTS><ENSEIGNANT ID=\"{francais}\"/></ENSEIGNANTS>\
             </SERVICE><SERVICE CODE_MATIERE=\"{LATIN}\"><ENSEIGNANTS><ENSEIGNANT ID=\"{francais}\"/>\
             </ENSEIGNANTS></SERVICE></SERVICES></DIVISION></DIVISIONS></STRUCTURE></DONNEES></STS_EDT>",
            self.ecole.uai
        );
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("sts_emp.xml"), file)?;
        let maison = &self.ecole.maison;
        let operator = maison.commands.acteur(Some(exploitant())).await?;
        let import = ImportSts {
            chemin: folder.path().to_owned(),
            du: "2026-11-20".parse()?,
            a_blanc: false,
            retraits: Retraits::Mesures,
        };
        import.run(&maison.commands, &operator, Arc::new(|_| ())).await?;
        maison.bench.runner.catch_up().await?;
        Ok(())
    }
}

fn eleve_de_siecle(id: usize, (nom, prenom, naissance): (&str, &str, &str), mef: &str) -> String {
    format!(
        "<ELEVE ELEVE_ID=\"{id}\"><NOM_DE_FAMILLE>{nom}</NOM_DE_FAMILLE><PRENOM>{prenom}</PRENOM>\
         <DATE_NAISS>{naissance}</DATE_NAISS><CODE_MEF>{mef}</CODE_MEF></ELEVE>"
    )
}
