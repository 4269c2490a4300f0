import os
from http.server import BaseHTTPRequestHandler, HTTPServer

from standardwebhooks import Webhook, WebhookVerificationError


class Receiver(BaseHTTPRequestHandler):
    """Prints the matches of a watch, and refuses webhooks that Telex has not signed with the secret of this watch."""

    def do_POST(self) -> None:
        """Receive a webhook."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            match = Webhook(os.environ["SECRET"]).verify(body, dict(self.headers))["data"]
        except WebhookVerificationError:
            self.send_error(401)
            return
        print(match["watch"], match["article"]["id"], flush=True)
        self.send_response(204)
        self.end_headers()


HTTPServer(("127.0.0.1", 8700), Receiver).serve_forever()
