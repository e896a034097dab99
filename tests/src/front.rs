//! What stands before a service in a test: with TLS or without, from the beginning or only later.

use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// With this a client of PostgreSQL asks for TLS, which begins only after the answer.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// A certificate authority of its own.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    /// Nobody knows it yet.
    ///
    /// # Panics
    /// There is no randomness.
    pub fn new() -> Self {
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(parameters, key).expect("an authority"))
    }

    /// Its certificate, for those who shall believe it.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// What a server of this name needs.
    pub(crate) fn certify(&self, host: &str) -> Arc<ServerConfig> {
        let key = KeyPair::generate().expect("a key");
        let parameters = CertificateParams::new([host.to_owned()]).expect("the name of a host");
        let certificate = parameters.signed_by(&key, &self.0).expect("a certificate");
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key of a known kind");
        let server = ServerConfig::builder().with_no_client_auth();
        Arc::new(server.with_single_cert(vec![certificate.der().clone()], key).expect("a certificate with its key"))
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

/// Stands before a service, on a port of this machine, until it is dropped.
pub struct Front {
    port: u16,
    carried: Arc<AtomicU64>,
    _runtime: Runtime,
}

impl Front {
    /// Hands everything on to `service` (`host:port`), from now on, at a port that nobody has taken.
    ///
    /// # Panics
    /// The port is taken.
    pub fn plain(port: u16, service: &str) -> Self {
        Self::stand(port, service, None)
    }

    /// The same with TLS, under a certificate of this authority for `host`.
    ///
    /// # Panics
    /// There is no free port.
    pub fn tls(service: &str, authority: &Authority, host: &str) -> Self {
        Self::stand(0, service, Some(TlsAcceptor::from(authority.certify(host))))
    }

    fn stand(port: u16, service: &str, tls: Option<TlsAcceptor>) -> Self {
        let listener = StdListener::bind((Ipv4Addr::LOCALHOST, port)).expect("a port to listen on");
        let port = listener.local_addr().expect("its address").port();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let carried = Arc::new(AtomicU64::new(0));
        let (service, counter) = (service.to_owned(), carried.clone());
        runtime.spawn(async move {
            listener.set_nonblocking(true)?;
            let listener = TcpListener::from_std(listener)?;
            loop {
                let (near, _) = listener.accept().await?;
                let (service, tls, counter) = (service.clone(), tls.clone(), counter.clone());
                // A client that mistrusts the certificate ends the connection: that is its own affair.
                tokio::spawn(async move { carry(near, &service, tls, &counter).await });
            }
            #[allow(unreachable_code, reason = "says the type of the errors above")]
            std::io::Result::Ok(())
        });
        Self { port, carried, _runtime: runtime }
    }

    /// Where it stands.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// Connections it has carried to the service so far.
    pub fn carried(&self) -> u64 {
        self.carried.load(Ordering::Relaxed)
    }
}

async fn carry(
    mut near: TcpStream,
    service: &str,
    tls: Option<TlsAcceptor>,
    carried: &AtomicU64,
) -> std::io::Result<()> {
    let far = async || {
        let far = TcpStream::connect(service).await;
        carried.fetch_add(1, Ordering::Relaxed);
        far
    };
    match tls {
        None => copy_bidirectional(&mut near, &mut far().await?).await,
        Some(tls) => {
            let mut first = [0];
            near.peek(&mut first).await?;
            if first[0] == SSL_REQUEST[0] {
                near.read_exact(&mut [0; SSL_REQUEST.len()]).await?;
                near.write_all(b"S").await?;
            }
            let mut near = tls.accept(near).await?;
            copy_bidirectional(&mut near, &mut far().await?).await
        }
    }
    .map(|_| ())
}

/// A port that is free now, for a front that comes later.
///
/// # Panics
/// There is none.
pub fn free_port() -> u16 {
    let listener = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}

/// The place in a URL that says where the service is (`127.0.0.1:5672`): before it, itself, after it.
///
/// # Panics
/// There is none.
pub fn parts(url: &str) -> (&str, &str, &str) {
    let start = url.find("127.0.0.1:").unwrap_or_else(|| panic!("no address in {url}"));
    let rest = &url[start + "127.0.0.1:".len()..];
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let end = url.len() - rest.len() + digits;
    (&url[..start], &url[start..end], &url[end..])
}
