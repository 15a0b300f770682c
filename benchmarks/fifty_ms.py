"""A provider that answers every text after 50 ms and does nothing else. Run as a program: it prints its port."""

import asyncio
import itertools
import json

SECONDS = 0.05
NUMBERS = itertools.count()
TEXT = {
    "account_sid": "AC" + "0" * 32, "status": "queued", "date_created": "Mon, 23 Nov 2026 11:00:00 +0000",
    "date_updated": None, "date_sent": None, "error_code": None, "error_message": None, "num_segments": "1",
    "num_media": "0", "direction": "outbound-api", "api_version": "2010-04-01", "price": None, "price_unit": "USD",
    "uri": "/", "subresource_uris": {}, "to": "+1", "from": "+1", "body": "", "messaging_service_sid": None,
}  # fmt: skip


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
            await reader.readexactly(length)
            await asyncio.sleep(SECONDS)
            body = json.dumps({**TEXT, "sid": f"SM{next(NUMBERS):032}"}).encode()
            writer.write(
                b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
                + body
            )
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
