"""Receives the webhooks of one watch on 127.0.0.1:8700, and prints each match whose signature is right."""

import os
from http.server import BaseHTTPRequestHandler, HTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

webhook = Webhook(os.environ["SECRET"])


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            match = webhook.verify(body, dict(self.headers))["data"]
        except WebhookVerificationError:
            self.send_response(401)
        else:
            print(match["watch"], match["article"]["id"], flush=True)
            self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


HTTPServer(("127.0.0.1", 8700), Receiver).serve_forever()
