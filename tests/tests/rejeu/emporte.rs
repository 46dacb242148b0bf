//! An export that carries what witnesses and authorities say of it: judged where neither the
//! database nor the network is.

use super::dehors::Registre;
use super::exporter::exporter;
use super::ran_with_keys;
use anyhow::Result;
use replay_tools::verdict::Verdict;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// An export of a record that is closed, witnessed and dated, and its manifest.
struct Emporte {
    registre: Registre,
    manifeste: PathBuf,
}

impl Emporte {
    /// One; none without `openssl`.
    async fn faire() -> Result<Option<Self>> {
        let Some(registre) = Registre::ouvrir().await? else { return Ok(None) };
        let vers = registre.dossier.path("export");
        let tuiles = registre.dossier.bench.tiles();
        let tuiles = ["--tuiles", tuiles.to_str().unwrap_or_default()];
        let arguments = [&exporter("jsonl", &vers)[..], &tuiles].concat();
        let (verdict, told) = ran_with_keys(&registre.dossier.bench, &arguments).await;
        assert_eq!(verdict, Verdict::Valide, "{told}");
        Ok(Some(Self { registre, manifeste: vers.join("manifeste.json") }))
    }

    /// What is found offline, with all that somebody outside has.
    async fn verifie(&self) -> (Verdict, String) {
        let text = |path: &Path| path.to_str().unwrap_or_default().to_owned();
        let folder = self.manifeste.parent().map(text).unwrap_or_default();
        let (cles, racine) = (
            text(&self.registre.dossier.path("cles.json")),
            text(&self.registre.autorite.path("racine.pem")),
        );
        let arguments = ["ent-rejeu", "--base", "postgres://nobody@127.0.0.1:1/none", "verifier", "--export"];
        let outside = ["--sceaux", &cles, "--temoins", &self.registre.policy, "--racines", &racine];
        let arguments = arguments.iter().copied().chain([folder.as_str()]).chain(outside);
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let verdict = replay_tools::run(arguments, &mut out, &mut err).await;
        out.extend(err);
        (verdict, String::from_utf8(out).unwrap_or_default())
    }

    /// The same, of a manifest that somebody changed.
    async fn change(&self, change: impl FnOnce(&mut Value)) -> Result<(Verdict, String)> {
        let before = std::fs::read(&self.manifeste)?;
        let mut manifeste: Value = serde_json::from_slice(&before)?;
        change(&mut manifeste);
        std::fs::write(&self.manifeste, manifeste.to_string())?;
        let found = self.verifie().await;
        std::fs::write(&self.manifeste, before)?;
        Ok(found)
    }
}

/// Another letter in the middle of a text.
fn spoil(text: &mut Value) {
    let mut spoilt = text.as_str().unwrap_or_default().to_owned().into_bytes();
    let middle = (spoilt.len() / 2..spoilt.len()).find(|at| spoilt[*at].is_ascii_alphabetic());
    let at = middle.expect("no letter");
    spoilt[at] = if spoilt[at] == b'A' { b'B' } else { b'A' };
    *text = json!(String::from_utf8_lossy(&spoilt));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_shows_offline_who_saw_it_and_since_when_it_is_there() -> Result<()> {
    let Some(emporte) = Emporte::faire().await? else { return Ok(()) };
    let (verdict, told) = emporte.verifie().await;
    assert_eq!(verdict, Verdict::Valide, "{told}");
    for expected in [
        "4 événements",
        "Témoins : rectorat (le ",
        "politique satisfaite",
        "Horodatages : 1 crus sous ces racines",
        "0690001b/2026 : n° 1 à 4 avant le ",
    ] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_an_export_carries_of_others_is_found_out_if_it_is_changed() -> Result<()> {
    let Some(emporte) = Emporte::faire().await? else { return Ok(()) };
    for at in ["/horodatages/0/jeton", "/horodatages/0/note", "/horodatages/0/prolongement"] {
        let (verdict, told) = emporte.change(|one| spoil(one.pointer_mut(at).expect(at))).await?;
        assert_eq!(verdict, Verdict::Invalide, "{at}: {told}");
    }
    for at in ["/journaux/0/consignation/sceau", "/journaux/0/consignation/preuve"] {
        let (verdict, told) = emporte.change(|one| spoil(one.pointer_mut(at).expect(at))).await?;
        assert_eq!(verdict, Verdict::Invalide, "{at}: {told}");
    }
    // Left out, it shows nothing, and the verdict stays open.
    for at in ["horodatages", "journaux"] {
        let (verdict, told) = emporte
            .change(|one| match at {
                "horodatages" => one[at] = json!([]),
                _ => one[at][0]["consignation"] = Value::Null,
            })
            .await?;
        assert_eq!(verdict, Verdict::Indetermine, "{at}: {told}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_of_an_older_form_is_read_still() -> Result<()> {
    let Some(emporte) = Emporte::faire().await? else { return Ok(()) };
    let (verdict, told) = emporte
        .change(|one| {
            one["version"] = json!(1);
            one["consultation"] = Value::Null;
            for later in ["horodatages", "motif_sante", "consultations", "sans_consultation"] {
                one.as_object_mut().expect("no object").remove(later);
            }
            one["journaux"][0].as_object_mut().expect("no object").remove("consignation");
        })
        .await?;
    assert_eq!(verdict, Verdict::Indetermine, "{told}");
    assert!(told.contains("VALIDE — 4 événements"), "{told}");
    assert!(told.contains("Sans consultation inscrite au journal, ni motif"), "{told}");
    let (_, told) = emporte
        .change(|one| {
            one["version"] = json!(3);
            one["consultation"] = json!("0690001b/2026/5");
            for later in ["consultations", "sans_consultation"] {
                one.as_object_mut().expect("no object").remove(later);
            }
        })
        .await?;
    assert!(told.contains("Consultation inscrite au journal : 0690001b/2026/5 (dit par le"), "{told}");
    Ok(())
}
