//! The store in a bucket of S3, or of a server that speaks like it.

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, Certificate, ClientOptions, RetryConfig};
use percent_encoding::percent_decode_str;

use crate::connect::Trust;
use crate::objects::Objects;
use crate::ports::{ArtifactStore, PortError};
use crate::settings::ServiceUrl;

/// To connect.
const CONNECT: Duration = Duration::from_secs(5);

/// Without a byte of an answer. There is no limit for a whole transfer: an artifact may be large and the line slow.
const SILENCE: Duration = Duration::from_secs(30);

/// How often a request is repeated after a failure that may pass, and for how long. Callers have their own patience.
const RETRIES: usize = 3;
const RETRIES_END: Duration = Duration::from_secs(20);

/// Opens the store at `s3://[ACCESS_KEY:SECRET@]BUCKET[/FOLDER][?endpoint=http://HOST:PORT&region=NAME]` and proves that it works.
/// Without credentials in the URL they come from the usual `AWS_` variables of the environment, or from the machine. With an
/// endpoint, the bucket is the first part of the path; it is asked over plain HTTP only if the endpoint says `http://`.
///
/// # Errors
/// The URL is not one; the bucket is not there, cannot be reached or written, or lets a second create through.
pub async fn open(url: &str, trust: &Trust) -> Result<Objects, PortError> {
    let store = unproven(url, trust)?;
    store.probe().await?;
    Ok(store)
}

/// The same without the proof: what is read may lie where nothing can be written.
///
/// # Errors
/// The URL is not one.
pub(crate) fn unproven(url: &str, trust: &Trust) -> Result<Objects, PortError> {
    let shown = ServiceUrl::from(url);
    let unusable = |reason: String| PortError::Unusable { what: shown.to_string(), reason };
    let location = Location::parse(url).ok_or_else(|| unusable(USAGE.into()))?;
    let bucket = location.connect(trust).map_err(|error| unusable(error.to_string()))?;
    let folder = Path::parse(&location.folder).map_err(|error| unusable(error.to_string()))?;
    let remedy = "use a store that knows conditional writes (If-None-Match)";
    let place = match &location.endpoint {
        Some(endpoint) => format!("s3://{}/{} at {endpoint}", location.bucket, location.folder),
        None => format!("s3://{}/{}", location.bucket, location.folder),
    };
    Ok(Objects::new(Arc::new(PrefixStore::new(bucket, folder)), place, remedy))
}

const USAGE: &str = "write s3://ACCESS_KEY:SECRET@BUCKET/FOLDER?endpoint=http://HOST:PORT&region=NAME; all but the bucket may be \
                     left out";

/// What a URL says.
#[derive(PartialEq, Eq)]
struct Location {
    credentials: Option<(String, String)>,
    bucket: String,
    folder: String,
    endpoint: Option<String>,
    region: Option<String>,
}

impl Location {
    fn parse(url: &str) -> Option<Self> {
        let (rest, query) = url.strip_prefix("s3://").map(|rest| rest.split_once('?').unwrap_or((rest, "")))?;
        // Secrets of AWS hold slashes, and nobody escapes them: the last @ ends the secret.
        let (credentials, rest) = match rest.rsplit_once('@') {
            Some((pair, rest)) => {
                let (key, secret) = pair.split_once(':')?;
                (Some((decoded(key)?, decoded(secret)?)), rest)
            }
            None => (None, rest),
        };
        let (bucket, folder) = rest.split_once('/').unwrap_or((rest, ""));
        let (mut endpoint, mut region) = (None, None);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=')? {
                ("endpoint", value) => endpoint = Some(decoded(value)?.trim_end_matches('/').to_owned()),
                ("region", value) => region = Some(decoded(value)?),
                _ => return None,
            }
        }
        let is_url = |text: &str| text.starts_with("http://") || text.starts_with("https://");
        if bucket.is_empty() || endpoint.as_deref().is_some_and(|endpoint| !is_url(endpoint)) {
            return None;
        }
        let folder = folder.trim_matches('/').to_owned();
        Some(Self { credentials, bucket: bucket.to_owned(), folder, endpoint, region })
    }

    fn connect(&self, trust: &Trust) -> object_store::Result<AmazonS3> {
        let environment = AmazonS3Builder::from_env();
        let mut builder = match &self.credentials {
            // None of the environment's: its session token belongs to other credentials.
            Some((key, secret)) => {
                let region = std::env::var("AWS_REGION").or_else(|_| std::env::var("AWS_DEFAULT_REGION"));
                let builder = AmazonS3Builder::new().with_access_key_id(key).with_secret_access_key(secret);
                region.into_iter().fold(builder, AmazonS3Builder::with_region)
            }
            None => environment,
        };
        let mut client =
            ClientOptions::new().with_connect_timeout(CONNECT).with_timeout_disabled().with_read_timeout(SILENCE);
        for certificate in
            trust.pem().map(|pem| Certificate::from_pem_bundle(pem.as_bytes())).transpose()?.into_iter().flatten()
        {
            client = client.with_root_certificate(certificate);
        }
        if let Some(endpoint) = &self.endpoint {
            client = client.with_allow_http(endpoint.starts_with("http://"));
            builder = builder.with_endpoint(endpoint).with_virtual_hosted_style_request(false);
        }
        if let Some(region) = &self.region {
            builder = builder.with_region(region);
        }
        let retry = RetryConfig { backoff: BackoffConfig::default(), max_retries: RETRIES, retry_timeout: RETRIES_END };
        builder.with_bucket_name(&self.bucket).with_client_options(client).with_retry(retry).build()
    }
}

fn decoded(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_where_and_who() {
        let parts = |url: &str| {
            let location = Location::parse(url).unwrap();
            let (key, secret) = location.credentials.unwrap_or_default();
            let at = (location.endpoint.unwrap_or_default(), location.region.unwrap_or_default());
            [key, secret, location.bucket, location.folder, at.0, at.1].join(" | ")
        };
        assert_eq!(parts("s3://models"), " |  | models |  |  | ");
        assert_eq!(parts("s3://models/refit/a/?region=eu-west-1"), " |  | models | refit/a |  | eu-west-1");
        assert_eq!(
            parts("s3://AKIA:s/e+c%3Dr=t@models?endpoint=http://host:9000/"),
            "AKIA | s/e+c=r=t | models |  | http://host:9000 | "
        );
        for url in ["s3://", "s3://key@bucket", "s3://b?endpoint=host:9000", "s3://b?secret=x", "file:///b"] {
            assert!(Location::parse(url).is_none(), "{url}");
        }
    }
}
