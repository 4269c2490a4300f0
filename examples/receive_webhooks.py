import os
from http.server import BaseHTTPRequestHandler, HTTPServer

from standardwebhooks import Webhook


class Receiver(BaseHTTPRequestHandler):
    """Prints the matches of a watch. A webhook whose signature is wrong raises an error, and gets no answer."""

    def do_POST(self) -> None:
        """Receive a webhook."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        match = Webhook(os.environ["SECRET"]).verify(body, dict(self.headers))["data"]
        print(match["watch"], match["article"]["id"], flush=True)
        self.send_response(204)
        self.end_headers()


HTTPServer(("127.0.0.1", 8700), Receiver).serve_forever()
