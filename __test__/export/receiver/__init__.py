"""A receiver of OTLP on the official types, over gRPC and HTTP, that answers as it is told.

Run it with `python3 -m receiver` from the folder above; `__main__.py` says how.
"""
