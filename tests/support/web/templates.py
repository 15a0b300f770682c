"""Templates are compiled once for all the applications that tests make."""

from typing import Final

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

COMPILED: Final[dict[str, bytes]] = {}


class SharedTemplates(BytecodeCache):
    """Byte code by template and content, in this process's memory."""

    def load_bytecode(self, bucket: Bucket) -> None:
        if (code := COMPILED.get(bucket.key + bucket.checksum)) is not None:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        COMPILED[bucket.key + bucket.checksum] = bucket.bytecode_to_string()
