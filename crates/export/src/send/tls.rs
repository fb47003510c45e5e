//! Whom a connection trusts, and who we say that we are: rustls with ring, the system's roots or
//! the certificates of a file in their place, as OpenTelemetry's own exporters do.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use super::destination::OtlpDestination;
use super::open_error::OpenSenderError;

/// What a connection to `destination` trusts and shows. `application` is the protocol over it:
/// `h2` or `http/1.1`. Files are read now and not again.
pub(super) fn client_config(
    destination: &OtlpDestination,
    encrypted: bool,
    application: &[u8],
) -> Result<ClientConfig, OpenSenderError> {
    let roots = match (&destination.certificate, encrypted) {
        (Some(path), _) => Arc::new(roots_of_file(path)?),
        (None, true) => system_roots()?,
        (None, false) => Arc::new(RootCertStore::empty()),
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring knows the default versions of TLS")
        .with_root_certificates(roots);
    let mut config = match (&destination.client_certificate, &destination.client_key) {
        (None, None) => builder.with_no_client_auth(),
        (Some(certificate), Some(key)) => {
            let chain = certificates("clientCertificate", certificate)?;
            let private_key = PrivateKeyDer::from_pem_file(key)
                .map_err(|error| unreadable("clientKey", key, "no private key", &error))?;
            builder.with_client_auth_cert(chain, private_key).map_err(|error| OpenSenderError {
                option: "clientKey",
                what: format!(
                    "{} does not fit the certificate {}: {error}",
                    key.display(),
                    certificate.display()
                ),
            })?
        }
        (Some(certificate), None) => return Err(lonely("clientKey", certificate)),
        (None, Some(key)) => return Err(lonely("clientCertificate", key)),
    };
    config.alpn_protocols = vec![application.to_vec()];
    Ok(config)
}

/// The system's roots, read once a process: some 140 files or one large one.
fn system_roots() -> Result<Arc<RootCertStore>, OpenSenderError> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    if let Some(roots) = ROOTS.get() {
        return Ok(Arc::clone(roots));
    }
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if store.is_empty() {
        return Err(OpenSenderError {
            option: "certificate",
            what: "the system has no certificates to trust; install its package ca-certificates, \
                   or name a file of PEM certificates"
                .to_owned(),
        });
    }
    Ok(Arc::clone(ROOTS.get_or_init(|| Arc::new(store))))
}

fn roots_of_file(path: &Path) -> Result<RootCertStore, OpenSenderError> {
    let mut store = RootCertStore::empty();
    for certificate in certificates("certificate", path)? {
        store.add(certificate).map_err(|error| OpenSenderError {
            option: "certificate",
            what: format!("{} has a certificate that cannot be read: {error}", path.display()),
        })?;
    }
    Ok(store)
}

fn certificates(
    option: &'static str,
    path: &Path,
) -> Result<Vec<CertificateDer<'static>>, OpenSenderError> {
    let read = || -> Result<Vec<_>, pem::Error> {
        let found: Vec<_> = CertificateDer::pem_file_iter(path)?.collect::<Result<_, _>>()?;
        if found.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(found) }
    };
    read().map_err(|error| unreadable(option, path, "no certificate", &error))
}

fn unreadable(
    option: &'static str,
    path: &Path,
    missing: &str,
    error: &pem::Error,
) -> OpenSenderError {
    let why = match error {
        pem::Error::NoItemsFound => format!("has {missing} in it; PEM is accepted"),
        pem::Error::Io(error) => format!("cannot be read: {error}"),
        // The error's own words may quote the file, and that may be a key.
        _ => "is not PEM".to_owned(),
    };
    OpenSenderError { option, what: format!("{} {why}", path.display()) }
}

fn lonely(missing: &'static str, given: &Path) -> OpenSenderError {
    OpenSenderError {
        option: missing,
        what: format!("missing, while {} is given: the two go together", given.display()),
    }
}
