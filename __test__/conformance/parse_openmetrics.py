"""Parses the exposition on standard input with prometheus_client and prints it as JSON.

Usage: parse_openmetrics.py openmetrics|text

Prints a list of families, each {name, type, unit, help, samples: [{name, labels, value}]}, values
as Python writes them (so that NaN and infinities survive JSON), and where a sample has one, exemplar:
{labels, value, timestamp}. An exposition that the parser
refuses makes it say why on standard error and exit with 1.
"""

import json
import sys

from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client import parser as text

PARSERS = {
    "openmetrics": openmetrics.text_string_to_metric_families,
    "text": text.text_string_to_metric_families,
}


def exemplar(sample) -> dict:
    found = sample.exemplar
    if found is None:
        return {}
    timestamp = None if found.timestamp is None else float(found.timestamp)
    return {"exemplar": {"labels": found.labels, "value": found.value, "timestamp": timestamp}}


def main() -> int:
    parse = PARSERS[sys.argv[1]]
    exposition = sys.stdin.buffer.read().decode("utf-8")
    try:
        families = list(parse(exposition))
    except ValueError as refusal:
        print(f"{type(refusal).__name__}: {refusal}", file=sys.stderr)
        return 1
    json.dump(
        [
            {
                "name": family.name,
                "type": family.type,
                "unit": family.unit,
                "help": family.documentation,
                "samples": [
                    {"name": s.name, "labels": s.labels, "value": repr(float(s.value)), **exemplar(s)}
                    for s in family.samples
                ],
            }
            for family in families
        ],
        sys.stdout,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
