"""Requests of both signals, from protobuf and JSON to plain values that are equal where they are.

Plain values are protobuf's JSON mapping with integer enums and hexadecimal ids, whatever came.
"""

import base64
import json

from google.protobuf import json_format
from google.protobuf.unknown_fields import UnknownFieldSet
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as traces

from .json_shape import HEX_IDS, judged

REQUESTS = {
    "metrics": metrics.ExportMetricsServiceRequest,
    "traces": traces.ExportTraceServiceRequest,
}


class Undecodable(Exception):
    """The body is none of the signal's; the message says why."""


def decode(signal, body, is_json):
    """The message, and what is wrong with it though it can be read."""
    message, problems = REQUESTS[signal](), []
    try:
        if is_json:
            raw = judged(json.loads(body), message.DESCRIPTOR, "$", problems)
            json_format.ParseDict(raw, message)
        else:
            message.ParseFromString(body)
    except Exception as refusal:
        raise Undecodable(f"{type(refusal).__name__}: {refusal}; {problems[:3]}") from refusal
    _find_unknown(message, type(message).__name__, problems)
    _find_empty(signal, message, problems)
    return message, problems


def plain(message):
    """The message as plain values."""
    return _with_hex_ids(json_format.MessageToDict(message, use_integers_for_enums=True))


def brief(signal, message):
    """How many items the message has: spans with their ids, or data points."""
    if signal == "traces":
        ids = [span.span_id.hex() for span in _spans(message)]
        return {"items": len(ids), "spanIds": ids}
    return {"items": sum(1 for _ in _points(message))}


def first_span_name(signal, message):
    """What the first span is called; `None` of metrics."""
    return next((span.name for span in _spans(message)), None) if signal == "traces" else None


def _spans(message):
    for resource in message.resource_spans:
        for scope in resource.scope_spans:
            yield from scope.spans


def _metrics(message):
    for resource in message.resource_metrics:
        for scope in resource.scope_metrics:
            yield from scope.metrics


def _points(message):
    for metric in _metrics(message):
        yield from getattr(metric, metric.WhichOneof("data")).data_points


def _find_unknown(message, path, problems):
    for field in UnknownFieldSet(message):
        problems.append(f"{path}: unknown field {field.field_number}")
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        values = value if field.is_repeated else [value]
        for item in values:
            _find_unknown(item, f"{path}.{field.json_name}", problems)


def _find_empty(signal, message, problems):
    """Envelopes that hold nothing, which OTLP wants left out."""
    for outer in message.resource_metrics if signal == "metrics" else message.resource_spans:
        scopes = outer.scope_metrics if signal == "metrics" else outer.scope_spans
        if len(scopes) == 0:
            problems.append("a resource without scopes")
        for scope in scopes:
            if len(scope.metrics if signal == "metrics" else scope.spans) == 0:
                problems.append("a scope that is empty")
    if signal == "metrics":
        for metric in _metrics(message):
            kind = metric.WhichOneof("data")
            if kind is None or len(getattr(metric, kind).data_points) == 0:
                problems.append(f"metric {metric.name} without data points")
    if not message.ListFields():
        problems.append("an empty request")


def _with_hex_ids(value):
    if isinstance(value, list):
        return [_with_hex_ids(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: base64.b64decode(item).hex() if key in HEX_IDS else _with_hex_ids(item)
        for key, item in value.items()
    }
