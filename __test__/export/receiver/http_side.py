"""OTLP/HTTP, protobuf and JSON, on TCP or a Unix socket, with TLS where it is asked for."""

import gzip
import json
import os
import socket
import socketserver
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from google.protobuf import json_format
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as traces

from .decode import Undecodable, decode

PATHS = {"/v1/metrics": "metrics", "/v1/traces": "traces"}
PROTOBUF, JSON = "application/x-protobuf", "application/json"


def response_of(signal, answer):
    """The response message of a success, partial where the answer says what was rejected."""
    if signal == "metrics":
        response, field = metrics.ExportMetricsServiceResponse(), "rejected_data_points"
    else:
        response, field = traces.ExportTraceServiceResponse(), "rejected_spans"
    if "rejected" in answer:
        setattr(response.partial_success, field, answer["rejected"])
        response.partial_success.error_message = answer.get("message", "")
    return response


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Else the body of each answer waits for the acknowledgement of its headers.
    wbufsize = -1
    disable_nagle_algorithm = True

    def setup(self):
        # `TCP_NODELAY` is none of a Unix socket's.
        if self.request.family == socket.AF_UNIX:
            self.disable_nagle_algorithm = False
        super().setup()

    def do_POST(self):
        wire = self._body()
        signal = PATHS.get(self.path)
        if signal is None:
            return self._send(404, "text/plain", b"no such path")
        kind = self.headers.get("Content-Type", "")
        if kind not in (PROTOBUF, JSON):
            return self._send(415, "text/plain", b"no OTLP")
        message, problems = None, []
        try:
            is_gzip = self.headers.get("Content-Encoding") == "gzip"
            body = gzip.decompress(wire) if is_gzip else wire
            message, problems = decode(signal, body, kind == JSON)
        except (Undecodable, OSError, EOFError) as refusal:
            problems = [f"undecodable: {refusal}"]
        headers = {name.lower(): value for name, value in self.headers.items()}
        protocol = "http/json" if kind == JSON else "http/protobuf"
        answer = self.server.script.received(
            protocol, signal, headers, len(wire), message, problems
        )
        if message is None:
            return self._send(400, "text/plain", problems[0].encode())
        self._answer(signal, answer, kind)

    def _body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        body = bytearray()
        while (size := int(self.rfile.readline(), 16)) > 0:
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return bytes(body)

    def _answer(self, signal, answer, kind):
        time.sleep(answer.get("delayMs", 0) / 1000)
        if answer.get("drop"):
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        status = answer.get("status", 200)
        headers = answer.get("headers", {})
        if status != 200:
            return self._send(status, "text/plain", b"as the script says", headers)
        response = response_of(signal, answer)
        if kind == JSON:
            plain = json_format.MessageToDict(response)
            return self._send(200, JSON, json.dumps(plain).encode(), headers)
        self._send(200, PROTOBUF, response.SerializeToString(), headers)

    def _send(self, status, kind, body, headers=None):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def address_string(self):
        return "-"

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """A client that went away is its own business."""


class UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    handle_error = Server.handle_error


def serve_http(script, port, tls):
    """Serves on loopback; the port."""
    server = Server(("127.0.0.1", port), Handler)
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls["certificate"], tls["key"])
        if tls["client_ca"]:
            context.load_verify_locations(tls["client_ca"])
            context.verify_mode = ssl.CERT_REQUIRED
        # The handshake is the handler's thread's: else one client could hold up all others.
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    _run(server, script)
    return server.server_address[1]


def serve_http_unix(script, path):
    """Serves on a Unix socket, in place of what was there."""
    if os.path.exists(path):
        os.unlink(path)
    _run(UnixServer(path, Handler), script)


def _run(server, script):
    server.script = script
    threading.Thread(target=server.serve_forever, daemon=True).start()
