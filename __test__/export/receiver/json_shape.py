"""What OTLP says of its JSON beyond protobuf's own mapping, judged on the raw text.

Protobuf's parser is lenient: it takes snake_case keys, enums by name, 64-bit integers as numbers,
and ids in base64. OTLP allows none of these, so they are judged here, by the descriptors of the
official types, before that parser sees the text.
"""

import base64
import re

from google.protobuf.descriptor import FieldDescriptor

HEX_IDS = {"traceId": 32, "spanId": 16, "parentSpanId": 16}
LONG = {
    FieldDescriptor.TYPE_INT64,
    FieldDescriptor.TYPE_UINT64,
    FieldDescriptor.TYPE_SINT64,
    FieldDescriptor.TYPE_FIXED64,
    FieldDescriptor.TYPE_SFIXED64,
}
INFINITE = {"NaN", "Infinity", "-Infinity"}


def judged(value, descriptor, path, problems):
    """A copy of the message for protobuf's parser, ids in base64; what is wrong goes to `problems`."""
    if not isinstance(value, dict):
        problems.append(f"{path}: {value!r} is no object")
        return value
    fields = {field.json_name: field for field in descriptor.fields}
    copy = {}
    for key, item in value.items():
        field = fields.get(key)
        if field is None:
            problems.append(f"{path}.{key}: no lowerCamelCase field of {descriptor.name}")
        elif item is None:
            problems.append(f"{path}.{key}: null")
        else:
            copy[key] = _field(item, field, f"{path}.{key}", problems)
    return copy


def _field(value, field, path, problems):
    if not field.is_repeated:
        return _single(value, field, path, problems)
    if not isinstance(value, list):
        problems.append(f"{path}: {value!r} is no list")
        return value
    return [_single(item, field, f"{path}[{i}]", problems) for i, item in enumerate(value)]


def _single(value, field, path, problems):
    kind = field.type
    if kind == FieldDescriptor.TYPE_MESSAGE:
        return judged(value, field.message_type, path, problems)
    if kind == FieldDescriptor.TYPE_BYTES and field.json_name in HEX_IDS:
        return _id(value, HEX_IDS[field.json_name], path, problems)
    if not _is_well_formed(value, kind):
        problems.append(f"{path}: {value!r} is not how OTLP writes a {_NAMES.get(kind, 'value')}")
    return value


def _is_well_formed(value, kind):
    if kind in LONG:
        return isinstance(value, str) and re.fullmatch(r"-?(0|[1-9]\d*)", value) is not None
    if kind == FieldDescriptor.TYPE_BOOL:
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    if kind in (FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FLOAT):
        return value in INFINITE if isinstance(value, str) else isinstance(value, (int, float))
    if kind in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES):
        return isinstance(value, str)
    return isinstance(value, int)


def _id(value, digits, path, problems):
    if not isinstance(value, str) or re.fullmatch(r"([0-9a-f]{%d})?" % digits, value) is None:
        problems.append(f"{path}: {value!r} has not {digits} lowercase hexadecimal digits")
        return ""
    return base64.b64encode(bytes.fromhex(value)).decode()


_NAMES = {
    **{kind: "64-bit integer (a string of digits)" for kind in LONG},
    FieldDescriptor.TYPE_ENUM: "enum (an integer)",
    FieldDescriptor.TYPE_DOUBLE: "double",
    FieldDescriptor.TYPE_BOOL: "bool",
    FieldDescriptor.TYPE_STRING: "string",
    FieldDescriptor.TYPE_UINT32: "32-bit integer (a number)",
    FieldDescriptor.TYPE_SINT32: "32-bit integer (a number)",
    FieldDescriptor.TYPE_FIXED32: "32-bit integer (a number)",
}
