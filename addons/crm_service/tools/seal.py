"""Sealing what was signed: one canonical text of a document and its fingerprint.

The fingerprint is SHA-256 over UTF-8 JSON with sorted keys and no optional spaces, so that anyone
can check it with common tools.
"""

import hashlib
import json


def canonical(content):
    """Return the one text that stands for a content of plain values (text, numbers, lists)."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def fingerprint(content):
    """Return the SHA-256 fingerprint of a content in hexadecimal digits."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def bytes_fingerprint(data):
    """Return the SHA-256 fingerprint of bytes, e.g. of a signature image."""
    return hashlib.sha256(data).hexdigest()
