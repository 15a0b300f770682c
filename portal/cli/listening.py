"""The web listening socket: its own, or one inherited from systemd, so that a restart refuses no connection.

During a restart connections wait in the queue of that socket. granian has no option for it (its issue 786); this is
the smallest workaround, covered by ``tests/deploy/test_restart.py``.
"""

import os
from typing import Final

from granian import Granian
from granian._granian import SocketHolder

FIRST: Final = 3  # sd_listen_fds(3)


def inherited_socket() -> int | None:
    """The file descriptor that systemd opened for this process, if it did."""
    mine = os.environ.get("LISTEN_PID") == str(os.getpid())
    return FIRST if mine and os.environ.get("LISTEN_FDS") == "1" else None


class Server(Granian):  # type: ignore[misc, valid-type]
    def _init_shared_socket(self) -> None:
        given = inherited_socket()
        super()._init_shared_socket() if given is None else self._take(given)

    def _take(self, given: int) -> None:
        os.set_blocking(given, False)
        self._ssp, self._sso, self._sfd = None, None, given
        self._shd = SocketHolder(given, False, self.backlog)  # type: ignore[call-arg]
