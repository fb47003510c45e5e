"""Usage: python3 -m receiver '{"httpPort": 0, "grpcPort": 0, …}'

Options, all of which may be left out: httpPort, grpcPort (0 picks one), httpSocket, grpcSocket
(paths of Unix sockets to listen on too), certificate, key (paths: TLS on both ports), clientCa (a
path: clients must show a certificate), brief (says of requests how many items they have and the ids
of spans, not what is in them).

Writes JSON lines: first {"ready": {"httpPort", "grpcPort"}}, then {"request": {…}} for each request.
Reads JSON lines: {"signal": "metrics" | "traces", "answers": [{…}], "otherwise": {…}}, each
acknowledged by {"done": true}; so is {}, after all requests that were answered before. Requests past
the answers get the one otherwise: success, unless told. An answer has span (then it is for requests
whose first span is called so), times, delayMs, and of HTTP status, headers, drop (hangs up without a word), of
gRPC code, retryDelayMs; of both rejected and message (a partial success). Ends when its input does.
"""

import json
import os
import sys

from .grpc_side import serve_grpc
from .http_side import serve_http, serve_http_unix
from .script import Script


def main():
    options = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    script = Script(options.get("brief", False))
    tls = None
    if "certificate" in options:
        tls = {name: options[name] for name in ("certificate", "key")}
        tls["client_ca"] = options.get("clientCa")
    grpc_port, _server = serve_grpc(
        script, options.get("grpcPort", 0), tls, options.get("grpcSocket")
    )
    http_port = serve_http(script, options.get("httpPort", 0), tls)
    if "httpSocket" in options:
        serve_http_unix(script, options["httpSocket"])
    script.tell({"ready": {"httpPort": http_port, "grpcPort": grpc_port}})
    for line in sys.stdin:
        told = json.loads(line)
        if "signal" in told:
            script.put(told["signal"], told["answers"], told.get("otherwise", {}))
        script.tell({"done": True})
    # Not sys.exit(), which waits for requests that are held.
    os._exit(0)


main()
