"""Where the browser is: Debian's Chromium, else Playwright's own."""

import os
import shutil
from pathlib import Path


def find_chromium() -> str | None:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache" / "ms-playwright"))
    found = sorted(cache.glob("chromium*/chrome-linux*/*chrom*"))
    return next((str(path) for path in found if os.access(path, os.X_OK) and path.is_file()), None)
