"""A shop on the HTTP API of weifen, with the standard library alone: python3 shop.py NUMBER"""
import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

LONGEST_WAIT = 60  # seconds; beyond that this program ends and says when to run it again
REPORT = {"openid": "oKXUCj1Fp4fNnb99liSkslcM_D-X", "deviceno": "62306600", "traffic_package_name": "1G"}
NOT_SOLD = {
    "held": "a push that does not match came; a person looks at `weifen inbox list --held`",
    "ended": "nobody followed in time; show a new code under a new order number",
    "replaced": "a newer code was shown to this user for the same account",
    "repeated": "this follow was paid before",
}
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # without the environment's proxies


class Problem(Exception):
    def __init__(self, answer, wait):
        again = f"; try again at {time.ctime(time.time() + wait)}" if wait > LONGEST_WAIT else ""
        super().__init__(f"{answer['kind']}: {answer['detail']}{again}")
        self.answer, self.wait = answer, wait


def ask(request):
    try:
        with OPENER.open(request, timeout=45) as response:  # longer than any wait_s
            return json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            if error.headers.get_content_type() != "application/problem+json":
                raise ConnectionError(f"an answer that is not weifen's: {error}") from error
            raise Problem(json.load(error), int(error.headers.get("Retry-After", 0))) from error


def call(method, path, body=None, key=None):
    """Asks, and asks again under the same key where that does no harm."""
    with open(os.environ["WEIFEN_KEY_FILE"], encoding="ascii") as file:
        headers = {"Authorization": f"Bearer {file.readline().strip()}", "Content-Type": "application/json"}
    if key:
        headers["Idempotency-Key"] = key
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(os.environ["WEIFEN_API"] + path, data, headers, method=method)
    for attempt in range(5):
        wait = 2**attempt
        try:
            return ask(request)
        except Problem as problem:
            last, wait = problem, problem.wait or wait
            if not problem.answer["retryable"] or wait > LONGEST_WAIT:
                break
        except (OSError, http.client.HTTPException, ValueError) as error:
            last = error  # no whole answer came: the key keeps the call from happening twice
        if attempt < 4:
            print(f"{last}; asking again in {wait} s", file=sys.stderr)
            time.sleep(wait)
    raise last


def hand_out(webhook_id, payload):
    # In one transaction of your own: store webhook_id where it is unique, and hand out the goods if it was new.
    print(f"delivery {webhook_id}: {(payload.get('booking') or {}).get('reference')}", flush=True)


def take_deliveries():
    """Hands out all that is due, for other orders too."""
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
    user = {"auth_open_id": f"user-{number}", "nickname": "追梦小窝", "sex": 0, "ip": "183.13.188.125"}
    code = call("POST", "/v1/fensi/qrcodes", {**user, "reference": f"order {number}"}, f"qrcode-{number}")
    if code["qrcode"] is None:
        sys.exit("no account matches this user now; try the same order again later")
    print("show", code["qrcode"]["qrcode_url"], "to", user["auth_open_id"], flush=True)
    booking = code["booking"]
    while booking["status"] == "open":
        booking = call("GET", f"/v1/bookings/{booking['id']}?wait_s=30")["booking"]
    print("booking", booking["status"], flush=True)
    if booking["status"] != "followed":
        sys.exit(f"not sold: {NOT_SOLD.get(booking['status'], 'a status that is new here')}")
    event = f"/v1/events/{booking['event_id']}"
    while (status := call("GET", event)["event"]["status"]) == "pending":
        take_deliveries()
    if status != "delivered":
        sys.exit(f"not sold: the delivery is {status}; a person looks at `weifen inbox list`")
    report_order(f"report-{number}")  # once, however often this program runs


if len(sys.argv) != 2:
    sys.exit(__doc__)
try:
    order(sys.argv[1])
except (Problem, OSError, http.client.HTTPException, ValueError) as error:
    sys.exit(str(error))
