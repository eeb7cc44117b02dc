"""A business that takes deliveries of events, with nothing of weifen's: `python3 business.py RECORD`.

It checks signatures by its own code with the secret in DELIVER_SECRET, writes each attempt as a line of JSON into the file
RECORD before it answers, and says its port on stdout. It ends when its stdin does.

How it answers is told by POST /plan: {"answer": 200 | 410 | 500 | "hang" | "stall", "times": K}; K is for each id, and after that, or
where nothing is planned, the answer is 200. Whoever hangs is answered 200 as soon as there is another plan. "stall" is a 200
whose body never comes.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LONGEST_HANG_S = 300


class Business(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def __init__(self, secret, record):
        super().__init__(("127.0.0.1", 0), Delivery)
        self.key = base64.b64decode(secret.removeprefix("whsec_"))
        self.record = record
        self.lock = threading.Lock()
        self.make_plan({"answer": 200})

    def make_plan(self, plan):
        with self.lock:
            if hasattr(self, "replaced"):
                self.replaced.set()
            self.plan, self.answered, self.replaced = plan, {}, threading.Event()

    def is_genuine(self, headers, body):
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        expected = "v1," + base64.b64encode(hmac.new(self.key, signed, hashlib.sha256).digest()).decode()
        is_recent = abs(time.time() - int(headers["webhook-timestamp"])) < 300
        return is_recent and any(hmac.compare_digest(expected, one) for one in headers["webhook-signature"].split())

    def decide(self, headers, body):
        """The answer to this attempt, which is on record then, and what ends it where it is to hang."""
        genuine = self.is_genuine(headers, body)
        name = headers["webhook-id"]
        with self.lock:
            count = self.answered[name] = self.answered.get(name, 0) + 1
            answer = self.plan["answer"] if count <= self.plan.get("times", count) else 200
            answer = answer if genuine else 401
            attempt = {"id": name, "body": body.decode(), "answer": str(answer)}
            self.record.write(json.dumps(attempt) + "\n")
            self.record.flush()
            return answer, self.replaced


    def handle_error(self, request, client_address):
        """A server that was killed breaks off its deliveries: nothing to tell of."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Delivery(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/plan":
            self.server.make_plan(json.loads(body))
            return self.answer(200)
        answer, replaced = self.server.decide(self.headers, body)
        if answer == "hang":
            replaced.wait(LONGEST_HANG_S)
            answer = 200
        if answer == "stall":
            self.answer(200, length=9)
            replaced.wait(LONGEST_HANG_S)
            self.close_connection = True
            return
        self.answer(answer)

    def answer(self, status, length=0):
        try:
            self.send_response(status)
            self.send_header("content-length", str(length))
            self.end_headers()
        except OSError:
            # Whoever asked is gone.
            self.close_connection = True

    def log_message(self, *_):
        pass


def end_with_stdin():
    sys.stdin.read()
    os._exit(0)


def main():
    with open(sys.argv[1], "w", encoding="utf-8") as record:
        business = Business(os.environ["DELIVER_SECRET"], record)
        threading.Thread(target=end_with_stdin, daemon=True).start()
        print(business.server_port, flush=True)
        business.serve_forever()


main()
