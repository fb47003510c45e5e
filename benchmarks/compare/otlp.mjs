/** The protocols that are compared, and OpenTelemetry's exporters for them; a process loads its own. */

/** OTLP's protocols, but for JSON. */
export const PROTOCOLS = ['http/protobuf', 'grpc'];

const METRICS = {
  'http/protobuf': () => import('@opentelemetry/exporter-metrics-otlp-proto'),
  grpc: () => import('@opentelemetry/exporter-metrics-otlp-grpc'),
};
const TRACES = {
  'http/protobuf': () => import('@opentelemetry/exporter-trace-otlp-proto'),
  grpc: () => import('@opentelemetry/exporter-trace-otlp-grpc'),
};

/** @returns {Promise<import('@opentelemetry/sdk-metrics').PushMetricExporter>} */
export async function metricExporter(protocol, endpoint) {
  const { OTLPMetricExporter } = await METRICS[protocol]();
  return new OTLPMetricExporter({ url: urlOf(protocol, endpoint, 'metrics') });
}

/** @returns {Promise<import('@opentelemetry/sdk-trace-base').SpanExporter>} */
export async function spanExporter(protocol, endpoint) {
  const { OTLPTraceExporter } = await TRACES[protocol]();
  return new OTLPTraceExporter({ url: urlOf(protocol, endpoint, 'traces') });
}

function urlOf(protocol, endpoint, signal) {
  return protocol === 'grpc' ? endpoint : `${endpoint}/v1/${signal}`;
}
