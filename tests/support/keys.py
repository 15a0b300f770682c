"""The keys of a test portal: field key, blind index key, audit signing key."""

import base64

KEYS = [base64.urlsafe_b64encode(bytes([byte]) * 32).decode() for byte in (1, 2, 3)]
