"""OTLP/gRPC by grpcio, on TCP or a Unix socket, with TLS where it is asked for."""

import time
from concurrent.futures import ThreadPoolExecutor

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2

from .decode import Undecodable, decode
from .http_side import response_of

SERVICES = {
    "metrics": "opentelemetry.proto.collector.metrics.v1.MetricsService",
    "traces": "opentelemetry.proto.collector.trace.v1.TraceService",
}
CODES = {code.value[0]: code for code in grpc.StatusCode}


def _handler(script, signal):
    def export(body, context):
        headers = {name: str(value) for name, value in context.invocation_metadata()}
        message, problems = None, []
        try:
            message, problems = decode(signal, body, is_json=False)
        except Undecodable as refusal:
            problems = [f"undecodable: {refusal}"]
        answer = script.received("grpc", signal, headers, len(body), message, problems)
        if message is None:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, problems[0])
        time.sleep(answer.get("delayMs", 0) / 1000)
        code = answer.get("code", 0)
        if code != 0:
            _refuse(context, code, answer)
        return response_of(signal, answer).SerializeToString()

    return grpc.unary_unary_rpc_method_handler(export)


def _refuse(context, code, answer):
    message = answer.get("message", "as the script says")
    if "retryDelayMs" in answer:
        status = status_pb2.Status(code=code, message=message)
        delay = Duration()
        delay.FromMilliseconds(answer["retryDelayMs"])
        status.details.add().Pack(error_details_pb2.RetryInfo(retry_delay=delay))
        details = ("grpc-status-details-bin", status.SerializeToString())
        context.set_trailing_metadata((details,))
    context.abort(CODES[code], message)


def serve_grpc(script, port, tls, unix_path):
    """Serves on loopback, and on a Unix socket where there is a path; the port."""
    # Two receivers that share a port would each take half: a test would wait for the other half.
    server = grpc.server(ThreadPoolExecutor(8), options=[("grpc.so_reuseport", 0)])
    for signal, service in SERVICES.items():
        methods = {"Export": _handler(script, signal)}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, methods),))
    address = f"127.0.0.1:{port}"
    if tls is None:
        bound = server.add_insecure_port(address)
    else:
        pair = tuple(open(tls[name], "rb").read() for name in ("key", "certificate"))
        ca = open(tls["client_ca"], "rb").read() if tls["client_ca"] else None
        credentials = grpc.ssl_server_credentials([pair], ca, ca is not None)
        bound = server.add_secure_port(address, credentials)
    if unix_path is not None:
        server.add_insecure_port(f"unix:{unix_path}")
    server.start()
    return bound, server
