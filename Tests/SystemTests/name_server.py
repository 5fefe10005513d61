"""A name server that knows one name, on loopback."""

from __future__ import annotations

import socket
import struct
import threading

NAME = b"\x08provider\x04test\x00"
_ADDRESS_RECORD, _INTERNET = 1, 1
_NO_SUCH_NAME = 3


class NameServer:
    """Answers that provider.test is at 127.0.0.1, and that there is nothing else (RFC 1035 section 4). `stop` ends it."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 53))
        #: Questions for the name.
        self.asked = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        # Its thread waits in recvfrom, which a close does not end: an empty datagram does.
        self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            query, sender = self._socket.recvfrom(512)
            if not query:
                return
            self._socket.sendto(self._answer(query), sender)

    def _answer(self, query: bytes) -> bytes:
        identity = query[:2]
        end = query.index(b"\x00", 12) + 5
        question = query[12:end]
        name, kind = question[:-4], struct.unpack("!H", question[-4:-2])[0]
        is_known = name.lower() == NAME
        self.asked += is_known
        answers = b""
        if is_known and kind == _ADDRESS_RECORD:
            # The name is that of the question, at byte 12.
            answers = struct.pack("!HHHIH", 0xC00C, _ADDRESS_RECORD, _INTERNET, 0, 4) + socket.inet_aton("127.0.0.1")
        flags = 0x8580 | (0 if is_known else _NO_SUCH_NAME)
        return identity + struct.pack("!HHHHH", flags, 1, bool(answers), 0, 0) + question + answers
