//! Certificates, good and bad, and a server that shows them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, date_time_ymd,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::{grpc, http};

/// An authority, with a directory for the files that are made of it.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    directory: TempDir,
}

/// A certificate with its key, as PEM files.
pub struct Identity {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new([]).expect("params");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        // Two authorities of one name would be taken for each other.
        let name = format!("authority {:x?}", &key.public_key_raw()[1..9]);
        params.distinguished_name.push(DnType::CommonName, name);
        let issuer = CertifiedIssuer::self_signed(params, key).expect("an authority");
        let directory = tempfile::tempdir().expect("a directory");
        std::fs::write(directory.path().join("authority.pem"), issuer.pem()).expect("a file");
        Authority { issuer, directory }
    }

    /// What a client is to trust.
    pub fn certificate(&self) -> PathBuf {
        self.directory.path().join("authority.pem")
    }

    pub fn vouch_for(&self, host: &str) -> Identity {
        self.issue(host, |_| {})
    }

    pub fn vouch_once_for(&self, host: &str) -> Identity {
        self.issue(host, |params| {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        })
    }

    fn issue(&self, host: &str, change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let mut params = CertificateParams::new([host.to_owned()]).expect("params");
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        change(&mut params);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        Identity::write(&self.directory, &certificate, &key)
    }
}

impl Identity {
    /// One that vouches for itself, for `localhost`. Files go to `directory`.
    pub fn self_signed(directory: &TempDir, is_ca: IsCa) -> Self {
        let mut params = CertificateParams::new(["localhost".to_owned()]).expect("params");
        params.is_ca = is_ca;
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        Identity::write(directory, &certificate, &key)
    }

    fn write(directory: &TempDir, certificate: &Certificate, key: &KeyPair) -> Self {
        let directory = tempfile::tempdir_in(directory).expect("a directory").keep();
        let file = |name: &str, text: String| {
            let path = directory.join(name);
            std::fs::write(&path, text).expect("a file");
            path
        };
        Identity {
            certificate: file("certificate.pem", certificate.pem()),
            key: file("key.pem", key.serialize_pem()),
        }
    }
}

/// A server over TLS, at `localhost`. It ends with the test.
pub struct Server {
    pub port: u16,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Answers well by HTTP/1.1 or gRPC, as is agreed on. `clients` is the authority of those who
    /// may come.
    pub async fn start(identity: &Identity, clients: Option<&Authority>, speaks: &[&str]) -> Self {
        Server::serve(identity, clients, speaks, true).await
    }

    /// Agrees on TLS, and closes the connection without a word.
    pub async fn silent(identity: &Identity) -> Self {
        Server::serve(identity, None, &["h2", "http/1.1"], false).await
    }

    async fn serve(
        identity: &Identity,
        clients: Option<&Authority>,
        speaks: &[&str],
        answers: bool,
    ) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("versions");
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                roots.add(read(&authority.certificate())).expect("a root");
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
                builder.with_client_cert_verifier(verifier.expect("a verifier"))
            }
        };
        let key = PrivateKeyDer::from_pem_file(&identity.key).expect("a key");
        let mut config =
            builder.with_single_cert(vec![read(&identity.certificate)], key).expect("a config");
        config.alpn_protocols = speaks.iter().map(|name| name.as_bytes().to_vec()).collect();

        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let stream = match acceptor.accept(stream).into_fallible().await {
                        Ok(stream) => stream,
                        // Closing at once with bytes unread would overtake the alert.
                        Err((_, stream)) => return linger(stream).await,
                    };
                    if !answers {
                        return;
                    }
                    if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                        let answer = grpc::with_data(grpc::framed(b""));
                        grpc::serve(stream, 0, &Default::default(), &|_| answer.clone()).await;
                    } else {
                        let steps = vec![http::Step::Write(http::all_is_well())];
                        http::serve(stream, 0, &Default::default(), &|_| steps.clone()).await;
                    }
                });
            }
        });
        Server { port, task }
    }
}

fn read(path: &Path) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(path).expect("a certificate")
}

/// Reads on until the other side has heard enough.
pub async fn linger(mut stream: impl AsyncRead + Unpin) {
    let _ = tokio::time::timeout(Duration::from_secs(1), async {
        while stream.read(&mut [0; 1024]).await.is_ok_and(|read| read > 0) {}
    })
    .await;
}
