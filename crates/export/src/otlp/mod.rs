//! Snapshots and spans as OpenTelemetry's own types: OTLP, as protobuf and as JSON.
