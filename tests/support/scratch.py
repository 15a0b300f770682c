"""Where tests keep their files: in memory where there is room, for most of them wait for the disk of each commit."""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 2 * 1024**3


def scratch_folder() -> Path:
    """The machine's memory as a folder, when two gigabytes of it are free; else the usual one for temporary files."""
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    return MEMORY if roomy else Path(tempfile.gettempdir())
