/**
 * nanometer: always-on observability for high-throughput Node.js services.
 *
 * @packageDocumentation
 */
export { open } from './open/open';
export { definePipeline } from './bench/definition';
export { exponential, linear } from './definition/buckets';
export { defineCatalog } from './catalog/define';
export { checkIndices } from './catalog/indices';
export { mockClock } from './clock';
export { NanometerError } from './errors';
export { FLOW_STATES } from './flow/states';
export { LEVELS } from './level';
export { Snapshot } from './snapshot/snapshot';

export type { BackendKind, Clock, Inspection } from './backend/backend';
export type {
  ComponentFunction,
  PipelineComponent,
  PipelineDefinition,
  PipelineSource,
  SourceContext,
} from './bench/definition';
export type { Buckets, BucketSpec, ExponentialSpec } from './definition/buckets';
export type { Catalog, CatalogMetric } from './catalog/catalog';
export type { CatalogEvent } from './catalog/check';
export type { IndexEntry } from './catalog/catalog';
export type {
  Invariant,
  InvariantOptions,
  InvariantResult,
  InvariantSpec,
} from './catalog/invariants';
export type {
  CatalogSpec,
  CounterSpec,
  DerivedSpec,
  EventSpec,
  GaugeSpec,
  GroupSpec,
  HistogramSpec,
  MetricSpec,
  MetricSpecs,
  StateSpec,
} from './catalog/spec';
export type { AnyStats, FlatStats, Stats } from './catalog/stats';
export type { CatalogOptions } from './catalog/take';
export type { MockClock } from './clock';
export type {
  Aggregate,
  ClosedLabelSpec,
  CounterOptions,
  Definition,
  Derive,
  GaugeOptions,
  HistogramOptions,
  Kind,
  LabelSpec,
  MetricOptions,
  OpenLabelSpec,
  StateOptions,
  States,
  StopwatchOptions,
} from './definition/define';
export type { Distribution, DistributionData } from './snapshot/distribution';
export type { NanometerErrorCode } from './errors';
export type {
  AttributeOf,
  AttributeSpec,
  AttributesOf,
  AttributeType,
  EventKind,
  EventLevel,
  EventOptions,
  NoAttributes,
} from './events/definition';
export type { EmitArguments, EventType } from './events/event-type';
export type { EventListener, RecordedEvent } from './events/poller';
export type {
  ExportBatch,
  Exporter,
  ExporterOptions,
  FileExporterOptions,
  FlushOptions,
  MetricsExportOptions,
  OtlpMetricsOptions,
  OtlpOptions,
  OtlpTracesOptions,
  OtlpTransportOptions,
  QueueOptions,
  StdoutExporterOptions,
  StreamExporterOptions,
  TracesExportOptions,
} from './export/options';
export type { OtlpProtocol, Signal, Temporality } from './export/resolved';
export type {
  ExporterError,
  ExporterFlush,
  ExporterState,
  ExporterStatus,
  FlushOutcome,
  FlushResult,
  SignalStatus,
} from './export/status';
export type { ClosedFamily, Family, LabelsOf, OpenFamily, Recorder } from './meter/family';
export type { Capability } from './flow/capability';
export type { Component } from './flow/component';
export type { CopyReason, Element } from './flow/element';
export type { Flow } from './flow/flow';
export type { FlowOptions } from './flow/options';
export type { PipelineOptions, Stage, StageFunction, WebPair } from './flow/pipeline';
export type { FlowState } from './flow/states';
export type { FlowStream } from './flow/stream';
export type {
  BackpressureFigures,
  ComponentFigures,
  CopyFigures,
  FlowFigures,
  FlowSummary,
  StreamFigures,
} from './snapshot/flow-figures';
export type { Counter } from './handles/counter';
export type { Gauge } from './handles/gauge';
export type { Histogram } from './handles/histogram';
export type { StateSet } from './handles/state';
export type { Stopwatch } from './handles/stopwatch';
export type { HttpObservation } from './http/http';
export type { HttpSpan } from './http/http-span';
export type { HttpOptions } from './http/options';
export type { InspectionOptions } from './open/inspection-options';
export type { Level, LevelLease } from './level';
export type { Meter } from './meter/meter';
export type { OpenOptions } from './open/open-options';
export type { ActiveSpan, Parent } from './meter/parent';
export type { Pool, PoolOptions } from './pool/pool';
export type { PoolRecord } from './pool/pool-record';
export type { Resource } from './open/resource';
export type {
  ExemplarData,
  HistogramSeries,
  Labels,
  MetricData,
  ProcessData,
  SeriesData,
  SnapshotData,
  StateSeries,
  ValueSeries,
} from './snapshot/snapshot-data';
export type { Quantiles, Spread } from './snapshot/spread';
export type { Baggage } from './trace/context/baggage';
export type { HeadersToRead, HeadersToWrite, Traced } from './trace/context/carrier';
export type { TraceContext } from './trace/context/context';
export type { Propagator } from './trace/context/propagators';
export type {
  AttributeValue,
  OpenSpanData,
  PromotionReason,
  SpanData,
  SpanEventData,
  SpanKind,
  SpanStatus,
  TraceData,
  TraceQuery,
} from './trace/data';
export type { PromotedSpan, SpanListener } from './trace/poller';
export type { SpanLimitOptions } from './trace/limits';
export type { TracingOptions } from './trace/options';
export type { Tracing } from './trace/settings';
export type { Span, SpanAttributes } from './trace/span';
export type { SpanOptions } from './trace/spans';
