//! Encoded requests to somewhere: OTLP over gRPC and HTTP, files, standard output.
