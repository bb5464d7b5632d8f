"""A small HTTP client: one keep-alive connection, so that the load generator takes little of the machine it measures on."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any, Self

_OK, _ASKS = 200, 428
_COMMON = "Host: 127.0.0.1\r\nAccept: application/json\r\n"


class HttpError(RuntimeError):
    """An answer that is not the expected one: its status, and its body as it came."""

    def __init__(self, message: str, status: int = 0, body: bytes = b"") -> None:
        super().__init__(message)
        self.status = status
        self.body = body


@dataclass
class HttpClient:
    """A connection to 127.0.0.1; not for concurrent use."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    token: str = ""
    """Whose acts `post` sends; empty before a login."""

    @classmethod
    async def connect(cls, port: int) -> Self:
        """Open a connection."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def get(self, path: str, token: str) -> bytes:
        """The body of a 200; raises HttpError for anything else. `path` is quoted already."""
        return await self._send(f"GET {path} HTTP/1.1\r\n{_COMMON}Authorization: Bearer {token}\r\n\r\n".encode())

    async def get_json(self, path: str, token: str) -> dict[str, Any]:
        """The JSON object of a 200; raises HttpError for anything else."""
        document: dict[str, Any] = json.loads(await self.get(path, token))
        return document

    async def post(self, path: str, document: object) -> bytes:
        """Send JSON; the body of a 200. Raises HttpError for anything else."""
        body = json.dumps(document, ensure_ascii=False).encode()
        headers = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        headers += f"Authorization: Bearer {self.token}\r\n" if self.token else ""
        return await self._send(f"POST {path} HTTP/1.1\r\n{_COMMON}{headers}\r\n".encode() + body)

    async def post_confirmed(self, path: str, document: dict[str, Any]) -> bytes:
        """Send JSON; what the answer asks to be confirmed (428) is confirmed, as a clerk would, and sent again."""
        try:
            return await self.post(path, document)
        except HttpError as error:
            if error.status != _ASKS:
                raise
            asked = [str(item["rule"]) for item in json.loads(error.body)["errors"]]
            return await self.post(path, {**document, "confirmed": asked})

    async def close(self) -> None:
        """Close the connection."""
        self.writer.close()
        await self.writer.wait_closed()

    async def _send(self, message: bytes) -> bytes:
        self.writer.write(message)
        head = await self.reader.readuntil(b"\r\n\r\n")
        status_line, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if "content-length" not in headers:
            raise HttpError(f"{status_line}: the answer does not say how long it is")
        body = await self.reader.readexactly(int(headers["content-length"]))
        if int(status_line.split()[1]) != _OK:
            raise HttpError(f"{status_line}: {body[:500].decode(errors='replace')}", int(status_line.split()[1]), body)
        return body


async def log_in(port: int, tenant: str, login: str, password: str) -> str:
    """A bearer token."""
    client = await HttpClient.connect(port)
    try:
        answer = await client.post("/login", {"tenant": tenant, "login": login, "password": password})
    finally:
        await client.close()
    return str(json.loads(answer)["token"])
