//! Why a server's certificate is refused: what it seems to be, and what to do about that.

use rustls::CertificateError;

/// How to say whom to trust.
const TRUST: &str = "by the option certificate or OTEL_EXPORTER_OTLP_CERTIFICATE";

/// In a sentence. `shown` is the endpoint, `host` the name that the certificate should be for.
pub(super) fn refused(error: &CertificateError, shown: &str, host: &str) -> String {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            format!("the certificate of {shown} has expired: {error}")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => format!(
            "the certificate of {shown} is not valid yet, or this machine's clock is slow: {error}"
        ),
        CertificateError::UnknownIssuer => format!(
            "nobody who is trusted vouches for the certificate of {shown}: it seems to be \
             self-signed, or of a private authority; name a file with that certificate, or with \
             its authority's, {TRUST}"
        ),
        CertificateError::BadSignature => format!(
            "the certificate of {shown} names an authority that is trusted, which has not signed \
             it: one of the two was probably made anew; name a file with its authority's \
             certificate of today, or with that certificate where it is self-signed, {TRUST}"
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("the certificate of {shown} is for another host than {host}: {error}")
        }
        CertificateError::Other(other) => match other.0.downcast_ref() {
            Some(webpki::Error::CaUsedAsEndEntity) => format!(
                "the certificate of {shown} is one of an authority (CA:TRUE), as self-signed ones \
                 often are by mistake, and no server may show that, even where it is trusted: \
                 have it made with CA:FALSE, and name a file with it, {TRUST}; or have that \
                 authority sign another for the server"
            ),
            Some(webpki::Error::UnsupportedCertVersion) => format!(
                "the certificate of {shown} is of X.509 version 1, which names no host: have it \
                 made with a subjectAltName, for {host}"
            ),
            _ => format!("the certificate of {shown} is refused: {error}"),
        },
        _ => format!("the certificate of {shown} is refused: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::OtherError;

    use super::*;

    fn other(error: webpki::Error) -> String {
        let error = CertificateError::Other(OtherError(Arc::new(error)));
        refused(&error, "https://there:4318", "there")
    }

    #[test]
    fn what_has_no_words_of_its_own_is_told_in_those_of_others() {
        let told = other(webpki::Error::UnsupportedCertVersion);
        assert!(told.contains("version 1") && told.contains("for there"), "{told}");
        let told = other(webpki::Error::NameConstraintViolation);
        let begins = "the certificate of https://there:4318 is refused: ";
        assert!(told.starts_with(begins) && told.contains("NameConstraint"), "{told}");
    }
}
