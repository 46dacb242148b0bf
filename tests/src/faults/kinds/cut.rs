//! A connection to the database that is cut at the two worst moments of an append.

use crate::faults::coupure::Cut;
use crate::faults::report::Round;
use crate::faults::site::Site;
use anyhow::Result;

/// The wire is cut; the program finds out by itself what became of the batch.
pub async fn wire(site: &mut Site, cut: Cut) -> Result<Round> {
    let wire = site.wire().await?;
    site.round(async |_: &mut Site, _: &_| {
        wire.cut(cut).await?;
        Ok(vec![])
    })
    .await
}
