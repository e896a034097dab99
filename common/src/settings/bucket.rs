//! The URL of a bucket.

use percent_encoding::percent_decode_str;
use reqwest::Url;

const USAGE: &str = "write s3://ACCESS_KEY:SECRET@BUCKET/FOLDER?endpoint=http://HOST:PORT&region=NAME; all but the bucket may be \
                     left out";

/// What `s3://[ACCESS_KEY:SECRET@]BUCKET[/FOLDER][?endpoint=http://HOST:PORT&region=NAME]` says.
#[derive(PartialEq, Eq)]
pub(crate) struct BucketUrl {
    /// Access key and secret.
    pub(crate) credentials: Option<(String, String)>,
    pub(crate) bucket: String,
    /// Without slashes around it; empty: the whole bucket.
    pub(crate) folder: String,
    pub(crate) endpoint: Option<String>,
    pub(crate) region: Option<String>,
}

impl BucketUrl {
    /// Reads it. The client of the store takes what is said here as it is, and panics where no request can be made of it.
    ///
    /// # Errors
    /// What is wrong, and what to write; the URL is not repeated, for it may hold a secret.
    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        let parsed = Self::split(url).ok_or(USAGE)?;
        let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        if !plain(&parsed.bucket) || parsed.bucket.bytes().all(|b| b == b'.') {
            return Err("the name of its bucket holds other characters than letters, digits, '-', '_' and '.'".into());
        }
        if let Some(flaw) = parsed.endpoint.as_deref().and_then(endpoint_flaw) {
            return Err(format!("its endpoint is none: {flaw}"));
        }
        if let Some(flaw) = parsed.region.as_deref().and_then(region_flaw) {
            return Err(flaw);
        }
        Ok(parsed)
    }

    fn split(url: &str) -> Option<Self> {
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
        let folder = folder.trim_matches('/').to_owned();
        (!bucket.is_empty()).then(|| Self { credentials, bucket: bucket.to_owned(), folder, endpoint, region })
    }
}

fn decoded(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(Into::into)
}

/// Why this is no address of a server that speaks like S3; it is not repeated.
pub(crate) fn endpoint_flaw(endpoint: &str) -> Option<String> {
    const USAGE: &str = "write http://HOST:PORT or https://HOST:PORT";
    let url = match Url::parse(endpoint) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => url,
        Ok(_) => return Some(USAGE.into()),
        Err(error) => return Some(format!("{error}; {USAGE}")),
    };
    let credentials = !url.username().is_empty() || url.password().is_some();
    let plain = !credentials && url.query().is_none() && url.fragment().is_none();
    (!plain).then(|| format!("{USAGE}; credentials stand before the bucket, as ACCESS_KEY:SECRET@"))
}

/// Why this is no region: it becomes a part of the name of AWS's host.
pub(crate) fn region_flaw(region: &str) -> Option<String> {
    let plain = !region.is_empty() && region.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let host = || Url::parse(&format!("https://s3.{region}.amazonaws.com/")).is_ok();
    (!plain || !host()).then(|| "its region is none: write one such as eu-west-1".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_where_and_who() {
        let parts = |url: &str| {
            let bucket = BucketUrl::parse(url).unwrap_or_else(|flaw| panic!("{url}: {flaw}"));
            let (key, secret) = bucket.credentials.unwrap_or_default();
            let at = (bucket.endpoint.unwrap_or_default(), bucket.region.unwrap_or_default());
            [key, secret, bucket.bucket, bucket.folder, at.0, at.1].join(" | ")
        };
        assert_eq!(parts("s3://models"), " |  | models |  |  | ");
        assert_eq!(parts("s3://models/refit/a/?region=eu-west-1"), " |  | models | refit/a |  | eu-west-1");
        assert_eq!(
            parts("s3://AKIA:s/e+c%3Dr=t@models?endpoint=http://host:9000/"),
            "AKIA | s/e+c=r=t | models |  | http://host:9000 | "
        );
    }

    #[test]
    fn what_no_request_can_be_made_of_is_refused() {
        for (url, reason) in [
            ("s3://", "write s3://"),
            ("s3://hunter2@bucket", "write s3://"),
            ("s3://b?secret=hunter2", "write s3://"),
            ("file:///b", "write s3://"),
            ("s3://b?endpoint=host:9000", "its endpoint is none: write http://HOST:PORT"),
            (
                "s3://b?endpoint=http://127.0.0.1:204942",
                "its endpoint is none: invalid port number; write http://HOST:PORT",
            ),
            ("s3://b?endpoint=http://", "its endpoint is none: empty host"),
            ("s3://b?endpoint=http://xn--a", "its endpoint is none: "),
            ("s3://b?endpoint=http://key:hunter2%40host", "its endpoint is none: "),
            ("s3://b?endpoint=http://host%3Fa=hunter2", "its endpoint is none: "),
            ("s3://a b", "the name of its bucket"),
            ("s3://..", "the name of its bucket"),
            ("s3://b?region=eu west", "its region is none"),
            ("s3://b?region=xn--a", "its region is none"),
            ("s3://b?region=", "its region is none"),
        ] {
            let flaw = BucketUrl::parse(url).err().unwrap_or_default();
            assert!(flaw.contains(reason) && !flaw.contains("hunter2"), "{url}: {flaw}");
        }
    }
}
