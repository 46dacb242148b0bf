//! Where objects are kept: a folder, or a bucket of S3's protocol.

use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{Error, ObjectStore, RetryConfig};
use std::ffi::OsString;
use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// Where objects are, as it is written: a folder, or `s3://bucket/prefix`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ObjectPlace {
    /// In a folder.
    Folder(PathBuf),
    /// In a bucket.
    Bucket(String),
}

impl FromStr for ObjectPlace {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once("://") {
            None if !text.is_empty() => Ok(Self::Folder(text.into())),
            Some(("s3", place)) if !place.is_empty() => Ok(Self::Bucket(text.to_owned())),
            None | Some(_) => Err("it is neither a folder nor s3://bucket/prefix"),
        }
    }
}

impl Display for ObjectPlace {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::Bucket(url) => f.write_str(url),
        }
    }
}

/// A bucket that is away is soon said to be: who writes comes back by itself.
fn retry() -> RetryConfig {
    RetryConfig { max_retries: 3, retry_timeout: Duration::from_secs(10), ..RetryConfig::default() }
}

/// Objects in a folder, which is made if it is not there. What is written is on the disk before
/// it is said to be.
pub(crate) fn in_folder(folder: &std::path::Path) -> Result<Arc<dyn ObjectStore>, Error> {
    std::fs::create_dir_all(folder)
        .map_err(|source| Error::Generic { store: "folder", source: Box::new(source) })?;
    Ok(Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true)))
}

/// Objects in a bucket, under `s3://bucket/prefix`; its region, endpoint and credentials are
/// the usual `AWS_…` variables of this environment.
pub(crate) fn in_bucket(
    url: &str,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Arc<dyn ObjectStore>, Error> {
    let mut builder = AmazonS3Builder::new().with_url(url).with_retry(retry());
    for (name, value) in environment {
        let (Some(name), Some(value)) = (name.to_str(), value.to_str()) else { continue };
        if let (true, Ok(key)) = (name.starts_with("AWS_"), name.to_ascii_lowercase().parse()) {
            builder = builder.with_config(key, value);
        }
    }
    let prefix = url.splitn(4, '/').nth(3).unwrap_or_default();
    let prefix = Path::parse(prefix).map_err(Error::from)?;
    Ok(Arc::new(PrefixStore::new(builder.build()?, prefix)))
}
