//! The store in a bucket of S3, or of a server that speaks like it.

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, Certificate, ClientOptions, RetryConfig};

use crate::connect::Trust;
use crate::objects::Objects;
use crate::ports::{ArtifactStore, PortError};
use crate::settings::{BucketUrl, ServiceUrl, bucket_endpoint_flaw, region_flaw};

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
    let location = BucketUrl::parse(url).map_err(unusable)?;
    let builder = builder(&location, trust).map_err(|error| unusable(error.to_string()))?;
    if let Some(flaw) = flaw_of_the_environment(&builder) {
        return Err(unusable(flaw));
    }
    let bucket = builder.build().map_err(|error| unusable(error.to_string()))?;
    let folder = Path::parse(&location.folder).map_err(|error| unusable(error.to_string()))?;
    let remedy = "use a store that knows conditional writes (If-None-Match)";
    let place = match &location.endpoint {
        Some(endpoint) => format!("s3://{}/{} at {endpoint}", location.bucket, location.folder),
        None => format!("s3://{}/{}", location.bucket, location.folder),
    };
    Ok(Objects::new(Arc::new(PrefixStore::new(bucket, folder)), place, remedy))
}

/// The client to be, as the URL says and, where it is silent, the environment.
fn builder(location: &BucketUrl, trust: &Trust) -> object_store::Result<AmazonS3Builder> {
    let environment = AmazonS3Builder::from_env();
    let mut builder = match &location.credentials {
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
    if let Some(endpoint) = &location.endpoint {
        client = client.with_allow_http(endpoint.starts_with("http://"));
        builder = builder.with_endpoint(endpoint).with_virtual_hosted_style_request(false);
    }
    if let Some(region) = &location.region {
        builder = builder.with_region(region);
    }
    let retry = RetryConfig { backoff: BackoffConfig::default(), max_retries: RETRIES, retry_timeout: RETRIES_END };
    Ok(builder.with_bucket_name(&location.bucket).with_client_options(client).with_retry(retry))
}

/// What is wrong with what the environment says of the server: the client panics where no request can be made of it.
fn flaw_of_the_environment(builder: &AmazonS3Builder) -> Option<String> {
    let of = |key| builder.get_config_value(&key);
    let endpoint = of(AmazonS3ConfigKey::Endpoint).and_then(|endpoint| bucket_endpoint_flaw(&endpoint));
    let region = of(AmazonS3ConfigKey::Region).and_then(|region| region_flaw(&region));
    endpoint
        .map(|flaw| format!("the endpoint in the variables AWS_ is none: {flaw}"))
        .or_else(|| region.map(|flaw| format!("of the variables AWS_: {flaw}")))
}
