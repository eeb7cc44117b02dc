"""A shop on the HTTP API of weifen, with the standard library alone.

python3 shop.py order NUMBER
python3 shop.py verify ID TIMESTAMP SIGNATURE < body
"""
import base64
import hashlib
import hmac
import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

USER = {"auth_open_id": "oleiaYv6i50I7ADTlmIGN4WO-2RGM", "nickname": "追梦小窝", "sex": 0, "ip": "183.13.188.125"}
REPORT = {"openid": "oKXUCj1Fp4fNnb99liSkslcM_D-X", "deviceno": "62306600", "traffic_package_name": "1G"}


class Problem(Exception):
    def __init__(self, answer):
        super().__init__(f"{answer['kind']}: {answer['detail']}")
        self.answer = answer


def secret(variable):
    """First line of the file that the environment names."""
    with open(os.environ[variable], encoding="ascii") as file:
        return file.readline().strip()


def call(method, path, body=None, key=None):
    """Asks, and asks again under the same key where that does no harm."""
    headers = {"Authorization": f"Bearer {secret('WEIFEN_KEY_FILE')}", "Content-Type": "application/json"}
    if key:
        headers["Idempotency-Key"] = key
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(os.environ["WEIFEN_API"] + path, data, headers, method=method)
    for attempt in range(5):
        wait = 2**attempt
        try:
            try:
                response = urllib.request.urlopen(request, timeout=45)
            except urllib.error.HTTPError as error:
                response = error
            with response:
                answer = json.load(response)
            if response.status == 200:
                return answer
            last = Problem(answer)
            wait = int(response.headers.get("Retry-After", wait))
        except (OSError, http.client.HTTPException, ValueError) as error:
            last = error  # no whole answer came: the key keeps the call from happening twice
        if isinstance(last, Problem) and not last.answer["retryable"]:
            break
        time.sleep(wait)
    raise last


def hand_out(webhook_id, payload):
    # In one transaction of your own: store webhook_id where it is unique, and hand out the goods if it was new.
    print(f"delivery {webhook_id}: {(payload.get('booking') or {}).get('reference')}", flush=True)


def take_deliveries():
    claim = {"max": 10, "wait_s": 30, "lease_s": 60}
    for delivery in call("POST", "/v1/deliveries/claim", claim)["deliveries"]:
        ack = {"id": delivery["id"], "lease": delivery["lease"], "ok": True}
        try:
            hand_out(delivery["webhook_id"], delivery["payload"])
        except Exception as error:  # it comes again later
            ack.update(ok=False, error=str(error))
        call("POST", "/v1/deliveries/ack", {"acks": [ack]})


def report_order(key):
    try:
        print("order report", call("POST", "/v1/weiting/order-reports", REPORT, key)["order_number"])
    except Problem as problem:
        if problem.answer["retryable"] or problem.answer["status"] != 504:
            raise
        # It may have happened. A person asks the vendor; only if it did not happen, they send it under a new key.
        outcome = call("GET", "/v1/calls/" + urllib.parse.quote(key, safe=""))["call"]["outcome"]
        sys.exit(f"the call {key} is {outcome}: a person must look at it. {problem}")


def order(number):
    wanted = {**USER, "reference": f"order {number}"}
    answer = call("POST", "/v1/fensi/qrcodes", wanted, f"qrcode-{number}")
    if answer["qrcode"] is None:
        sys.exit("no account matches this user now")
    print("show", answer["qrcode"]["qrcode_url"], flush=True)
    booking = answer["booking"]
    while booking["status"] == "open":
        booking = call("GET", f"/v1/bookings/{booking['id']}?wait_s=30")["booking"]
    print("booking", booking["status"], flush=True)
    take_deliveries()
    report_order(f"report-{number}")


def is_genuine(secret, webhook_id, timestamp, signatures, body):
    """Checks a delivery that was pushed, by Standard Webhooks."""
    if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > 300:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.digest(key, f"{webhook_id}.{timestamp}.".encode() + body, hashlib.sha256)
    expected = b"v1," + base64.b64encode(mac)
    return any(hmac.compare_digest(expected, one.encode()) for one in signatures.split(" "))


if sys.argv[1:2] == ["order"] and len(sys.argv) == 3:
    order(sys.argv[2])
elif sys.argv[1:2] == ["verify"] and len(sys.argv) == 5:
    genuine = is_genuine(secret("WEIFEN_DELIVER_SECRET_FILE"), *sys.argv[2:], sys.stdin.buffer.read())
    print("genuine" if genuine else "forged")
else:
    sys.exit(__doc__)
