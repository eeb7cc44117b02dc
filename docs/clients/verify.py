"""Checks a delivery that was pushed: python3 verify.py ID TIMESTAMP SIGNATURE < body"""
import base64
import hmac
import os
import sys
import time


def is_genuine(secret, webhook_id, timestamp, signatures, body):
    """Checks a delivery by Standard Webhooks."""
    if not timestamp.isdecimal() or len(timestamp) > 12 or abs(time.time() - int(timestamp)) > 300:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.digest(key, f"{webhook_id}.{timestamp}.".encode() + body, "sha256")
    expected = b"v1," + base64.b64encode(mac)
    return any(hmac.compare_digest(expected, one.encode()) for one in signatures.split(" "))


if len(sys.argv) != 4:
    sys.exit(__doc__)
with open(os.environ["WEIFEN_DELIVER_SECRET_FILE"], encoding="ascii") as file:
    secret = file.readline().strip()
print("genuine" if is_genuine(secret, *sys.argv[1:], sys.stdin.buffer.read()) else "forged")
