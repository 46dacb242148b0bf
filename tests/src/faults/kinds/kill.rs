//! `kill -9`: of the program, of its database, of one program among several.

use crate::faults::report::Round;
use crate::faults::site::Site;
use anyhow::Result;

/// The program is killed; whoever runs it starts it again.
pub async fn ent(site: &mut Site) -> Result<Round> {
    let harm = async |site: &mut Site, _: &_| {
        let ent = site.ent()?;
        ent.kill().await?;
        ent.launch()?;
        Ok(vec![])
    };
    site.round(harm).await
}
