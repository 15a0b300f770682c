"""A mail server of our own on loopback: it takes mails, remembers them, and can be told to refuse."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message


@dataclass
class LocalMail:
    """``mails`` is what was taken. ``answers`` maps a command (``RCPT``, ``DATA``, ``END``) to another answer.

    With ``hang_up`` the mail is taken and the line goes dead before that is said.
    """

    url: str
    mails: list[Message] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False


class _Handler(socketserver.StreamRequestHandler):
    mail: LocalMail

    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            if verb == "DATA" and "DATA" not in self.mail.answers:
                self._say("354 go on")
                if not self._take():
                    return
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say(self.mail.answers.get(verb, "250 well"))

    def _take(self) -> bool:
        lines = iter(self.rfile.readline, b".\r\n")
        self.mail.mails.append(message_from_bytes(b"".join(lines)))
        if not self.mail.hang_up:
            self._say(self.mail.answers.get("END", "250 taken"))
        return not self.mail.hang_up

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def local_mail() -> Iterator[LocalMail]:
    handler = type("Handler", (_Handler,), {})
    server = _Server(("127.0.0.1", 0), handler)
    mail = LocalMail(f"smtp://127.0.0.1:{server.server_address[1]}/?from=portal@example.org")
    handler.mail = mail  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield mail
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
