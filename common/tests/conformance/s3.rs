//! The store in a bucket: each test has a folder of its own.

use std::path::Path;
use std::sync::Arc;

use common::connect;
use common::ports::{ArtifactStore, PortError};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::store;
use crate::support::{one_line, service};

pub(crate) struct Store {
    bucket: String,
    query: String,
    folder: String,
    scratch: TempDir,
}

impl Store {
    pub(crate) async fn start() -> Option<Self> {
        let [bucket, endpoint, key, secret] =
            ["", "_ENDPOINT", "_ACCESS_KEY", "_SECRET_KEY"].map(|name| service(&format!("REFIT_TEST_S3{name}")));
        let bucket = bucket?.strip_prefix("s3://").unwrap().trim_end_matches('/').to_owned();
        Some(Self {
            bucket: format!("s3://{}:{}@{bucket}", key?, secret?),
            query: format!("?endpoint={}&region=us-east-1", endpoint?),
            folder: format!("test-{}", Uuid::new_v4()),
            scratch: tempfile::tempdir().unwrap(),
        })
    }

    fn url(&self, below: &str) -> String {
        format!("{}/{}{below}{}", self.bucket, self.folder, self.query)
    }
}

impl store::Fixture for Store {
    async fn connect(&self) -> Arc<dyn ArtifactStore> {
        connect::store(&self.url("/store")).await.unwrap()
    }

    fn scratch(&self) -> &Path {
        self.scratch.path()
    }

    async fn leaked(&self) -> bool {
        let around = connect::store(&self.url("")).await.unwrap();
        around.list(None).await.unwrap().iter().any(|entry| !entry.key.as_str().starts_with("store/"))
    }
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_named() {
    let Some(fixture) = Store::start().await else { return };
    let refused = connect::store(&format!("{}-none{}", fixture.bucket, fixture.query)).await.err().unwrap();
    assert!(matches!(refused, PortError::Unusable { .. }), "{refused}");
    let secret = fixture.bucket.split(['@', ':']).nth(2).unwrap();
    one_line(&refused, secret, &["s3://", "-none", "there is no such bucket"]);
}

#[tokio::test]
async fn an_endpoint_that_does_not_answer_is_named() {
    let url = "s3://key:hunter2@models/refit?endpoint=http://127.0.0.1:1";
    let silent = connect::store(url).await.err().unwrap();
    assert!(matches!(silent, PortError::Unreachable { .. }), "{silent}");
    one_line(&silent, "hunter2", &["probe-", "s3://models/refit at http://127.0.0.1:1", "refused"]);
    let no_url = connect::store("s3://key:hunter2@models?secret=hunter2").await.err().unwrap();
    one_line(&no_url, "hunter2", &["s3://key:***@models?***", "write s3://"]);
}

/// Answers every request alike, as S3 does.
async fn answering(status: &'static str, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 16 << 10];
            let _received = stream.read(&mut request).await;
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {length}\r\netag: \"e\"\r\nconnection: close\r\n\r\n{body}"
            );
            let _sent = stream.write_all(answer.as_bytes()).await;
        }
    });
    endpoint
}

#[tokio::test]
async fn wrong_credentials_are_one_clear_line() {
    let body = "<?xml version=\"1.0\"?>\n<Error>\n<Code>SignatureDoesNotMatch</Code>\n<Message>The signature does not match.</Message>\n\
                <StringToSign>AWS4-HMAC-SHA256\n20260101</StringToSign>\n</Error>";
    let endpoint = answering("403 Forbidden", body).await;
    let refused = connect::store(&format!("s3://key:hunter2@models?endpoint={endpoint}")).await.err().unwrap();
    assert!(matches!(refused, PortError::Unusable { .. }), "{refused}");
    one_line(&refused, "hunter2", &["s3://models/", "The signature does not match. (SignatureDoesNotMatch)"]);
}

/// A server that ignores the condition of a conditional write is not one that seals can be trusted to.
#[tokio::test]
async fn a_store_without_conditional_writes_is_refused() {
    let endpoint = answering("200 OK", "").await;
    let refused = connect::store(&format!("s3://key:hunter2@models?endpoint={endpoint}")).await.err().unwrap();
    assert!(matches!(refused, PortError::Unusable { .. }), "{refused}");
    one_line(&refused, "hunter2", &["s3://models/"]);
}
